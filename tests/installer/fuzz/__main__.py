"""`python -m installer.fuzz --cases 20000`: the fuzz as a plain program (PYTHONPATH=installer:tests)."""

from __future__ import annotations

import argparse
import os
import sys

from installer.fuzz.cases import case
from installer.fuzz.on_disk import KINDS, judge_on_disk
from installer.fuzz.runs import run_all
from installer.fuzz.trials import judge

_TOLD = 20


def main(argv: list[str]) -> int:
    """0 when every rule held and enough was accepted, else 1."""
    parser = argparse.ArgumentParser(prog="python -m installer.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", default="1", help="any word")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", metavar="SEED:NUMBER", help="one case, with its file shown")
    given = parser.parse_args(argv)
    if given.only:
        return _only(given.only)
    tally, seconds = run_all(given.seed, given.cases, given.workers)
    print(tally.table())
    spent = sum(os.times()[:4])
    print(f"{given.cases} cases in {seconds:.1f} s, {given.cases / seconds:.0f} per second", end="")
    print(f" ({spent:.1f} s of processors)")
    print(f"{len(tally.failures)} broke a rule")
    for failure in tally.failures[:_TOLD]:
        print(f"--only {failure}")
    for shortfall in tally.shortfalls():
        print(f"too little: {shortfall}")
    return 1 if tally.failures or tally.shortfalls() else 0


def _only(seed: str) -> int:
    made = case(seed)
    print(f"{made.dialect}, {made.kind}: {made.slot} = {made.value!r}\n{made.data!r}")
    sys.stdout.buffer.write(made.data + b"\n")
    print(judge(made))
    if made.kind in KINDS:
        judge_on_disk(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
