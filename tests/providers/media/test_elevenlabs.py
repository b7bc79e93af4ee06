"""ElevenLabs: its lists, whose voice speaks, what is sent, and how it says no."""

from __future__ import annotations

import json
import urllib.parse
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flexura.domain.errors import (
    ContentPolicy,
    InvalidRequest,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.model import Model
from flexura.outbound.answer import Unreachable
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Order, Provider
from flexura.providers.media import Setup, elevenlabs
from flexura.providers.pcm import A_LAW, MU_LAW, wav
from vendor_double import VendorDouble, vendor_double

pytestmark = pytest.mark.anyio
FIXTURE = Path(__file__).parents[2] / "fixtures" / "providers" / "elevenlabs.json"
KEY = "secret-elevenlabs-0001"
VOICES = [
    {"voice_id": "voiceAAAAAAAAAAAAAAA", "name": "Rachel"},
    {"voice_id": "voiceBBBBBBBBBBBBBBB", "name": "George"},
    {"voice_id": "voiceCCCCCCCCCCCCCCC", "name": "George"},
]
MODEL = {
    "model_id": "speaks",
    "name": "It Speaks",
    "description": "Talks.",
    "can_do_text_to_speech": True,
    "languages": [{"language_id": "en", "name": "English"}, {"language_id": "de"}, 7],
    "maximum_text_length_per_request": 500,
    "model_rates": {"character_cost_multiplier": 0.5},
}


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


@asynccontextmanager
async def connected(tmp_path: Path, double: VendorDouble) -> AsyncIterator[Provider]:
    """The adapter in front of the double."""
    env = {"ELEVENLABS_API_KEY": KEY, "ELEVENLABS_BASE_URL": double.url}
    guard = Guard(allow_origins=elevenlabs.origins(env))
    [provider] = elevenlabs.make(Setup(env, guard, tmp_path / "home", tmp_path / "staging"))
    try:
        yield provider
    finally:
        await provider.aclose()


def lists(double: VendorDouble, models: Any = None, voices: Any = None) -> None:
    told = [MODEL] if models is None else models
    known = {"voices": VOICES if voices is None else voices, "has_more": False}
    double.exchanges += [
        {"method": "GET", "path": "/v1/models", "answer": {"json": told}},
        {"method": "GET", "path": "/v2/voices", "answer": {"json": known}},
    ]


def sounds(double: VendorDouble, path: str, **answer: Any) -> None:
    answer = answer or {"media": "mp3"}
    double.exchanges.append({"method": "POST", "path": path, "buys": True, "answer": answer})


def order(upstream_id: str = "speaks", **options: Any) -> Order:
    return Order("job_1", "audio", upstream_id, "Good night.", 1, 7, options)


def by_id(models: Any) -> dict[str, Model]:
    return {m.upstream_id: m for m in models}


async def test_speech_comes_from_the_list_and_two_endpoints_stand_beside_it(
    tmp_path: Path, double: VendorDouble
) -> None:
    silent = {"model_id": "listens", "can_do_text_to_speech": False}
    lists(double, [MODEL, silent, {"can_do_text_to_speech": True}, None, "x"])
    async with connected(tmp_path, double) as provider:
        models = by_id(await provider.models())
    assert {name: m.tasks for name, m in models.items()} == {
        "speaks": ("text-to-speech",),
        "sound-generation": ("text-to-sound",),
        "music": ("text-to-music",),
    }
    assert all(m.kinds == ("audio",) and m.price is None for m in models.values())
    assert models["speaks"].description == "Talks. Costs 0.5 credits per character."
    for model in models.values():
        jsonschema.Draft202012Validator.check_schema(model.input_schema)
    assert {a.headers["xi-api-key"] for a in double.asked} == {KEY}


async def test_a_schema_tells_the_voices_languages_and_limits_of_its_model(
    tmp_path: Path, double: VendorDouble
) -> None:
    lists(double, [{**MODEL, "can_use_style": False, "requires_alpha_access": True}])
    async with connected(tmp_path, double) as provider:
        model = by_id(await provider.models())["speaks"]
    properties = model.input_schema["properties"]
    ids = [v["voice_id"] for v in VOICES]
    assert properties["voice"]["enum"] == ["Rachel", ids[0], "George", ids[1], ids[2]]
    assert properties["voice"]["default"] == ids[0]
    assert properties["language_code"]["enum"] == ["en", "de"]
    assert properties["text"]["maxLength"] == 500
    assert "style" not in properties and "use_speaker_boost" in properties
    assert model.status == "limited" and model.schema_source == "derived"


async def test_every_page_of_voices_is_read(tmp_path: Path, double: VendorDouble) -> None:
    first = {"voices": VOICES[:1], "has_more": True, "next_page_token": "p2"}
    second = {"voices": [*VOICES[1:], None, {"name": "no id"}], "has_more": False}
    double.exchanges = [
        {"path": "/v2/voices", "query": {"next_page_token": "p2"}, "answer": {"json": second}},
        {"path": "/v2/voices", "query": {"page_size": 100}, "answer": {"json": first}},
    ]
    lists(double)
    async with connected(tmp_path, double) as provider:
        voice = by_id(await provider.models())["speaks"].input_schema["properties"]["voice"]
    assert len(voice["enum"]) == 5


async def test_a_crowd_of_voices_does_not_fill_the_schema(
    tmp_path: Path, double: VendorDouble
) -> None:
    crowd = [{"voice_id": f"voice{n:015d}", "name": f"Voice {n}"} for n in range(300)]
    lists(double, voices=crowd)
    sounds(double, "/v1/text-to-speech/voice000000000000299")
    async with connected(tmp_path, double) as provider:
        voice = by_id(await provider.models())["speaks"].input_schema["properties"]["voice"]
        await provider.submit(order(voice="Voice 299"))
    assert "enum" not in voice and "Voice 0" in voice["description"]
    assert double.bought == 1


async def test_a_key_that_may_not_list_voices_still_lists_models(
    tmp_path: Path, double: VendorDouble
) -> None:
    refused = {"detail": {"status": "missing_permissions", "message": "voices_read is missing"}}
    voices = {"path": "/v2/voices", "answer": {"status": 401, "json": refused}}
    double.exchanges.append(voices)
    lists(double)
    sounds(double, "/v1/text-to-speech/voiceZZZZZZZZZZZZZZZ")
    async with connected(tmp_path, double) as provider:
        voice = by_id(await provider.models())["speaks"].input_schema["properties"]["voice"]
        assert "enum" not in voice and "default" not in voice
        await provider.submit(order(voice="voiceZZZZZZZZZZZZZZZ"))
        with pytest.raises(InvalidRequest, match="needs a voice") as told:
            await provider.submit(order())
    assert told.value.field == "options.voice" and double.bought == 1


@pytest.mark.parametrize("body", [{"models": []}, None, 5, "x"], ids=str)
async def test_a_list_of_another_shape_is_told(
    tmp_path: Path, double: VendorDouble, body: Any
) -> None:
    double.exchanges.append({"path": "/v1/models", "answer": {"json": body}})
    async with connected(tmp_path, double) as provider:
        with pytest.raises(ProviderUnavailable, match="list of models cannot be read"):
            await provider.models()


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        ("", "voiceAAAAAAAAAAAAAAA"),
        ("George", "voiceBBBBBBBBBBBBBBB"),
        ("rachel ", "voiceAAAAAAAAAAAAAAA"),
        ("voiceCCCCCCCCCCCCCCC", "voiceCCCCCCCCCCCCCCC"),
        ("libraryVoice12345678", "libraryVoice12345678"),
    ],
)
async def test_a_voice_is_found_by_id_or_name_and_the_first_one_speaks_by_default(
    tmp_path: Path, double: VendorDouble, asked: str, used: str
) -> None:
    lists(double)
    sounds(double, f"/v1/text-to-speech/{used}")
    async with connected(tmp_path, double) as provider:
        await provider.submit(order(voice=asked, text="Good night."))
    assert double.bought == 1
    assert "voice" not in double.asked[-1].sent()


