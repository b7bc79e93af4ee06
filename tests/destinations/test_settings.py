"""The operator's tables: what is wrong with one is said, and the others work."""

from __future__ import annotations

import builtins
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from destinations_house import SIGNING
from flexura.destinations import adapters, opened
from flexura.ports import registry

BUCKET = {"type": "s3", "bucket": "press"}
HOOK = {"type": "webhook", "url": "https://tv.example.com/hook"}


@pytest.fixture(autouse=True)
def fresh_registry() -> None:
    adapters.cache_clear()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"type": "ftp"}, ("'ftp'", "folder, s3, webhook")),
        ({}, ("''", "folder, s3, webhook")),
        ("press", ("''", "Types")),
        ({"type": "folder"}, ("path is missing", "[destinations.press]")),
        ({"type": "folder", "path": "press"}, ("not absolute",)),
        ({"type": "folder", "path": 7}, ("path is not a text",)),
        ({"type": "folder", "pth": "/press"}, ("'pth' is unknown", "Did you mean path?")),
        ({**BUCKET, "endpoint": "minio"}, ("endpoint is not a URL",)),
        ({**BUCKET, "access_key_id": "x"}, ("one half",)),
        ({**BUCKET, "secret_access_key_env": "NOWHERE"}, ("NOWHERE is not set", "[providers]")),
        ({**HOOK, "url": "tv"}, ("no http(s) address",)),
        (HOOK, ("secret is missing", "whsec_")),
        ({**HOOK, "secret": "whsec_c2hvcnQ="}, ("24 to 64 bytes",)),
    ],
)
def test_a_wrong_table_is_told_with_what_to_write(table: Any, words: tuple[str, ...]) -> None:
    found = opened({"press": table}, {})
    assert found.destinations == {}
    problem = found.problems["press"][1]
    assert all(word in problem for word in words), problem


def test_a_name_that_is_no_plain_word_is_refused() -> None:
    found = opened({"../press": {"type": "folder", "path": "/press"}}, {})
    assert "../press" in found.problems


def test_one_wrong_table_does_not_stop_the_others(tmp_path: Path) -> None:
    good = {"type": "folder", "path": str(tmp_path)}
    found = opened({"press": {"type": "ftp"}, "archive": good}, {})
    assert list(found.destinations) == ["archive"] and list(found.problems) == ["press"]


def test_secrets_come_from_the_table_or_from_a_variable() -> None:
    for table in ({"secret": SIGNING}, {"secret_env": "PRESS"}):
        assert opened({"press": {**HOOK, **table}}, {"PRESS": SIGNING}).problems == {}


def test_without_its_package_s3_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("obstore"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert "flexura[team]" in opened({"press": BUCKET}, {}).problems["press"][1]


def test_a_package_of_somebody_else_adds_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = SimpleNamespace(TYPE="channel", SETTINGS={"id": "Which."}, REQUIRED=("id",))
    channel.make = lambda setup: SimpleNamespace(name=setup.name, platform="channel")

    def broken() -> None:
        raise RuntimeError("not today")

    points = [
        SimpleNamespace(name="channel", load=lambda: channel),
        SimpleNamespace(name="broken", load=broken),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    found = opened({"tv": {"type": "channel", "id": "7"}, "x": {"type": "channel"}}, {})
    assert found.destinations["tv"].platform == "channel"
    assert "id is missing" in found.problems["x"][1]


def test_an_adapter_that_breaks_is_told_without_its_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(_setup: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(adapters()["folder"], "make", broken)
    problem = opened({"press": {"type": "folder", "path": str(tmp_path)}}, {}).problems["press"]
    assert problem == ("folder", "Its adapter broke: RuntimeError.")
