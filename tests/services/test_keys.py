"""API keys: their form, their checks, their life."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.domain.credits import MICRO, Budget
from flexura.domain.errors import Conflict, Forbidden, InvalidApiKey, NotFound
from flexura.domain.workspace import ApiKey, digest, new_secret, well_formed
from flexura.services.clock import now_ms
from flexura.services.keys import Keys, KeyTerms
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

DAY = 86_400_000


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[SqliteRecords]:
    migrate(tmp_path / "flexura.db")
    found = SqliteRecords(tmp_path / "flexura.db")
    yield found
    await found.aclose()


@pytest.fixture
def keys(records: SqliteRecords) -> Keys:
    return Keys(records)


def test_a_key_is_the_prefix_32_random_characters_and_a_checksum() -> None:
    assert re.fullmatch(r"fx_live_[0-9A-Za-z]{38}", new_secret())
    assert len({new_secret() for _ in range(200)}) == 200


@given(st.integers(min_value=8, max_value=45), st.sampled_from("0Zz"))
def test_one_mistyped_character_is_noticed_without_the_database(position: int, wrong: str) -> None:
    secret = new_secret()
    assert well_formed(secret)
    mistyped = secret[:position] + wrong + secret[position + 1 :]
    assert well_formed(mistyped) == (mistyped == secret)


@pytest.mark.anyio
async def test_the_first_start_makes_one_key_and_a_second_none(keys: Keys) -> None:
    secret = await keys.first_start()
    assert await keys.first_start() == ""
    assert (await keys.check(secret)).name == "first key"


@pytest.mark.anyio
async def test_nothing_of_the_secret_but_its_start_is_stored(keys: Keys, tmp_path: Path) -> None:
    secret = await keys.first_start()
    stored = (tmp_path / "flexura.db").read_bytes() + (tmp_path / "flexura.db-wal").read_bytes()
    assert secret.encode() not in stored and secret[16:].encode() not in stored


@pytest.mark.anyio
async def test_an_expired_key_is_refused(keys: Keys, records: SqliteRecords) -> None:
    await keys.first_start()
    secret, key = await keys.create("soon over")
    workspace = await keys.workspace()
    other = new_secret()
    expired = replace(key, id="key_x", sha256=digest(other), expires_at=now_ms() - 1)
    await records.transact(lambda tx: tx.insert_key(expired))
    assert (await keys.check(secret)).workspace_id == workspace.id
    with pytest.raises(InvalidApiKey, match="expired"):
        await keys.check(other)


@pytest.mark.anyio
async def test_revoking_names_the_active_keys_when_none_is_meant(keys: Keys) -> None:
    secret = await keys.first_start()
    key = await keys.check(secret)
    with pytest.raises(NotFound) as refusal:
        await keys.revoke("key_nope")
    assert key.id in refusal.value.next_step
    assert (await keys.revoke(secret[:16])).id == key.id
    assert not await keys.known(secret)


@pytest.mark.anyio
async def test_when_a_key_was_used_is_written_down_later(keys: Keys) -> None:
    secret = await keys.first_start()
    await keys.check(secret)
    await keys.note_used()
    assert (await keys.list())[0].last_used_at is not None


@pytest.mark.anyio
async def test_an_unknown_workspace_names_the_known_ones(keys: Keys) -> None:
    await keys.first_start()
    with pytest.raises(NotFound) as refusal:
        await keys.workspace("nope")
    assert "default" in refusal.value.next_step


@pytest.mark.anyio
async def test_a_rotated_key_works_beside_the_new_one_until_the_overlap_is_over(
    keys: Keys, records: SqliteRecords
) -> None:
    await keys.first_start()
    home = await keys.workspace()
    terms = KeyTerms(frozenset({"read"}), now_ms() + 90 * DAY, 5, budget=("day", 7 * MICRO))
    first = await keys.issue(home.id, "laptop", terms)
    made, old = await keys.rotate(first.key.id)
    assert made.key.name == "laptop" and made.key.scopes == {"read"}
    assert made.key.limits == {"requests_per_minute": 5}
    assert made.key.expires_at == first.key.expires_at
    assert old.replaced_by == made.key.id
    assert old.expires_at is not None and 0 < old.expires_at - now_ms() <= DAY
    assert await keys.known(first.secret) and await keys.known(made.secret)
    await records.transact(lambda tx: tx.change(ApiKey, old.id, expires_at=now_ms() - 1))
    assert not await keys.known(first.secret) and await keys.known(made.secret)


@pytest.mark.anyio
async def test_the_budget_of_a_rotated_key_follows_to_the_new_one(
    keys: Keys, records: SqliteRecords
) -> None:
    await keys.first_start()
    home = await keys.workspace()
    first = await keys.issue(home.id, "laptop", KeyTerms(budget=("day", 7 * MICRO)))
    made, _ = await keys.rotate(first.key.id)
    assert first.budget is not None
    assert await records.find(Budget, key_id=first.key.id) == []
    [budget] = await records.find(Budget, key_id=made.key.id)
    assert (budget.id, budget.most) == (first.budget.id, 7 * MICRO)


@pytest.mark.anyio
async def test_a_key_that_was_rotated_twice_leads_straight_to_the_newest(keys: Keys) -> None:
    await keys.first_start()
    _, first = await keys.create("laptop")
    second, _ = await keys.rotate(first.id)
    third, _ = await keys.rotate(second.key.id)
    by_id = {key.id: key.replaced_by for key in await keys.list()}
    assert by_id[first.id] == by_id[second.key.id] == third.key.id


@pytest.mark.anyio
async def test_an_overlap_of_nothing_ends_the_old_key_at_once(keys: Keys) -> None:
    await keys.first_start()
    secret, key = await keys.create("leaked")
    await keys.rotate(key.id, overlap_ms=0)
    assert not await keys.known(secret)


@pytest.mark.anyio
async def test_an_overlap_never_makes_a_key_live_longer(keys: Keys) -> None:
    await keys.first_start()
    soon = now_ms() + 1000
    made = await keys.issue((await keys.workspace()).id, "brief", KeyTerms(expires_at=soon))
    assert (await keys.rotate(made.key.id))[1].expires_at == soon


@pytest.mark.anyio
async def test_a_key_is_rotated_once(keys: Keys) -> None:
    await keys.first_start()
    _, key = await keys.create("laptop")
    made, _ = await keys.rotate(key.id)
    with pytest.raises(Conflict) as refusal:
        await keys.rotate(key.id)
    assert made.key.id in refusal.value.next_step


@pytest.mark.anyio
async def test_rotating_hands_out_no_scope_that_whoever_asks_lacks(keys: Keys) -> None:
    await keys.first_start()
    _, key = await keys.create("everything")
    with pytest.raises(Forbidden, match="generate, read, search"):
        await keys.rotate(key.id, held=frozenset({"admin"}))
    assert len(await keys.list()) == 2


@pytest.mark.anyio
async def test_a_workspace_has_a_bound_of_active_keys_and_revoked_ones_do_not_count(
    keys: Keys,
) -> None:
    await keys.first_start()
    home, terms = (await keys.workspace()).id, KeyTerms(most_active=3)
    made = [await keys.issue(home, f"key {i}", terms) for i in range(2)]
    with pytest.raises(Conflict, match="3 active keys"):
        await keys.issue(home, "one too many", terms)
    await keys.revoke(made[0].key.id)
    assert (await keys.issue(home, "in its place", terms)).key.name == "in its place"
