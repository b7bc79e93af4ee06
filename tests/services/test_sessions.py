"""Sessions that are over do not pile up."""

from __future__ import annotations

from typing import Any, cast

import pytest

from flexura.domain.session import Session, SignInCode
from flexura.services.clock import now_ms
from flexura.services.sessions import Sessions
from flexura.storage.sqlite import SqliteRecords

pytestmark = pytest.mark.anyio


async def test_what_is_over_is_forgotten_and_nothing_else(records: SqliteRecords) -> None:
    later = now_ms() + 60_000
    for one in (
        Session("over", "ws", "key", 1, 2),
        Session("good", "ws", "key", 1, later),
        SignInCode("over", "ws", "key", 1, 2),
        SignInCode("good", "ws", "key", 1, later),
    ):
        await records.transact(lambda tx, one=one: tx.insert(one))
    await Sessions(records, cast("Any", None)).sweep()
    assert [one.id for one in await records.find(Session)] == ["good"]
    assert [one.id for one in await records.find(SignInCode)] == ["good"]