async def test_a_voice_that_nobody_has_is_refused_before_anything_is_bought(
    tmp_path: Path, double: VendorDouble
) -> None:
    lists(double)
    async with connected(tmp_path, double) as provider:
        with pytest.raises(InvalidRequest, match="no voice 'Darth'") as told:
            await provider.submit(order(voice="Darth"))
    assert "Rachel, George" in told.value.next_step and double.bought == 0


async def test_voices_that_cannot_be_listed_on_the_way_to_an_order_cost_nothing(
    tmp_path: Path, double: VendorDouble
) -> None:
    double.exchanges.append({"path": "/v2/voices", "answer": {"fault": "reset"}})
    async with connected(tmp_path, double) as provider:
        with pytest.raises(ProviderUnavailable) as lost:
            await provider.submit(order(voice="Rachel"))
    assert not isinstance(lost.value, Unreachable) and double.bought == 0


async def test_settings_of_the_voice_are_sent_together(
    tmp_path: Path, double: VendorDouble
) -> None:
    lists(double)
    sounds(double, "/v1/text-to-speech/voiceAAAAAAAAAAAAAAA")
    async with connected(tmp_path, double) as provider:
        await provider.submit(
            order(text="Good night.", speed=1.1, stability=0.2, seed=7, language_code=None)
        )
    assert double.asked[-1].sent() == {
        "text": "Good night.",
        "model_id": "speaks",
        "seed": 7,
        "voice_settings": {"stability": 0.2, "speed": 1.1},
    }


