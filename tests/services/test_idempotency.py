"""Idempotency keys: what counts as the same request, and who makes the thing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.domain.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidRequest,
)
from flexura.domain.workspace import Workspace
from flexura.ports.records import Idempotency, Records, Tx
from flexura.services.clock import now_ms
from flexura.services.idempotency import IdempotencyKeys, Remember, Scope, body_sha256, check_key
from flexura.storage.sqlite import SqliteRecords

SCOPE = Scope("ws_1", "things", "key-1", body_sha256({"a": 1}))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1,"b":2}', '{"b": 2, "a": 1}'),
        ('{"n":1}', '{"n":1.0}'),
        ('{"n":100}', '{"n":1e2}'),
        ('{"n":0}', '{"n":-0.0}'),
        ('{"n":0.1}', '{"n":1e-1}'),
        ('{"t":"\\u00e9"}', '{"t":"é"}'),
        ('{"deep":[{"n":2.0}]}', '{"deep":[{"n":2}]}'),
    ],
)
def test_two_spellings_of_the_same_body_are_the_same(one: str, other: str) -> None:
    assert body_sha256(json.loads(one)) == body_sha256(json.loads(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"n": 1}, {"n": True}),
        ({"n": 1}, {"n": "1"}),
        ({"n": 1}, {"n": 1.5}),
        ({"a": None}, {}),
        ({"l": [1, 2]}, {"l": [2, 1]}),
        ({"t": "1.0"}, {"t": "1"}),
        ({"n": 9007199254740993}, {"n": 9007199254740992}),
    ],
)
def test_two_different_bodies_are_different(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert body_sha256(one) != body_sha256(other)


@given(JSON)
def test_a_body_is_the_same_after_a_trip_through_json(value: Any) -> None:
    assert body_sha256(json.loads(json.dumps(value))) == body_sha256(value)


def test_a_body_too_deep_to_be_compared_is_refused_and_not_a_crash() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidRequest):
        body_sha256(deep)


def test_a_key_has_at_most_255_characters() -> None:
    assert check_key("k" * 255)
    with pytest.raises(InvalidRequest) as refused:
        check_key("k" * 256)
    assert refused.value.field == "Idempotency-Key"


class Maker:
    """Makes workspaces and counts them; waits at the gate before it does."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, remember: Remember) -> tuple[int, dict[str, Any]]:
        self.begun.set()
        await self.gate.wait()

        def work(tx: Tx) -> str:
            made = Workspace(f"ws_{len(tx.find(Workspace))}", f"name-{len(tx.find(Workspace))}", 1)
            tx.insert_workspace(made)
            remember(tx, 201, {"id": made.id})
            return made.id

        return 201, {"id": await self._records.transact(work), "secret": "shown once"}

    async def made(self) -> int:
        return len(await self._records.find(Workspace))


@pytest.mark.anyio
async def test_a_repeat_gets_the_first_answer_without_its_secrets(records: SqliteRecords) -> None:
    keys, make = IdempotencyKeys(records), Maker(records)
    before = await make.made()
    first = await keys.once(SCOPE, make)
    again = await keys.once(SCOPE, make)
    assert (first.replayed, again.replayed) == (False, True)
    assert (first.status, again.status) == (201, 201)
    assert again.answer == {"id": first.answer["id"]}
    assert await make.made() == before + 1


@pytest.mark.anyio
async def test_another_body_is_refused(records: SqliteRecords) -> None:
    keys, make = IdempotencyKeys(records), Maker(records)
    await keys.once(SCOPE, make)
    other = Scope(SCOPE.workspace_id, SCOPE.route, SCOPE.key, body_sha256({"a": 2}))
    with pytest.raises(IdempotencyMismatch):
        await keys.once(other, make)


@pytest.mark.anyio
@pytest.mark.parametrize("changed", ["workspace_id", "route", "key"])
async def test_workspace_route_and_key_are_the_scope(records: SqliteRecords, changed: str) -> None:
    keys, make = IdempotencyKeys(records), Maker(records)
    fields = {"workspace_id": "ws_1", "route": "things", "key": "key-1"}
    await keys.once(Scope(**fields, body_sha256="x"), make)
    other = Scope(**fields | {changed: "other"}, body_sha256="y")
    assert not (await keys.once(other, make)).replayed


@pytest.mark.anyio
async def test_while_the_first_is_being_answered_a_second_is_told_to_come_back(
    records: SqliteRecords,
) -> None:
    keys, make = IdempotencyKeys(records), Maker(records)
    make.gate.clear()
    first = asyncio.create_task(keys.once(SCOPE, make))
    await make.begun.wait()
    with pytest.raises(IdempotencyInProgress) as refused:
        await keys.once(SCOPE, make)
    assert refused.value.details["retry_after"] == 1
    make.gate.set()
    await first
    assert (await keys.once(SCOPE, make)).replayed


@pytest.mark.anyio
async def test_a_refusal_is_not_remembered(records: SqliteRecords) -> None:
    async def refuse(remember: Remember) -> tuple[int, dict[str, Any]]:
        raise InvalidRequest("no")

    keys, make = IdempotencyKeys(records), Maker(records)
    with pytest.raises(InvalidRequest):
        await keys.once(SCOPE, refuse)
    assert not (await keys.once(SCOPE, make)).replayed


@pytest.mark.anyio
async def test_a_first_request_that_was_cut_off_leaves_the_key_free(
    records: SqliteRecords,
) -> None:
    keys, make = IdempotencyKeys(records), Maker(records)
    make.gate.clear()
    first = asyncio.create_task(keys.once(SCOPE, make))
    await make.begun.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    make.gate.set()
    assert not (await keys.once(SCOPE, make)).replayed


@pytest.mark.anyio
async def test_between_two_processes_the_transaction_decides(
    records: SqliteRecords, tmp_path: Path
) -> None:
    elsewhere = SqliteRecords(tmp_path / "flexura.db")
    here, there = Maker(records), Maker(elsewhere)
    before = await here.made()
    here.gate.clear()
    first = asyncio.create_task(IdempotencyKeys(records).once(SCOPE, here))
    await here.begun.wait()
    winner = await IdempotencyKeys(elsewhere).once(SCOPE, there)
    here.gate.set()
    loser = await first
    await elsewhere.aclose()
    assert (winner.replayed, loser.replayed) == (False, True)
    assert loser.answer["id"] == winner.answer["id"]
    assert await here.made() == before + 1, "what the second wrote was rolled back"


@pytest.mark.anyio
async def test_keys_are_forgotten_after_thirty_days_unless_they_made_a_job(
    records: SqliteRecords,
) -> None:
    day, now = 86_400_000, now_ms()

    def work(tx: Tx) -> None:
        for days, job_id in ((31, ""), (31, "job_1"), (29, ""), (0, "")):
            used = Idempotency("x", job_id=job_id, status=201, answer="{}")
            tx.insert_idempotency("ws_1", "things", f"{days}{job_id}", used, now - days * day)

    await records.transact(work)
    assert await IdempotencyKeys(records).sweep(now) == 1
    left = [
        key
        for key in ("31", "31job_1", "29", "0")
        if await records.transact(lambda tx, key=key: tx.idempotency("ws_1", "things", key))
    ]
    assert left == ["31job_1", "29", "0"]
