"""What a file was made from, as its page tells it: by whom, from what, and whether the file says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flexura.domain.errors import NotFound
from flexura.gateway.dashboard.shown_files import ShownFile, shown
from flexura.gateway.links import Links
from flexura.provenance.record import (
    ALGORITHMIC,
    COMPOSITE,
    COMPOSITE_TRAINED,
    TRAINED_ALGORITHMIC,
    Record,
)
from flexura.services.artifacts import Artifacts
from flexura.services.explaining import Explained

_MAKERS = {
    ALGORITHMIC: "An algorithm, without a trained model",
    TRAINED_ALGORITHMIC: "A trained model",
    COMPOSITE_TRAINED: "A mix with the work of a trained model",
    COMPOSITE: "A mix of elements whose making is not known",
}
"""IPTC digital source types in words, as `flexura explain` has them."""


@dataclass(frozen=True)
class Given:
    """One file that it started from; `file` is None where that is no longer known here."""

    role: str
    sha256: str
    file: ShownFile | None


@dataclass(frozen=True)
class MadeFrom:
    """All of it. An upload has no record."""

    record: Record | None
    maker: str
    source_type: str
    """The last part of the IPTC term."""
    given: tuple[Given, ...]
    marked: bool
    unmarked: str
    """Why the file does not carry its record, where that is known."""
    c2pa: str
    """Who signed it, by its own word; empty for nobody."""


async def made_from(explained: Explained, artifacts: Artifacts, links: Links) -> MadeFrom:
    """The record of a file in words, its inputs with their pages."""
    record, notes = explained.record, explained.notes
    source_type = record.source_type if record else ""
    why = str(notes.get("unmarked") or "")
    return MadeFrom(
        record=record,
        maker=_MAKERS.get(source_type, ""),
        source_type=source_type.rpartition("/")[2],
        given=await _given(explained, artifacts, links),
        marked=bool(notes) and not why,
        unmarked=why,
        c2pa=str(notes.get("c2pa") or ""),
    )


async def _given(explained: Explained, artifacts: Artifacts, links: Links) -> tuple[Given, ...]:
    record = explained.record
    if record is None:
        return ()
    found: list[Given] = []
    for number, artifact_id in enumerate(record.parents or _ordered(explained)):
        role = record.roles[number] if number < len(record.roles) else ""
        digest = record.inputs[number] if number < len(record.inputs) else ""
        try:
            artifact = await artifacts.get(explained.artifact.workspace_id, artifact_id)
        except NotFound:
            found.append(Given(role, digest, None))
            continue
        (file,) = shown(links, [artifact])
        found.append(Given(role, digest or artifact.sha256, file))
    return tuple(found)


def _ordered(explained: Explained) -> tuple[str, ...]:
    """The inputs of the order, for a file that is older than its record."""
    given: Sequence[Any] = (explained.job.call.get("inputs") or ()) if explained.job else ()
    return tuple(
        str(cast("Mapping[str, Any]", one).get("artifact", "") if isinstance(one, dict) else one)
        for one in given
    )
