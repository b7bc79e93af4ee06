"""What a prompt asks of a montage: its words become the options that it has."""

from __future__ import annotations

import re
from typing import Any, Final

_WISHES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    (
        r"\b(?:extract|only|save|get|keep)\b[^.]*\b(?:audio|sound ?track|sound|music)\b",
        {"output": "audio"},
    ),
    (
        r"\b(?:thumbnail|poster|screen ?shot|still|cover (?:image|frame)|(?:a|one|the) frame)\b",
        {"output": "image"},
    ),
    (
        r"\b(?:mute[sd]?|silent|no sound|without (?:any )?(?:sound|audio)|remove the (?:sound|audio))\b",
        {"sound": False},
    ),
    (r"\bgif\b", {"format": "gif"}),
    (r"\bwebm\b", {"format": "webm"}),
    (r"\bmp3\b", {"format": "mp3", "output": "audio"}),
    (r"\bwav\b", {"format": "wav", "output": "audio"}),
    (
        r"\b(?:vertical|portrait|9:16|reels?|shorts|tiktok|stor(?:y|ies))\b",
        {"width": 720, "height": 1280},
    ),
    (r"\b(?:square|1:1)\b", {"width": 720, "height": 720}),
    (r"\b(?:wide ?screen|16:9|landscape)\b", {"width": 1280, "height": 720}),
    (r"\b(?:blurred|blurry) (?:background|bars|sides|backdrop)\b", {"fit": "blur"}),
    (r"\b(?:letter ?box(?:ed)?|black bars)\b", {"fit": "contain"}),
    (r"\bslow(?:er| motion|mo| it down)\b", {"speed": 0.5}),
    (r"\b(?:4x|four times) (?:faster|speed)\b", {"speed": 4.0}),
    (r"\b(?:speed (?:it )?up|faster|double speed|2x|twice as fast|time-?lapse)\b", {"speed": 2.0}),
    (r"\bcross-?(?:fade|dissolve)s?\b|\bdissolves?\b", {"crossfade": 1.0}),
    (
        r"\bfad(?:e|es|ing) (?:in|out|from|to)\b|(?<!cross-)(?<!cross )\bfade\b(?! between)",
        {"fade": 0.75},
    ),
    (r"\bmix(?:ed)?\b|\b(?:under|behind) the (?:original|voice|sound)\b", {"mix": "mix"}),
    (r"\b(?:loop|repeat) the (?:music|sound|audio|song)\b", {"loop": True}),
)
_SECONDS: Final = re.compile(
    r"\b(?:to|first|for|last(?:ing)?|only)\s+(\d{1,3}(?:\.\d+)?)\s*(?:s|sec|secs|seconds?)\b"
)
_START: Final = re.compile(
    r"\b(?:from|starting at|start at|after)\s+(\d{1,3}(?:\.\d+)?)\s*(?:s|sec|secs|seconds?)\b"
)
_MOMENT: Final = re.compile(
    r"(?<!starting )(?<!start )\bat\s+(\d{1,3}(?:\.\d+)?)\s*(?:s|sec|secs|seconds?)\b"
)


def read_montage_wishes(prompt: str) -> dict[str, Any]:
    """The options that the prompt names; empty when it names none."""
    text = prompt.lower()
    wishes: dict[str, Any] = {}
    for pattern, meaning in _WISHES:
        if re.search(pattern, text):
            for name, value in meaning.items():
                wishes.setdefault(name, value)
    for pattern, name in ((_SECONDS, "seconds"), (_START, "start"), (_MOMENT, "at")):
        if found := pattern.search(text):
            wishes[name] = float(found[1])
    return wishes
