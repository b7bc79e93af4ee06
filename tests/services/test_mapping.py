"""The caller's canonical words arrive in every vendor's own: by property name, type and allowed values."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import model
from flexura.domain.errors import InvalidRequest
from flexura.domain.model import Kind
from flexura.services.fit_check import problems
from flexura.services.options import Fitted, fit
from services import vendor_schemas as vendors

Options = dict[str, Any]
_VIDEO: tuple[Kind, ...] = ("video",)
_AUDIO: tuple[Kind, ...] = ("audio",)


def kinds(schema: Options) -> tuple[Kind, ...]:
    video = (vendors.FAL_VIDEO, vendors.FAL_FRAMES, vendors.OPENROUTER_VIDEO, vendors.RUNWAY_VIDEO)
    audio = (vendors.OPENAI_SPEECH, vendors.ELEVENLABS_MUSIC, vendors.ELEVENLABS_SPEECH)
    return _VIDEO if schema in video else _AUDIO if schema in audio else ("image",)


def without_inputs(schema: Options) -> Options:
    """The schema with no input required: these tests are about words."""
    needed = [n for n in schema.get("required", []) if "mage" not in n and "url" not in n]
    return {**schema, "required": needed}


def fitted(schema: Options, options: Options, **more: Any) -> Fitted:
    """The order in the vendor's words, required inputs left out of the question."""
    offered = model("x", input_schema=without_inputs(schema), max_n=1, kinds=kinds(schema))
    return fit(offered, options, **{"prompt": "a fox", **more})


