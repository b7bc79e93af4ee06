"""What the models of the Gemini API make, and what each way of asking takes.

The live list tells methods but no modality (ai.google.dev/api/models): the methods decide first, then the
words of an id, which an operator may add to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from flexura.domain.model import Kind
from flexura.providers.endpoint_schema import payload, string
from flexura.providers.vendor_json import rows

Makes = Literal["image", "video", "speech", "music"]
Way = Literal["content", "interaction", "predict", "operation"]
"""`:generateContent`, `/interactions`, and the two older ones: `:predict`, `:predictLongRunning`."""
Rule = tuple[re.Pattern[str], Makes]

KIND: dict[Makes, Kind] = {"image": "image", "video": "video", "speech": "audio", "music": "audio"}
_RULES: tuple[tuple[str, Makes], ...] = (
    ("tts", "speech"),
    ("image", "image"),
    ("lyria", "music"),
    ("omni", "video"),
    ("veo", "video"),
    ("video", "video"),
)
# Asked over a socket, or answering with text or numbers.
_OTHER_METHOD = re.compile(r"(?i)^(bidi|embed|batch|asyncBatch|count|createCached|generateAnswer)")
_OTHER_WORK = re.compile(r"(?:^|-)(?:live|realtime|embedding|transcribe)(?:-|$)")
_TASKS: dict[tuple[Makes, Way], tuple[str, ...]] = {
    ("image", "content"): ("text-to-image", "image-to-image"),
    ("image", "interaction"): ("text-to-image", "image-to-image"),
    ("image", "predict"): ("text-to-image",),
    ("video", "interaction"): ("text-to-video", "image-to-video", "video-to-video"),
    ("video", "operation"): ("text-to-video", "image-to-video"),
    ("speech", "content"): ("text-to-speech",),
    ("speech", "interaction"): ("text-to-speech",),
    ("music", "interaction"): ("text-to-music",),
}


@dataclass(frozen=True)
class Offer:
    """One model that makes media: its id without `models/`, and how it is asked."""

    upstream_id: str
    makes: Makes
    way: Way

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks in the catalog's words."""
        return _TASKS[self.makes, self.way]

    @property
    def schema(self) -> dict[str, Any]:
        """What may be said to it: the same for every model that is asked this way."""
        return SCHEMAS[self.makes, self.way]


def rules(added: str = "") -> tuple[Rule, ...]:
    """The words that tell what a model makes; `added` is `word=image,other=music` and counts first."""
    pairs = [
        (word.strip().lower(), makes.strip())
        for word, _, makes in (part.partition("=") for part in added.split(","))
        if word.strip() and makes.strip() in KIND
    ]
    ours = [*cast("list[tuple[str, Makes]]", pairs), *_RULES]
    return tuple((re.compile(rf"(?:^|-){re.escape(word)}(?:-|$)"), makes) for word, makes in ours)


def offer_of(entry: Mapping[str, Any], words: Sequence[Rule]) -> Offer | None:
    """What an entry of the list offers; None where it makes no image, video or audio over HTTP."""
    name = entry.get("name")
    if not isinstance(name, str) or not name.startswith("models/"):
        return None
    upstream_id = name.removeprefix("models/")
    if not re.fullmatch(r"[\w.-]{1,200}", upstream_id):
        return None
    methods = _methods(entry)
    if methods and all(map(_OTHER_METHOD.match, methods)):
        return None
    if "predictLongRunning" in methods:
        return Offer(upstream_id, "video", "operation")
    if "predict" in methods and "generateContent" not in methods:
        return Offer(upstream_id, "image", "predict")
    makes = _makes(upstream_id, entry.get("displayName"), words)
    if makes is None:
        return None
    # Video and music models advertise generateContent too, and answer there that they only take interactions.
    content = "generateContent" in methods and makes in ("image", "speech")
    return Offer(upstream_id, makes, "content" if content else "interaction")


def _methods(entry: Mapping[str, Any]) -> list[str]:
    told: Any = entry.get("supportedGenerationMethods")
    found = rows(told)
    return [method for method in found if isinstance(method, str)]


def _makes(upstream_id: str, shown: Any, words: Sequence[Rule]) -> Makes | None:
    names = [upstream_id, shown if isinstance(shown, str) else ""]
    texts = [re.sub(r"[\s_./]+", "-", name.strip().lower()) for name in names]
    if any(map(_OTHER_WORK.search, texts)):
        return None
    return next((makes for word, makes in words for text in texts if word.search(text)), None)


