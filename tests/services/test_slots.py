"""Each input finds its property by what it is for, or the order is refused saying what the model takes."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import model
from flexura.domain.errors import InvalidRequest
from flexura.services.fit_slots import Given
from flexura.services.options import fit
from services import vendor_schemas as vendors

Schema = dict[str, Any]


def slots(
    schema: Schema, *roles: str, tasks: tuple[str, ...] = ("text-to-image",), **more: Any
) -> tuple[str, ...]:
    """The slots of inputs with these roles; `role:mime` for another medium than a picture."""
    given: list[Given] = []
    for role in roles:
        name, _, mime = role.partition(":")
        usual = {"video": "video/mp4", "audio": "audio/mpeg"}.get(name, "image/png")
        given.append(Given(name, mime or usual))
    # What is required beside inputs is no matter here.
    schema = {
        **schema,
        "required": [n for n in schema.get("required", []) if n not in ("ratio", "lyrics")],
    }
    offered = model("x", input_schema=schema, max_n=1, tasks=tasks, **more)
    return fit(offered, {}, prompt="a fox", inputs=given).slots


def text(*names: str) -> Schema:
    """A schema of optional text properties."""
    return {"properties": {name: {"type": "string"} for name in names}}


PLACED: list[tuple[Schema, tuple[str, ...], tuple[str, ...]]] = [
    (vendors.FAL_EDIT, ("image",), ("image_urls[]",)),
    (vendors.FAL_EDIT, ("image", "mask"), ("image_urls[]", "mask_url")),
    (vendors.FAL_EDIT, ("mask", "image", "image"), ("mask_url", "image_urls[]", "image_urls[]")),
    (vendors.FAL_EDIT, ("reference", "image"), ("image_urls[]", "image_urls[]")),
    (vendors.FAL_VIDEO, ("image",), ("image_url",)),
    (vendors.FAL_VIDEO, ("last_frame", "first_frame"), ("end_image_url", "image_url")),
    (vendors.FAL_VIDEO, ("image", "last_frame"), ("image_url", "end_image_url")),
    (vendors.REPLICATE_IMAGE, ("reference",), ("image_prompt",)),
    (vendors.REPLICATE_UPSCALER, ("image",), ("image",)),
    (vendors.OPENROUTER_IMAGE, ("reference", "reference"), ("input_references[]",) * 2),
    (vendors.OPENROUTER_IMAGE, ("image",), ("input_references[]",)),
    (vendors.RUNWAY_VIDEO, ("image",), ("promptImage[]",)),
    (vendors.OPENAI_VIDEO, ("image",), ("input_reference",)),
    (vendors.NUMBERED, ("image",) * 3, ("input_image", "input_image_2", "input_image_3")),
    (vendors.TALKING, ("audio", "video"), ("audio_url", "video_url")),
    (text("init_image", "mask_image"), ("mask", "image"), ("mask_image", "init_image")),
    (text("image", "image_tail"), ("first_frame", "last_frame"), ("image", "image_tail")),
    (text("start_image", "end_image"), ("image",), ("start_image",)),
    (text("reference_audio_url"), ("reference:audio/wav",), ("reference_audio_url",)),
]


@pytest.mark.parametrize(("schema", "roles", "expected"), PLACED)
def test_an_input_finds_its_property(
    schema: Schema, roles: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert slots(schema, *roles) == expected


REFUSED: list[tuple[Schema, tuple[str, ...], str, str]] = [
    (vendors.FAL_IMAGE, ("image",), "no input of the role image", "Leave it out"),
    (vendors.FAL_EDIT, ("image", "video"), "no input of the role video", "mask=… (mask_url)"),
    (vendors.FAL_VIDEO, ("image", "image"), "no further input of the role image", "last_frame=…"),
    (vendors.FAL_EDIT, ("image",) * 4, "no further input of the role image", "image_urls"),
    (vendors.FAL_VIDEO, ("image", "mask"), "no input of the role mask", "image (image_url)"),
    (vendors.TALKING, ("video",), "needs an input of the role audio", "Give one as input"),
    (vendors.FAL_EDIT, (), "needs an input of the role image", "Give one as input"),
]


@pytest.mark.parametrize(("schema", "roles", "why", "step"), REFUSED)
def test_an_input_without_a_place_is_refused_and_the_places_are_told(
    schema: Schema, roles: tuple[str, ...], why: str, step: str
) -> None:
    with pytest.raises(InvalidRequest, match=why) as refusal:
        slots(schema, *roles)
    assert step in refusal.value.next_step
    assert refusal.value.field.startswith("inputs")


def test_a_switch_for_sound_takes_no_sound_file() -> None:
    with pytest.raises(InvalidRequest):
        slots({"properties": {"audio": {"type": "boolean"}}}, "audio")


def test_a_model_without_slots_takes_what_its_tasks_say() -> None:
    none: Schema = {"properties": {}}
    assert slots(none, "image", "reference", tasks=("image-to-image",)) == ("", "")
    assert slots(none, "mask", takes_inputs=True) == ("",)
    for roles, tasks in (
        (("image",), ("text-to-image",)),
        (("audio",), ("image-to-video",)),
        (("mask",), ("image-to-image",)),
    ):
        with pytest.raises(InvalidRequest):
            slots(none, *roles, tasks=tasks)


def test_the_placeholders_of_inputs_are_not_sent() -> None:
    offered = model("x", input_schema=vendors.FAL_EDIT, max_n=1)
    fitted = fit(offered, {}, prompt="a fox", inputs=[Given("image", "image/png")])
    assert "image_urls" not in fitted.options
