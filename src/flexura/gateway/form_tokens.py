"""Tokens in HTML forms: a page of somebody else cannot send them, for it cannot read our cookie's partner."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets


class FormTokens:
    """A token is the MAC of a random cookie, so nothing is kept between showing a form and reading it."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"forms\n" + secret.encode()).digest()

    @staticmethod
    def cookie() -> str:
        """A fresh value for the cookie."""
        return secrets.token_urlsafe(24)

    def token(self, cookie: str) -> str:
        """What the form that goes with a cookie carries."""
        mac = hmac.new(self._key, cookie.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac[:24]).decode()

    def valid(self, cookie: str, token: str) -> bool:
        """Whether a form came back with the cookie that it was shown with."""
        return bool(cookie) and hmac.compare_digest(self.token(cookie).encode(), token.encode())