def _files(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "description": description, **more}


_RATIOS = [
    *("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"),
    *("1:4", "4:1", "1:8", "8:1"),
]
_SEED = {
    "type": "integer",
    "minimum": 0,
    "maximum": 2**31 - 1,
    "description": "For making about the same again.",
}
_IMAGE = payload(
    "prompt",
    {
        "prompt": string("What to draw, or what to change in the pictures."),
        "aspect_ratio": string("Width to height; a model takes most of these.", enum=_RATIOS),
        "image_size": string("Pixels of the longer side.", enum=["512", "1K", "2K", "4K"]),
        "seed": _SEED,
        "images": _files("Pictures to start from or to look at, in order.", maxItems=14),
    },
)
_SPEECH = payload(
    "prompt",
    {
        "prompt": string("What to say; how to say it may stand before, as in `Say calmly: …`."),
        "voice": string("The name of a voice of the vendor, such as Kore or Puck."),
        "language": string("Language as BCP 47 has it, such as en-US."),
        "speakers": {
            "type": "array",
            "maxItems": 2,
            "description": "Several speakers, by the names that stand in the prompt.",
            "items": {
                "type": "object",
                "properties": {"speaker": {"type": "string"}, "voice": {"type": "string"}},
                "required": ["speaker", "voice"],
            },
        },
    },
)
_MUSIC = payload(
    "prompt",
    {
        "prompt": string("The music in words: style, instruments, tempo, parts, lyrics, length."),
        "mime_type": string(
            "File type; not every model makes every one.",
            enum=["audio/mp3", "audio/wav", "audio/ogg_opus"],
        ),
        "images": _files("Pictures that the music should fit.", maxItems=10),
    },
)
_VIDEO = payload(
    "prompt",
    {
        "prompt": string("What happens, with sound and camera; or what to change in the video."),
        "aspect_ratio": string("Landscape or portrait.", enum=["16:9", "9:16"]),
        "duration": {"type": "number", "minimum": 1, "maximum": 60, "description": "Seconds."},
        "resolution": string("Lines of the picture.", enum=["360p", "720p", "1080p", "4k"]),
        "task": string(
            "How inputs are meant; empty = the model reads it from prompt and inputs.",
            enum=[
                "text_to_video",
                "image_to_video",
                "reference_to_video",
                "edit",
                "extend",
                "upscale",
            ],
        ),
        "seed": _SEED,
        "images": _files("Pictures: the first frame, or what should appear."),
        "video": string("A video to change."),
    },
)
_PREDICT = payload(
    "prompt",
    {
        "prompt": string("What to draw."),
        "sampleCount": {
            "type": "integer",
            "minimum": 1,
            "maximum": 4,
            "default": 1,
            "description": "How many pictures.",
        },
        "aspectRatio": string("Width to height.", enum=["1:1", "3:4", "4:3", "9:16", "16:9"]),
        "sampleImageSize": string("Pixels of the longer side.", enum=["1K", "2K"]),
        "personGeneration": string("People.", enum=["dont_allow", "allow_adult", "allow_all"]),
    },
)
_OPERATION = payload(
    "prompt",
    {
        "prompt": string("What happens, with sound and camera."),
        "negativePrompt": string("What to leave out."),
        "aspectRatio": string("Landscape or portrait.", enum=["16:9", "9:16"]),
        "durationSeconds": {"type": "integer", "minimum": 4, "maximum": 8},
        "resolution": string("Lines of the picture.", enum=["720p", "1080p", "4k"]),
        "personGeneration": string("People.", enum=["dont_allow", "allow_adult", "allow_all"]),
        "seed": _SEED,
        "image": string("The first frame."),
        "lastFrame": string("The last frame."),
        "referenceImages": _files("What should appear.", maxItems=3),
    },
)
SCHEMAS: dict[tuple[Makes, Way], dict[str, Any]] = {
    ("image", "content"): _IMAGE,
    ("image", "interaction"): _IMAGE,
    ("image", "predict"): _PREDICT,
    ("video", "interaction"): _VIDEO,
    ("video", "operation"): _OPERATION,
    ("speech", "content"): _SPEECH,
    ("speech", "interaction"): _SPEECH,
    ("music", "interaction"): _MUSIC,
}
"""JSON Schema 2020-12 of each endpoint, in its own words, as google-genai 3.4.0 types them."""
