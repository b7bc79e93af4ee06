"""The live catalog: nobody who is slow or broken hides the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from doubles import FakeProvider, model
from flexura.domain.errors import ModelNotFound, ProviderUnavailable
from flexura.domain.model import Model
from flexura.services import catalog as module
from flexura.services.catalog import Catalog

pytestmark = pytest.mark.anyio


class Listing(FakeProvider):
    """A provider whose list is made by a function."""

    def __init__(self, name: str, answer: Callable[[], Sequence[Model]]) -> None:
        super().__init__(Path(), name=name)
        self.answer = answer
        self.asked = 0

    async def models(self) -> Sequence[Model]:
        self.asked += 1
        return self.answer()


class Hanging(Listing):
    async def models(self) -> Sequence[Model]:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


def good(name: str) -> Listing:
    return Listing(name, lambda: [model("one", name)])


def down() -> Sequence[Model]:
    raise ProviderUnavailable("it is down")


def junk() -> Sequence[Model]:
    raise KeyError("models")


async def test_a_provider_that_hangs_fails_or_sends_junk_hides_only_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_COLD_SECONDS", 0.05)
    providers = [good("a"), Hanging("b", list), Listing("c", down), Listing("d", junk)]
    catalog = Catalog(providers, {})
    assert [m.id for m in await catalog.models()] == ["a:one"]
    states = {s.name: (s.status, s.error) for s in catalog.states()}
    assert states["a"] == ("ok", "")
    assert states["b"] == ("unavailable", "no answer yet")
    assert states["c"] == ("unavailable", "it is down")
    assert states["d"] == ("unavailable", "unreadable answer (KeyError)")


async def test_a_fresh_list_is_not_asked_for_again() -> None:
    provider = good("a")
    catalog = Catalog([provider], {})
    await catalog.models()
    await catalog.models()
    assert provider.asked == 1


async def test_what_was_known_stays_while_its_provider_is_down_marked_as_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider = good("a")
    catalog = Catalog([provider], {})
    await catalog.models()
    monkeypatch.setattr(module, "_FRESH_SECONDS", 0.0)
    provider.answer = down
    await catalog.models()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    found = await catalog.models()
    assert [(m.id, m.stale) for m in found] == [("a:one", True)]
    assert catalog.states()[0].status == "stale"


async def test_an_alias_stands_for_its_model() -> None:
    catalog = Catalog([good("a")], {"favourite": "a:one"})
    assert (await catalog.find("favourite")).id == "a:one"


async def test_an_unknown_id_names_the_nearest_and_a_wrong_kind_says_what_it_makes() -> None:
    catalog = Catalog([good("a"), good("b")], {})
    with pytest.raises(ModelNotFound) as unknown:
        await catalog.find("a:onn")
    assert unknown.value.details["nearest"] == ["a:one", "b:one"]
    with pytest.raises(ModelNotFound) as wrong:
        await catalog.find("a:one", "audio")
    assert "makes image, not audio" in wrong.value.message
