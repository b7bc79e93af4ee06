"""Records that are kept as they are: what goes in comes out, for every kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import psycopg
import pytest

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Account, Budget, BudgetUse, CreditEntry
from flexura.domain.pace import Pace
from flexura.domain.publication import Publication
from flexura.domain.session import Session, SignInCode
from flexura.domain.template import Step, Template, TemplateInput
from flexura.domain.upload import Upload
from flexura.domain.webhook import Delivery, Endpoint, SigningSecret
from flexura.domain.workspace import ApiKey, Invite, Workspace
from flexura.ports.records import Idempotency, Record, Records
from flexura.storage.kinds import KINDS
from storage_house import NOW, artifact

pytestmark = pytest.mark.anyio
TEMPLATE = Template(
    "tpl_1",
    "ws_1",
    "poster",
    2,
    "Poster, ünïcode",
    NOW,
    views=("template", "preset"),
    inputs=(
        TemplateInput("mood", "CHOICE", choices=("calm", "wild"), default="calm"),
        TemplateInput("size", "NUMBER", required=False, minimum=0.5, maximum=8, default=1),
        TemplateInput("many", "TEXT", many=True, default=["a", "b"]),
    ),
    steps=(
        Step("draw", "image", "{{inputs.mood}}", options={"width": 64, "deep": {"a": [1]}}, n=2),
        Step("cut", "transform", inputs=("mask={{steps.draw}}",), needs=("draw",), kind="image"),
    ),
    outputs=("cut",),
)
ONE_OF_EACH: list[Record] = [
    Account("ws_1", metered=True, granted=9_000_000_000_000, spent=1, reserved=2),
    ApiKey("key_1", "ws_1", "n", "p", "f" * 64, frozenset({"read", "admin"}), NOW, limits={"a": 1}),
    artifact(id="art_1", width=64, seconds=1.5, expires_at=NOW, review="selected"),
    Budget("bud_1", "ws_1", "month", 5, NOW, key_id="key_1"),
    CreditEntry("ent_1", "ws_1", "reserve", NOW, reserved=5, job_id="job_1", note="n"),
    Delivery("msg_1", "ws_1", "https://example.org", "job.failed", '{"a": 1}', NOW, next_at=NOW),
    Endpoint("ep_1", "ws_1", "https://example.org", NOW, ("job.failed", "job.queued"), "d"),
    Invite("inv_1", "f" * 64, NOW, NOW + 9, -1, workspace_id="ws_1"),
    Publication("pub_1", "job_1", "ws_1", "bucket", "s3", NOW, error="e", tries=2),
    Session("f" * 64, "ws_1", "key_1", NOW, NOW + 9),
    SignInCode("e" * 64, "ws_1", "key_1", NOW, NOW + 9),
    SigningSecret("sec_1", "ws_1", "whsec_x", NOW, expires_at=NOW + 1),
    TEMPLATE,
    Upload("art_2", "ws_1", 500, 20, NOW, NOW + 9),
    Workspace("ws_1", "mine", NOW, plan="p", approved=False, policy={"retention_days": 3}),
    Pace("acme", 2.5, NOW, NOW + 9),
]
NULLABLE: list[tuple[Record, str, object]] = [
    (ONE_OF_EACH[1], "revoked_at", NOW),
    (ONE_OF_EACH[6], "disabled_at", NOW),
    (ONE_OF_EACH[11], "expires_at", NOW),
]


def name_of(record: object) -> str:
    return type(record).__name__


def key_of(record: Record) -> str:
    return getattr(record, KINDS[type(record)].key.name)


async def prepared(records: Records, record: Record) -> None:
    if isinstance(record, ApiKey):
        await records.transact(lambda tx: tx.insert(Workspace("ws_1", "mine", NOW)))
    await records.transact(lambda tx: tx.insert(record))


def test_every_kind_of_record_has_its_table() -> None:
    assert set(KINDS) == set(get_args(Record))
    assert {type(record) for record in ONE_OF_EACH} == set(KINDS) - {BudgetUse}


def test_every_column_of_a_kind_is_a_field_of_it() -> None:
    for kind in KINDS.values():
        assert set(kind.names) == {column.name for column in kind.table.c}, kind.record


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=name_of)
async def test_a_record_comes_back_as_it_was_stored(records: Records, record: Record) -> None:
    await prepared(records, record)
    kind, key = type(record), key_of(record)
    assert await records.get(kind, key) == record
    assert await records.transact(lambda tx: tx.get(kind, key)) == record
    assert await records.find(kind) == [record]
    assert await records.transact(lambda tx: tx.find(kind)) == [record]
    assert await records.get(kind, "nobody") is None


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=name_of)
async def test_a_record_is_found_by_each_of_its_columns(records: Records, record: Record) -> None:
    await prepared(records, record)
    for name in KINDS[type(record)].names:
        value = getattr(record, name)
        assert await records.find(type(record), **{name: value}) == [record], name
        other = "else" if isinstance(value, str) else None if value is not None else 7
        assert await records.find(type(record), **{name: other}) == [], name


@pytest.mark.parametrize(("record", "name", "value"), NULLABLE)
async def test_what_was_empty_is_found_by_none_until_it_is_set(
    records: Records, record: Record, name: str, value: object
) -> None:
    empty = replace(record, **{name: None})
    await prepared(records, empty)
    kind = type(record)
    assert await records.find(kind, **{name: None}) == [empty]
    changed = await records.transact(lambda tx: tx.change(kind, key_of(record), **{name: value}))
    assert changed == replace(record, **{name: value})
    assert await records.find(kind, **{name: None}) == []
    assert await records.get(kind, key_of(record)) == changed


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=name_of)
async def test_a_removed_record_is_gone(records: Records, record: Record) -> None:
    await prepared(records, record)
    kind, key = type(record), key_of(record)
    assert await records.transact(lambda tx: tx.remove(kind, key))
    assert not await records.transact(lambda tx: tx.remove(kind, key))
    assert await records.get(kind, key) is None
    assert await records.transact(lambda tx: tx.change(kind, key)) is None


async def test_json_and_flags_are_changed_as_they_are_stored(records: Records) -> None:
    await records.transact(lambda tx: tx.insert(TEMPLATE))
    await records.transact(lambda tx: tx.insert(ONE_OF_EACH[0]))
    step = Step("last", "publish", needs=("cut",))
    changed = await records.transact(
        lambda tx: tx.change(Template, "tpl_1", steps=(step,), views=(), deleted_at=NOW)
    )
    assert changed == replace(TEMPLATE, steps=(step,), views=(), deleted_at=NOW)
    await records.transact(lambda tx: tx.change(Account, "ws_1", metered=False))
    account = await records.get(Account, "ws_1")
    assert account is not None and account.metered is False


async def test_records_come_in_the_order_of_their_time_and_id(records: Records) -> None:
    def entry(id_: str, at: int, workspace: str = "ws_1") -> CreditEntry:
        return CreditEntry(id_, workspace, "grant", at)

    made = [entry("c", 2), entry("b", 1), entry("a", 2), entry("d", 1), entry("x", 1, "ws_2")]
    for one in made:
        await records.transact(lambda tx, one=one: tx.insert(one))

    async def found(**wanted: Any) -> str:
        return "".join(e.id for e in await records.find(CreditEntry, workspace_id="ws_1", **wanted))

    assert await found() == "bdac"
    assert await found(newest_first=True) == "cadb"
    assert await found(limit=2) == "bd"
    assert await found(newest_first=True, limit=1) == "c"
    assert await found(kind="grant", at=2) == "ac"


@pytest.mark.parametrize(
    "ask",
    [
        lambda tx: tx.find(Endpoint, nothing=1),
        lambda tx: tx.find(Endpoint, nothing=None),
        lambda tx: tx.change(Endpoint, "ep_1", nothing=1),
    ],
)
async def test_a_column_that_does_not_exist_is_a_mistake_in_the_code(
    records: Records, ask: Callable[[Any], object]
) -> None:
    with pytest.raises(TypeError, match="Endpoint has no nothing"):
        await records.transact(ask)


async def test_nothing_is_stored_twice_under_one_key(records: Records) -> None:
    await records.transact(lambda tx: tx.insert(TEMPLATE))
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation)):
        await records.transact(lambda tx: tx.insert(replace(TEMPLATE, id="tpl_2")))


async def test_what_came_of_an_idempotency_key_is_kept_with_it(records: Records) -> None:
    used = Idempotency("abc", status=201, answer='{"id": "tpl_1"}')
    await records.transact(lambda tx: tx.insert_idempotency("ws_1", "r", "k", used, NOW))
    assert await records.transact(lambda tx: tx.idempotency("ws_1", "r", "k")) == used


async def test_artifacts_of_a_job_are_found_like_any_record(records: Records) -> None:
    first, second = artifact(id="art_1"), artifact(id="art_2", job_id="job_2")
    await records.transact(lambda tx: [tx.insert(one) for one in (first, second)])
    assert await records.find(Artifact, job_id="job_2") == [second]
    assert await records.artifacts_of(["job_1"]) == {"job_1": [first]}
