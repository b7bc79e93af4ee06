"""The token bucket: as many as documented, no more, and no wait longer than needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.ports.search_engine import Rate
from flexura.services.token_bucket import TokenBucket
from services.engines import Clock


def test_as_many_as_documented_go_at_once_and_the_next_one_has_to_wait() -> None:
    clock = Clock()
    bucket = TokenBucket(Rate(5, 60.0), clock)
    assert [bucket.take() for _ in range(6)] == [0.0] * 5 + [None]
    assert bucket.wait() == pytest.approx(12.0)
    clock.seconds += 11.9
    assert bucket.take() is None
    clock.seconds += 0.1
    assert bucket.take() == 0.0


def test_those_who_wait_get_tokens_one_after_the_other() -> None:
    bucket = TokenBucket(Rate(1, 1.0), Clock())
    assert bucket.take() == 0.0
    assert bucket.take(2.0) == pytest.approx(1.0)
    assert bucket.take(2.0) == pytest.approx(2.0)
    assert bucket.take(2.0) is None


def test_what_was_not_taken_is_not_saved_up() -> None:
    clock = Clock()
    bucket = TokenBucket(Rate(2, 1.0), clock)
    clock.seconds += 1000
    assert [bucket.take() for _ in range(3)] == [0.0, 0.0, None]


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    clock = Clock()
    bucket = TokenBucket(Rate(1, 1.0), clock)
    clock.seconds -= 10
    assert bucket.take() == 0.0


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (Rate(1, 1.0), "1 per second"),
        (Rate(5, 60.0), "5 per minute"),
        (Rate(100, 86_400.0), "100 per day"),
        (Rate(3, 10.0), "3 per 10 seconds"),
    ],
)
def test_a_rate_says_itself_in_words(rate: Rate, words: str) -> None:
    assert str(rate) == words


@given(
    st.integers(1, 50),
    st.floats(0.1, 1000.0),
    st.lists(st.floats(0.0, 100.0), min_size=1, max_size=60),
)
def test_never_more_than_the_rate_and_one_full_bucket(
    requests: int, seconds: float, pauses: list[float]
) -> None:
    clock = Clock()
    begun = clock()
    bucket = TokenBucket(Rate(requests, seconds), clock)
    taken = 0
    for pause in pauses:
        clock.seconds += pause
        taken += bucket.take() is not None
        assert taken <= requests + (clock() - begun) * requests / seconds + 0.01
