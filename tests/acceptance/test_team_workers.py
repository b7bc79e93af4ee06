"""Workers of a team as real processes: killed, paused, drained, and asked to stop by another replica."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres_house import Cluster
from team_house import Member, Team, free_port, team_of

LEASE = 1.5
"""Seconds, so that nobody waits long; `benchmarks/bench_team.py` measures with the lease of earnest."""


@pytest.fixture
def team(postgres_cluster: Cluster, tmp_path: Path) -> Iterator[Team]:
    variables = {"FLEXURA_LEASE_SECONDS": str(LEASE)}
    with team_of(tmp_path / "team", postgres_cluster.fresh(), variables=variables) as team:
        yield team


def polled_by(team: Team, job_id: str, *, not_by: Member | None = None) -> int:
    """The process that asks for a job, once there is one."""
    without = not_by.process.pid if not_by else 0
    found = team.until(lambda: [t for t in team.told("poll", job_id) if t.pid != without])
    return int(found[0].pid)


def ended(team: Team, job_id: str) -> str:
    """How a job ended: `completed`, or its error code."""
    text = (
        "SELECT coalesce(nullif(error_code, ''), state) FROM jobs WHERE id = %s"
        " AND state IN ('completed', 'failed', 'canceled')"
    )
    return str(team.until(lambda: team.rows(text, job_id))[0][0])


def paused(team: Team, member: Member) -> None:
    """Stop a process between its transactions: one that sleeps within one keeps its locks for 10 s."""
    busy = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'flexura' AND state <> 'idle'"

    def stopped() -> bool:
        member.signal(signal.SIGSTOP)
        if not team.rows(busy):
            return True
        member.signal(signal.SIGCONT)
        return False

    team.until(stopped)


@pytest.mark.timeout(120)
def test_a_worker_that_was_paused_or_killed_is_overtaken_and_buys_nothing_again(
    team: Team,
) -> None:
    replica, first = team.replica("--no-worker"), team.worker()
    slow, long = team.order(replica, "slow to sell"), team.order(replica, "tick")
    polled_by(team, long)
    team.until(lambda: team.told("submit", slow))
    paused(team, first)
    second = team.worker()
    assert polled_by(team, long, not_by=first) == second.process.pid
    # Nobody knows what became of the order that was under way: it is told, and not sent again.
    assert ended(team, slow) == "outcome_unknown"
    taken_over = time.time()
    first.signal(signal.SIGCONT)
    # It has noticed by the time at which it is of use again.
    others = [team.order(replica, f"tick {n}") for n in range(3)]
    for other in others:
        # Sold, and its handle is kept: nothing that is under way dies with the second one.
        polled_by(team, other)
    second.signal(signal.SIGKILL)
    killed = time.time()
    assert polled_by(team, long, not_by=second) == first.process.pid
    team.until(
        lambda: [
            t
            for t in team.told("poll", long)
            if t.pid == first.process.pid and t.at > killed + LEASE / 2
        ]
    )
    (team.home / "until").touch()
    assert {ended(team, job_id) for job_id in (long, *others)} == {"completed"}
    assert ended(team, slow) == "outcome_unknown"
    sold = [told.job_id for told in team.told("submit")]
    assert sorted(sold) == sorted({slow, long, *others})
    # Between its waking up and the end of the second one it asked for that job once at most.
    between = [
        told
        for told in team.told("poll", long)
        if told.pid == first.process.pid and taken_over < told.at < killed
    ]
    assert len(between) <= 1


@pytest.mark.timeout(120)
def test_a_worker_that_is_asked_to_stop_finishes_its_purchase_and_leaves_the_rest_to_others(
    team: Team,
) -> None:
    replica, first = team.replica("--no-worker"), team.worker(free_port())
    assert team.ask(first, "GET", "/healthz/ready")["status"] == "ready"
    slow, long = team.order(replica, "slow to sell"), team.order(replica, "hang")
    polled_by(team, long)
    team.until(lambda: team.told("submit", slow))
    first.signal(signal.SIGTERM)
    assert first.ended() == 0
    assert [t.job_id for t in team.told("sold")].count(slow) == 1
    second = team.worker()
    assert polled_by(team, long, not_by=first) == second.process.pid
    assert ended(team, slow) == "completed"
    assert len(team.told("submit", slow)) == 1

    # Asked by another replica, a worker drops what it does at once, also in the middle of a question.
    asking = team.order(replica, "hang in poll")
    polled_by(team, asking)
    other = team.replica("--no-worker")
    for job_id in (asking, long):
        began = time.time()
        team.ask(other, "DELETE", f"/api/jobs/{job_id}")
        assert ended(team, job_id) == "canceled"
        assert team.told("cancel", job_id)[0].at - began < 1.0

    # Who asks twice waits for nothing.
    last = team.order(replica, "slow to sell")
    team.until(lambda: team.told("submit", last))
    second.signal(signal.SIGTERM)
    time.sleep(0.1)
    second.signal(signal.SIGTERM)
    assert second.ended() == 1
    replica.signal(signal.SIGTERM)
    assert replica.ended() == 0
