"""How often somebody may ask, and how many jobs may wait."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.domain.errors import Overloaded, RateLimited
from flexura.domain.job import Job
from flexura.domain.workspace import Workspace
from flexura.ports.search_engine import Rate
from flexura.services.limits import Limiter, network_of
from flexura.services.queue_caps import QueueCaps

SIXTY = Rate(60, 60.0)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_is_left_and_when_all_of_it_is_back_are_told() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    first = limiter.take("key", SIXTY)
    assert (first.limit, first.window, first.remaining, first.resets_in) == (60, 60, 59, 1)
    for _ in range(29):
        last = limiter.take("key", SIXTY)
    assert (last.remaining, last.resets_in) == (30, 30)
    clock.now += 10
    assert limiter.take("key", SIXTY).remaining == 39


def test_over_the_limit_it_is_told_when_to_come_back_and_one_then_comes_in() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for _ in range(60):
        limiter.take("key", SIXTY).check()
    over = limiter.take("key", SIXTY)
    assert (over.remaining, over.retry_after) == (0, 1)
    with pytest.raises(RateLimited) as refusal:
        over.check()
    assert refusal.value.details["retry_after"] == 1
    clock.now += over.retry_after
    limiter.take("key", SIXTY).check()


def test_one_name_does_not_use_up_what_another_has() -> None:
    limiter = Limiter(Clock())
    for _ in range(61):
        limiter.take("noisy", SIXTY)
    assert limiter.take("quiet", SIXTY).remaining == 59


def test_another_rate_holds_from_the_next_request_on() -> None:
    limiter = Limiter(Clock())
    limiter.take("key", SIXTY)
    assert limiter.take("key", Rate(10, 60.0)).remaining == 9


def test_names_beyond_a_bound_are_forgotten_the_longest_unused_first() -> None:
    limiter = Limiter(Clock(), most=100)
    for i in range(1000):
        limiter.take("kept", SIXTY)
        limiter.take(f"address {i}", SIXTY)
    assert len(limiter._buckets) == 100
    assert "kept" in limiter._buckets and "address 0" not in limiter._buckets


@given(st.lists(st.floats(0, 5), max_size=300))
def test_no_pattern_of_asking_gets_more_than_the_bucket_and_what_flows_into_it(
    pauses: list[float],
) -> None:
    clock = Clock()
    limiter, begun, taken = Limiter(clock), clock.now, 0
    for pause in pauses:
        clock.now += pause
        taken += not limiter.take("key", Rate(20, 60.0)).retry_after
        assert taken <= 20 + (clock.now - begun) / 3 + 1e-3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_customer_is_one_however_many_addresses_it_has(address: str, network: str) -> None:
    assert network_of(address) == network


class Waiting:
    """A transaction in which so many jobs wait."""

    def __init__(self, waiting: int, **policy: Any) -> None:
        self.waiting = waiting
        self.counts = 0
        self.workspace = Workspace("ws_1", "one", 1, policy=policy)

    def get(self, kind: Any, record_id: str) -> Workspace:
        return self.workspace

    def queued(self, workspace_id: str, most: int) -> int:
        self.counts += 1
        return min(self.waiting, most)


def job(**changes: Any) -> Job:
    """A job that is about to be accepted."""
    return Job(
        "job_1", "ws_1", "image", "queued", "fake", "fake:one", "a fox", {}, {}, 1, 1, **changes
    )


def test_a_full_queue_takes_no_more_and_says_when_to_come_back() -> None:
    QueueCaps(5).check(Waiting(4), job())  # pyright: ignore[reportArgumentType]
    with pytest.raises(Overloaded) as refusal:
        QueueCaps(5).check(Waiting(5), job())  # pyright: ignore[reportArgumentType]
    assert refusal.value.details["retry_after"] > 0


def filled(caps: QueueCaps, queue: Waiting, most: int) -> int:
    """Orders until the first refusal."""
    for taken in range(most + 1):
        try:
            caps.check(queue, job())  # pyright: ignore[reportArgumentType]
        except Overloaded:
            return taken
        queue.waiting += 1
    raise AssertionError("none was refused")


@pytest.mark.parametrize("most", [1, 2, 17, 2000])
def test_a_queue_is_filled_to_its_cap_and_no_further_with_few_counts(most: int) -> None:
    queue = Waiting(0)
    assert filled(QueueCaps(most, Clock()), queue, most) == most
    assert queue.counts <= min(most, 120) + 1


def test_a_count_is_good_for_a_second_only_since_others_fill_the_same_queue() -> None:
    queue, clock = Waiting(0), Clock()
    caps = QueueCaps(2000, clock)
    caps.check(queue, job())  # pyright: ignore[reportArgumentType]
    queue.waiting = 2000
    caps.check(queue, job())  # pyright: ignore[reportArgumentType]
    clock.now += 1.01
    with pytest.raises(Overloaded):
        caps.check(queue, job())  # pyright: ignore[reportArgumentType]


def test_the_policy_of_a_workspace_goes_before_the_settings() -> None:
    QueueCaps(5).check(Waiting(50, most_queued=100), job())  # pyright: ignore[reportArgumentType]
    with pytest.raises(Overloaded):
        QueueCaps(5).check(Waiting(2, most_queued=2), job())  # pyright: ignore[reportArgumentType]


def test_steps_of_an_accepted_job_are_never_refused() -> None:
    QueueCaps(5).check(Waiting(500), job(parent_id="job_0"))  # pyright: ignore[reportArgumentType]
