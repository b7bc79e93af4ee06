"""Where templates are kept: versions never change, workspaces never meet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import Conflict, NotFound
from flexura.domain.template import Template
from flexura.ports.records import Tx
from flexura.services.templates import store as module
from flexura.services.templates.shipped import shipped
from flexura.services.templates.store import Templates
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords
from template_house import DOCUMENT, document

pytestmark = pytest.mark.anyio
WE, THEY = "ws_we", "ws_they"


@pytest.fixture
async def templates(tmp_path: Path) -> AsyncIterator[Templates]:
    migrate(tmp_path / "flexura.db")
    records = SqliteRecords(tmp_path / "flexura.db")
    yield Templates(records)
    await records.aclose()


async def test_a_change_makes_the_next_version_and_no_change_makes_none(
    templates: Templates,
) -> None:
    first = await templates.save(WE, DOCUMENT)
    again = await templates.save(WE, DOCUMENT)
    second = await templates.save(WE, document(name="Other"))
    assert (first.version, again.id, second.version) == (1, first.id, 2)
    assert (await templates.get(WE, "hero")).name == "Other"
    assert await templates.get(WE, "hero@1") == first
    assert await templates.get(WE, first.id) == first


async def test_fifty_saved_at_once_are_versions_one_to_fifty(templates: Templates) -> None:
    saved = await asyncio.gather(
        *(templates.save(WE, document(name=f"Number {i}")) for i in range(50))
    )
    assert sorted(t.version for t in saved) == list(range(1, 51))
    newest = next(t for t in saved if t.version == 50)
    assert await templates.get(WE, "hero") == newest


async def test_another_workspace_s_templates_do_not_exist(templates: Templates) -> None:
    theirs = await templates.save(THEY, DOCUMENT)
    for name in ("hero", "hero@1", theirs.id):
        with pytest.raises(NotFound):
            await templates.get(WE, name)
        with pytest.raises(NotFound):
            await templates.delete(WE, name)
    assert "hero" not in {t.slug for t in await templates.list(WE)}
    assert (await templates.save(WE, DOCUMENT)).version == 1
    assert await templates.get(THEY, "hero") == theirs


async def test_an_unknown_name_is_told_with_the_nearest(templates: Templates) -> None:
    await templates.save(WE, DOCUMENT)
    with pytest.raises(NotFound) as caught:
        await templates.get(WE, "heroo")
    assert caught.value.next_step.startswith("Use one of: hero,")
    with pytest.raises(NotFound) as caught:
        await templates.get(WE, "hero@7")
    assert "hero@1" in caught.value.next_step


@pytest.mark.parametrize("name", ["", "@", "@1", "hero@", "hero@²", "tpl_", "tpl_x@1", "x" * 9999])
async def test_any_name_is_found_or_not(templates: Templates, name: str) -> None:
    await templates.save(WE, DOCUMENT)
    with pytest.raises(NotFound):
        await templates.get(WE, name)


async def test_deleting_deletes_every_version_and_a_pinned_job_still_finds_its_own(
    templates: Templates,
) -> None:
    first = await templates.save(WE, DOCUMENT)
    await templates.save(WE, document(name="Other"))
    await templates.delete(WE, "hero")
    for name in ("hero", "hero@1", first.id):
        with pytest.raises(NotFound):
            await templates.get(WE, name)
    assert (await templates.get(WE, "hero@1", deleted=True)).name == "Hero"
    assert "hero" not in {t.slug for t in await templates.list(WE)}
    # The next one does not take a number that a job is pinned to.
    assert (await templates.save(WE, DOCUMENT)).version == 3
    assert (await templates.get(WE, "hero")).version == 3


async def test_what_ships_is_everybody_s_cannot_be_deleted_and_can_be_covered(
    templates: Templates,
) -> None:
    ours = await templates.get(WE, "text-to-image-basic")
    assert ours == await templates.get(THEY, ours.id) and not ours.workspace_id
    with pytest.raises(Conflict, match="ships with flexura"):
        await templates.delete(WE, ours.slug)
    mine = await templates.save(WE, document(slug=ours.slug))
    # What a job was pinned to before stays what it was.
    assert mine.version == ours.version + 1
    assert await templates.get(WE, ours.pinned) == ours
    assert await templates.get(WE, ours.slug) == mine
    assert await templates.get(THEY, ours.slug) == ours
    assert [t for t in await templates.list(WE) if t.slug == ours.slug] == [mine]
    await templates.delete(WE, ours.slug)
    assert await templates.get(WE, ours.slug) == ours


async def test_a_name_is_either_a_preset_or_a_piece_of_work(templates: Templates) -> None:
    preset = {"slug": "wide", "views": ["preset"], "steps": [{"id": "make", "uses": "image"}]}
    await templates.save(WE, preset)
    with pytest.raises(Conflict, match="belongs to a preset"):
        await templates.save(WE, document(slug="wide"))
    with pytest.raises(Conflict, match="belongs to a template"):
        await templates.save(WE, {**preset, "slug": "social-set"})
    assert [t.slug for t in await templates.list(WE, "preset")] == ["wide"]


async def test_remembering_happens_in_the_same_transaction(templates: Templates) -> None:
    seen: list[Template] = []

    def remember(tx: Tx, template: Template) -> None:
        seen.append(template)
        raise RuntimeError("the key is taken")

    with pytest.raises(RuntimeError):
        await templates.save(WE, DOCUMENT, remember)
    assert seen[-1].slug == "hero"
    with pytest.raises(NotFound):
        await templates.get(WE, "hero")


async def test_there_is_an_end_to_versions(
    templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_VERSIONS", 2)
    for name in ("a", "b"):
        await templates.save(WE, document(name=name))
    with pytest.raises(Conflict) as caught:
        await templates.save(WE, document(name="c"))
    assert "Delete" in caught.value.next_step


def test_every_shipped_template_is_described_and_names_no_model() -> None:
    found: dict[str, Any] = dict(shipped())
    assert {"text-to-image-basic", "image-transform-standard", "review-batch-a"} <= set(found)
    assert len(found) >= 9
    for slug, template in found.items():
        assert template.slug == slug and template.description, slug
        assert all(i.description for i in template.inputs), slug
