"""Runs cases, in this process or in several."""

from __future__ import annotations

import time
import traceback
from concurrent.futures import ProcessPoolExecutor

from installer.fuzz.cases import case
from installer.fuzz.on_disk import KINDS, judge_on_disk
from installer.fuzz.tally import Tally
from installer.fuzz.trials import Broken, judge

_AT_ONCE = 250


def run(seed: str, first: int, last: int) -> Tally:
    """The cases `seed:first` up to but not `seed:last`. What goes wrong is told in the tally's failures."""
    tally = Tally()
    for number in range(first, last):
        made = case(f"{seed}:{number}")
        try:
            verdict = judge(made)
            if made.kind in KINDS:
                judge_on_disk(made)
            tally.count(made, verdict)
        except Exception as error:
            # Whatever escapes from the program under test is a finding like a broken rule.
            told = (
                str(error)
                if isinstance(error, Broken)
                else "".join(traceback.format_exception(error)[-3:])
            )
            tally.failures.append(f"{made.seed} ({made.dialect}, {made.kind}): {told}")
    return tally


def run_all(seed: str, cases: int, workers: int) -> tuple[Tally, float]:
    """All cases and the seconds that they took."""
    began = time.perf_counter()
    tally = Tally()
    parts = [(at, min(at + _AT_ONCE, cases)) for at in range(0, cases, _AT_ONCE)]
    with ProcessPoolExecutor(workers) as pool:
        for part in pool.map(run, [seed] * len(parts), *zip(*parts, strict=True)):
            tally.add(part)
    return tally, time.perf_counter() - began
