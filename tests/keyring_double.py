"""A keyring for tests, in memory, that can be told to fail."""

from __future__ import annotations

from keyring.backend import KeyringBackend


class Ring(KeyringBackend):
    """A keyring in memory; `error` makes it fail."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, str] = {}
        self.error = ""

    def _fail(self) -> None:
        if self.error:
            raise RuntimeError(self.error)

    def get_password(self, service: str, username: str) -> str | None:
        self._fail()
        assert service == "flexura"
        return self.held.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._fail()
        self.held[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[username]
