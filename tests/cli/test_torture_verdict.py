"""The verdict of `flexura torture` finds what there is: faults are put into the store of a quiet run."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from flexura.cli.torture import verdict
from flexura.cli.torture.evidence import gather
from flexura.cli.torture.place import Place
from flexura.cli.torture.plan import KEYED, UNKEYED
from flexura.cli.torture.run import Options, Run
from flexura.cli.torture.verdict import Verdict

DONE = "state = 'completed' AND parent_id = '' AND provider <> 'template'"


@dataclass
class Quiet:
    """A run without blows, and the store that it left."""

    run: Run
    place: Place

    def rows(self, statement: str) -> list[tuple[str, ...]]:
        """Change or read the store behind everybody's back."""
        with closing(sqlite3.connect(self.place.settings.database)) as database, database:
            return database.execute(statement).fetchall()

    def blob(self) -> Path:
        """The bytes of some finished file."""
        [(sha256, *_), *_] = self.rows("SELECT sha256 FROM artifacts WHERE role = 'main'")
        return self.place.settings.home / "artifacts" / sha256[:2] / sha256[2:]

    def judged(self) -> Verdict:
        """The verdict on what is there now."""
        run = self.run
        evidence = asyncio.run(gather(self.place))
        return verdict.judge(run.orders, run.accepted, run.upstream.account, evidence)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Quiet:
    folder = tmp_path_factory.mktemp("quiet")
    options = Options(kills=0, jobs=16, seed=4, upstreams=(KEYED, UNKEYED), deadline=60)
    run = Run(options, folder, lambda run: None)
    report = asyncio.run(run.whole())
    assert report.verdict is not None and report.ok, report.verdict
    assert run.place is not None
    return Quiet(run, run.place)


@pytest.fixture
def quiet(finished: Quiet, tmp_path: Path) -> Iterator[Quiet]:
    """A copy that may be damaged."""
    folder = tmp_path / "copy"
    shutil.copytree(finished.place.folder, folder)
    settings = replace(finished.place.settings, home=folder / "home")
    run = deepcopy_of(finished.run)
    yield Quiet(run, replace(finished.place, folder=folder, settings=settings))


def deepcopy_of(run: Run) -> Run:
    copy = Run(run.options, run.report.folder, lambda run: None)
    copy.accepted = deepcopy(run.accepted)
    copy.upstream.account = deepcopy(run.upstream.account)
    return copy


def only(found: Verdict, kind: str) -> str:
    """The first finding, which must be of that kind alone."""
    assert [name for name, lines in found.findings.items() if lines] == [kind], found
    return found.findings[kind][0]


def test_nothing_is_found_where_nothing_is_wrong(quiet: Quiet) -> None:
    found = quiet.judged()
    assert found.ok, found
    # Each was bought, or cut off before it was: then it may not be bought again, and is no purchase.
    assert found.purchases + found.unknown["not_charged"] >= 16 and found.ended["completed"] >= 12


def test_a_job_that_is_not_there_is_lost(quiet: Quiet) -> None:
    [(job, *_), *_] = quiet.rows(f"SELECT id FROM jobs WHERE {DONE}")
    quiet.rows(f"DELETE FROM idempotency_keys WHERE job_id = '{job}'")
    quiet.rows(f"DELETE FROM jobs WHERE id = '{job}'")
    found = quiet.judged()
    assert f"{job} was promised" in found.lost[0]
    assert found.unaccounted and found.ledger


def test_a_job_that_never_ended_is_lost(quiet: Quiet) -> None:
    quiet.rows(f"UPDATE jobs SET state = 'running' WHERE id = (SELECT id FROM jobs WHERE {DONE})")
    assert "never ended: it is running" in quiet.judged().lost[0]


def test_a_job_that_ended_without_a_true_reason_is_lost(quiet: Quiet) -> None:
    quiet.rows(
        "UPDATE jobs SET state = 'failed', error_code = 'internal_error'"
        f" WHERE id = (SELECT id FROM jobs WHERE {DONE})"
    )
    assert "ended as failed internal_error" in quiet.judged().lost[0]


def test_doubt_where_the_upstream_knows_a_repeated_order_is_a_loss(quiet: Quiet) -> None:
    quiet.rows(
        "UPDATE jobs SET state = 'failed', error_code = 'outcome_unknown'"
        f" WHERE id = (SELECT id FROM jobs WHERE {DONE} AND provider = '{KEYED}')"
    )
    assert "knows a repeated order" in quiet.judged().lost[0]


def test_what_was_bought_twice_is_doubled(quiet: Quiet) -> None:
    account = quiet.run.upstream.account
    sale = next(iter(account.sales.values()))
    account.buy(UNKEYED, sale.order, "", 0, fails=False)
    assert f"{sale.order} was bought more than once" in quiet.judged().doubled


def test_an_order_with_a_key_that_became_two_jobs_is_doubled(quiet: Quiet) -> None:
    first, second = [order for order in quiet.run.orders if order.way == "http"][:2]
    quiet.rows(f"UPDATE jobs SET prompt = '{first.prompt}' WHERE prompt = '{second.prompt}'")
    assert only(quiet.judged(), "doubled").startswith(f"order {first.number} became 2 jobs")


def test_a_purchase_that_no_job_knows_of_is_unaccounted(quiet: Quiet) -> None:
    [(job, *_), *_] = quiet.rows(f"SELECT id FROM jobs WHERE {DONE}")
    quiet.run.upstream.account.buy(UNKEYED, f"{job}.7", "", 0, fails=False)
    assert f"was sold to {job}" in only(quiet.judged(), "unaccounted")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE accounts SET spent = spent + 1 WHERE spent > 0",
        "UPDATE accounts SET reserved = 1 WHERE spent > 0",
        "UPDATE budget_uses SET spent = spent - 1",
        "DELETE FROM credit_entries WHERE rowid ="
        " (SELECT rowid FROM credit_entries WHERE kind = 'settle' LIMIT 1)",
    ],
)
def test_a_ledger_that_drifted_is_found(quiet: Quiet, damage: str) -> None:
    quiet.rows(damage)
    assert only(quiet.judged(), "ledger")


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.write_bytes(b"x" + file.read_bytes()[1:]),
        lambda file: file.unlink(),
    ],
    ids=["cut", "changed", "gone"],
)
def test_a_torn_file_is_found(quiet: Quiet, damage: Callable[[Path], object]) -> None:
    damage(quiet.blob())
    assert "its bytes" in only(quiet.judged(), "torn")


def test_a_file_of_another_job_is_found(quiet: Quiet) -> None:
    quiet.rows("UPDATE artifacts SET sha256 = (SELECT max(sha256) FROM artifacts)")
    assert "not what the upstream gave" in only(quiet.judged(), "torn")


def test_a_completed_job_without_a_file_is_found(quiet: Quiet) -> None:
    quiet.rows(f"DELETE FROM artifacts WHERE job_id = (SELECT id FROM jobs WHERE {DONE})")
    assert "has no file" in only(quiet.judged(), "torn")


def test_a_damaged_database_is_found(quiet: Quiet) -> None:
    path = quiet.place.settings.database
    quiet.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 40_000)
    assert quiet.judged().integrity
