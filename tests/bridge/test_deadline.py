"""One deadline for a call, with everything in it."""

from __future__ import annotations

import pytest

from bridge.agent import Agent
from bridge.fake_gateway import FakeGateway
from flexura.bridge import deadline
from flexura.bridge.deadline import Deadline, Patience


class Clock:
    """A clock that a test turns."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(deadline, "time", turned)
    return turned


@pytest.mark.parametrize(
    ("wait", "seconds", "forwarded"),
    [
        (None, 25, 20),
        (25, 25, 20),
        (45, 45, 40),
        (600, 45, 40),
        (1, 1, 0.8),
        (0, 0, 0),
        (-5, 0, 0),
        ("25", 25, 20),
        (True, 25, 20),
        (float("nan"), 25, 20),
    ],
)
def test_what_is_waited_leaves_room_for_the_download(
    clock: Clock, wait: object, seconds: float, forwarded: float
) -> None:
    patience = Patience(clock.now, wait)
    assert patience.seconds == seconds
    assert patience.for_the_gateway() == pytest.approx(forwarded)


def test_what_was_spent_on_starting_is_not_waited_again(clock: Clock) -> None:
    patience = Patience(clock.now, 25)
    clock.now += 8
    assert patience.for_the_gateway() == pytest.approx(12)
    clock.now += 30
    assert patience.for_the_gateway() == 0
    assert patience.deadline.over


def test_no_wait_still_leaves_time_to_hand_the_order_over(clock: Clock) -> None:
    patience = Patience(clock.now, 0)
    clock.now += 10
    assert not patience.deadline.over


def test_a_deadline_never_goes_below_zero(clock: Clock) -> None:
    limit = Deadline(clock.now, 2)
    clock.now += 5
    assert limit.left() == 0
    assert limit.over


def test_the_wait_of_a_call_is_passed_on_less_the_reserve(
    agent: Agent, gateway: FakeGateway
) -> None:
    agent.call("generate_image", prompt="x")
    agent.call("generate_image", prompt="x", wait=10)
    waits = [call["arguments"]["wait"] for call in gateway.calls]
    assert waits[0] == pytest.approx(20, abs=5)
    assert waits[1] == pytest.approx(8, abs=5)


@pytest.mark.parametrize("wait", ["soon", -1, True])
def test_a_wait_that_is_none_is_the_gateways_to_refuse(
    agent: Agent, gateway: FakeGateway, wait: object
) -> None:
    agent.call("generate_image", prompt="x", wait=wait)
    assert gateway.calls[0]["arguments"]["wait"] == wait
