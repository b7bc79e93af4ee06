"""Where templates are kept: every saved version is a row of its own that never changes."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flexura.domain.errors import Conflict, NotFound
from flexura.domain.ids import new_id
from flexura.domain.template import Template, View
from flexura.ports.records import Records, Tx
from flexura.services.clock import now_ms
from flexura.services.templates.reading import read
from flexura.services.templates.shipped import shipped

MAX_VERSIONS = 1_000
"""Of all the templates of a workspace together; those that were deleted are not counted."""
_CONTENT = ("name", "description", "views", "inputs", "steps", "outputs")
Remember = Callable[[Tx, Template], None]


def _nothing(tx: Tx, template: Template) -> None:
    """No idempotency key to remember it under."""


class Templates:
    """Finds, saves and deletes templates. A workspace sees its own and the shipped ones.

    A workspace may save its own template under the slug of a shipped one, which it then no longer sees.
    """

    def __init__(self, records: Records, ours: Mapping[str, Template] | None = None) -> None:
        self._records = records
        self._ours = ours

    async def get(self, workspace_id: str, name: str, *, deleted: bool = False) -> Template:
        """The template of a slug (its newest version), of `slug@version`, or of a `tpl_` id.

        `deleted` also finds what was deleted, for a job that is pinned to it. Raises NotFound that names the
        nearest.
        """
        slug, at, version = name[:200].partition("@")
        saved = await self._saved(workspace_id, slug, deleted=deleted)
        shipped_one = (await self._shipped()).get(slug.removeprefix("tpl_"))
        every = [*saved, *([shipped_one] if shipped_one is not None else [])]
        if at:
            wanted = [t for t in every if version.isascii() and str(t.version) == version]
        elif slug.startswith("tpl_"):
            wanted = [t for t in every if t.id == slug]
        else:
            wanted = every
        if not wanted:
            raise await self._unknown(workspace_id, name, [t.version for t in every])
        return wanted[0]

    async def list(self, workspace_id: str, view: View | None = None) -> list[Template]:
        """The newest version of each template, by slug; of one view if asked. Shipped ones are among them."""
        saved = await self._kept(workspace_id)
        newest = dict(await self._shipped())
        newest |= {t.slug: t for t in sorted(saved, key=lambda t: t.version)}
        ordered = sorted(newest.values(), key=lambda t: t.slug)
        return [t for t in ordered if view is None or view in t.views]

    async def versions(self, workspace_id: str, slug: str) -> list[Template]:
        """Every version of a slug that can be run, the newest first."""
        saved = await self._saved(workspace_id, slug, deleted=False)
        ours = (await self._shipped()).get(slug)
        return [*saved, *([ours] if ours is not None else [])]

    async def save(
        self, workspace_id: str, document: Mapping[str, Any], remember: Remember = _nothing
    ) -> Template:
        """Keep a document as the next version of its slug; the newest one if nothing changed.

        `remember` is called inside the transaction. Raises InvalidRequest as `read`, Conflict.
        """
        template = await asyncio.to_thread(read, document)
        first = (await self._shipped()).get(template.slug)
        least = first.version if first is not None else 0

        many = len(await self._kept(workspace_id))

        def work(tx: Tx) -> Template:
            versions = tx.find(
                Template, limit=MAX_VERSIONS, workspace_id=workspace_id, slug=template.slug
            )
            newest = max(versions, key=lambda t: t.version, default=None)
            if newest is not None and newest.deleted_at is None and _same(newest, template):
                remember(tx, newest)
                return newest
            _check_slug(template, newest if newest and newest.deleted_at is None else first)
            if len(versions) >= MAX_VERSIONS or many >= MAX_VERSIONS:
                raise Conflict(
                    f"There are {MAX_VERSIONS} versions of templates here, which is the most.",
                    next_step="Delete templates that nobody uses (DELETE /api/v1/templates/{template}) or"
                    " use another slug.",
                )
            made = replace(
                template,
                id=new_id("tpl"),
                workspace_id=workspace_id,
                version=max(newest.version if newest else 0, least) + 1,
                created_at=now_ms(),
            )
            tx.insert(made)
            remember(tx, made)
            return made

        return await self._records.transact(work)

    async def delete(self, workspace_id: str, name: str) -> Template:
        """Delete every version; jobs that were made from one go on. Raises NotFound, or Conflict for ours."""
        template = await self.get(workspace_id, name)
        if not template.workspace_id:
            raise Conflict(
                f"{template.slug} ships with flexura and cannot be deleted.",
                next_step="Leave it be, or save your own under the same slug, which is then used instead.",
            )
        now = now_ms()

        def work(tx: Tx) -> None:
            for version in tx.find(
                Template,
                limit=MAX_VERSIONS,
                workspace_id=workspace_id,
                slug=template.slug,
                deleted_at=None,
            ):
                tx.change(Template, version.id, deleted_at=now)

        await self._records.transact(work)
        return template

    async def _kept(self, workspace_id: str) -> Sequence[Template]:
        """Every version of the workspace's own that is not deleted."""
        return await self._records.find(
            Template, limit=MAX_VERSIONS, workspace_id=workspace_id, deleted_at=None
        )

    async def _saved(self, workspace_id: str, name: str, *, deleted: bool) -> Sequence[Template]:
        """The versions of a slug, newest first, or the one version of an id."""
        if name.startswith("tpl_"):
            one = await self._records.get(Template, name)
            found = [one] if one is not None and one.workspace_id == workspace_id else []
        else:
            every = await self._records.find(
                Template, limit=MAX_VERSIONS, workspace_id=workspace_id, slug=name
            )
            found = sorted(every, key=lambda t: -t.version)
        return [t for t in found if deleted or t.deleted_at is None]

    async def _shipped(self) -> Mapping[str, Template]:
        """Ours; read from their files at the first use."""
        if self._ours is None:
            self._ours = await asyncio.to_thread(shipped)
        return self._ours

    async def _unknown(self, workspace_id: str, name: str, versions: list[int]) -> NotFound:
        slug = name[:200].partition("@")[0]
        if versions:
            there = ", ".join(f"{slug}@{v}" for v in versions[:5])
            return NotFound(f"There is no version {name[:200]!r}.", next_step=f"There is {there}.")
        slugs = [t.slug for t in await self.list(workspace_id)]
        return NotFound(
            f"There is no template {slug[:80]!r} in this workspace.",
            field="template",
            next_step=f"Use one of: {', '.join(closest(slug, slugs))}. model_catalog(kind='template'), "
            "`flexura templates list` and GET /api/v1/templates list all.",
        )


def _check_slug(template: Template, holder: Template | None) -> None:
    """One name means one kind of thing: a preset never becomes a piece of work, nor the other way round."""
    if holder is None or ("preset" in holder.views) == ("preset" in template.views):
        return
    kind = "preset" if "preset" in holder.views else "template"
    raise Conflict(
        f"The name {template.slug} belongs to a {kind}.",
        next_step="Choose another slug, or delete that first (DELETE /api/v1/templates/{template}).",
    )


def closest(name: str, known: Iterable[str], most: int = 5) -> list[str]:
    """The known names that look most like it; the first ones where nothing is alike."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=most, cutoff=0.4)
    return (close + [n for n in names if n not in close])[:most]


def _same(one: Template, other: Template) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _CONTENT)
