"""Provider keys in the keyring: kept, read, forgotten; and a keyring that does not answer."""

from __future__ import annotations

import sys
import threading
from types import ModuleType

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from flexura.local import provider_secrets, start
from flexura.local.provider_secrets import NoKeyring


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    found = Ring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", found)
    return found


def test_a_key_lies_under_flexura_by_the_name_of_its_variable(ring: Ring) -> None:
    provider_secrets.keep("FAL_KEY", "secret")
    assert ring.held == {("flexura", "FAL_KEY"): "secret"}
    assert provider_secrets.read(["FAL_KEY", "OTHER_KEY"]) == {"FAL_KEY": "secret"}
    assert provider_secrets.forget("FAL_KEY") is True
    assert provider_secrets.forget("FAL_KEY") is False
    assert provider_secrets.read(["FAL_KEY"]) == {}


def test_a_keyring_that_keeps_nothing_is_none() -> None:
    with pytest.raises(NoKeyring, match="does not give back"):
        provider_secrets.keep("FAL_KEY", "secret")


def test_a_keyring_that_waits_for_somebody_is_given_up(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = threading.Event()
    monkeypatch.setattr(Ring, "get_password", lambda *_: unlocked.wait(30) and None)
    try:
        with pytest.raises(NoKeyring, match=r"did not answer within 0\.05 seconds"):
            provider_secrets.read(["FAL_KEY"], seconds=0.05)
    finally:
        unlocked.set()


def test_whatever_a_keyring_raises_is_told_in_one_sentence(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: str) -> None:
        raise RuntimeError("No recommended\nbackend was available. Install one from somewhere.")

    monkeypatch.setattr(Ring, "get_password", broken)
    with pytest.raises(NoKeyring) as told:
        provider_secrets.read(["FAL_KEY"])
    assert str(told.value) == "No recommended backend was available"


def test_a_missing_package_is_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # type: ignore[arg-type]
    assert isinstance(sys, ModuleType)
    with pytest.raises(NoKeyring):
        provider_secrets.read(["FAL_KEY"])


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("FAL_KEY", True),
        ("HF_TOKEN", True),
        ("RUNWAYML_API_SECRET", True),
        ("AUTOMATIC1111_AUTH", True),
        ("SEARXNG_BASE_URL", False),
        ("YOU_FREE", False),
        ("FLEXURA_DDGS", False),
    ],
)
def test_a_key_is_told_from_an_address_by_its_name(name: str, secret: bool) -> None:
    assert provider_secrets.is_secret(name) is secret


def test_the_gateway_that_is_started_finds_the_way_to_the_keyring(
    flexura_home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus")
    monkeypatch.setenv("FAL_KEY", "secret")
    env = start.clean_environment(start.paths.home())
    assert env["DBUS_SESSION_BUS_ADDRESS"] == "unix:path=/run/user/1000/bus"
    assert "FAL_KEY" not in env
