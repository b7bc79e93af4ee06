"""The bounds of one process: places, turns, and what the configuration says."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flexura import settings as configuration
from flexura.domain import load_limits
from flexura.domain.errors import InvalidRequest, Overloaded, RateLimited
from flexura.domain.load_limits import LoadLimits
from flexura.providers import render_preview
from flexura.providers.render_preview import RenderPreview
from flexura.services import pages
from flexura.services.load import Load, Turns
from flexura.services.page_bytes import UnreadablePage
from flexura.services.pages import Pages
from flexura.services.slots import Slots

pytestmark = pytest.mark.anyio


def places(most: int = 3, per_key: int = 2) -> Slots:
    return Slots("things", most, per_key, next_step="Wait.", retry_after=7)


def test_a_key_has_its_own_bound_and_all_together_have_one() -> None:
    slots = places()
    with slots.taken("ada"), slots.taken("ada"):
        with pytest.raises(RateLimited) as mine, slots.taken("ada"):
            pass
        with slots.taken("bob"), pytest.raises(Overloaded) as ours, slots.taken("bob"):
            pass
        assert (slots.count, slots.of("ada"), slots.of("bob")) == (2, 2, 0)
    assert (slots.count, slots.of("ada")) == (0, 0)
    for refused in (mine.value, ours.value):
        assert refused.details["retry_after"] == 7 and refused.next_step == "Wait."


def test_nothing_is_remembered_of_keys_that_hold_nothing() -> None:
    slots, load = places(), Load()
    for number in range(100):
        with slots.taken(f"key_{number}"), load.request() as held:
            held.by(f"key_{number}")
            held.body(0)
            held.body(5)
    assert not slots._of_key and not load._of_key and not load.bodies._of_key
    assert (load.requests, load.bodies.count) == (0, 0)


async def test_of_many_requests_that_come_together_some_begin_in_each_turn_in_their_order() -> None:
    turns, begun = Turns(most=4), list[int]()

    async def one(number: int) -> None:
        await turns.take()
        begun.append(number)

    tasks = [asyncio.create_task(one(number)) for number in range(20)]
    tasks[9].cancel()
    most, before = 0, 0
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        most, before = max(most, len(begun) - before), len(begun)
    assert begun == [n for n in range(20) if n != 9]
    assert most <= 8  # those of two turns, where the test looks in between
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not turns._counting, "an idle gateway does nothing"


def test_the_configuration_changes_some_bounds_and_only_to_sensible_numbers(
    flexura_home: Path,
) -> None:
    assert configuration.load({}).load == LoadLimits()
    file = flexura_home / "config.toml"
    file.write_text("[limits]\nwaiters_per_key = 7\nrequests = 12\nmost_queued = 3\n")
    found = configuration.load({}).load
    assert (found.waiters_per_key, found.requests, found.waiters) == (7, 12, 5000)
    for wrong in ("0", "-1", "1.5", "true", '"many"', "1000001"):
        file.write_text(f"[limits]\nwaiters = {wrong}\n")
        with pytest.raises(InvalidRequest, match=r"waiters of \[limits\]"):
            configuration.load({})


def test_every_setting_is_a_bound_and_every_bound_is_described() -> None:
    rows = {name: (most, what, beyond) for name, most, what, beyond in load_limits.described()}
    assert set(load_limits.SETTINGS) <= set(rows)
    assert all(
        most > 0 and what and beyond in ("429", "503") for most, what, beyond in rows.values()
    )


async def test_pages_are_read_so_many_at_once_and_one_that_waits_too_long_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(pages, "PAGE_SECONDS", 0.01)
    asked = 0

    class Slow:
        async def request(self, *args: Any, **more: Any) -> Any:
            nonlocal asked
            asked += 1
            await asyncio.Event().wait()

    guard: Any = Slow()
    reader = Pages(guard)
    tasks = [asyncio.create_task(reader.text("https://a.example/", 10)) for _ in range(3)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    with pytest.raises(UnreadablePage, match="too many pages"):
        await tasks[2]
    assert asked == 2
    for task in tasks[:2]:
        task.cancel()
    await asyncio.wait(tasks)


async def test_beyond_some_previews_at_once_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(render_preview, "MOST_WAITING", 0)
    nothing: Any = None
    assert await RenderPreview(nothing, nothing, tmp_path).jpeg("0" * 64, "image/png") is None
