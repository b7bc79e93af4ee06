"""Workspaces and signing up: what is made together, what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from flexura.domain.access_rules import AccessRules, SignupRules, read
from flexura.domain.credits import MICRO, Account, CreditEntry
from flexura.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound, RateLimited
from flexura.domain.workspace import Invite, Workspace
from flexura.services.clock import now_ms
from flexura.services.keys import Keys
from flexura.services.sign_ups import SignUps
from flexura.services.workspaces import Workspaces, WorkspaceTerms
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

pytestmark = pytest.mark.anyio


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[SqliteRecords]:
    migrate(tmp_path / "flexura.db")
    found = SqliteRecords(tmp_path / "flexura.db")
    yield found
    await found.aclose()


def rules(mode: str, **changes: object) -> AccessRules:
    """Sign-up rules."""
    found = read({"signup": {"mode": mode}}, {})
    return replace(found, signup=replace(found.signup, **changes))  # pyright: ignore[reportArgumentType]


async def test_a_workspace_comes_with_its_account_its_grant_and_a_key_that_works(
    records: SqliteRecords,
) -> None:
    terms = WorkspaceTerms("studio", policy={"retention_days": 9}, credits=25 * MICRO)
    made = await Workspaces(records).create("acme-studio", terms)
    workspace = await records.get(Workspace, made.workspace.id)
    assert workspace == made.workspace
    assert (workspace.plan, workspace.policy) == ("studio", {"retention_days": 9})
    key = await Keys(records).check(made.first.secret)
    assert key.workspace_id == workspace.id
    assert await records.get(Account, workspace.id) == Account(workspace.id, True, 25 * MICRO)
    [entry] = await records.find(CreditEntry, workspace_id=workspace.id)
    assert (entry.kind, entry.granted) == ("grant", 25 * MICRO)


async def test_a_workspace_without_credits_is_unlimited_unless_it_is_metered(
    records: SqliteRecords,
) -> None:
    workspaces = Workspaces(records)
    assert not (await workspaces.create("free", WorkspaceTerms())).account.metered
    assert (await workspaces.create("paying", WorkspaceTerms(metered=True))).account.metered


async def test_a_name_that_is_taken_makes_nothing(records: SqliteRecords) -> None:
    workspaces = Workspaces(records)
    await workspaces.create("acme", WorkspaceTerms())
    with pytest.raises(Conflict):
        await workspaces.create("acme", WorkspaceTerms())
    assert len(await workspaces.list()) == 1


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "a/b", "ä", "a" * 41, "a\x00"])
async def test_a_name_that_is_no_slug_is_refused(records: SqliteRecords, name: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        await Workspaces(records).create(name, WorkspaceTerms())
    assert refusal.value.field == "name"


async def test_rules_are_set_one_by_one_and_taken_back(records: SqliteRecords) -> None:
    workspaces = Workspaces(records)
    await workspaces.create("acme", WorkspaceTerms(policy={"retention_days": 9}))
    changed = await workspaces.change("acme", plan="studio", policy={"most_queued": 5})
    assert changed.policy == {"retention_days": 9, "most_queued": 5}
    changed = await workspaces.change("acme", approved=False, policy={"retention_days": None})
    assert (changed.policy, changed.plan, changed.approved) == ({"most_queued": 5}, "studio", False)
    with pytest.raises(NotFound, match="nope"):
        await workspaces.change("nope", approved=True)


async def test_where_sign_up_is_off_there_is_nothing(records: SqliteRecords) -> None:
    with pytest.raises(NotFound):
        await SignUps(records, AccessRules()).sign_up("Ada", "acme", "", "")


async def test_an_open_door_gives_a_metered_workspace_with_what_the_settings_say(
    records: SqliteRecords,
) -> None:
    made = await SignUps(records, rules("open", credits=3.5, plan="beta")).sign_up(
        "Ada", "acme", "", ""
    )
    assert (made.workspace.plan, made.workspace.approved) == ("beta", True)
    assert made.account == Account(made.workspace.id, True, int(3.5 * MICRO))
    assert made.first.key.name == "Ada"


async def test_a_code_opens_the_door_once(records: SqliteRecords) -> None:
    sign_ups = SignUps(records, rules("invite"))
    code, invite = await sign_ups.invite(40 * MICRO)
    made = await sign_ups.sign_up("Ada", "acme", code, "")
    assert made.account.granted == 40 * MICRO
    used = await records.get(Invite, invite.id)
    assert used is not None and used.workspace_id == made.workspace.id and used.used_at
    with pytest.raises(Forbidden, match="used before"):
        await sign_ups.sign_up("Eve", "evil", code, "")
    assert [w.name for w in await Workspaces(records).list()] == ["acme"]


async def test_twenty_who_use_one_code_at_once_make_one_workspace(records: SqliteRecords) -> None:
    sign_ups = SignUps(records, rules("invite"))
    code, _ = await sign_ups.invite()
    calls = [sign_ups.sign_up("Ada", f"acme-{i}", code, "") for i in range(20)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(outcome, Forbidden) for outcome in outcomes) == 19
    assert len(await Workspaces(records).list()) == 1


async def test_a_taken_name_does_not_use_up_the_code(records: SqliteRecords) -> None:
    sign_ups = SignUps(records, rules("invite"))
    await Workspaces(records).create("acme", WorkspaceTerms())
    code, _ = await sign_ups.invite()
    with pytest.raises(Conflict):
        await sign_ups.sign_up("Ada", "acme", code, "")
    assert (await sign_ups.sign_up("Ada", "other", code, "")).workspace.name == "other"


@pytest.mark.parametrize("code", ["", "fx_invite_wrong"])
async def test_without_a_good_code_an_invited_door_stays_shut(
    records: SqliteRecords, code: str
) -> None:
    with pytest.raises(Forbidden):
        await SignUps(records, rules("invite")).sign_up("Eve", "evil", code, "")
    assert await Workspaces(records).list() == []


async def test_a_code_that_is_too_old_opens_nothing(records: SqliteRecords) -> None:
    sign_ups = SignUps(records, rules("invite"))
    code, invite = await sign_ups.invite()
    await records.transact(lambda tx: tx.change(Invite, invite.id, expires_at=now_ms() - 1))
    with pytest.raises(Forbidden, match="too old"):
        await sign_ups.sign_up("Ada", "acme", code, "")


async def test_a_code_is_kept_as_a_hash_alone(records: SqliteRecords, tmp_path: Path) -> None:
    code, _ = await SignUps(records, rules("invite")).invite()
    stored = b"".join(p.read_bytes() for p in tmp_path.glob("flexura.db*"))
    assert code.encode() not in stored


async def test_who_comes_uninvited_to_a_closed_environment_waits_for_approval(
    records: SqliteRecords,
) -> None:
    closed = replace(rules("open"), environment="closed-beta")
    sign_ups = SignUps(records, closed)
    assert not (await sign_ups.sign_up("Ada", "uninvited", "", "")).workspace.approved
    code, _ = await sign_ups.invite()
    assert (await sign_ups.sign_up("Ada", "invited", code, "")).workspace.approved


async def test_an_address_that_tries_too_often_is_told_to_wait(records: SqliteRecords) -> None:
    sign_ups = SignUps(records, rules("invite", attempts_per_hour=3))
    for _ in range(3):
        with pytest.raises(Forbidden):
            await sign_ups.sign_up("Eve", "evil", "guess", "198.51.100.7")
    with pytest.raises(RateLimited):
        await sign_ups.sign_up("Eve", "evil", "guess", "198.51.100.7")
    with pytest.raises(Forbidden):
        await sign_ups.sign_up("Ada", "acme", "guess", "203.0.113.9")


async def test_the_rules_come_from_the_file_and_the_environment_goes_before() -> None:
    file = {
        "gateway": {"environment": "closed-beta"},
        "limits": {"requests_per_minute": 60, "most_queued": 7},
        "plans": {"hobby": {"api": False}, "studio": {}},
        "signup": {"mode": "open", "credits": 5, "plan": "beta"},
    }
    found = read(file, {"FLEXURA_SIGNUP": "invite"})
    assert found.closed and found.plans_without_api == {"hobby"}
    assert (found.requests_per_minute, found.most_queued) == (60, 7)
    assert found.signup == SignupRules("invite", 5.0, "beta")
    assert not read(file, {"FLEXURA_ENVIRONMENT": "Production"}).closed


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ({"signup": {"mode": "maybe"}}, "maybe"),
        ({"signup": {"credits": -1}}, "signup"),
        ({"limits": {"most_queued": "many"}}, "most_queued"),
        ({"limits": 5}, "limits"),
        ({"plans": {"hobby": 5}}, "hobby"),
    ],
)
async def test_a_rule_that_cannot_be_read_is_named(table: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidRequest, match=name):
        read(table, {})
