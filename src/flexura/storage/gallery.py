"""Pages of the gallery: which statements answer a filter, and what a person's words are to the databases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.ports.gallery import Choices, GalleryFilter, Shown
from flexura.storage import rows
from flexura.storage.kinds import kind_of
from flexura.storage.statements import gallery
from flexura.storage.statements.gallery import Shape

Read = Callable[..., list[rows.Row]]
MOST_WORDS, LONGEST_WORD = 16, 64
MOST_CHOICES = 200
_BITS = 20
_BEYOND = 1 << 62
_ARTIFACT = kind_of(Artifact)


def words_of(text: str) -> list[str]:
    """The words that are looked for: runs of letters and digits, with the marks on them."""
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text)
    words = (word[:LONGEST_WORD] for word in kept.split())
    return [word for word in words if any(c.isalnum() for c in word)][:MOST_WORDS]


def match_of(words: list[str]) -> str:
    """For FTS5: every word, as it is or as a beginning. It folds them by itself."""
    return " ".join(f'"{word}"*' for word in words)


def tsquery_of(words: list[str]) -> str:
    """For PostgreSQL: the same, folded as the stored words are."""
    folded = (_folded(word) for word in words)
    return " & ".join(f"'{part}':*" for word in folded for part in word.split())


def _folded(word: str) -> str:
    found = unicodedata.normalize("NFKD", word)
    found = re.sub("[\u0300-\u036f]+", "", found).lower()
    return "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in found)


def _bounds(wanted: GalleryFilter) -> dict[str, int]:
    """The places between which a page lies; times are places too."""
    above = [] if wanted.after is None else [wanted.after]
    below = [] if wanted.before is None else [wanted.before]
    if wanted.since is not None:
        above.append(_first(wanted.since) - 1)
    if wanted.until is not None:
        below.append(_first(wanted.until))
    found = {"above": max(above)} if above else {}
    return found | ({"below": min(below)} if below else {})


def _first(moment: int) -> int:
    return min(max(moment, 0) << _BITS, _BEYOND)


class Gallery:
    """Lists and counts through `read`, which runs a statement."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def page(self, wanted: GalleryFilter) -> list[Shown]:
        """The files of one page, newest first."""
        shape, values = _asked(wanted)
        if shape is None:
            return []
        found = self._read(gallery.page(shape), most=wanted.limit, **values)
        return sorted((_shown(row) for row in found), key=lambda one: one.place, reverse=True)

    def count(self, wanted: GalleryFilter, most: int) -> int:
        """How many files there are, counted up to `most`."""
        shape, values = _asked(wanted)
        if shape is None:
            return 0
        return int(self._read(gallery.counted(shape), most=most, **values)[0][0])

    def item(self, workspace_id: str, artifact_id: str) -> Shown | None:
        """One file of the gallery or the trash."""
        found = self._read(gallery.ITEM, id=artifact_id, workspace_id=workspace_id)
        return _shown(found[0]) if found else None

    def choices(self, workspace_id: str) -> Choices:
        """What can be filtered by."""
        values = {"workspace_id": workspace_id, "shelf": "shown", "most": MOST_CHOICES}
        models, projects = (
            tuple(str(row[0]) for row in self._read(gallery.choices(name), **values) if row[0])
            for name in gallery.FIND_CHOICES
        )
        return Choices(models, projects)


def _asked(wanted: GalleryFilter) -> tuple[Shape | None, dict[str, Any]]:
    """The shape of a statement and its values; no shape where nothing can be found."""
    values: dict[str, Any] = {"workspace_id": wanted.workspace_id, "shelf": wanted.shelf}
    given = {name: getattr(wanted, name) for name in gallery.EQUAL}
    equal = {n: v for n, v in given.items() if (v is not None if n == "review" else v)}
    # What no database can hold, none has.
    if any("\0" in v or not v.isprintable() for v in equal.values()):
        return None, {}
    values |= {f"is_{name}": value for name, value in equal.items()}
    if searched := bool(wanted.text.strip()):
        words = words_of(wanted.text)
        tsquery = tsquery_of(words)
        if not words or not tsquery:
            return None, {}
        values |= {"match": match_of(words), "tsquery": tsquery}
    bounds = _bounds(wanted)
    oldest_first = wanted.after is not None and wanted.before is None
    names = frozenset(equal)
    return Shape(
        names, searched, "above" in bounds, "below" in bounds, oldest_first
    ), values | bounds


def _shown(row: rows.Row) -> Shown:
    place, kind, origin, model, project, prompt, *columns = row
    artifact = _ARTIFACT.read(tuple(columns))
    told = artifact.metadata.get("prompt") or prompt or ""
    return Shown(place, artifact, kind, origin, model, project, str(told))
