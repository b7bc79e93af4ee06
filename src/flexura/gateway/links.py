"""Links to files: absolute, built when read, openable with the key or with a signed query."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping

from flexura.domain.artifact import Artifact
from flexura.ports.conversion import Variant

_DAYS = 30


class Links:
    """The signing key is kept in the database, so links outlive a restart."""

    def __init__(self, secret: str, public_url: str = "") -> None:
        self._secret = secret.encode()
        self._public_url = public_url

    def base(self, scheme: str, host: str) -> str:
        """The public URL, or else the Host that was checked."""
        return self._public_url or f"{scheme}://{host}"

    def asset(self, base: str, artifact: Artifact) -> str:
        """The URL of a file; it wants the key."""
        return f"{base}/api/assets/{artifact.name}"

    def signed(self, base: str, artifact: Artifact, days: int = _DAYS) -> str:
        """A URL that anybody can open until it expires."""
        until = int(time.time()) // 86400 * 86400 + (days + 1) * 86400
        return self.until(base, artifact, until)

    def until(
        self, base: str, artifact: Artifact, moment: int, variant: Variant | None = None
    ) -> str:
        """A URL that anybody can open until `moment` (seconds since 1970), for this form of the file."""
        form = "" if variant is None else _form(variant.format, variant.width)
        signature = self._sign(artifact.name, moment, form)
        start = f"{form}&" if form else ""
        return f"{self.asset(base, artifact)}?{start}exp={moment}&sig={signature}"

    def _sign(self, name: str, until: int, form: str) -> str:
        signed = f"{name}\n{until}\n{form}" if form else f"{name}\n{until}"
        mac = hmac.new(self._secret, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac[:18]).decode()

    def valid(self, name: str, query: Mapping[str, str]) -> bool:
        """Whether a signed query is ours, for exactly this form of the file, and has not expired."""
        until = query.get("exp", "")
        if not re.fullmatch(r"[0-9]{1,12}", until) or int(until) < time.time():
            return False
        form = _form(query.get("format", ""), query.get("width", ""))
        expected = self._sign(name, int(until), form)
        return hmac.compare_digest(expected.encode(), query.get("sig", "").encode())


def _form(format: str, width: int | str) -> str:
    """The part of a query that says which form of a file is meant."""
    parts = {"format": format, "width": str(width or "")}
    return "&".join(f"{name}={value}" for name, value in parts.items() if value)