@pytest.mark.parametrize(
    ("upstream_id", "word", "sent", "mime"),
    [
        ("speaks", "", "mp3_44100_128", "audio/mpeg"),
        ("speaks", "wav", "pcm_24000", "audio/wav"),
        ("speaks", "pcm_16000", "pcm_16000", "audio/wav"),
        ("speaks", "ulaw_8000", "ulaw_8000", "audio/wav"),
        ("speaks", "opus", "opus_48000_128", "audio/ogg"),
        ("sound-generation", "wav", "wav_24000", "audio/wav"),
        ("music", "mp3", "mp3_44100_128", "audio/mpeg"),
    ],
)
async def test_the_wanted_format_is_asked_for_and_what_comes_can_be_played(
    tmp_path: Path, double: VendorDouble, upstream_id: str, word: str, sent: str, mime: str
) -> None:
    lists(double)
    at = f"text-to-speech/{VOICES[0]['voice_id']}" if upstream_id == "speaks" else upstream_id
    sounds(double, f"/v1/{at}", text="01234567", mime="audio/basic")
    async with connected(tmp_path, double) as provider:
        ordered = order(upstream_id, output_format=word)
        done = await provider.poll(await provider.submit(ordered), ordered)
    assert double.asked[-1].query["output_format"] == [sent]
    assert isinstance(done, Done) and done.outputs[0].mime == mime and done.outputs[0].path
    content = done.outputs[0].path.read_bytes()
    bare = sent.startswith(("pcm", "ulaw"))
    assert content.startswith(b"RIFF") == bare and content.endswith(b"01234567")
    if sent.startswith("pcm"):
        with wave.open(BytesIO(content)) as sound:
            assert sound.getframerate() == int(sent.split("_")[1])


async def test_phone_codings_are_named_in_the_file() -> None:
    for coding in (A_LAW, MU_LAW):
        head = wav(b"12345", 8000, 1, coding)
        assert int.from_bytes(head[20:22], "little") == coding.tag
        assert int.from_bytes(head[4:8], "little") == len(head) - 8


async def test_the_characters_that_were_billed_stay_with_the_file(
    tmp_path: Path, double: VendorDouble
) -> None:
    headers = {"character-cost": "11", "request-id": "req_1", "song-id": "song_1"}
    sounds(double, "/v1/music", media="mp3", headers=headers)
    async with connected(tmp_path, double) as provider:
        operation = await provider.submit(order("music", prompt="calm"))
        done = await provider.poll(operation, order("music"))
    assert isinstance(done, Done) and done.cost is None  # credits are no money
    told = {"character_cost": 11.0, "request_id": "req_1", "song_id": "song_1"}
    assert done.outputs[0].metadata == told
    assert KEY not in json.dumps(operation)


