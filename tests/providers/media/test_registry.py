"""The folder is the registry; packages of others add to it, and cannot break it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import pytest

from flexura.ports import registry
from flexura.providers import media


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """Modules that installed packages offer, by the name of their entry point."""
    offered: dict[str, object] = {}

    class Point(EntryPoint):
        def load(self) -> object:
            found = offered[self.name]
            if isinstance(found, Exception):
                raise found
            return found

    def entry_points(group: str) -> list[EntryPoint]:
        return [Point(name, "somewhere", group) for name in offered]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    media.adapters.cache_clear()
    yield offered
    media.adapters.cache_clear()


def adapter(name: str) -> SimpleNamespace:
    return SimpleNamespace(
        NAME=name, VARIABLES={f"{name.upper()}_KEY": "a key"}, DOCS="", PROVEN=()
    )


def test_an_installed_package_adds_a_provider(installed: dict[str, object]) -> None:
    installed["theirs"] = adapter("theirs")
    assert "theirs" in [found.NAME for found in media.adapters()]
    assert media.variables()["THEIRS_KEY"] == "a key"


def test_a_package_that_cannot_be_loaded_is_logged_and_left_out(
    installed: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    installed["broken"] = ImportError("no such thing")
    installed["shapeless"] = object()
    installed["theirs"] = adapter("theirs")
    assert "theirs" in [found.NAME for found in media.adapters()]
    assert "broken" in caplog.text and "shapeless" in caplog.text


def test_a_package_does_not_replace_a_provider_of_ours(installed: dict[str, object]) -> None:
    installed["fal"] = adapter("fal")
    assert next(a for a in media.adapters() if a.NAME == "fal") is not installed["fal"]


def test_the_names_of_our_own_are_in_order_and_unique() -> None:
    names = [found.NAME for found in media.adapters()]
    assert names == sorted(set(names))
    assert "embedded" not in names
