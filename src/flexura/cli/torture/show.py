"""How a run looks: a line that moves while it goes on, and a table of what was found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from flexura.cli import terminal
from flexura.cli.torture import verdict
from flexura.cli.torture.run import Report, Run

if TYPE_CHECKING:
    from flexura.cli.screen import Screen

_ROWS = {
    "lost": ("accepted jobs lost", "not there, never ended, or without a true reason"),
    "doubled": ("bought or ordered twice", "per job and round, by the upstream's own books"),
    "unaccounted": ("purchases nobody knows of", "and no job says that it is in doubt"),
    "ledger": ("ledger mistakes", "accounts, budgets, entries and jobs against each other"),
    "torn": ("damaged files", "missing, changed, or not what the upstream gave"),
    "integrity": ("database damage", "by the database's own check"),
    "processes": ("unasked deaths", "ended by themselves, or not by 0 after SIGTERM"),
}


class Show:
    """What a person sees; nothing with `--json`."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._tell: Callable[[str], object] = _nothing
        self._told = -1

    @contextmanager
    def live(self) -> Generator[Show]:
        """A line that moves, where things may move; else one line for each tenth."""
        if self._screen.as_json or not terminal.live(sys.stderr):
            yield self
            return
        from rich.console import Console

        with Console(stderr=True).status("starting", spinner="dots") as status:
            self._tell = status.update
            yield self

    def progress(self, run: Run) -> None:
        """How far it is."""
        options = run.options
        kills = run.killer.count if run.killer else 0
        accepted, sold = len(run.accepted.jobs), len(run.upstream.account.fetches)
        text = (
            f"{kills}/{options.kills} blows, {accepted}/{options.jobs} orders accepted,"
            f" {sold} pictures fetched"
        )
        self._tell(text)
        tenth = 10 * (kills + accepted) // max(1, options.kills + options.jobs)
        if tenth > self._told and not terminal.live(sys.stderr):
            self._told = tenth
            self._screen.say(text)

    def report(self, report: Report) -> None:
        """The table, then what was found in words."""
        found = report.verdict
        if found is None:
            return
        for name, (what, about) in _ROWS.items():
            self._row(what, len(found.findings[name]), about)
        self._facts(report, found)
        for name, lines in found.findings.items():
            for line in verdict.shortened(lines):
                self._screen.data(f"  {click.style(name, fg='red')}: {line}")

    def _row(self, what: str, count: int, about: str) -> None:
        mark = click.style("✗", fg="red", bold=True) if count else click.style("✓", fg="green")
        number = click.style(f"{count:>6}", bold=bool(count))
        self._screen.data(f"{mark} {what:<28}{number}  {click.style(about, dim=True)}")

    def _facts(self, report: Report, found: verdict.Verdict) -> None:
        unknown, ended = found.unknown, found.ended
        blows = ", ".join(f"{count} {name}" for name, count in report.strikes.items())
        ends = ", ".join(f"{count} {name}" for name, count in sorted(ended.items()))
        facts = {
            "blows": f"{sum(report.strikes.values())}: {blows}; {report.starts} starts",
            "jobs": f"{report.accepted} accepted ({report.repeats} requests sent again); {ends}",
            "purchases": f"{found.purchases}",
            "in doubt": f"{unknown['total']} outcome_unknown: {unknown['charged']} were charged,"
            f" {unknown['not_charged']} were not",
            "taken over": _seconds(report.take_overs, "orders of the dead, by another process"),
            "drained": _seconds(sorted(report.drains), "ends after SIGTERM"),
            "pause": f"{report.longest_pause:.2f} s at most from a blow until something was finished",
            "time": f"{report.seconds:.1f} s, {report.accepted / max(report.seconds, 0.001):.1f} jobs/s,"
            f" seed {report.options.seed}",
        }
        for name, text in facts.items():
            self._screen.data(f"  {click.style(f'{name:<12}', dim=True)}{text}")


def _nothing(text: str) -> None:
    """Where nothing moves."""


def _seconds(values: list[float], what: str) -> str:
    if not values:
        return "0"
    return f"{len(values)} {what}: p50 {values[len(values) // 2]:.2f} s, {values[-1]:.2f} s at most"