MAPPED: list[tuple[str, Options, Options]] = [
    # Sizes: exact where the schema can say them.
    ("FAL_IMAGE", {"size": "800x600"}, {"image_size": {"width": 800, "height": 600}}),
    ("FAL_IMAGE", {"width": 800, "height": 600}, {"image_size": {"width": 800, "height": 600}}),
    ("FAL_IMAGE", {"size": "16:9"}, {"image_size": "landscape_16_9"}),
    ("FAL_IMAGE", {"size": "2:1"}, {"image_size": {"width": 1256, "height": 624}}),
    ("FAL_IMAGE", {"size": "landscape_16_9"}, {"image_size": "landscape_16_9"}),
    ("FAL_IMAGE_WORDS", {"size": "1024x1024"}, {"image_size": "square_hd"}),
    ("FAL_IMAGE_WORDS", {"size": "512x512"}, {"image_size": "square"}),
    ("FAL_IMAGE_WORDS", {"size": "9:16"}, {"image_size": "portrait_16_9"}),
    ("FAL_EDIT", {"size": "16:9"}, {"aspect_ratio": "16:9", "resolution": "1K"}),
    ("FAL_EDIT", {"size": "2048x2048"}, {"aspect_ratio": "1:1", "resolution": "2K"}),
    ("FAL_EDIT", {"size": "4k"}, {"resolution": "4K"}),
    ("FAL_VIDEO", {"size": "1920x1080"}, {"aspect_ratio": "16:9", "resolution": "1080p"}),
    ("FAL_VIDEO", {"size": "9:16"}, {"aspect_ratio": "9:16", "resolution": "720p"}),
    ("FAL_VIDEO", {"size": "1080p"}, {"aspect_ratio": "auto", "resolution": "1080p"}),
    ("REPLICATE_IMAGE", {"size": "16:9"}, {"aspect_ratio": "16:9", "megapixels": "1"}),
    (
        "REPLICATE_IMAGE",
        {"size": "640x480"},
        {"aspect_ratio": "custom", "width": 640, "height": 480},
    ),
    ("REPLICATE_RATIO", {"size": "512x512"}, {"aspect_ratio": "1:1", "megapixels": "0.25"}),
    ("OPENROUTER_IMAGE", {"size": "1024x1024"}, {"aspect_ratio": "1:1", "resolution": "1K"}),
    ("OPENROUTER_IMAGE", {"size": "512x512"}, {"aspect_ratio": "1:1", "resolution": "512"}),
    ("OPENROUTER_VIDEO", {"size": "9:16"}, {"size": "720x1280"}),
    ("RUNWAY_VIDEO", {"size": "1280x720"}, {"ratio": "1280:720"}),
    ("RUNWAY_VIDEO", {"size": "9:16"}, {"ratio": "720:1280"}),
    ("OPENAI_IMAGE", {"size": "1536x1024"}, {"size": "1536x1024"}),
    ("OPENAI_IMAGE", {"size": "AUTO"}, {"size": "auto"}),
    ("TOGETHER_VIDEO", {"size": "640x480"}, {"width": 640, "height": 480}),
    ("GEMINI_IMAGE", {"size": "4:3"}, {"aspect_ratio": "4:3"}),
    ("OPEN_SIZES", {"size": "640x480"}, {"size": "640*480"}),
    ("ANY_RATIO", {"size": "5:4"}, {"aspect_ratio": "5:4"}),
    # Durations, in the unit and type of the property.
    ("FAL_VIDEO", {"seconds": 6}, {"duration": "6s"}),
    ("FAL_FRAMES", {"seconds": 5}, {"num_frames": 80}),
    ("FAL_FRAMES", {"seconds": 2, "fps": 30}, {"num_frames": 60, "frames_per_second": 30}),
    ("OPENROUTER_VIDEO", {"seconds": "8"}, {"duration": 8}),
    ("RUNWAY_VIDEO", {"seconds": 7.0, "size": "1:1"}, {"duration": 7}),
    ("OPENAI_VIDEO", {"seconds": 8}, {"seconds": "8"}),
    ("TOGETHER_VIDEO", {"seconds": 5}, {"seconds": "5"}),
    ("ANY_RATIO", {"seconds": 8}, {"duration": "8s"}),
    ("ELEVENLABS_MUSIC", {"seconds": 12.5}, {"music_length_ms": 12500}),
    # Formats, in the vendor's spelling.
    ("FAL_IMAGE", {"format": "JPG"}, {"output_format": "jpeg"}),
    ("REPLICATE_IMAGE", {"format": "jpeg"}, {"output_format": "jpg"}),
    ("OPENAI_IMAGE", {"format": "webp"}, {"output_format": "webp"}),
    ("GEMINI_IMAGE", {"format": "jpg"}, {"mime_type": "image/jpeg"}),
    ("OPENAI_SPEECH", {"format": "ogg", "voice": "alloy"}, {"response_format": "opus"}),
    ("ELEVENLABS_MUSIC", {"format": "mp3"}, {"output_format": "mp3_44100_128"}),
    ("ELEVENLABS_MUSIC", {"format": "ogg"}, {"output_format": "opus_48000_64"}),
    # Everything else by name, type and allowed values.
    ("FAL_IMAGE", {"steps": 8, "guidance": 2}, {"num_inference_steps": 8, "guidance_scale": 2}),
    ("FAL_IMAGE", {"steps": "8"}, {"num_inference_steps": 8}),
    ("FAL_VIDEO", {"sound": False}, {"generate_audio": False}),
    ("FAL_VIDEO", {"negative_prompt": "rain"}, {"negative_prompt": "rain"}),
    ("TALKING", {"sound": False}, {"audio": False}),
    ("OPENAI_IMAGE", {"quality": "High", "background": "transparent"}, {"quality": "high"}),
    ("OPENAI_SPEECH", {"voice": "nova", "speed": 1.5}, {"voice": "Nova", "speed": 1.5}),
    (
        "ELEVENLABS_SPEECH",
        {"voice": "V2", "language": "de"},
        {"voice_id": "v2", "language_code": "de"},
    ),
    ("ELEVENLABS_SPEECH", {"voice": "v1", "language": "pt-BR"}, {"language_code": "pt"}),
    ("ELEVENLABS_SPEECH", {"voice": "v1", "language": "German"}, {"language_code": "de"}),
    ("NAMED_LANGUAGES", {"language": "en-US"}, {"language": "English"}),
    ("NAMED_LANGUAGES", {"language": "zh"}, {"language": "Chinese (Mandarin)"}),
    # The model's own words.
    ("FAL_IMAGE", {"enable_safety_checker": False}, {"enable_safety_checker": False}),
    ("FAL_IMAGE", {"num_inference_steps": "9"}, {"num_inference_steps": 9}),
]


@pytest.mark.parametrize(("name", "asked", "sent"), MAPPED)
def test_a_wish_becomes_the_vendors_own_words(name: str, asked: Options, sent: Options) -> None:
    found = fitted(vendors.ALL[name], asked)
    assert {k: found.options.get(k) for k in sent} == sent
    assert found.warnings == ()


