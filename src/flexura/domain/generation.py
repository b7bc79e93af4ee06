"""What a caller may ask for when something is generated: one table, from which every face is made.

A field is one line in FIELDS. The REST body, the tool parameters and the command-line flags are rendered
from it (`gateway/rest/schemas.py`, `gateway/mcp/tools.py`, `cli/flags.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator

from flexura.domain.model import KINDS, Kind

MAX_PROMPT = 20_000
MAX_OUTPUTS = 8
MAX_MODELS = 8

_STRING: dict[str, Any] = {"type": "string", "default": ""}


@dataclass(frozen=True)
class RequestField:
    """One thing that a caller may say.

    `place` is where REST has it: in the body or among `options`. `mcp` and `cli` are its names there;
    empty = not offered there. `mcp_doc` is the short form that agents pay for in every session.
    """

    name: str
    schema: dict[str, Any]
    doc: str
    place: Literal["body", "options"] = "options"
    kinds: tuple[Kind, ...] = KINDS
    mcp: str = ""
    mcp_doc: str = ""
    cli: str = ""


def _number(kind: str, low: float, high: float, default: float = 0) -> dict[str, Any]:
    return {"type": kind, "minimum": low, "maximum": high, "default": default}


_PICTURED: tuple[Kind, ...] = ("image", "video")
_TIMED: tuple[Kind, ...] = ("video", "audio")
_IMAGE: tuple[Kind, ...] = ("image",)
_VIDEO: tuple[Kind, ...] = ("video",)
_AUDIO: tuple[Kind, ...] = ("audio",)

FIELDS: tuple[RequestField, ...] = (
    RequestField(
        "prompt",
        {"type": "string", "minLength": 1, "maxLength": MAX_PROMPT},
        "What to make, in words.",
        place="body",
        mcp="prompt",
    ),
    RequestField(
        "model",
        _STRING,
        "Id or alias from the live catalog; empty = the gateway picks.",
        place="body",
        mcp="model",
        mcp_doc="Id from model_catalog; omit = auto; A,B compares",
    ),
    RequestField(
        "models",
        {"type": "array", "items": {"type": "string"}, "maxItems": MAX_MODELS, "default": []},
        "Id or alias from the live catalog. Several: each makes it, `n` times, in one job to compare.",
        place="body",
        cli="--model",
    ),
    RequestField(
        "kind",
        {"type": "string", "enum": ["", "speech", "music", "sfx"], "default": ""},
        "speech, music or sfx; empty = read from the prompt.",
        kinds=_AUDIO,
        mcp="kind",
        mcp_doc="speech|music|sfx",
        cli="--kind",
    ),
    RequestField(
        "size",
        _STRING,
        "Size in pixels as 1024x768, or an aspect ratio as 16:9.",
        kinds=_PICTURED,
        mcp="size",
        mcp_doc="1024x768 or 16:9",
        cli="--size",
    ),
    RequestField("width", _number("integer", 0, 16384), "Width in pixels.", kinds=_PICTURED),
    RequestField("height", _number("integer", 0, 16384), "Height in pixels.", kinds=_PICTURED),
    RequestField(
        "seconds",
        _number("number", 0, 600),
        "Duration in seconds; 0 = the model's default.",
        kinds=_TIMED,
        mcp="seconds",
        cli="--seconds",
    ),
    RequestField("voice", _STRING, "Voice, for speech.", kinds=_AUDIO, mcp="voice", cli="--voice"),
    RequestField(
        "format",
        _STRING,
        "File format: png, webp, jpeg, avif, svg, mp4, webm, gif, wav, mp3, ogg.",
        mcp="format",
        cli="--format",
    ),
    RequestField(
        "n",
        _number("integer", 1, MAX_OUTPUTS, 1),
        "How many variants; seeds count up.",
        place="body",
        kinds=_IMAGE,
        mcp="n",
        cli="--n",
    ),
    RequestField(
        "inputs",
        {"type": "array", "items": {"type": "string"}, "default": []},
        "What to start from: artifact ids, job ids, https URLs or data URIs; with mask=, first_frame=,"
        " last_frame= or reference= before one that has a role of its own.",
        place="body",
        mcp="images",
        mcp_doc="Paths, URLs or ids to edit or start from; mask=x, last_frame=x for roles",
        cli="--input",
    ),
    RequestField(
        "seed",
        _number("integer", 0, 2**31 - 1),
        "Seed for making the same again; 0 = the gateway draws one and reports it.",
        cli="--seed",
    ),
    RequestField("steps", _number("integer", 0, 1000, 4), "Number of diffusion steps."),
    RequestField("guidance", {"type": "number"}, "How closely to follow the prompt."),
    RequestField("negative_prompt", _STRING, "What to leave out."),
    RequestField("quality", {"type": ["integer", "string"]}, "Quality, in the model's own words."),
    RequestField("background", _STRING, "opaque or transparent.", kinds=_IMAGE),
    RequestField("fps", _number("number", 0, 120), "Frames per second.", kinds=_VIDEO),
    RequestField("sound", {"type": "boolean", "default": True}, "With sound.", kinds=_VIDEO),
    RequestField("language", _STRING, "Language, as en or pt-BR.", kinds=_AUDIO),
    RequestField("speed", _number("number", 0, 4, 1), "Speed of speech.", kinds=_AUDIO),
)


def fields_of(kind: Kind) -> tuple[RequestField, ...]:
    """The fields that mean something for this kind of media, in the order of the table."""
    return tuple(f for f in FIELDS if kind in f.kinds)


CANONICAL_OPTIONS = {f.name: f.schema for f in FIELDS if f.place == "options"}
"""The options that every model is asked in the same words: name to schema."""


ROLE_MEDIA: Mapping[str, tuple[str, ...]] = {
    "mask": ("image",),
    "first_frame": ("image",),
    "last_frame": ("image",),
    "reference": ("image", "video", "audio"),
    "image": ("image",),
    "video": ("video",),
    "audio": ("audio",),
}
"""What an input can be for, and the media that fit. Without a role it is for what it is."""


def split_role(source: str) -> tuple[str, str]:
    """The role that an input is given (`mask=photo.png`) and its source; no role if none of ours is named."""
    role, equals, rest = source.partition("=")
    return (role, rest) if equals and role in ROLE_MEDIA else ("", source)


def models_in(text: str) -> tuple[str, ...]:
    """The models that a text names, parted by commas, each once; a policy keeps what it says of itself.

    `a, policy:cheapest,provider=b` names two.
    """
    found: list[str] = []
    for part in (part.strip() for part in text.split(",")):
        name, equals, _ = part.partition("=")
        if found and found[-1].startswith("policy:") and equals and name.isalpha():
            found[-1] = f"{found[-1]},{part}"
        elif part:
            found.append(part)
    return tuple(dict.fromkeys(found))


def json_number(value: Any) -> Any:
    """A number as JSON has it: `true` and `"3"` are none, though Python and pydantic would take them."""
    if isinstance(value, bool | str):
        raise ValueError("a number is needed")
    return value


class GenerationRequest(BaseModel):
    """One order. Two orders with the same `order_key` ask for the same thing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Kind
    prompt: str = Field(min_length=1, max_length=MAX_PROMPT)
    model: str = Field("", max_length=2400)
    models: tuple[str, ...] = Field((), max_length=MAX_MODELS)
    preset: str = Field("", max_length=100)
    n: int = Field(1, ge=1, le=MAX_OUTPUTS)
    inputs: tuple[str, ...] = Field((), max_length=16)
    options: dict[str, Any] = Field(default_factory=dict)
    max_cost: float | None = Field(None, ge=0)
    dry_run: StrictBool = False
    strict: StrictBool = False
    callback_url: str = Field("", max_length=2000)

    @field_validator("n", "max_cost", mode="before")
    @classmethod
    def _is_number(cls, value: Any) -> Any:
        return json_number(value)

    @field_validator("prompt")
    @classmethod
    def _has_words(cls, prompt: str) -> str:
        if not prompt.strip() or "\x00" in prompt:
            raise ValueError(
                "the prompt is empty" if not prompt.strip() else "the prompt has a NUL"
            )
        return prompt
