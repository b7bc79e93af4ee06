"""Which gateway the user wants: one somewhere else, or their own on this machine."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from flexura.local import paths
from flexura.local.errors import LocalError


def remote_url() -> str | None:
    """FLEXURA_URL, or `url` in the user's configuration, without a final slash; None: the local gateway.

    Raises LocalError when it is set to something that is no http(s) address.
    """
    if url := os.environ.get("FLEXURA_URL", "").strip():
        return _checked(url, "FLEXURA_URL")
    if (url := _configured()) is not None:
        return _checked(url, f"url in {paths.config_file()}")
    return None


def origin(url: str) -> str:
    """Scheme, host and port: the name under which the key of a gateway is kept."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


def _configured() -> str | None:
    file = paths.config_file()
    if not file.is_file():
        return None
    import tomllib

    try:
        found: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LocalError(
            "invalid_request", f"{file} cannot be read: {error}.", next_step=f"Repair {file}."
        ) from error
    url = found.get("url")
    return str(url) if url else None


def _checked(url: str, named: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        # A password would show up in every message that names the gateway.
        good = good and parts.username is None and "$" not in url
    except ValueError:
        good = False
    if not good:
        raise LocalError(
            "invalid_request",
            f"{named} is not the address of a gateway.",
            next_step=f"Set {named} to something like https://gateway.example;"
            " without it the local gateway is used.",
        )
    return url.rstrip("/")