ADJUSTED: list[tuple[str, Options, Options]] = [
    ("OPENAI_IMAGE", {"size": "1280x720"}, {"size": "1536x1024"}),
    ("OPENAI_IMAGE", {"size": "1024x1000"}, {"size": "1024x1024"}),
    ("FAL_IMAGE_WORDS", {"size": "700x600"}, {"image_size": "square"}),
    ("REPLICATE_RATIO", {"size": "4:3"}, {"aspect_ratio": "3:2"}),
    ("REPLICATE_IMAGE", {"size": "650x480"}, {"width": 640, "height": 480}),
    ("RUNWAY_VIDEO", {"size": "1920x1080"}, {"ratio": "1280:720"}),
    ("ANY_RATIO", {"size": "1024x768"}, {"aspect_ratio": "4:3"}),
    ("FAL_VIDEO", {"seconds": 5}, {"duration": "4s"}),
    ("RUNWAY_VIDEO", {"seconds": 4.4, "size": "1:1"}, {"duration": 4}),
]


@pytest.mark.parametrize(("name", "asked", "sent"), ADJUSTED)
def test_the_nearest_allowed_value_is_taken_and_told(
    name: str, asked: Options, sent: Options
) -> None:
    found = fitted(vendors.ALL[name], asked)
    assert {k: found.options.get(k) for k in sent} == sent
    told = [w for w in found.warnings if w.code == "option_adjusted"]
    assert len(told) == len(found.warnings) == 1
    became = next(iter(sent.values()))
    assert str(became) in told[0].message
    assert str(next(iter(asked.values()))) in told[0].message
    with pytest.raises(InvalidRequest, match="does not take") as refusal:
        fitted(vendors.ALL[name], asked, strict=True)
    assert "Allowed" in refusal.value.next_step


REFUSED: list[tuple[str, Options, str, str]] = [
    ("REPLICATE_IMAGE", {"size": "4096x4096"}, "options.size", "1440"),
    ("REPLICATE_IMAGE", {"width": 4096, "height": 512}, "options.width", "1440"),
    ("FAL_IMAGE", {"size": "huge"}, "options.size", "square_hd"),
    ("FAL_IMAGE", {"steps": 99}, "options.steps", "to 50"),
    ("FAL_IMAGE", {"steps": 1.5}, "options.steps", "from 1"),
    ("FAL_IMAGE", {"num_inference_steps": 99}, "options.num_inference_steps", "to 50"),
    ("FAL_IMAGE", {"format": "avif"}, "options.format", "jpeg, png"),
    ("FAL_VIDEO", {"seconds": 30}, "options.seconds", "8s"),
    ("FAL_FRAMES", {"seconds": 30}, "options.seconds", "to 10.06"),
    ("ELEVENLABS_MUSIC", {"seconds": 1}, "options.seconds", "from 3"),
    ("FAL_VIDEO", {"sound": "loud"}, "options.sound", "true or false"),
    ("OPENAI_SPEECH", {"voice": "Bob"}, "options.voice", "alloy, Nova"),
    ("OPENAI_SPEECH", {}, "options.voice", "alloy, Nova"),
    ("ELEVENLABS_SPEECH", {}, "options.voice", "v1, v2"),
    ("ELEVENLABS_SPEECH", {"voice": "v1", "language": "ja"}, "options.language", "en, de"),
    ("FAL_IMAGE", {"duration": 4}, "options.duration", "Did you mean seconds"),
    ("FAL_IMAGE", {"sync_mod": True}, "options.sync_mod", "Did you mean sync_mode"),
    ("FAL_IMAGE", {"image_size": {"width": -1}}, "options.image_size", "square_hd"),
]


