"""What ElevenLabs' endpoints take, in its own words: its OpenAPI of 2025-08 and elevenlabs 2.78.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flexura.providers import vendor_json
from flexura.providers.endpoint_schema import payload, string

Json = dict[str, Any]

_MOST_VOICES = 200
"""More do not fit into a schema that is read by people and models; any voice can be given all the same."""
SETTINGS = ("stability", "similarity_boost", "style", "use_speaker_boost", "speed")
"""Properties that go into `voice_settings`."""

_MP3 = [
    "mp3_22050_32",
    "mp3_44100_32",
    "mp3_44100_64",
    "mp3_44100_96",
    "mp3_44100_128",
    "mp3_44100_192",
]
_OPUS = ["opus_48000_32", "opus_48000_64", "opus_48000_96", "opus_48000_128", "opus_48000_192"]
_PCM = ["pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_44100", "pcm_48000"]
_PHONE = ["ulaw_8000", "alaw_8000"]
_WAV = ["wav_16000", "wav_22050", "wav_24000", "wav_44100", "wav_48000"]
_DEFAULT = "mp3_44100_128"
# Bare samples tell no channels: speech has one, of music and sounds nobody says.
FORMATS: Mapping[str, Mapping[str, str]] = {
    "sound-generation": {"mp3": _DEFAULT, "opus": "opus_48000_128", "wav": "wav_24000"},
    "music": {"mp3": _DEFAULT, "opus": "opus_48000_128"},
    "": {"mp3": _DEFAULT, "opus": "opus_48000_128", "wav": "pcm_24000"},
}
"""Short words for formats, by model ("" = speech): the best that every plan of the vendor includes."""


def format_asked(word: str, upstream_id: str) -> str:
    """The vendor's word for an output format."""
    return FORMATS.get(upstream_id, FORMATS[""]).get(word, word) or _DEFAULT


def _number(description: str, low: float, high: float, **more: Any) -> Json:
    return {"type": "number", "minimum": low, "maximum": high, "description": description, **more}


def _format(upstream_id: str, words: Sequence[str]) -> Json:
    return string(
        "Codec, samples per second, kilobits per second; some need a larger plan.",
        enum=[*FORMATS[upstream_id], *words],
        default=_DEFAULT,
    )


SOUND = payload(
    "text",
    {
        "text": string("The sound in words."),
        "duration_seconds": _number("Seconds; left out = what fits the words.", 0.5, 30),
        "prompt_influence": _number("How closely to follow the words.", 0, 1, default=0.3),
        "loop": {"type": "boolean", "description": "Whether the end runs into the beginning."},
        "output_format": _format("sound-generation", [*_MP3, *_OPUS, *_WAV]),
    },
)
# `seed` is missing on purpose: the vendor refuses it beside a prompt.
MUSIC = payload(
    "prompt",
    {
        "prompt": string("The music in words: style, mood, instruments, parts, lyrics."),
        "music_length_ms": {
            "type": "integer",
            "minimum": 3_000,
            "maximum": 600_000,
            "description": "Milliseconds; left out = what fits the words.",
        },
        "force_instrumental": {"type": "boolean", "description": "Without singing."},
        "composition_plan": {
            "type": "object",
            "description": "Sections with styles and lyrics, in place of the prompt; see the vendor's page.",
        },
        "output_format": _format("music", [*_MP3, *_OPUS]),
    },
)


def speech(row: Mapping[str, Any], voices: Sequence[tuple[str, str]]) -> Json:
    """What one speech model takes, by its entry in the list and the account's voices (name, id)."""
    text = string("What to say.")
    longest = row.get("maximum_text_length_per_request")
    if isinstance(longest, int) and longest > 0:
        text["maxLength"] = longest
    properties: Json = {
        "text": text,
        "voice": _voice(voices),
        "language_code": _language(row.get("languages")),
        "speed": _number("1 = the voice's own.", 0.7, 1.2),
        "stability": _number("Low = lively, high = even.", 0, 1),
        "similarity_boost": _number("How close to the original voice.", 0, 1),
        "style": _number("How much to exaggerate its style.", 0, 1),
        "use_speaker_boost": {"type": "boolean", "description": "Closer to the speaker, slower."},
        "seed": {
            "type": "integer",
            "minimum": 0,
            "maximum": 4_294_967_295,
            "description": "For making about the same again.",
        },
        "apply_text_normalization": string("Write out numbers.", enum=["auto", "on", "off"]),
        "previous_text": string("What was said before, for an even flow."),
        "next_text": string("What will be said after, for an even flow."),
        "output_format": _format("", [*_MP3, *_OPUS, *_PCM, *_PHONE]),
    }
    if row.get("can_use_style") is False:
        del properties["style"]
    if row.get("can_use_speaker_boost") is False:
        del properties["use_speaker_boost"]
    return payload("text", properties)


def _voice(voices: Sequence[tuple[str, str]]) -> Json:
    """Every voice as its name and, right behind, its id: the caller may write either."""
    if not voices:
        return string("The id of a voice; the key may not list the account's voices.")
    default = voices[0][1]
    if len(voices) > _MOST_VOICES:
        first = ", ".join(name for name, _ in voices[:12] if name)
        return string(f"A voice by id or exact name, such as {first}.", default=default)
    words = [word for pair in voices for word in pair if word]
    return string(
        "A voice of the account by name, or by the id that follows the name.",
        enum=list(dict.fromkeys(words)),
        default=default,
    )


def _language(told: Any) -> Json:
    """The languages that the model speaks; left out, it hears the language from the text."""
    rows = vendor_json.rows(told)
    ids = [cast("Json", row).get("language_id") for row in rows if isinstance(row, dict)]
    codes = list(dict.fromkeys(i for i in ids if isinstance(i, str) and i))
    description = "Hold to this language; some models do not take it."
    return string(description, enum=codes) if codes else string(description)
