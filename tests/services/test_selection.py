"""Which model an order gets: named, behind an alias, or picked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from doubles import FakeProvider, model
from flexura import settings as configuration
from flexura.domain.errors import InvalidRequest, ModelNotFound, ProviderUnavailable
from flexura.domain.generation import GenerationRequest
from flexura.domain.model import Kind, Model, Price
from flexura.ports.records import Records, Run
from flexura.services import selection as module
from flexura.services.breaker import OPENS_AFTER, Breakers
from flexura.services.catalog import Catalog
from flexura.services.pick import Policy
from flexura.services.selection import Selection
from flexura.services.shelf import Pace
from flexura.services.stats import Stats

pytestmark = pytest.mark.anyio


class Vendor(FakeProvider):
    """Offers some models; its list waits for `listed`."""

    def __init__(self, name: str, *offered: Model) -> None:
        super().__init__(Path(), name=name)
        self.offered = list(offered)
        self.listed = asyncio.Event()
        self.listed.set()
        self.silent = False

    async def models(self) -> Sequence[Model]:
        await self.listed.wait()
        return self.offered

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        if self.silent:
            raise ProviderUnavailable(f"{self.name} is silent")
        if listed is not None and listed.schema_source == "on request":
            return listed.model_copy(update={"schema_source": "live", "name": "Whole"})
        return listed


class Ran:
    """The part of the store that statistics are read from."""

    def __init__(self, *runs: Run) -> None:
        self._runs = runs

    async def runs(self, since: int, most: int, ignored: Sequence[str]) -> list[Run]:
        return list(self._runs)


class Desk:
    """A selection, and what it stands on."""

    def __init__(
        self,
        *vendors: Vendor,
        runs: Sequence[Run] = (),
        prefer: tuple[str, ...] = (),
        **aliases: str,
    ) -> None:
        paces = {v.name: Pace(cold=0.02) for v in vendors}
        self.catalog = Catalog(vendors, aliases, paces=paces)
        self.breakers = Breakers()
        stats = Stats(cast("Records", Ran(*runs)))
        self.selection = Selection(self.catalog, Policy(prefer=prefer), self.breakers, stats)

    async def chosen(self, name: str = "", kind: Kind = "image", **fields: Any) -> str:
        return (await self.choose(name, kind, **fields)).model.id

    async def choose(self, name: str = "", kind: Kind = "image", **fields: Any) -> module.Chosen:
        asked = {"kind": kind, "prompt": "a fox", "model": name, **fields}
        return await self.selection.choose(GenerationRequest(**asked), [])


def at(amount: float) -> Price:
    return Price(unit="image", amount=amount, source="test")


def vendors() -> tuple[Vendor, Vendor, Vendor]:
    return (
        Vendor("embedded", model("canvas", "embedded", price=at(0))),
        Vendor("fal", model("dear", "fal", price=at(0.3)), model("cheap", "fal", price=at(0.1))),
        Vendor("rep", model("free", "rep", price=at(0.2))),
    )


async def test_a_named_model_is_taken_and_an_unnamed_one_picked_with_a_reason() -> None:
    desk = Desk(*vendors())
    named = await desk.choose("fal:dear")
    assert (named.model.id, named.picked, named.why) == ("fal:dear", False, "The order names it.")
    picked = await desk.choose()
    assert (picked.model.id, picked.picked) == ("fal:cheap", True)
    assert "the cheapest of 4 live models" in picked.why


async def test_an_alias_stands_for_a_model_or_for_a_policy() -> None:
    desk = Desk(
        *vendors(),
        runs=[Run("rep:free", 900, False), Run("fal:dear", 2000, False)],
        mine="rep:free",
        good="policy:best",
        quick="policy:fastest",
        fal="policy:best , provider=fal",
        drawn="policy:cheapest,provider=embedded,task=text-to-image",
    )
    mine = await desk.choose("mine")
    assert (mine.model.id, mine.picked) == ("rep:free", False)
    assert mine.why == "The alias mine stands for it."
    assert await desk.chosen("good") == "fal:dear"
    assert await desk.chosen("quick") == "rep:free"
    assert await desk.chosen("fal") == "fal:dear"
    assert await desk.chosen("drawn") == "embedded:canvas"
    assert (await desk.choose("quick")).picked


async def test_the_table_of_aliases_tells_what_each_means_now() -> None:
    video = model("clip", "rep", kinds=("video",), tasks=("text-to-video",))
    desk = Desk(
        *vendors(),
        Vendor("mov", video.model_copy(update={"id": "mov:clip", "provider": "mov"})),
        mine="rep:free",
        lost="rep:gone",
        good="policy:best",
        odd="policy:nicest",
        none="policy:best,provider=nobody",
    )
    table = await desk.selection.aliases()
    assert table["mine"].models == {"image": "rep:free"}
    assert (table["lost"].models, table["lost"].problem) == ({}, "not in the live catalog")
    assert table["good"].models == {"image": "fal:dear", "video": "mov:clip"}
    assert "cannot be read" in table["odd"].problem
    assert table["none"].problem
    assert await desk.selection.aliases() is table, "worked out once for each state of the catalog"
    for _ in range(OPENS_AFTER):
        desk.breakers.failed("fal", "down")
    assert (await desk.selection.aliases())["good"].models["image"] == "rep:free"


async def test_an_alias_that_lost_its_model_or_cannot_be_read_says_so() -> None:
    desk = Desk(*vendors(), lost="rep:gone", odd="policy:best,colour=red", word="policy:")
    with pytest.raises(ModelNotFound) as lost:
        await desk.chosen("lost")
    assert "'lost'" in lost.value.message and "'rep:gone'" in lost.value.message
    for name in ("odd", "word"):
        with pytest.raises(InvalidRequest) as odd:
            await desk.chosen(name)
        assert name in odd.value.message and "policy:fastest" in odd.value.next_step


async def test_showing_an_alias_of_a_policy_names_what_it_means() -> None:
    desk = Desk(*vendors(), good="policy:best", mine="rep:free")
    assert (await desk.selection.model("mine")).id == "rep:free"
    with pytest.raises(ModelNotFound) as choice:
        await desk.selection.model("good")
    assert choice.value.details["nearest"] == ["fal:dear"]
    assert "image fal:dear" in choice.value.next_step


async def test_a_failing_provider_is_passed_over_and_named_models_are_not() -> None:
    desk = Desk(*vendors())
    for _ in range(OPENS_AFTER):
        desk.breakers.failed("fal", "down")
    picked = await desk.choose()
    assert picked.model.id == "rep:free" and "passed over: fal" in picked.why
    assert await desk.chosen("fal:cheap") == "fal:cheap"


async def test_the_picked_model_comes_with_its_whole_schema() -> None:
    vendor = Vendor("fal", model("one", "fal", schema_source="on request", input_schema={}))
    assert (await Desk(vendor).choose()).model.name == "Whole"


async def test_a_vendor_that_does_not_tell_the_schema_gives_way_to_the_next_best() -> None:
    cheap = model("one", "fal", schema_source="on request", price=at(0.01))
    fal, rep = Vendor("fal", cheap), Vendor("rep", model("two", "rep", price=at(1)))
    fal.silent = True
    assert await Desk(fal, rep).chosen() == "rep:two"
    with pytest.raises(ProviderUnavailable, match="fal is silent"):
        await Desk(fal).chosen()


async def test_an_order_waits_for_the_first_lists_before_the_last_resort_gets_it() -> None:
    embedded, fal, _ = vendors()
    fal.listed.clear()
    desk = Desk(embedded, fal)
    waiting = asyncio.create_task(desk.chosen())
    await desk.catalog.listing()
    fal.listed.set()
    assert await waiting == "fal:cheap"


async def test_an_order_waits_for_no_list_when_the_last_resort_is_preferred() -> None:
    embedded, fal, _ = vendors()
    fal.listed.clear()
    desk = Desk(embedded, fal, prefer=("embedded",))
    async with asyncio.timeout(2):
        assert await desk.chosen() == "embedded:canvas"
    await desk.catalog.aclose()


async def test_a_list_that_never_comes_holds_an_order_up_for_a_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_FIRST_LIST_SECONDS", 0.05)
    embedded, fal, _ = vendors()
    fal.listed.clear()
    desk = Desk(embedded, fal)
    async with asyncio.timeout(5):
        assert await desk.chosen() == "embedded:canvas"
    await desk.catalog.aclose()


async def test_a_task_that_nobody_does_is_unavailable_with_what_to_do() -> None:
    with pytest.raises(ProviderUnavailable) as refused:
        await Desk(*vendors()).chosen(kind="video")
    assert "text-to-video" in refused.value.message and refused.value.next_step


def test_the_policy_of_the_configuration_is_read_and_a_word_that_is_none_is_told(
    flexura_home: Path,
) -> None:
    file = flexura_home / "config.toml"
    file.write_text('[policy]\norder = "best"\nprefer = ["fal"]\n')
    settings = configuration.load({}, local=True)
    assert (settings.order, settings.prefer) == ("best", ("fal",))
    file.write_text('[policy]\norder = "nicest"\n')
    with pytest.raises(InvalidRequest, match="nicest"):
        configuration.load({}, local=True)