@pytest.mark.parametrize(("name", "asked", "field", "allowed"), REFUSED)
def test_an_error_names_the_callers_word_and_what_is_allowed(
    name: str, asked: Options, field: str, allowed: str
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        fitted(vendors.ALL[name], asked)
    assert refusal.value.field == field
    assert allowed in refusal.value.next_step


PROMPTED = [
    ("FAL_IMAGE", "prompt"),
    ("RUNWAY_VIDEO", "promptText"),
    ("OPENAI_SPEECH", "input"),
    ("ELEVENLABS_SPEECH", "text"),
    ("SONG", "lyrics"),
]


@pytest.mark.parametrize(("name", "holder"), PROMPTED)
def test_the_prompt_goes_where_the_schema_has_it(name: str, holder: str) -> None:
    needed = {"voice": "v1"} if name == "ELEVENLABS_SPEECH" else {}
    needed |= {"voice": "alloy"} if name == "OPENAI_SPEECH" else {}
    needed |= {"size": "1:1"} if name == "RUNWAY_VIDEO" else {}
    assert fitted(vendors.ALL[name], needed).options[holder] == "a fox"


def test_text_with_a_default_of_its_own_is_not_the_prompt() -> None:
    schema = {"properties": {"text": {"type": "string", "default": ""}}}
    assert fitted(schema, {}).options == {"text": ""}


def test_a_prompt_that_is_too_long_is_told_as_the_prompt() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        fitted(vendors.RUNWAY_VIDEO, {"size": "1:1"}, prompt="x" * 1001)
    assert refusal.value.field == "prompt" and "1000 characters" in refusal.value.next_step


COUNTED = [
    ("FAL_IMAGE", 3, (3, 1), {"num_images": 3}),
    ("FAL_IMAGE", 8, (4, 2), {"num_images": 4}),
    ("FAL_IMAGE", 6, (3, 2), {"num_images": 3}),
    ("FAL_IMAGE", 7, (1, 7), {"num_images": 1}),
    ("FAL_EDIT", 2, (1, 2), {"num_images": 1}),
    ("OPENAI_IMAGE", 8, (8, 1), {"n": 8}),
    ("FAL_VIDEO", 2, (1, 2), {}),
    ("OPEN_SIZES", 2, (2, 1), {"n": "2"}),
    ("OPEN_SIZES", 3, (1, 3), {"n": "1"}),
]


@pytest.mark.parametrize(("name", "n", "expected", "sent"), COUNTED)
def test_variants_are_made_in_as_few_calls_as_the_model_allows(
    name: str, n: int, expected: tuple[int, int], sent: Options
) -> None:
    found = fitted(vendors.ALL[name], {}, n=n)
    assert (found.n, found.rounds) == expected
    assert {k: found.options.get(k) for k in sent} == sent


def test_a_provider_that_counts_by_itself_gets_one_order() -> None:
    found = fit(model("one", max_n=8), {}, n=8)
    assert (found.n, found.rounds, found.seed_property) == (8, 1, "")


def test_a_seed_is_drawn_within_the_schemas_bounds_and_counts_up_inside_of_them() -> None:
    for _ in range(50):
        found = fitted(vendors.REPLICATE_IMAGE, {}, n=8)
        assert found.seed_property == "seed"
        assert 1 <= found.seed <= 1000 - 7 and found.options["seed"] == found.seed
    assert fitted(vendors.REPLICATE_IMAGE, {"seed": 9}).options["seed"] == 9
    with pytest.raises(InvalidRequest) as refusal:
        fitted(vendors.REPLICATE_IMAGE, {"seed": 999}, n=4)
    assert refusal.value.field == "options.seed" and "to 997" in refusal.value.next_step


def test_a_seed_for_a_model_that_takes_none_is_a_warning() -> None:
    assert [w.code for w in fitted(vendors.OPENAI_IMAGE, {"seed": 4}).warnings] == [
        "option_not_supported"
    ]
    assert fitted(vendors.OPENAI_IMAGE, {}).warnings == ()


def test_an_unlisted_option_is_passed_on_with_a_warning_where_the_schema_is_open() -> None:
    found = fitted(vendors.OPENAI_IMAGE, {"moderation": "low"})
    assert found.options["moderation"] == "low"
    assert [w.code for w in found.warnings] == ["option_unchecked"]


def test_defaults_that_would_say_another_size_are_not_sent() -> None:
    found = fitted(vendors.REPLICATE_IMAGE, {"size": "640x480"}).options
    assert "megapixels" not in found and found["output_quality"] == 80


def test_defaults_that_the_schema_itself_refuses_are_not_sent() -> None:
    schema = {"properties": {"mood": {"type": "string", "enum": ["calm"], "default": "wild"}}}
    assert fitted(schema, {}).options == {}


@pytest.mark.parametrize("name", vendors.ALL)
def test_what_is_sent_is_valid_by_the_vendors_schema(name: str) -> None:
    schema = vendors.ALL[name]
    asked: Options = {"voice": "v1"} if "ELEVENLABS_SP" in name else {}
    asked |= {"voice": "alloy"} if "OPENAI_SP" in name else {}
    asked |= {"size": "1:1"} if "RUNWAY" in name else {}
    found = fitted(schema, asked).options
    assert problems(without_inputs(schema), found) == []
