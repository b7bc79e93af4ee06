"""The embedded provider and its child processes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.model import Kind
from flexura.ports.provider import Done, Failed, Order, Pending
from flexura.providers.media.embedded import Embedded
from flexura.providers.render_pool import RenderPool

pytestmark = pytest.mark.anyio
ICON = {"width": 64, "height": 64, "style": "icon"}


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Embedded]:
    provider = Embedded(tmp_path / "scratch", RenderPool(1))
    yield provider
    await provider.aclose()


async def order(embedded: Embedded, task: str, kind: Kind, **changes: Any) -> Order:
    """An order for the first model that does the task."""
    model = next(m for m in await embedded.models() if task in m.tasks and kind in m.kinds)
    fields: dict[str, Any] = {
        "job_id": "job_1",
        "kind": kind,
        "upstream_id": model.upstream_id,
        "prompt": "app icon with a star",
        "n": 1,
        "seed": 5,
        "options": ICON,
    }
    return Order(**fields | changes)


async def outcome(embedded: Embedded, wanted: Order) -> Done | Failed:
    operation = await embedded.submit(wanted)
    async with asyncio.timeout(90):
        while isinstance(found := await embedded.poll(operation, wanted), Pending):
            assert found.changed is not None
            await found.changed.wait()
    return found


def children() -> set[int]:
    """Process ids of the render children of this process."""
    mine = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    named = {int(p): Path(f"/proc/{p}/cmdline").read_bytes() for p in mine}
    return {pid for pid, command in named.items() if b"flexura.render" in command}


async def test_every_model_says_what_it_takes_in_a_json_schema(embedded: Embedded) -> None:
    models = await embedded.models()
    assert {kind for m in models for kind in m.kinds} == {"image", "video", "audio"}
    for model in models:
        assert model.input_schema["additionalProperties"] is False
        assert all("description" in p for p in model.input_schema["properties"].values())
        assert "procedural" in model.description.lower() or "espeak" in model.description.lower()


async def test_variants_have_seeds_that_count_up_and_different_bytes(embedded: Embedded) -> None:
    done = await outcome(embedded, await order(embedded, "text-to-image", "image", n=3))
    assert isinstance(done, Done) and len(done.outputs) == 3
    assert len({o.path.read_bytes() for o in done.outputs if o.path}) == 3


async def test_the_same_order_after_a_restart_gives_the_same_bytes(
    embedded: Embedded, tmp_path: Path
) -> None:
    wanted = await order(embedded, "text-to-image", "image")
    first = await outcome(embedded, wanted)
    assert isinstance(first, Done) and first.outputs[0].path
    before = first.outputs[0].path.read_bytes()
    fresh = Embedded(tmp_path / "other", RenderPool(1))
    found = await fresh.poll({"tasks": 1}, wanted)  # an operation that another process began
    while isinstance(found, Pending):
        assert found.changed is not None
        await found.changed.wait()
        found = await fresh.poll({"tasks": 1}, wanted)
    await fresh.aclose()
    assert isinstance(found, Done) and found.outputs[0].path
    assert found.outputs[0].path.read_bytes() == before


@pytest.mark.only_on("linux")
async def test_a_child_that_is_killed_fails_its_job_and_the_next_job_gets_a_new_one(
    embedded: Embedded,
) -> None:
    long = {"seconds": 30, "width": 640, "height": 360}
    wanted = await order(embedded, "text-to-video", "video", options=long, prompt="rainy sea")
    operation = await embedded.submit(wanted)
    found = await embedded.poll(operation, wanted)
    async with asyncio.timeout(60):
        while not (isinstance(found, Pending) and found.progress):
            assert isinstance(found, Pending) and found.changed is not None
            await found.changed.wait()
            found = await embedded.poll(operation, wanted)
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        while isinstance(found, Pending):
            assert found.changed is not None
            await found.changed.wait()
            found = await embedded.poll(operation, wanted)
    assert isinstance(found, Failed) and found.code == "provider_error" and found.next_step
    again = await outcome(embedded, await order(embedded, "text-to-image", "image", job_id="job_2"))
    assert isinstance(again, Done)


@pytest.mark.only_on("linux")
async def test_canceling_ends_the_child_and_leaves_no_file(
    embedded: Embedded, tmp_path: Path
) -> None:
    before = children()
    long = {"seconds": 30, "width": 640, "height": 360}
    wanted = await order(embedded, "text-to-video", "video", options=long, prompt="rainy sea")
    operation = await embedded.submit(wanted)
    async with asyncio.timeout(60):
        found = await embedded.poll(operation, wanted)
        while not (isinstance(found, Pending) and found.progress):
            assert isinstance(found, Pending) and found.changed is not None
            await found.changed.wait()
            found = await embedded.poll(operation, wanted)
    await embedded.cancel(operation, wanted)
    assert children() <= before
    assert not (tmp_path / "scratch" / "job_1").exists()


async def test_an_order_that_cannot_be_drawn_fails_with_the_makers_own_words(
    embedded: Embedded, tmp_path: Path
) -> None:
    wanted = await order(embedded, "image-to-image", "image", options={}, prompt="")
    found = await outcome(embedded, wanted)
    assert isinstance(found, Failed) and found.code == "invalid_request" and found.next_step
