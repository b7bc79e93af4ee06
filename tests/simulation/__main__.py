"""The long simulation, and the replay of one schedule: see scripts/simulate."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from simulation.schedule import Outcome, prepared, simulate

_CHUNK = 50


def _some(seeds: Sequence[int]) -> list[Outcome]:
    with prepared() as folder:
        return [simulate(seed, folder) for seed in seeds]


def _all(seeds: range, workers: int) -> Iterator[list[Outcome]]:
    chunks = [seeds[at : at + _CHUNK] for at in range(0, len(seeds), _CHUNK)]
    with ProcessPoolExecutor(workers) as pool:
        for done in as_completed([pool.submit(_some, chunk) for chunk in chunks]):
            yield done.result()


def _replay(seed: int) -> int:
    with prepared() as folder:
        outcome = simulate(seed, folder, tracing=True)
    print("\n".join(outcome.trace))
    print(f"\nseed {seed}: {outcome.problem or 'nothing is wrong'}")
    return 1 if outcome.problem else 0


class _Tally:
    """What came of all schedules so far."""

    def __init__(self, schedules: int) -> None:
        self._schedules = schedules
        self._began = time.perf_counter()
        self._happened = Counter[str]()
        self._virtual = 0.0
        self.done = 0
        self.broken: list[Outcome] = []

    def add(self, outcomes: list[Outcome]) -> None:
        """Count them, and say how far it is: every few seconds at most."""
        for outcome in outcomes:
            self._happened.update(outcome.happened)
            self._virtual += outcome.seconds
        self.broken += [outcome for outcome in outcomes if outcome.problem]
        self.done += len(outcomes)
        if self.done % 500 < len(outcomes):
            print(f"{self.done} of {self._schedules}, {len(self.broken)} broken", file=sys.stderr)

    def told(self) -> None:
        """Everything that happened, and the first seeds that failed."""
        took = time.perf_counter() - self._began
        for what, times in sorted(self._happened.items()):
            print(f"{times:10,} {what}")
        print(
            f"{self.done:,} schedules in {took:.0f} s ({self.done / took:.1f}/s),"
            f" {self._virtual / 3600:.0f} virtual hours, {len(self.broken)} broken"
        )
        for outcome in sorted(self.broken, key=lambda o: o.seed)[:10]:
            print(f"seed {outcome.seed}: {outcome.problem}")
        if self.broken:
            first = min(outcome.seed for outcome in self.broken)
            print(f"Replay the first one, with all that happens: scripts/simulate replay {first}")


def _many(schedules: int, first: int, workers: int) -> int:
    tally = _Tally(schedules)
    try:
        for outcomes in _all(range(first, first + schedules), workers):
            tally.add(outcomes)
    except KeyboardInterrupt:
        print("Stopped; so far:", file=sys.stderr)
    tally.told()
    return 1 if tally.broken or tally.done < schedules else 0


def main(argv: Sequence[str]) -> int:
    """Simulate, or replay one schedule."""
    if argv[:1] == ["replay"] and len(argv) == 2:
        return _replay(int(argv[1]))
    parser = argparse.ArgumentParser(prog="scripts/simulate")
    parser.add_argument("schedules", type=int, nargs="?", default=10_000)
    parser.add_argument("first_seed", type=int, nargs="?", default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(argv)
    return _many(given.schedules, given.first_seed, given.workers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
