"""Replicate's catalog: collections, tags and schemas say what a model makes and takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from adapter_runs import Wire, made, opened, order
from flexura.domain.errors import ProviderUnavailable
from flexura.ports.provider import Provider
from flexura.providers.media import replicate
from vendor_double import VendorDouble, vendor_double
from vendor_samples import Case, environment, prepare, sample

pytestmark = pytest.mark.anyio
ENV = {"REPLICATE_API_TOKEN": "r8_secret"}
COLLECTIONS, MODELS, SEARCH = "GET /v1/collections", "GET /v1/models", "GET /v1/search"
URI = {"type": "string", "format": "uri"}
TEXT = {"type": "string"}
MELODY = {**URI, "description": "Audio to follow"}


def over(wire: Wire, folder: Path) -> Provider:
    return made(replicate, ENV, folder, wire.guard())


def page(*results: Any, following: str | None = None) -> dict[str, Any]:
    return {"results": list(results), "next": following, "previous": None}


def row(output: Any = None, properties: Any = None, **more: Any) -> dict[str, Any]:
    schemas = {"Output": output} if output is not None else {}
    if properties is not None:
        schemas["Input"] = {"type": "object", "properties": properties, **more.pop("input", {})}
    version = {"id": "v1", "openapi_schema": {"components": {"schemas": schemas}}}
    return {"owner": "acme", "name": "thing", "latest_version": version, **more}


def collections(*slugs: str) -> dict[str, Any]:
    return page(*({"slug": slug, "name": slug} for slug in slugs))


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


async def test_collections_that_are_about_something_else_are_not_read(
    tmp_path: Path, double: VendorDouble
) -> None:
    prepare(double, Case("replicate", sample("replicate"), {"exchanges": []}))
    async with opened(replicate, environment("replicate", double), tmp_path) as provider:
        found = {m.upstream_id: m for m in await provider.models()}
    asked = {a.path for a in double.asked}
    assert "/v1/collections/official" in asked
    assert not asked & {
        f"/v1/collections/{s}" for s in ("language-models", "speech-to-text", "3d-models")
    }
    assert all(m.price is None and m.schema_source == "live" for m in found.values())
    for model in found.values():
        jsonschema.Draft202012Validator.check_schema(model.input_schema)
    painter = found["black-forest-labs/flux-schnell"].input_schema
    assert list(painter["properties"])[:3] == ["prompt", "aspect_ratio", "num_outputs"]
    assert painter["properties"]["aspect_ratio"]["enum"][0] == "1:1"
    assert painter["required"] == ["prompt"]


@pytest.mark.parametrize(
    ("slug", "output", "properties", "tasks"),
    [
        ("text-to-image", URI, {"prompt": TEXT}, ("text-to-image",)),
        ("text-to-image", URI, {"prompt": TEXT, "image": URI}, ("text-to-image", "image-to-image")),
        ("text-to-image", None, None, ("text-to-image",)),
        ("super-resolution", {"type": "array", "items": URI}, None, ("image-to-image",)),
        ("remove-backgrounds", URI, None, ("image-to-image",)),
        ("ai-enhance-videos", URI, None, ("video-to-video",)),
        ("edit-images", URI, None, ("image-to-image",)),
        ("lipsync", URI, None, ("audio-to-video",)),
        ("image-to-video", URI, {"image": URI, "prompt": TEXT}, ("text-to-video", "image-to-video")),
        ("text-to-speech", URI, {"text": TEXT}, ("text-to-speech",)),
        ("ai-music-generation", URI, {"melody": MELODY}, ("text-to-music", "audio-to-audio")),
        ("generate-sound-effects", URI, {"prompt": TEXT}, ("text-to-sound",)),
        ("text-to-image", TEXT, {"prompt": TEXT}, None),
        ("official", {"type": "array", "items": TEXT}, {"prompt": TEXT}, None),
        ("official", URI, {"prompt": TEXT}, None),
    ],
)  # fmt: skip
async def test_a_collection_and_the_schema_say_what_a_model_makes(
    slug: str, output: Any, properties: Any, tasks: Any, tmp_path: Path
) -> None:
    shelf = {"slug": slug, "models": [row(output, properties)]}
    wire = Wire(
        **{COLLECTIONS: collections(slug), f"GET /v1/collections/{slug}": shelf, MODELS: page()}
    )
    found = await over(wire, tmp_path).models()
    assert [m.tasks for m in found] == ([tasks] if tasks else [])


async def test_an_input_that_needs_a_file_is_not_made_from_text(tmp_path: Path) -> None:
    needed = row(URI, {"image": URI, "prompt": TEXT}, input={"required": ["image"]})
    wire = Wire(
        **{
            COLLECTIONS: collections("text-to-image"),
            "GET /v1/collections/text-to-image": {"models": [needed]},
            MODELS: page(),
        }
    )
    (model,) = await over(wire, tmp_path).models()
    assert model.tasks == ("image-to-image",)


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ({"default_example": {"output": ["https://replicate.delivery/a/out-0.webp"]}}, ("image",)),
        ({"default_example": {"output": {"audio_out": "https://x.example/a.mp3"}}}, ("audio",)),
        ({"description": "Turns text into video"}, ("video",)),
        ({"description": "A large language model"}, None),
        ({"description": None, "default_example": "x"}, None),
    ],
)
async def test_a_model_that_nobody_filed_is_known_by_its_example_or_its_words(
    more: dict[str, Any], kinds: Any, tmp_path: Path
) -> None:
    wire = Wire(**{COLLECTIONS: page(), MODELS: page(row(URI, {"prompt": TEXT}, **more))})
    found = await over(wire, tmp_path).models()
    assert [m.kinds for m in found] == ([kinds] if kinds else [])


async def test_pages_are_followed_on_the_configured_host_alone(tmp_path: Path) -> None:
    def answer(request: httpx2.Request) -> Any:
        if "cursor" in request.url.params:
            return page({"slug": "text-to-video"}, following="null")
        return page(following="https://evil.example/v1/collections?cursor=a%3D")

    shelf = {"models": [row(URI, {"prompt": TEXT})]}
    wire = Wire(**{COLLECTIONS: answer, "GET /v1/collections/text-to-video": shelf, MODELS: page()})
    assert len(await over(wire, tmp_path).models()) == 1
    assert {r.url.host for r in wire.asked} == {"api.replicate.com"}
    assert wire.asked[1].url.params["cursor"] == "a="


async def test_a_collection_that_fails_hides_only_itself_and_so_does_the_list(
    tmp_path: Path,
) -> None:
    wire = Wire(
        **{
            COLLECTIONS: collections("text-to-image", "text-to-video"),
            "GET /v1/collections/text-to-image": (500, {}),
            "GET /v1/collections/text-to-video": {
                "models": [None, row(None, None), {"owner": "x/y"}]
            },
            MODELS: (503, {}),
        }
    )
    assert [m.kinds for m in await over(wire, tmp_path).models()] == [("video",)]


@pytest.mark.parametrize("junk", [None, [], {}, {"results": "x"}, 7])
async def test_a_list_of_another_shape_is_an_error(junk: Any, tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="Replicate's list of models cannot be read"):
        await over(Wire(**{COLLECTIONS: junk}), tmp_path).models()


async def test_a_model_that_nobody_can_run_is_left_out(tmp_path: Path) -> None:
    dead = {"owner": "acme", "name": "dead", "latest_version": None, "is_official": False}
    wire = Wire(
        **{
            COLLECTIONS: collections("text-to-image"),
            "GET /v1/collections/text-to-image": {"models": [dead]},
            MODELS: page(),
            "GET /v1/models/acme/dead": dead,
        }
    )
    provider = over(wire, tmp_path)
    assert await provider.models() == []
    assert await provider.model("acme/dead", None) is None


async def test_a_model_outside_of_the_list_is_found_with_its_tags(tmp_path: Path) -> None:
    found = {
        "models": [
            {"model": {"owner": "acme", "name": "thing"}, "metadata": {"tags": ["text-to-video"]}}
        ]
    }
    wire = Wire(**{"GET /v1/models/acme/thing": row(URI, {"prompt": TEXT}), SEARCH: found})
    model = await over(wire, tmp_path).model("acme/thing", None)
    assert model is not None
    assert (model.id, model.tasks, model.schema_source) == (
        "replicate:acme/thing",
        ("text-to-video",),
        "live",
    )
    assert wire.of(SEARCH)[0].url.params["query"] == "acme/thing"


async def test_a_listed_model_keeps_its_kind_and_gets_its_schema(tmp_path: Path) -> None:
    shelf = {"models": [row(None, None)]}
    wire = Wire(
        **{
            COLLECTIONS: collections("text-to-video"),
            "GET /v1/collections/text-to-video": shelf,
            MODELS: page(),
            "GET /v1/models/acme/thing": row(URI, {"prompt": TEXT}),
        }
    )
    provider = over(wire, tmp_path)
    (listed,) = await provider.models()
    assert listed.schema_source == "on request"
    model = await provider.model("acme/thing", listed)
    assert model is not None
    assert (model.kinds, model.schema_source) == (("video",), "live")
    assert not wire.of(SEARCH)


async def test_a_version_in_the_name_has_its_own_schema_and_is_what_is_ordered(
    tmp_path: Path,
) -> None:
    old = row(URI, {"old": TEXT})["latest_version"]
    wire = Wire(
        **{
            "GET /v1/models/acme/thing": row(URI, {"prompt": TEXT}, description="Makes an image"),
            "GET /v1/models/acme/thing/versions/abc": {**old, "id": "abc"},
            "POST /v1/predictions": (201, {"id": "p1"}),
        }
    )
    provider = over(wire, tmp_path)
    model = await provider.model("acme/thing:abc", None)
    assert model is not None
    assert (model.upstream_id, list(model.input_schema["properties"])) == (
        "acme/thing:abc",
        ["old"],
    )
    await provider.submit(order("acme/thing:abc"))
    assert b'"version": "abc"' in wire.of("POST")[0].content
    assert await provider.model("acme/thing:gone", None) is None


async def test_what_replicate_does_not_have_is_none_and_an_evil_name_is_not_asked_for(
    tmp_path: Path,
) -> None:
    wire = Wire()
    provider = over(wire, tmp_path)
    assert await provider.model("acme/gone", None) is None
    asked = len(wire.asked)
    for evil in ("../x", "acme", "a/b/c", "acme/x?y", "https://evil.example/x", "a/b:c/../d"):
        assert await provider.model(evil, None) is None
    assert len(wire.asked) == asked


async def test_a_vendor_that_is_away_is_not_the_same_as_an_unknown_model(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable):
        await over(Wire(**{"GET /v1/models/acme/x": (503, {})}), tmp_path).model("acme/x", None)
