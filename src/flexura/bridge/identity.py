"""Who asks, as the gateway gets to know it: a session, an opaque project, the agent's name. Never a path."""

from __future__ import annotations

import os
from typing import Any

from flexura import __version__
from flexura.bridge import project
from flexura.bridge.forward import protocol_headers
from flexura.bridge.handshake import CLIENT_KEY, Handshake, envelope
from flexura.bridge.project import Project
from flexura.bridge.roots import Roots
from flexura.local.json_shape import is_object
from flexura.local.project_id import project_id

LONGEST_NAME = 60


class Identity:
    """One bridge process and the client it serves."""

    def __init__(self, handshake: Handshake, roots: Roots) -> None:
        self._handshake = handshake
        self._roots = roots
        self.session = os.urandom(16).hex()

    def project(self) -> Project:
        """Where the user works now."""
        return project.find(self._roots.uris(), os.environ, _working_directory())

    def headers(self, message: dict[str, Any], here: Project) -> dict[str, str]:
        """The headers of a request that carries this message."""
        client = f"bridge/{__version__} {self._client_name(message)}".strip()
        return {
            **protocol_headers(message, self._handshake.version),
            "Flexura-Session": self.session,
            "Flexura-Project": project_id(here.root),
            "Flexura-Client": client,
        }

    def _client_name(self, message: dict[str, Any]) -> str:
        meta = envelope(message)
        info = meta.get(CLIENT_KEY) if meta is not None else None
        name = info.get("name") if is_object(info) else self._handshake.client_name
        # It goes into a header line, whatever the client calls itself.
        plain = [c for c in str(name or "") if c.isascii() and c.isprintable()]
        return "".join(plain)[:LONGEST_NAME].strip()


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        # It was deleted under us.
        return ""
