"""Schedules that a seed draws: crashes, pauses, full disks, lost answers; and every invariant holds.

The long form is `scripts/simulate`: 10,000 schedules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from simulation.mutants import MUTANTS
from simulation.schedule import prepared, simulate

SCHEDULES = 120
_MUTANT_SEEDS = 120
_MUST_HAPPEN = (
    "accepted",
    "answer lost",
    "cancel asked",
    "claimed",
    "clock set",
    "disk was full",
    "drained",
    "job completed",
    "killed at any time",
    "killed before a commit",
    "killed behind a commit",
    "long outage",
    "outcome unknown",
    "paused at any time",
    "power cut",
    "recognised",
    "refused",
    "replayed",
    "run completed",
    "submit lost",
    "taken over",
    "taken over in the purchase",
    "waited for the lock",
    "write fenced off",
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with prepared() as made:
        yield made


def test_nothing_is_lost_or_bought_twice_in_any_schedule(folder: Path) -> None:
    happened = Counter[str]()
    for seed in range(SCHEDULES):
        outcome = simulate(seed, folder)
        assert not outcome.problem, f"scripts/simulate replay {seed}: {outcome.problem}"
        happened.update(outcome.happened)
    missing = [what for what in _MUST_HAPPEN if not happened[what]]
    assert not missing, f"the schedules are tame: {missing} never happened"


@pytest.mark.parametrize("name", MUTANTS)
def test_an_engine_with_a_fault_is_found_out(folder: Path, name: str) -> None:
    with ExitStack() as stack:
        for change in MUTANTS[name]():
            stack.enter_context(change)
        found = any(simulate(seed, folder).problem for seed in range(_MUTANT_SEEDS))
    assert found, f"{_MUTANT_SEEDS} schedules go well with an engine that is broken: {name}"


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_seed_does_the_same_thing_each_time(folder: Path, seed: int) -> None:
    first, second = (simulate(seed, folder, tracing=True) for _ in range(2))
    assert first.trace == second.trace
    assert len(first.trace) > 10
