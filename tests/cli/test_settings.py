"""Where a gateway takes its providers' settings from: environment, file, keyring."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import pytest

from flexura import settings
from flexura.local.provider_secrets import NoKeyring

FILE = (
    '[providers]\nTAVILY_API_KEY = "of the file"\nFAL_KEY = { keyring = true }\nYOU_FREE = true\n'
)


class Ring:
    """A keyring that remembers what it was asked for."""

    def __init__(self, **held: str) -> None:
        self.held = held
        self.asked: list[list[str]] = []

    def __call__(self, names: Iterable[str]) -> dict[str, str]:
        self.asked.append(list(names))
        return {name: self.held[name] for name in names if name in self.held}


@pytest.fixture
def file(flexura_home: Path) -> Path:
    found = flexura_home / "config.toml"
    found.write_text(FILE)
    return found


def test_a_local_gateway_takes_them_from_file_and_keyring_alone(file: Path) -> None:
    ring = Ring(FAL_KEY="of the keyring")
    environ = {"TAVILY_API_KEY": "of the agent", "EXA_API_KEY": "of the agent"}
    found = settings.load(environ, local=True, keyring=ring)
    assert found.environment == {
        "TAVILY_API_KEY": "of the file",
        "FAL_KEY": "of the keyring",
        "YOU_FREE": "True",
    }
    assert found.locked == {}


def test_a_gateway_started_by_hand_reads_its_whole_environment_over_them(file: Path) -> None:
    ring = Ring(FAL_KEY="of the keyring")
    environ = {"TAVILY_API_KEY": "mine", "ANY_OTHER": "too", "EMPTY": ""}
    found = settings.load(environ, keyring=ring).environment
    assert (found["TAVILY_API_KEY"], found["ANY_OTHER"], found["FAL_KEY"]) == (
        "mine", "too", "of the keyring",
    )  # fmt: skip
    assert "EMPTY" not in found and found.get("EMPTY", "") == ""


def test_the_keyring_is_asked_once_and_only_when_somebody_wants_what_lies_there(file: Path) -> None:
    ring = Ring(FAL_KEY="of the keyring")
    found = settings.load({}, local=True, keyring=ring)
    assert found.environment.get("TAVILY_API_KEY") == "of the file"
    assert found.environment.get("BFL_API_KEY") is None
    assert ring.asked == []
    assert found.environment.get("FAL_KEY") == "of the keyring"
    assert len(found.environment) == 3 and dict(found.environment)
    assert ring.asked == [["FAL_KEY"]]


def test_what_the_environment_has_is_not_asked_of_the_keyring(file: Path) -> None:
    ring = Ring()
    assert settings.load({"FAL_KEY": "mine"}, keyring=ring).environment["FAL_KEY"] == "mine"
    assert ring.asked == []


def test_without_any_key_in_the_keyring_nobody_asks_it(flexura_home: Path) -> None:
    ring = Ring()
    assert dict(settings.load({}, local=True, keyring=ring).environment) == {}
    assert ring.asked == []


def test_a_keyring_that_does_not_answer_is_a_warning_with_what_to_do(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def silent(names: Iterable[str]) -> dict[str, str]:
        raise NoKeyring("it did not answer within 5 seconds")

    found = settings.load({}, local=True, keyring=silent)
    with caplog.at_level(logging.WARNING):
        assert "FAL_KEY" not in found.environment
    assert found.environment == {"TAVILY_API_KEY": "of the file", "YOU_FREE": "True"}
    assert found.locked == {
        "FAL_KEY": "the keyring cannot be read: it did not answer within 5 seconds"
    }
    (told,) = caplog.messages
    assert "FAL_KEY is not used" in told and "flexura providers add FAL_KEY --file" in told


def test_a_key_that_somebody_took_out_of_the_keyring_is_told(file: Path) -> None:
    found = settings.load({}, local=True, keyring=Ring())
    assert found.locked == {"FAL_KEY": "the keyring no longer has it"}


def test_the_settings_show_no_key_when_they_are_printed(file: Path) -> None:
    found = settings.load({"EXA_API_KEY": "a secret"}, keyring=Ring())
    assert "a secret" not in repr(found) and "of the file" not in repr(found)
