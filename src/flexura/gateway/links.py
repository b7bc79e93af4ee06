"""Links to files: absolute, built when read, openable with the key or with a signed query."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

from flexura.domain.artifact import Artifact

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
        return f"{self.asset(base, artifact)}?exp={until}&sig={self._sign(artifact.name, until)}"

    def _sign(self, name: str, until: int) -> str:
        mac = hmac.new(self._secret, f"{name}\n{until}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac[:18]).decode()

    def valid(self, name: str, until: str, signature: str) -> bool:
        """Whether a signed query is ours and has not expired."""
        if not until.isdecimal() or len(until) > 12 or int(until) < time.time():
            return False
        return hmac.compare_digest(self._sign(name, int(until)), signature)
