"""What waits for the disk is bounded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flexura.domain.errors import Overloaded
from flexura.storage import writer
from flexura.storage.sqlite import connect
from flexura.storage.writer import Writer

pytestmark = pytest.mark.anyio


async def test_beyond_the_bound_a_write_is_refused_and_those_before_it_are_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 3)
    connection = connect(tmp_path / "some.db", writing=True)
    connection.execute("CREATE TABLE kept (n INTEGER)")
    one = Writer(connection)

    async def write(number: int) -> int:
        await one.run(lambda c: c.execute("INSERT INTO kept VALUES (?)", (number,)))
        return number

    tasks = [asyncio.create_task(write(number)) for number in range(5)]
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert done[:3] == [0, 1, 2]
    for refused in done[3:]:
        assert isinstance(refused, Overloaded) and refused.details["retry_after"] == 5
    assert connection.execute("SELECT n FROM kept").fetchall() == [(0,), (1,), (2,)]
    assert await write(6) == 6
    await one.aclose()
