"""Looking at what was made and uploaded: pages, counts, what lies beside a file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flexura.domain.errors import NotFound
from flexura.ports.gallery import Choices, GalleryFilter, Shown
from flexura.ports.records import Records

MOST_COUNTED = 5_000


@dataclass(frozen=True)
class Page:
    """A page of the gallery."""

    items: tuple[Shown, ...]
    next: int | None
    """The place that the next page starts below; None = this is the last one."""


@dataclass(frozen=True)
class Beside:
    """The files next to one, in the order of a filter."""

    newer: Shown | None
    older: Shown | None


class Gallery:
    """The files of a workspace; another workspace's do not exist."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def page(self, wanted: GalleryFilter) -> Page:
        """One page, newest first."""
        # One more than is shown tells whether there is another page.
        found = await self._records.gallery(replace(wanted, limit=wanted.limit + 1))
        items = tuple(found[: wanted.limit])
        return Page(items, items[-1].place if len(found) > wanted.limit else None)

    async def count(self, wanted: GalleryFilter) -> int:
        """How many files there are in all, counted up to `MOST_COUNTED`."""
        every = replace(wanted, before=None, after=None)
        return await self._records.count_gallery(every, MOST_COUNTED)

    async def get(self, workspace_id: str, artifact_id: str) -> Shown:
        """One file of the gallery or the trash. Raises NotFound."""
        found = await self._records.gallery_item(workspace_id, artifact_id)
        if found is None:
            raise NotFound(
                "There is no such file in this gallery.",
                next_step="Look for it in the gallery, or on the page of its job.",
            )
        return found

    async def beside(self, wanted: GalleryFilter, place: int) -> Beside:
        """The next newer and the next older file."""
        newer = await self._records.gallery(replace(wanted, after=place, before=None, limit=1))
        older = await self._records.gallery(replace(wanted, before=place, after=None, limit=1))
        return Beside(newer[0] if newer else None, older[0] if older else None)

    async def choices(self, workspace_id: str) -> Choices:
        """The models and projects that there are files of."""
        return await self._records.gallery_choices(workspace_id)
