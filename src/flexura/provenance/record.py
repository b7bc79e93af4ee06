"""The record of what a file was made from. What is read from a file is a claim of whoever wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn, cast

SOFTWARE = "flexura"
PROCEDURAL = "procedural"
"""The method of what is drawn or synthesised by rules, without a trained model."""
TRAINED = "trained model"

_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ALGORITHMIC = _VOCABULARY + "algorithmicMedia"
"""Made by an algorithm alone (IPTC, Digital Source Type)."""
TRAINED_ALGORITHMIC = _VOCABULARY + "trainedAlgorithmicMedia"
"""Made by a model that was trained on sampled content."""
COMPOSITE_TRAINED = _VOCABULARY + "compositeWithTrainedAlgorithmicMedia"
"""A mix of the work of such a model with something else, such as an edited photo."""
COMPOSITE = _VOCABULARY + "composite"
"""A mix of elements of which nobody says how they were made."""

MOST_BYTES = 60_000
"""What a record may take in a file: a JPEG segment holds 65 533 bytes."""
MOST_READ = 1 << 20
MOST_PROMPT = 20_000
_MOST_NAME = 400
_MOST_LIST = 100
# What XML 1.0 cannot hold: control characters, lone surrogates and the two non-characters.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Record:
    """What a file was made from, without path, time or id of a job: the same order gives the same record.

    `inputs` are the SHA-256 digests of the files that it started from, `parents` their artifact ids.
    `options` are those that the model was given, `asked` those of the order. `cost` is that of the whole
    order: amount, currency, and whether it is only `estimated`.
    """

    prompt: str
    model: str
    seed: int | None
    options: Mapping[str, Any]
    inputs: tuple[str, ...] = ()
    kind: str = ""
    provider: str = ""
    version: str = ""
    """The version of the model, where one is known."""
    method: str = PROCEDURAL
    source_type: str = ALGORITHMIC
    cost: Mapping[str, Any] | None = None
    parents: tuple[str, ...] = ()
    template: str = ""
    step: str = ""
    asked: Mapping[str, Any] | None = None
    roles: tuple[str, ...] = ()
    """What each input was for: image, mask, first_frame …"""

    def as_json(self) -> dict[str, Any]:
        """The record as a JSON object, without what is not known."""
        told: dict[str, Any] = {
            "software": SOFTWARE,
            "method": self.method,
            "digital_source_type": self.source_type,
            "prompt": clean(self.prompt),
            "model": clean(self.model),
            "seed": self.seed,
            "options": plain(self.options),
            "inputs": list(self.inputs),
            "kind": self.kind,
            "provider": clean(self.provider),
            "version": clean(self.version),
            "cost": None if self.cost is None else plain(self.cost),
            "parents": list(self.parents),
            "template": self.template,
            "step": self.step,
            "asked": None if self.asked is None else plain(self.asked),
            "roles": list(self.roles),
        }
        always = ("prompt", "model", "seed", "options", "inputs")
        return {n: v for n, v in told.items() if n in always or v not in (None, "", [])}


def of_json(told: object) -> Record | None:
    """The record that an object tells; None for somebody else's."""
    if not isinstance(told, dict):
        return None
    values = cast("dict[str, Any]", told)
    model = values.get("model")
    if values.get("software") != SOFTWARE or not isinstance(model, str):
        return None
    return Record(
        prompt=_text(values.get("prompt"), MOST_PROMPT),
        model=_text(model),
        seed=_whole(values.get("seed")),
        options=_object(values.get("options")) or {},
        inputs=_texts(values.get("inputs")),
        kind=_text(values.get("kind")),
        provider=_text(values.get("provider")),
        version=_text(values.get("version")),
        method=_text(values.get("method")) or PROCEDURAL,
        source_type=_text(values.get("digital_source_type")) or ALGORITHMIC,
        cost=_object(values.get("cost")),
        parents=_texts(values.get("parents")),
        template=_text(values.get("template")),
        step=_text(values.get("step")),
        asked=_object(values.get("asked")),
        roles=_texts(values.get("roles")),
    )


def of_text(text: str) -> Record | None:
    """The record in a JSON text; None if there is none."""
    found = loaded(text)
    return of_json(found)


def loaded(text: str | None) -> Any:
    """JSON that a stranger wrote; None for what is none, or longer than a record may be."""
    if not text or len(text) > MOST_READ:
        return None
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def dumped(value: Any) -> str:
    """JSON in one line, the same for the same value."""
    return clean(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))


def json_text(record: Record) -> str:
    """The record as JSON of at most 60 000 bytes; what is longer is cut and ends with `…`."""
    return dumped(fitting(record, lambda some: len(dumped(some.as_json()).encode())).as_json())


def fitting(record: Record, size: Callable[[Record], int]) -> Record:
    """The record, cut so that `size(record)` is at most 60 000: first options, then the prompt."""
    if size(record) <= MOST_BYTES:
        return record
    if size(replace(record, prompt="")) > MOST_BYTES // 2:
        # Options as long as a book: which ones were given still tells more than nothing.
        names = {clean(name)[:100]: "…" for name in list(record.options)[:200]}
        record = replace(record, options=names, asked=None, inputs=record.inputs[:_MOST_LIST])
        record = replace(record, parents=record.parents[:_MOST_LIST], model=record.model[:400])
        if size(record) <= MOST_BYTES:
            return record
    low, high = 0, len(record.prompt)
    while low < high:
        middle = (low + high + 1) // 2
        if size(replace(record, prompt=record.prompt[:middle] + "…")) <= MOST_BYTES:
            low = middle
        else:
            high = middle - 1
    return replace(record, prompt=record.prompt[:low] + "…")


def tags(record: Record) -> dict[str, str]:
    """The record for tags of sound and video: what a player shows, and all of it as JSON in `comment`."""
    prompt = clean(record.prompt)
    return {
        "title": shortened(" ".join(prompt.split()), 120) or clean(record.model),
        "artist": f"{SOFTWARE} ({record.method})",
        "description": shortened(prompt, 2000),
        "comment": json_text(record),
    }


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_XML.sub("", text)


def shortened(text: str, most: int) -> str:
    """At most so many characters, ending with `…` where some are left out."""
    return text if len(text) <= most else text[: most - 1] + "…"


def plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping as JSON has it; what JSON has not becomes text."""
    found: dict[str, Any] = json.loads(dumped(dict(value)))
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _text(value: object, most: int = _MOST_NAME) -> str:
    return shortened(clean(value), most) if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return ()
    many = cast("list[object]", value)[:_MOST_LIST]
    return tuple(_text(item) for item in many if isinstance(item, str))


def _object(value: object) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
