"""Variants: made once for all who ask, kept up to a bound, refused when there is too much to do."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import cast

import pytest

from doubles import png
from flexura.domain.artifact import Artifact
from flexura.domain.errors import DiskFull, InvalidRequest, NotFound, Overloaded
from flexura.ports.conversion import Variant
from flexura.providers import making
from flexura.providers.render_pool import RenderCrashed, RenderPool
from flexura.providers.render_variants import RenderVariants
from flexura.providers.variant_cache import VariantCache
from flexura.storage.files import FileBlobs
from render_pool_double import Answer, Pool

pytestmark = pytest.mark.anyio


class Bench:
    """A converter on that pool."""

    def __init__(self, folder: Path, most: int = 1000) -> None:
        self.folder, self.pool = folder, Pool(b"picture")
        self.blobs = FileBlobs(folder / "blobs")
        self.cache = VariantCache(folder / "cache", most)
        pool = cast("RenderPool", self.pool)
        self.converter = RenderVariants(self.blobs, pool, self.cache, folder / "staging")

    async def artifact(self, grey: int = 1) -> Artifact:
        made = self.folder / "made.png"
        made.write_bytes(png(grey=grey))
        blob = await self.blobs.take(made)
        return Artifact("art_1", "ws_1", "a.png", blob.sha256, "image/png", blob.bytes, 0)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_it_is_made_once_and_then_kept(bench: Bench) -> None:
    artifact, variant = await bench.artifact(), Variant("webp", 64)
    bench.pool.gate.clear()
    asking = [asyncio.create_task(bench.converter.convert(artifact, variant)) for _ in range(5)]
    await asyncio.sleep(0)
    bench.pool.gate.set()
    paths = {await one for one in asking}
    assert len(paths) == 1 and len(bench.pool.asked) == 1
    assert await bench.converter.convert(artifact, variant) in paths
    assert len(bench.pool.asked) == 1
    assert list((bench.folder / "staging").iterdir()) == []


async def test_one_who_goes_away_leaves_the_work_to_the_others(bench: Bench) -> None:
    artifact, variant = await bench.artifact(), Variant("png", 64)
    bench.pool.gate.clear()
    first = asyncio.create_task(bench.converter.convert(artifact, variant))
    while not bench.pool.asked:
        await asyncio.sleep(0)
    second = asyncio.create_task(bench.converter.convert(artifact, variant))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    bench.pool.gate.set()
    assert (await second).read_bytes() == b"picture"


async def test_it_is_forgotten_in_every_form(bench: Bench) -> None:
    artifact, other = await bench.artifact(1), await bench.artifact(2)
    for variant in (Variant("png", 16), Variant("webp"), Variant("webp", 64)):
        await bench.converter.convert(artifact, variant)
    kept = await bench.converter.convert(other, Variant("webp"))
    await bench.converter.forget(artifact.sha256)
    assert list((bench.folder / "cache").iterdir()) == [kept]


@pytest.mark.parametrize(
    ("code", "error"), [("invalid_request", InvalidRequest), ("disk_full", DiskFull)]
)
async def test_a_refusal_of_the_child_is_told(
    bench: Bench, code: str, error: type[Exception]
) -> None:
    bench.pool.answer = lambda task: {
        "event": "failed",
        "code": code,
        "message": "No.",
        "next_step": "Do.",
    }
    with pytest.raises(error, match="No"):
        await bench.converter.convert(await bench.artifact(), Variant("png", 16))
    assert list((bench.folder / "staging").iterdir()) == []


async def test_a_child_that_dies_is_no_error_of_the_caller(bench: Bench) -> None:
    def crash(task: Answer) -> Answer:
        raise RenderCrashed("exit code -9")

    bench.pool.answer = crash
    artifact = await bench.artifact()
    with pytest.raises(Overloaded) as told:
        await bench.converter.convert(artifact, Variant("png", 16))
    assert told.value.details["retry_after"]
    bench.pool.answer = bench.pool.made
    assert await bench.converter.convert(artifact, Variant("png", 16))


async def test_too_much_at_once_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST", 2)
    bench.pool.gate.clear()
    artifact = await bench.artifact()
    waiting = [
        asyncio.create_task(bench.converter.convert(artifact, Variant("png", width)))
        for width in (16, 17)
    ]
    while len(bench.pool.asked) < 2:
        await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await bench.converter.convert(artifact, Variant("png", 18))
    bench.pool.gate.set()
    await asyncio.gather(*waiting)


async def test_closing_ends_what_is_being_made(bench: Bench) -> None:
    bench.pool.gate.clear()
    artifact = await bench.artifact()
    waiting = asyncio.create_task(bench.converter.convert(artifact, Variant("png", 16)))
    while not bench.pool.asked:
        await asyncio.sleep(0)
    await bench.converter.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_bytes_that_are_not_here_are_not_converted(bench: Bench) -> None:
    artifact = Artifact("art_1", "ws_1", "a.png", "0" * 64, "image/png", 1, 0)
    with pytest.raises(NotFound):
        await bench.converter.convert(artifact, Variant("png", 16))


def put(cache: VariantCache, folder: Path, name: str, size: int = 10) -> Path:
    made = folder / "made"
    made.write_bytes(b"x" * size)
    return cache.put(name, made)


def test_the_least_used_go_first(tmp_path: Path) -> None:
    cache = VariantCache(tmp_path / "cache", 30)
    for name in "abc":
        put(cache, tmp_path, name)
    assert cache.get("a") is not None
    put(cache, tmp_path, "d")
    assert [name for name in "abcd" if cache.get(name)] == ["a", "c", "d"]
    assert sorted(p.name for p in (tmp_path / "cache").iterdir()) == ["a", "c", "d"]


def test_what_was_kept_is_known_after_a_restart_in_its_order(tmp_path: Path) -> None:
    cache = VariantCache(tmp_path / "cache", 30)
    for number, name in enumerate("abc"):
        os.utime(put(cache, tmp_path, name), (1000 + number, 1000 + number))
    again = VariantCache(tmp_path / "cache", 30)
    put(again, tmp_path, "d")
    assert [name for name in "abcd" if again.get(name)] == ["b", "c", "d"]


def test_one_that_is_larger_than_all_room_is_kept_alone(tmp_path: Path) -> None:
    cache = VariantCache(tmp_path / "cache", 30)
    put(cache, tmp_path, "small")
    put(cache, tmp_path, "large", 100)
    assert cache.get("small") is None and cache.get("large") is not None
    put(cache, tmp_path, "small")
    assert cache.get("large") is None


def test_a_file_that_somebody_removed_is_missed_and_made_again(tmp_path: Path) -> None:
    cache = VariantCache(tmp_path / "cache", 30)
    put(cache, tmp_path, "a").unlink()
    assert cache.get("a") is None
    assert put(cache, tmp_path, "a").exists() and cache.get("a")
