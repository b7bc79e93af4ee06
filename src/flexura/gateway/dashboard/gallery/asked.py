"""What a person asks the gallery for: the query of its URL as a filter, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import urlencode

from starlette.requests import Request

from flexura.ports.gallery import FileKind, GalleryFilter, Origin, Shelf

PAGE_SIZE = 48
_DAY = 86_400_000
_LONGEST = 200
_PLACE = re.compile(r"[0-9]{1,19}", re.ASCII)
_LAST = (1 << 63) - 1
KINDS: Mapping[str, str] = {
    "": "Everything",
    "image": "Pictures",
    "video": "Videos",
    "audio": "Sounds",
}
ORIGINS: Mapping[str, str] = {
    "": "Anywhere",
    "made": "Made by a model",
    "template": "From a template",
    "upload": "Uploaded",
}
REVIEWS: Mapping[str, str] = {
    "": "Any decision",
    "selected": "Selected",
    "archived": "Put aside",
    "open": "Undecided",
}
_NAMES = ("q", "kind", "origin", "model", "project", "review", "since", "until")


@dataclass(frozen=True)
class Asked:
    """The query of the gallery's URL, cleaned: what cannot be meant is left out."""

    values: Mapping[str, str]
    shelf: Shelf
    before: int | None

    @property
    def query(self) -> str:
        """The same as a query string, without the place in the list."""
        return urlencode({name: value for name, value in self.values.items() if value})

    @property
    def filtered(self) -> bool:
        """Whether anything is asked for at all."""
        return any(self.values.values())

    @property
    def folder(self) -> str:
        """The page that shows it."""
        return "/dashboard/gallery/trash" if self.shelf == "trash" else "/dashboard/gallery"

    @property
    def path(self) -> str:
        """The page that shows it, with the query."""
        return f"{self.folder}?{self.query}" if self.query else self.folder

    def filter(self, workspace_id: str) -> GalleryFilter:
        """As the store takes it."""
        asked: Any = self.values
        review = asked["review"]
        return GalleryFilter(
            workspace_id,
            text=asked["q"],
            shelf=self.shelf,
            kind=asked["kind"],
            origin=asked["origin"],
            model=asked["model"],
            project=asked["project"],
            review={"": None, "open": ""}.get(review, review),
            since=_day(asked["since"]),
            until=_after(asked["until"]),
            before=self.before,
            limit=PAGE_SIZE,
        )


def asked_of(request: Request, shelf: Shelf = "shown") -> Asked:
    """What the URL asks for."""
    query = request.query_params
    values = {name: query.get(name, "").strip()[:_LONGEST] for name in _NAMES}
    allowed: dict[str, tuple[str, ...]] = {
        "kind": get_args(FileKind),
        "origin": get_args(Origin),
        "review": tuple(REVIEWS),
    }
    for name, words in allowed.items():
        values[name] = values[name] if values[name] in words else ""
    for name in ("since", "until"):
        values[name] = values[name] if _day(values[name]) is not None else ""
    place = query.get("before", "")
    return Asked(values, shelf, min(int(place), _LAST) if _PLACE.fullmatch(place) else None)


def _day(text: str) -> int | None:
    """The first millisecond of a day in UTC; None for what is none."""
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return None


def _after(text: str) -> int | None:
    day = _day(text)
    return None if day is None else day + _DAY
