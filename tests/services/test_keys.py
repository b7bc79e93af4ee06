"""API keys: their form, their checks."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.domain.errors import InvalidApiKey, NotFound
from flexura.domain.workspace import new_secret, well_formed
from flexura.services.clock import now_ms
from flexura.services.keys import Keys
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords


@pytest.fixture
async def keys(tmp_path: Path) -> AsyncIterator[Keys]:
    migrate(tmp_path / "flexura.db")
    records = SqliteRecords(tmp_path / "flexura.db")
    yield Keys(records)
    await records.aclose()


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
async def test_an_expired_key_is_refused(keys: Keys) -> None:
    await keys.first_start()
    secret, key = await keys.create("soon over")
    workspace = await keys.workspace()
    from dataclasses import replace

    from flexura.domain.workspace import digest

    other = new_secret()
    expired = replace(key, id="key_x", sha256=digest(other), expires_at=now_ms() - 1)
    await keys._records.transact(lambda tx: tx.insert_key(expired))
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
