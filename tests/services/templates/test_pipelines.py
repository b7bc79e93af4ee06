"""Pipelines follow the live catalog."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider, model
from flexura.domain.errors import Conflict, InvalidRequest, NotFound, ProviderError
from flexura.domain.model import Model
from flexura.services.breaker import Breakers
from flexura.services.catalog import Catalog
from flexura.services.pick import Policy
from flexura.services.templates.pipelines import Pipeline, Pipelines
from flexura.services.templates.presets import Preset, Presets
from flexura.services.templates.store import Templates
from flexura.services.templates.values import bind
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

pytestmark = pytest.mark.anyio
WE = "ws_we"
ALIASES = {"mine": "fake:one", "quick": "policy:fastest"}


@dataclass
class Room:
    """Templates and pipelines over one provider's catalog."""

    templates: Templates
    catalog: Catalog
    pipelines: Pipelines
    fake: FakeProvider

    async def offers(self, *models: Model) -> dict[str, Pipeline]:
        """The pipelines when these are the models."""
        self.fake.offered = list(models)
        await self.catalog.refresh(force=True)
        return {p.id: p for p in await self.pipelines.list(WE)}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    migrate(tmp_path / "flexura.db")
    records = SqliteRecords(tmp_path / "flexura.db")
    fake = FakeProvider(tmp_path)
    catalog, templates = Catalog([fake], ALIASES), Templates(records)
    pipelines = Pipelines(templates, catalog, Breakers(), Policy(order="fastest"))
    yield Room(templates, catalog, pipelines, fake)
    await catalog.aclose()
    await records.aclose()


def film(**changes: Any) -> Model:
    """A model that films pictures."""
    return model("film", kinds=("video",), tasks=("image-to-video", "text-to-video"), **changes)


def painter(**changes: Any) -> Model:
    """A model that changes pictures."""
    return model("paint", tasks=("image-to-image",), **changes)


def saved(**step: Any) -> dict[str, Any]:
    """A document that is seen as a pipeline."""
    make = {"id": "make", "uses": "image", "prompt": "x", **step}
    return {"slug": "mine", "views": ["pipeline"], "steps": [make]}


async def test_the_documented_three_come_first(room: Room) -> None:
    found = await room.offers(model("one"), painter())
    assert [(p.id, p.type, p.status) for p in list(found.values())[:3]] == [
        ("text-to-image-basic", "image", "active"),
        ("image-transform-standard", "image", "active"),
        ("review-batch-a", "batch", "limited"),
    ]
    assert found["review-batch-a"].cap == 10
    assert "at most 10" in found["review-batch-a"].why


async def test_each_live_task_is_a_pipeline_that_leaves_with_its_last_model(room: Room) -> None:
    found = await room.offers(model("one"), film())
    assert {"text-to-image", "image-to-video", "text-to-video"} <= set(found)
    assert found["image-to-video"].type == "video"
    left = await room.offers(model("one"), film(status="deprecated"))
    assert "image-to-video" not in left and "text-to-image" in left


async def test_a_provider_that_goes_takes_its_pipelines_or_leaves_them_limited(room: Room) -> None:
    await room.templates.save(WE, saved(uses="video"))
    assert (await room.offers(model("one"), film()))["mine"].status == "active"
    found = await room.offers(model("one"))
    assert found["mine"].status == "limited"
    assert "text-to-video" in found["mine"].why
    assert "text-to-video" not in found
    assert found["image-transform-standard"].status == "limited"
    assert found["text-to-image-basic"].status == "active"
    assert (await room.offers(model("one"), film()))["mine"].status == "active"


async def test_a_provider_whose_list_fails_is_no_model_after_a_while(room: Room) -> None:
    await room.offers(model("one"))

    async def down() -> list[Model]:
        raise ProviderError("down")

    room.fake.models = down  # type: ignore[method-assign]
    await room.catalog.refresh(force=True)
    found = {p.id: p for p in await room.pipelines.list(WE)}
    assert found["text-to-image-basic"].status == "limited"


