"""The live catalog: nobody who is slow or broken hides the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from doubles import FakeProvider, model
from flexura.domain.errors import ModelNotFound, ProviderUnavailable, RateLimited
from flexura.domain.model import Model
from flexura.services.catalog import Catalog
from flexura.services.shelf import Pace

pytestmark = pytest.mark.anyio


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Listing(FakeProvider):
    """A provider whose list is made by a function, and who waits where it is told to."""

    def __init__(self, name: str, answer: Callable[[], Sequence[Model]] | None = None) -> None:
        super().__init__(Path(), name=name)
        self.answer = answer or (lambda: [model("one", name)])
        self.asked = 0
        self.asked_for: list[tuple[str, bool]] = []
        self.told: Callable[[], Model | None] | None = None

    async def models(self) -> Sequence[Model]:
        self.asked += 1
        await self.gate.wait()
        return self.answer()

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        self.asked_for.append((upstream_id, listed is not None))
        return self.told() if self.told else listed


def hanging(name: str) -> Listing:
    provider = Listing(name)
    provider.gate.clear()
    return provider


def down() -> Sequence[Model]:
    raise ProviderUnavailable("it is down")


def junk() -> Sequence[Model]:
    raise KeyError("models")


def catalog_of(*providers: Listing, clock: Clock | None = None, **aliases: str) -> Catalog:
    paces = {p.name: Pace(cold=0.05) for p in providers}
    return Catalog(providers, aliases, paces=paces, clock=clock or time.monotonic)


async def test_a_provider_that_hangs_fails_or_sends_junk_hides_only_itself() -> None:
    slow = hanging("b")
    catalog = catalog_of(Listing("a"), slow, Listing("c", down), Listing("d", junk))
    began = time.monotonic()
    assert [m.id for m in await catalog.models()] == ["a:one"]
    assert time.monotonic() - began < 1
    states = {s.name: (s.status, s.error) for s in catalog.states()}
    assert states["a"] == ("ok", "")
    assert states["b"] == ("unavailable", "no answer yet")
    assert states["c"] == ("unavailable", "it is down")
    assert states["d"] == ("unavailable", "unreadable answer (KeyError)")
    await catalog.aclose()


async def test_a_cold_answer_with_one_that_hangs_takes_less_than_a_second() -> None:
    catalog = Catalog([Listing("a"), hanging("b")])
    began = time.monotonic()
    assert [m.id for m in await catalog.models()] == ["a:one"]
    assert time.monotonic() - began < 1
    began = time.monotonic()
    await catalog.models()
    assert time.monotonic() - began < 0.2, "only the first reader waits for the one that hangs"
    await catalog.aclose()


async def test_a_state_tells_what_there_is_of_each_kind_and_when_it_was_told() -> None:
    offered = [model("one", "a"), model("two", "a", kinds=("image", "video"))]
    catalog = catalog_of(Listing("a", lambda: offered))
    await catalog.models()
    (state,) = catalog.states()
    assert state.models == {"image": 2, "video": 1}
    assert state.checked_at is not None and state.checked_at.endswith("Z")


async def test_a_fresh_list_is_not_asked_for_again_and_an_old_one_is_shown_meanwhile() -> None:
    provider, clock = Listing("a"), Clock()
    catalog = catalog_of(provider, clock=clock)
    await catalog.models()
    await catalog.models()
    assert provider.asked == 1
    clock.now += 301
    provider.gate.clear()
    assert [m.id for m in await catalog.models()] == ["a:one"]
    await catalog.models()
    await asyncio.sleep(0)
    assert provider.asked == 2, "one question at a time"
    provider.answer = lambda: [model("two", "a")]
    provider.gate.set()
    await catalog.refresh()
    await catalog.refresh(force=True)
    assert [m.id for m in await catalog.models()] == ["a:two"]
    await catalog.aclose()


async def test_a_forced_refresh_joins_the_question_that_is_under_way() -> None:
    provider = Listing("a")
    catalog = catalog_of(provider)
    await asyncio.gather(catalog.refresh(force=True), catalog.refresh(force=True))
    assert provider.asked == 1
    await catalog.refresh(force=True)
    assert provider.asked == 2


async def test_what_was_known_stays_while_its_provider_is_down_marked_as_stale() -> None:
    provider, clock = Listing("a"), Clock()
    catalog = catalog_of(provider, clock=clock)
    before = await catalog.listing()
    provider.answer = down
    clock.now += 301
    after = await catalog.refresh()
    assert [(m.id, m.stale) for m in after.models] == [("a:one", True)]
    assert (after.states[0].status, after.states[0].error) == ("stale", "it is down")
    assert after.version != before.version
    provider.answer = lambda: [model("one", "a")]
    healed = await catalog.refresh(force=True)
    assert not healed.models[0].stale and healed.states[0].status == "ok"


async def test_after_an_error_it_is_asked_sooner_than_after_an_answer_and_less_and_less() -> None:
    provider, clock = Listing("a", down), Clock()
    catalog = catalog_of(provider, clock=clock)
    gaps: list[int] = []
    for _ in range(6):
        asked, waited = provider.asked, 0
        while provider.asked == asked:
            await catalog.refresh()
            clock.now += 1
            waited += 1
        gaps.append(waited)
    assert gaps[0] == 1 and gaps[1:4] == [20, 40, 80]
    assert gaps[5] == 300


async def test_a_provider_that_says_when_to_come_back_is_left_alone_until_then() -> None:
    def limited() -> Sequence[Model]:
        raise RateLimited("slow down", retry_after=90)

    provider, clock = Listing("a", limited), Clock()
    catalog = catalog_of(provider, clock=clock)
    await catalog.refresh()
    clock.now += 89
    await catalog.refresh()
    assert provider.asked == 1
    clock.now += 2
    await catalog.refresh()
    assert provider.asked == 2


async def test_the_version_changes_only_when_something_else_is_said() -> None:
    times = iter(["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"])
    provider = Listing("a", lambda: [model("one", "a", fetched_at=next(times))])
    catalog = catalog_of(provider)
    first = await catalog.listing()
    second = await catalog.refresh(force=True)
    assert second.version == first.version and second.serial != first.serial
    assert second.models[0].fetched_at.startswith("2026-01-02")


async def test_closing_ends_the_questions_and_asks_no_more() -> None:
    provider = hanging("a")
    catalog = catalog_of(provider)
    await catalog.models()
    await catalog.aclose()
    assert await catalog.models() == []
    assert provider.asked == 1


async def test_a_list_of_nothing_usable_is_an_error_not_an_empty_catalog() -> None:
    provider = Listing("a", lambda: [model("one", "somebody-else")])
    catalog = catalog_of(provider)
    await catalog.models()
    assert "none of its 1 models" in catalog.states()[0].error


async def test_an_alias_stands_for_its_model_and_one_that_lost_it_names_both() -> None:
    catalog = catalog_of(Listing("a"), favourite="a:one", lost="a:gone")
    assert (await catalog.find("favourite")).id == "a:one"
    with pytest.raises(ModelNotFound) as lost:
        await catalog.find("lost")
    assert "'lost'" in lost.value.message and "'a:gone'" in lost.value.message
    assert lost.value.details["nearest"] == ["a:one"]


async def test_an_unknown_id_names_the_nearest_and_a_wrong_kind_says_what_it_makes() -> None:
    catalog = catalog_of(Listing("a"), Listing("b"))
    with pytest.raises(ModelNotFound) as unknown:
        await catalog.find("a:onn")
    assert unknown.value.details["nearest"] == ["a:one", "b:one"]
    with pytest.raises(ModelNotFound) as wrong:
        await catalog.find("a:one", "audio")
    assert "makes image, not audio" in wrong.value.message


async def test_a_model_in_the_list_is_shown_without_asking_its_vendor_again() -> None:
    provider = Listing("a")
    catalog = catalog_of(provider)
    assert (await catalog.find("a:one", "image")).id == "a:one"
    assert provider.asked_for == []


LISTED = model("one", "a", schema_source="on request", input_schema={}, price=None)


async def test_a_schema_on_request_is_asked_for_once_an_hour() -> None:
    provider, clock = Listing("a", lambda: [LISTED]), Clock()
    provider.told = lambda: model("one", "a", schema_source="live")
    catalog = catalog_of(provider, clock=clock)
    found = await asyncio.gather(catalog.find("a:one"), catalog.find("a:one"))
    assert all("mood" in m.input_schema["properties"] and m.price for m in found)
    clock.now += 3599
    await catalog.find("a:one")
    assert provider.asked_for == [("one", True)]
    clock.now += 2
    await catalog.find("a:one")
    assert len(provider.asked_for) == 2


async def test_an_unreachable_vendor_leaves_the_last_schema_as_stale_or_says_so() -> None:
    def unreachable() -> Model | None:
        raise ProviderUnavailable("it is down", next_step="Wait.")

    provider, clock = Listing("a", lambda: [LISTED]), Clock()
    provider.told = lambda: model("one", "a")
    catalog = catalog_of(provider, clock=clock)
    await catalog.find("a:one")
    provider.told = unreachable
    clock.now += 3601
    assert (await catalog.find("a:one")).stale
    with pytest.raises(ProviderUnavailable, match="it is down"):
        await catalog.find("a:another")


async def test_a_model_that_the_list_lacks_is_asked_of_its_vendor() -> None:
    provider = Listing("a")
    provider.told = lambda: model("hid/den", "a")
    catalog = catalog_of(provider)
    assert (await catalog.find("a:hid/den", "image")).id == "a:hid/den"
    provider.told = lambda: None
    with pytest.raises(ModelNotFound):
        await catalog.find("a:nothing")
    with pytest.raises(ModelNotFound):
        await catalog.find("a:nothing")
    assert provider.asked_for == [("hid/den", False), ("nothing", False)]


async def test_what_the_vendor_tells_must_be_the_model_that_was_asked_for() -> None:
    provider = Listing("a")
    provider.told = lambda: model("other", "a")
    with pytest.raises(ModelNotFound):
        await catalog_of(provider).find("a:hidden")


@pytest.mark.parametrize(
    "name", ["../keys", "a/../../b", "a//b", "x?y=1", "x y", "x%2e", "", "é" * 300]
)
async def test_a_callers_word_that_is_no_id_never_becomes_a_question_to_a_vendor(name: str) -> None:
    provider = Listing("a")
    with pytest.raises(ModelNotFound):
        await catalog_of(provider).find(f"a:{name}")
    assert provider.asked_for == []


async def test_junk_about_one_model_is_told_as_that() -> None:
    def broken() -> Model | None:
        raise KeyError("schema")

    provider = Listing("a", lambda: [LISTED])
    provider.told = broken
    with pytest.raises(ProviderUnavailable, match="unreadable answer"):
        await catalog_of(provider).find("a:one")


async def test_a_named_model_waits_for_the_first_list_of_its_provider_alone() -> None:
    slow, other = hanging("a"), hanging("b")
    catalog = catalog_of(slow, other)
    finding = asyncio.create_task(catalog.find("a:one"))
    assert await catalog.models() == []
    slow.gate.set()
    assert (await finding).id == "a:one"
    await catalog.aclose()


async def test_a_model_of_a_provider_that_gave_no_list_yet_is_unknown_not_absent() -> None:
    catalog = catalog_of(Listing("a", down))
    with pytest.raises(ProviderUnavailable) as unknown:
        await catalog.find("a:one")
    assert "it is down" in unknown.value.message and unknown.value.next_step
