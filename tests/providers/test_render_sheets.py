"""Contact sheets: drawn once for all who ask, kept, and forgotten with any file that was on one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from doubles import png
from flexura.domain.artifact import Artifact
from flexura.domain.errors import DiskFull, InvalidRequest, Overloaded
from flexura.ports.contact import SHEET_BYTES, Cell
from flexura.providers import making
from flexura.providers.render_pool import RenderCrashed, RenderPool
from flexura.providers.render_sheets import RenderSheets
from flexura.providers.render_variants import RenderVariants
from flexura.providers.variant_cache import VariantCache
from flexura.storage.files import FileBlobs
from render_pool_double import Answer, Pool

pytestmark = pytest.mark.anyio


class Bench:
    """Sheets on that pool, and the converter that shares their cache."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pool = folder, Pool(b"sheet", ".jpg")
        self.blobs = FileBlobs(folder / "blobs")
        pool = cast("RenderPool", self.pool)
        cache = VariantCache(folder / "cache", 10_000)
        self.sheets = RenderSheets(self.blobs, pool, cache, folder / "staging")
        self.converter = RenderVariants(self.blobs, pool, cache, folder / "staging")

    async def cell(self, grey: int = 1) -> Cell:
        made = self.folder / "made.png"
        made.write_bytes(png(grey=grey))
        blob = await self.blobs.take(made)
        artifact = Artifact("art_1", "ws_1", "a.png", blob.sha256, "image/png", blob.bytes, 0)
        return Cell("a:model", ("free",), 1, artifact)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_it_is_drawn_once_for_all_who_ask_and_then_kept(bench: Bench) -> None:
    cells = [await bench.cell(), Cell("b:model", why="failed")]
    bench.pool.gate.clear()
    asking = [asyncio.create_task(bench.sheets.draw(cells)) for _ in range(4)]
    while not bench.pool.asked:
        await asyncio.sleep(0)
    bench.pool.gate.set()
    assert {(d.content, d.tag) for d in await asyncio.gather(*asking)} == {
        (b"sheet", (await bench.sheets.draw(cells)).tag)
    }
    (task,) = bench.pool.asked
    assert task["options"]["most_bytes"] == SHEET_BYTES and len(task["inputs"]) == 1
    assert [c["input"] for c in task["options"]["cells"]] == [0, None]
    assert list((bench.folder / "staging").iterdir()) == []


async def test_whatever_is_drawn_is_part_of_its_name(bench: Bench) -> None:
    cell = await bench.cell()
    others = [
        replace(cell, title="other"),
        replace(cell, facts=("dear",)),
        replace(cell, number=2),
        replace(cell, mark="selected"),
        replace(cell, why="gone"),
        await bench.cell(grey=2),
    ]
    tags = {(await bench.sheets.draw([one])).tag for one in (cell, *others)}
    assert len(tags) == 7 and len(bench.pool.asked) == 7


async def test_a_file_that_goes_takes_the_sheets_with_it(bench: Bench) -> None:
    cell = await bench.cell()
    await bench.sheets.draw([cell])
    assert cell.artifact is not None
    await bench.converter.forget(cell.artifact.sha256)
    assert list((bench.folder / "cache").iterdir()) == []
    assert (await bench.sheets.draw([cell])).content == b"sheet"
    assert len(bench.pool.asked) == 2


async def test_bytes_that_are_not_here_are_a_cell_that_says_so(bench: Bench) -> None:
    cell = await bench.cell()
    assert cell.artifact is not None
    await bench.sheets.draw([replace(cell, artifact=replace(cell.artifact, sha256="0" * 64))])
    (task,) = bench.pool.asked
    assert task["inputs"] == [] and "not here" in task["options"]["cells"][0]["why"]


@pytest.mark.parametrize("count", [0, 65])
async def test_none_and_too_many_are_refused(bench: Bench, count: int) -> None:
    with pytest.raises(InvalidRequest, match="to compare"):
        await bench.sheets.draw([Cell("x")] * count)


async def test_a_child_that_dies_a_full_disk_and_a_crowd_are_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(task: Answer) -> Answer:
        raise RenderCrashed("exit code -9")

    bench.pool.answer = crash
    with pytest.raises(Overloaded) as told:
        await bench.sheets.draw([Cell("a")])
    assert told.value.details["retry_after"]
    bench.pool.answer = lambda task: {
        "event": "failed",
        "code": "disk_full",
        "message": "The disk is full.",
        "next_step": "Free some space.",
    }
    with pytest.raises(DiskFull):
        await bench.sheets.draw([Cell("a")])
    monkeypatch.setattr(making, "MOST", 1)
    bench.pool.answer = bench.pool.made
    bench.pool.gate.clear()
    waiting = asyncio.create_task(bench.sheets.draw([Cell("b")]))
    while len(bench.pool.asked) < 3:
        await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await bench.sheets.draw([Cell("c")])
    await bench.sheets.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