async def test_models_that_are_limited_make_a_pipeline_limited(room: Room) -> None:
    found = await room.offers(model("one", status="limited"))
    assert found["text-to-image-basic"].status == "limited"


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("", "active"),
        ("policy:best", "active"),
        ("policy:best,provider=fake", "active"),
        ("policy:best,provider=other", "limited"),
        ("policy:best,task=text-to-video", "limited"),
        ("mine", "active"),
        ("quick", "active"),
        ("nobody", "limited"),
    ],
)
async def test_what_a_step_says_of_its_model_counts(room: Room, named: str, status: str) -> None:
    await room.templates.save(WE, saved(model=named))
    assert (await room.offers(model("one")))["mine"].status == status


async def test_an_alias_whose_model_is_gone_limits_it(room: Room) -> None:
    await room.templates.save(WE, saved(model="mine"))
    found = await room.offers(model("two"))
    assert found["mine"].why == "The alias mine has no live model."


async def test_the_inputs_of_a_step_tell_its_task(room: Room) -> None:
    film_of_items = {
        "slug": "films",
        "views": ["pipeline"],
        "inputs": [{"id": "photos", "type": "IMAGE_URL", "many": True}],
        "steps": [
            {
                "id": "film",
                "uses": "video",
                "prompt": "x",
                "each": "{{ inputs.photos }}",
                "inputs": ["first_frame={{ item }}"],
            }
        ],
    }
    await room.templates.save(WE, film_of_items)
    found = await room.offers(film())
    assert (found["films"].status, found["films"].type) == ("active", "batch")
    assert (await room.offers(model("one")))["films"].status == "limited"


async def test_a_task_s_template_can_be_filled_and_prefers_as_the_gateway_does(room: Room) -> None:
    found = await room.offers(film())
    template = found["image-to-video"].template
    assert [i.id for i in template.inputs] == ["image", "prompt"]
    assert template.steps[0].model == "policy:fastest,task=image-to-video"
    assert bind(template, {"image": "art_1", "prompt": "x"}) == {"image": "art_1", "prompt": "x"}
    sound = await room.offers(model("say", kinds=("audio",), tasks=("text-to-speech", "odd task")))
    assert sound["text-to-speech"].template.steps[0].options == {"kind": "speech"}


async def test_a_pipeline_is_found_by_its_id_and_version(room: Room) -> None:
    await room.offers(model("one"))
    await room.templates.save(WE, saved())
    await room.templates.save(WE, saved(prompt="y"))
    assert (await room.pipelines.get(WE, "mine")).template.version == 2
    assert (await room.pipelines.get(WE, "mine@1")).template.version == 1
    with pytest.raises(NotFound) as caught:
        await room.pipelines.get(WE, "text-to-imag")
    assert "text-to-image" in caught.value.next_step


async def test_presets_are_the_workspace_s_own_and_the_operator_s(room: Room) -> None:
    presets = Presets(room.templates, {"quick": Preset("", {"mood": "wild"})})
    document = {
        "slug": "wide",
        "views": ["preset"],
        "steps": [{"id": "make", "uses": "image", "model": "policy:best", "options": {"a": 1}}],
    }
    await room.templates.save(WE, document)
    found = {p.name: p for p in await presets.list(WE)}
    assert (found["wide"].model, found["wide"].options) == ("policy:best", {"a": 1})
    assert found["quick"].options == {"mood": "wild"} and found["quick"].template is None
    assert (await presets.get(WE, "wide")).kind == "image"
    with pytest.raises(InvalidRequest) as caught:
        await presets.get(WE, "sdxl-cinematic-beta")
    assert caught.value.message == "Preset is not available in the current environment."
    with pytest.raises(Conflict, match="operator's configuration"):
        await presets.delete(WE, "quick")
    await presets.delete(WE, "wide")
    assert [p.name for p in await presets.list(WE)] == ["quick"]