async def test_a_composition_plan_stands_in_place_of_the_prompt(
    tmp_path: Path, double: VendorDouble
) -> None:
    sounds(double, "/v1/music")
    plan = {"positive_global_styles": ["piano"], "sections": []}
    async with connected(tmp_path, double) as provider:
        await provider.submit(
            order("music", prompt="calm", music_length_ms=10_000, composition_plan=plan)
        )
    assert double.asked[-1].sent() == {"composition_plan": plan, "seed": 7}


@pytest.mark.parametrize(
    "answer",
    [{"json": {"ok": True}}, {"text": "", "mime": "audio/mpeg"}, {"text": "<html>"}],
    ids=str,
)
async def test_an_answer_without_sound_may_have_been_charged(
    tmp_path: Path, double: VendorDouble, answer: dict[str, Any]
) -> None:
    sounds(double, "/v1/sound-generation", **answer)
    async with connected(tmp_path, double) as provider:
        with pytest.raises(OutcomeUnknown):
            await provider.submit(order("sound-generation"))


@pytest.mark.parametrize(
    ("status", "detail", "error", "says"),
    [
        (
            401,
            {"status": "quota_exceeded", "message": "3 credits left"},
            ProviderError,
            "out of credit",
        ),
        (
            401,
            {"status": "invalid_api_key"},
            ProviderError,
            "refused the key in ELEVENLABS_API_KEY",
        ),
        (
            401,
            {"status": "missing_permissions", "message": "sound"},
            ProviderError,
            "may not do this",
        ),
        (401, {"status": "detected_unusual_activity"}, ProviderError, "for the account"),
        (400, {"status": "bad_prompt", "message": "Name of an artist"}, ContentPolicy, "artist"),
        (400, {"code": "content_policy_violation"}, ContentPolicy, "refused this content"),
        (404, {"status": "voice_not_found"}, InvalidRequest, "does not have this voice"),
        (429, {"status": "too_many_concurrent_requests"}, RateLimited, "busy for this account"),
        (429, {"status": "system_busy", "message": "Later"}, RateLimited, "Later"),
        (400, {"status": "max_character_limit_exceeded", "message": "627"}, ProviderError, "627"),
        (422, [{"loc": ["body", "x"], "msg": "too large"}], ProviderError, "too large"),
        (402, "pay", ProviderError, "out of credit"),
        (502, {}, OutcomeUnknown, "may have charged"),
    ],
    ids=str,
)
async def test_its_refusals_are_told_in_our_words(
    tmp_path: Path,
    double: VendorDouble,
    status: int,
    detail: Any,
    error: type[Exception],
    says: str,
) -> None:
    sounds(double, "/v1/sound-generation", status=status, json={"detail": detail})
    async with connected(tmp_path, double) as provider:
        with pytest.raises(error, match=says) as told:
            await provider.submit(order("sound-generation"))
    assert told.type is error and KEY not in str(told.value)


async def test_requests_are_those_of_the_official_sdk(tmp_path: Path, double: VendorDouble) -> None:
    sdk = {r["name"]: r for r in json.loads(FIXTURE.read_text())["sdk_requests"]}
    lists(double, [{**MODEL, "model_id": "m"}], [{"voice_id": "v1", "name": "One"}])
    for path in ("/v1/text-to-speech/v1", "/v1/sound-generation", "/v1/music"):
        sounds(double, path)
    ours = {
        "speech": Order("j", "audio", "m", "hi", 1, 1, {"voice": "One", "seed": 1}),
        "sound": order("sound-generation", text="door", duration_seconds=3, prompt_influence=0.3),
        "music": order("music", prompt="calm", music_length_ms=10_000),
    }
    async with connected(tmp_path, double) as provider:
        await provider.models()
        assert {a.path for a in double.asked} == {
            urllib.parse.urlsplit(sdk[name]["path"]).path for name in ("models", "voices")
        }
        for name, ordered in ours.items():
            await provider.submit(ordered)
            asked, path = double.asked[-1], urllib.parse.urlsplit(sdk[name]["path"])
            assert (asked.method, asked.path) == (sdk[name]["method"], path.path)
            assert asked.sent() == sdk[name]["body"]
            assert urllib.parse.parse_qs(path.query).items() <= asked.query.items()
