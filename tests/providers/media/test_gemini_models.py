"""Gemini: which models make media, which way each is asked, and what is then sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flexura.ports.provider import InputFile, Order
from flexura.providers.vendors.gemini_models import SCHEMAS, offer_of, rules
from flexura.providers.vendors.gemini_wire import Inline, request

FIXTURE = Path(__file__).parents[2] / "fixtures" / "providers" / "gemini.json"


def model(upstream_id: str, *methods: str, **more: Any) -> dict[str, Any]:
    return {"name": f"models/{upstream_id}", "supportedGenerationMethods": list(methods), **more}


def order(upstream_id: str, kind: Any = "image", **options: Any) -> Order:
    return Order("job_1", kind, upstream_id, "a red fox", 1, 7, options)


@pytest.mark.parametrize(
    ("name", "methods", "makes", "way"),
    [
        ("some-image-preview", ["generateContent"], "image", "content"),
        ("some-tts", ["generateContent", "countTokens"], "speech", "content"),
        ("some-image", [], "image", "interaction"),
        ("some-tts-preview", ["createInteraction"], "speech", "interaction"),
        # Advertised, and refused there: only interactions work.
        ("lyria-9", ["generateContent"], "music", "interaction"),
        ("some-omni-flash", ["generateContent"], "video", "interaction"),
        ("veo-9-preview", [], "video", "interaction"),
        ("veo-9", ["predictLongRunning"], "video", "operation"),
        ("whatever-9", ["predict"], "image", "predict"),
        ("some-image-9", ["predict", "generateContent"], "image", "content"),
    ],
)
def test_methods_and_then_words_tell_what_a_model_makes(
    name: str, methods: list[str], makes: str, way: str
) -> None:
    offer = offer_of(model(name, *methods), rules())
    assert offer and (offer.makes, offer.way) == (makes, way)
    assert offer.tasks and offer.schema["properties"]["prompt"]


@pytest.mark.parametrize(
    "entry",
    [
        model("some-flash", "generateContent"),
        model("imagery-9", "generateContent"),
        model("some-native-audio", "bidiGenerateContent"),
        model("lyria-realtime", "bidiGenerateMusic"),
        model("some-image-live", "generateContent"),
        model("image-embedding", "embedContent"),
        {"name": "tunedModels/my-image"},
        {"name": "models/../image"},
        {"name": 5},
        {},
    ],
    ids=lambda entry: str(entry.get("name")),
)
def test_what_makes_no_media_over_http_is_left_out(entry: dict[str, Any]) -> None:
    assert offer_of(entry, rules()) is None


def test_the_shown_name_and_the_operators_words_count_too() -> None:
    shown = model("code-name-9", "generateContent", displayName="Some 9 Image Preview")
    offer = offer_of(shown, rules())
    assert offer and offer.makes == "image"
    named = offer_of(model("some-banana-2.1"), rules("Banana = image, x=nonsense, =music"))
    assert named and (named.makes, named.way) == ("image", "interaction")


def test_every_input_goes_where_its_role_says(tmp_path: Path) -> None:
    def given(role: str, slot: str = "", mime: str = "image/png") -> Inline:
        return InputFile(tmp_path, mime, "", role, slot), "QQ=="

    roles = [given("first_frame"), given("last_frame"), given("reference"), given("image")]
    _, body = request(order("veo-9", "video"), "video", "operation", roles)
    instance = body["instances"][0]
    assert instance["image"] == instance["lastFrame"]
    assert [r["referenceType"] for r in instance["referenceImages"]] == ["asset"]
    _, body = request(
        order("x-omni", "video"), "video", "interaction", [given("video", mime="video/mp4")]
    )
    assert body["input"][0] == {"type": "video", "data": "QQ==", "mime_type": "video/mp4"}
    assert body["input"][1] == {"type": "text", "text": "a red fox"}


def test_several_speakers_are_asked_for_in_both_ways() -> None:
    pair = [{"speaker": "Ann", "voice": "Kore"}, {"speaker": "Bob", "voice": "Puck"}]
    spoken = order("x-tts", "audio", prompt="Ann: hi", speakers=pair)
    _, body = request(spoken, "speech", "content", [])
    config = body["generationConfig"]["speechConfig"]["multiSpeakerVoiceConfig"]
    assert config["speakerVoiceConfigs"][1] == {
        "speaker": "Bob",
        "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Puck"}},
    }
    _, body = request(spoken, "speech", "interaction", [])
    assert body["generation_config"]["speech_config"] == pair
    assert body["response_format"] == {"type": "audio"}


def test_the_schemas_are_valid_and_closed() -> None:
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["required"] == ["prompt"] and schema["additionalProperties"] is False


def _plain(value: Any) -> Any:
    """Names without the difference between camelCase and snake_case: protobuf's JSON takes both."""
    if isinstance(value, dict):
        return {
            re.sub(r"_|(?<=[a-z])(?=[A-Z])", "", k).lower(): _plain(v) for k, v in value.items()
        }
    return [_plain(item) for item in value] if isinstance(value, list) else value


def test_requests_are_those_of_the_official_sdk() -> None:
    sdk = {r["name"]: r for r in json.loads(FIXTURE.read_text())["sdk_requests"]}
    image = order("gemini-image", prompt="fox", aspect_ratio="16:9", image_size="2K")
    speech = order("gemini-tts", "audio", prompt="hi", voice="Kore")
    for name, ordered, makes in (("image", image, "image"), ("speech", speech, "speech")):
        path, body = request(ordered, makes, "content", [])  # type: ignore[arg-type]
        assert f"/v1/{path}" == sdk[name]["path"]
        assert _plain(body) == _plain(sdk[name]["body"])
