"""Which key is used, and where keys are kept."""

from __future__ import annotations

import stat
from pathlib import Path

import keyring
import pytest

from flexura.local import keys
from keyring_double import Ring


def test_without_any_there_is_none(flexura_home: Path) -> None:
    assert keys.key_for("local") is None


def test_keys_are_kept_by_the_name_of_their_gateway_for_their_user_alone(
    flexura_home: Path,
) -> None:
    keys.keep("local", "one")
    keys.keep("https://gateway.example:443", "two")
    assert keys.key_for("local") == "one"
    assert keys.key_for("https://gateway.example:443") == "two"
    assert stat.S_IMODE((flexura_home / "credentials.json").stat().st_mode) == 0o600


def test_the_environment_wins(flexura_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.keep("local", "kept")
    monkeypatch.setenv(keys.VARIABLE, " mine ")
    assert keys.key_for("local") == "mine"
    assert keys.kept("local") == "kept"


@pytest.mark.parametrize("value", ["", "  ", "${MEDIA_GATEWAY_API_KEY}"])
def test_a_variable_that_the_agent_did_not_fill_is_no_key(
    flexura_home: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    keys.keep("local", "kept")
    monkeypatch.setenv(keys.VARIABLE, value)
    assert keys.key_for("local") == "kept"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"keys":5}', '{"keys":{"local":5}}', "\0"])
def test_a_damaged_file_holds_no_key(flexura_home: Path, text: str) -> None:
    (flexura_home / "credentials.json").write_text(text)
    assert keys.key_for("local") is None


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    found = Ring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", found)
    return found


def test_a_key_in_the_keyring_is_found_and_stands_in_no_file(
    flexura_home: Path, ring: Ring
) -> None:
    keys.keep("https://gateway.example:443", "fx_live_older")
    keys.keep_in_keyring("https://gateway.example:443", "fx_live_secret")
    assert keys.key_for("https://gateway.example:443") == "fx_live_secret"
    assert "fx_live" not in (flexura_home / "credentials.json").read_text()
    assert keys.in_keyring("https://gateway.example:443") and not keys.in_keyring("local")


def test_the_keyring_is_asked_only_for_what_was_put_there(flexura_home: Path, ring: Ring) -> None:
    keys.keep("local", "in the file")
    keys.keep_in_keyring("https://gateway.example:443", "x")
    ring.error = "it is locked"
    assert keys.key_for("local") == "in the file"
    assert keys.key_for("https://gateway.example:443") is None


def test_a_key_that_is_put_into_the_file_is_no_longer_looked_for_in_the_keyring(
    flexura_home: Path, ring: Ring
) -> None:
    keys.keep_in_keyring("local", "old")
    keys.keep("local", "new")
    assert keys.key_for("local") == "new"
