"""What a model makes, from the words that vendors file it under (`text-to-image`, `ai-music-generation`).

Words only, never ids: a vendor's own category, collection or tag decides before any word of a description.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from flexura.domain.model import Kind

TASKS: tuple[str, ...] = (
    "text-to-image",
    "image-to-image",
    "text-to-video",
    "image-to-video",
    "video-to-video",
    "text-to-speech",
    "text-to-sound",
    "text-to-music",
    "audio-to-audio",
    "video-to-audio",
    "audio-to-video",
)
_SIDES = {
    "text": "text",
    "image": "image",
    "photo": "image",
    "sketch": "image",
    "reference": "image",
    "video": "video",
    "audio": "audio",
    "speech": "audio",
    "voice": "audio",
    "music": "audio",
    "sound": "audio",
}
_KINDS: dict[str, Kind] = {"image": "image", "video": "video", "audio": "audio"}
_FROM_TO = re.compile(r"(?<![a-z0-9])([a-z0-9]+)s?-to-([a-z0-9]+?)s?(?![a-z0-9])")
_SPEECH = re.compile(r"(?i)speech|\btts\b|voice|narrat|speak|dialog")
_MUSIC = re.compile(r"(?i)music|song|sing(?:ing|er)|lyri|melod|instrumental")
# Words of categories, collections and tags, the telling ones first; an empty task = makes no media.
_WORDS = tuple(
    (re.compile(rf"(?i){words}"), task)
    for words, task in (
        (
            r"\b3d\b|language|\bllm|embed|caption|transcri|detect|segment|classif|\bocr\b|vision|train",
            "",
        ),
        (r"lip.?sync|talking|avatar", "audio-to-video"),
        (r"music|song|sing(?:ing|er)", "text-to-music"),
        (r"speech|\btts\b|voice", "text-to-speech"),
        (r"sound|audio|foley", "text-to-sound"),
        (
            r"(?:edit|enhanc|upscal|restor|stabili).*video|video.*(?:edit|enhanc|upscal|restor)",
            "video-to-video",
        ),
        (r"animat", "image-to-video"),
        (r"video|movie", "text-to-video"),
        (
            r"super.?resolution|upscal|restor|inpaint|outpaint|background|coloriz|style.transfer",
            "image-to-image",
        ),
        (
            r"(?:edit|enhanc|fix|swap).*(?:image|photo|face)|(?:image|photo|face).*(?:edit|enhanc|swap)",
            "image-to-image",
        ),
        (r"image|picture|photo|logo|sketch|portrait", "text-to-image"),
    )
)


def task_of(category: str, hints: str = "") -> str:
    """The task that a category, collection or tag stands for; empty where it is none of media.

    `hints` (name, tags, description) decide only between speech, music and sound.
    """
    found = _FROM_TO.search(category.lower())
    if found:
        return _from_to(found[1], found[2], hints)
    words = category.replace("-", " ").replace("_", " ")
    return next((task for pattern, task in _WORDS if pattern.search(words)), "")


def is_elsewhere(category: str) -> bool:
    """Whether it says that it is about something else than making media."""
    if is_from_to(category):
        return target_of(category) is None
    return bool(_WORDS[0][0].search(category))


def is_from_to(category: str) -> bool:
    """Whether it says outright from what to what, so that no further word has to be asked."""
    return _FROM_TO.search(category.lower()) is not None


def _from_to(source: str, target: str, hints: str) -> str:
    made, given = _SIDES.get(target, ""), _SIDES.get(source, "")
    if made == "audio" and given == "text":
        return audio_task(f"{target} {hints}" if target == "audio" else target)
    task = f"{given}-to-{made}"
    return task if task in TASKS else ""


def audio_task(words: str) -> str:
    """Speech, music or sound: what text is turned into."""
    if _SPEECH.search(words) and not _MUSIC.search(words):
        return "text-to-speech"
    return "text-to-music" if _MUSIC.search(words) else "text-to-sound"


def target_of(category: str) -> Kind | None:
    """The kind that a `<source>-to-<target>` makes, also where the pair is no task of ours."""
    found = _FROM_TO.search(category.lower())
    return _KINDS.get(_SIDES.get(found[2], "")) if found else None


def kind_of(task: str) -> Kind:
    """What a task makes."""
    target = task.rpartition("-to-")[2]
    return _KINDS.get(target, "audio")


def kinds_of(tasks: Iterable[str]) -> tuple[Kind, ...]:
    """What some tasks make, each kind once."""
    return tuple(dict.fromkeys(kind_of(task) for task in tasks))
