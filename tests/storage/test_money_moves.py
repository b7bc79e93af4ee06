"""Credits and budgets move exactly, and never below nothing where that counts."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flexura.domain.credits import Account, BudgetUse
from flexura.ports.records import Records
from flexura.storage.sqlite import connect
from flexura.storage.sqlite_tx import SqliteTx

WORKSPACES = ("ws_metered", "ws_free")
MOST = 50
amounts = st.integers(-60, 60)
moves = st.lists(st.tuples(st.sampled_from(WORKSPACES), amounts, amounts, amounts), max_size=40)
uses = st.lists(
    st.tuples(st.sampled_from(("b1", "b2")), st.sampled_from(("day", "next")), amounts, amounts),
    max_size=40,
)
many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def connection(database: Path):
    opened = connect(database, writing=True)
    opened.execute("PRAGMA synchronous=OFF")
    yield opened
    opened.close()


def begin(connection: sqlite3.Connection) -> SqliteTx:
    """A transaction with two empty accounts and unused budgets; the one before is undone."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    connection.execute("BEGIN")
    tx = SqliteTx(connection)
    for workspace in WORKSPACES:
        tx.insert(Account(workspace, metered=workspace == "ws_metered"))
    return tx


@many
@given(moves)
def test_any_moves_give_the_sums_of_those_that_were_not_refused(
    connection: sqlite3.Connection, moves: list[tuple[str, int, int, int]]
) -> None:
    tx = begin(connection)
    expected = {w: Account(w, metered=w == "ws_metered") for w in WORKSPACES}
    for workspace, granted, reserved, spent in moves:
        old = expected[workspace]
        new = Account(
            workspace,
            old.metered,
            old.granted + granted,
            old.spent + spent,
            old.reserved + reserved,
        )
        allowed = not old.metered or new.available >= 0 or new.available >= old.available
        moved = tx.move_account(workspace, granted=granted, reserved=reserved, spent=spent)
        assert moved == allowed
        expected[workspace] = new if allowed else old
        assert tx.get(Account, workspace) == expected[workspace]
    assert expected["ws_metered"].available >= 0


@many
@given(uses)
def test_a_budget_never_sees_more_than_its_most_in_any_window(
    connection: sqlite3.Connection, uses: list[tuple[str, str, int, int]]
) -> None:
    tx = begin(connection)
    seen: dict[tuple[str, str], tuple[int, int]] = {}
    for budget, window, reserved, spent in uses:
        before = seen.get((budget, window), (0, 0))
        more, total = reserved + spent, sum(before) + reserved + spent
        allowed = more <= 0 or (total <= MOST and more <= MOST)
        if total <= MOST < more:
            continue  # less than nothing was used: only a budget that gave back too much gets there
        moved = tx.move_budget(budget, window, MOST, reserved=reserved, spent=spent)
        assert moved == allowed, (before, reserved, spent)
        if allowed:
            seen[budget, window] = (before[0] + reserved, before[1] + spent)
        expected = BudgetUse(budget, window, *seen.get((budget, window), (0, 0)))
        assert tx.budget_use(budget, window) == expected
        assert expected.reserved + expected.spent <= MOST


def test_an_account_that_does_not_exist_is_not_moved(connection: sqlite3.Connection) -> None:
    assert not begin(connection).move_account("ws_nobody", granted=5)


def test_a_metered_account_that_owes_may_be_paid_back_and_not_owe_more(
    connection: sqlite3.Connection,
) -> None:
    tx = begin(connection)
    tx.change(Account, "ws_metered", spent=10)
    assert tx.move_account("ws_metered", granted=4)
    assert tx.move_account("ws_metered", reserved=3, granted=3)
    assert not tx.move_account("ws_metered", reserved=1)
    account = tx.get(Account, "ws_metered")
    assert account is not None and account.available == -6


def test_a_refused_budget_leaves_no_trace(connection: sqlite3.Connection) -> None:
    tx = begin(connection)
    before = connection.total_changes
    assert not tx.move_budget("b1", "day", MOST, reserved=MOST + 1)
    assert tx.find(BudgetUse) == [] and connection.total_changes == before
    assert tx.move_budget("b1", "day", MOST, reserved=MOST)
    assert not tx.move_budget("b1", "day", MOST, spent=1)
    assert tx.move_budget("b1", "day", MOST, reserved=-MOST, spent=MOST)
    assert tx.budget_use("b1", "day") == BudgetUse("b1", "day", 0, MOST)
    assert tx.find(BudgetUse, budget_id="b1") == [BudgetUse("b1", "day", 0, MOST)]


def test_a_budget_that_was_made_smaller_is_settled_and_takes_nothing_new(
    connection: sqlite3.Connection,
) -> None:
    tx = begin(connection)
    assert tx.move_budget("b1", "day", 40, reserved=40)
    assert tx.move_budget("b1", "day", 5, reserved=-10, spent=10)
    assert not tx.move_budget("b1", "day", 5, reserved=1)


def test_several_who_spend_at_once_never_spend_the_same_credit(database: Path) -> None:
    first = connect(database, writing=True)
    SqliteTx(first).insert(Account("ws_metered", metered=True, granted=100))
    spent: list[int] = []

    def spend() -> None:
        connection = connect(database, writing=True)
        connection.execute("PRAGMA synchronous=OFF")
        tx = SqliteTx(connection)
        # Each statement is a transaction of its own: nothing but its guard keeps them apart.
        for _ in range(60):
            both = tx.move_budget("b1", "day", 80, spent=1) and tx.move_account(
                "ws_metered", spent=1
            )
            spent.append(int(both))
        connection.close()

    threads = [threading.Thread(target=spend) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    account = SqliteTx(first).get(Account, "ws_metered")
    use = SqliteTx(first).budget_use("b1", "day")
    first.close()
    assert sum(spent) == 80 and use.spent == 80
    assert account is not None and account.spent == 80


@pytest.mark.anyio
async def test_the_store_tells_what_a_budget_has_seen(records: Records) -> None:
    assert await records.budget_use("b1", "day") == BudgetUse("b1", "day")
    await records.transact(lambda tx: tx.move_budget("b1", "day", 9, reserved=4, spent=2))
    assert await records.budget_use("b1", "day") == BudgetUse("b1", "day", 4, 2)
