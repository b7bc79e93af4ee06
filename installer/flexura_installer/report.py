"""What came of it, for a person and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexura_installer.machine import Machine
from flexura_installer.plan import Missing
from flexura_installer.wishes import Action, Outcome

_MARKS: dict[str, str] = {"conflict": "!", "kept": "!", "refused": "✗", "failed": "✗"}
_PHRASES: dict[Action, str] = {
    "added": "added",
    "updated": "updated",
    "unchanged": "there already",
    "conflict": "left alone",
    "refused": "left alone",
    "failed": "not written",
    "removed": "removed",
    "restored": "removed",
    "kept": "kept",
    "absent": "gone already",
}
_WOULD: dict[Action, str] = {
    "added": "would be added",
    "updated": "would be updated",
    "removed": "would be removed",
    "restored": "would be removed",
}
WRITTEN: frozenset[Action] = frozenset({"added", "updated", "removed", "restored"})


@dataclass(frozen=True)
class Row:
    """One thing at one path, for one agent."""

    title: str
    # "MCP server", "skill" …
    what: str
    scope: str
    outcome: Outcome
    # Remarks about the agent that its user should read.
    notes: tuple[str, ...] = ()


@dataclass
class Report:
    """Filled as the work goes on, so that an interrupted run can say what it did."""

    command: str
    dry_run: bool = False
    rows: list[Row] = field(default_factory=list[Row])
    missing: list[Missing] = field(default_factory=list[Missing])
    # Lines for a person only; their content stands in `facts`.
    lines: list[str] = field(default_factory=list[str])
    # Sentences about the whole.
    said: list[str] = field(default_factory=list[str])
    # What to do now.
    next: list[str] = field(default_factory=list[str])
    # What was named and could not be done, beside the rows.
    failed: bool = False
    # A question was answered with no: nothing was done.
    declined: bool = False
    # Further members of the JSON object.
    facts: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def ok(self) -> bool:
        """Whether everything is as it was wished."""
        return not self.failed and all(row.outcome.good for row in self.rows)

    @property
    def wrote(self) -> bool:
        """Whether any file was changed."""
        return not self.dry_run and any(row.outcome.action in WRITTEN for row in self.rows)

    def as_json(self) -> str:
        """One object in one line."""
        found = {
            "ok": self.ok,
            "command": self.command,
            "dry_run": self.dry_run,
            "targets": [_row(row) for row in self.rows],
            "skipped": [
                {"agent": m.agent, "title": m.title, "why": m.why, "next_step": m.next_step}
                for m in self.missing
            ],
            "said": self.said,
            "next": self.next,
            **self.facts,
        }
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

    def as_text(self, machine: Machine) -> str:
        """Lines for a person: one per path, then what to do next."""
        lines = _table(self.rows, machine, dry_run=self.dry_run)
        lines += [line for m in self.missing for line in _missing(m)]
        lines += [*self.lines, *self.said]
        lines += [f"next: {step}" for step in self.next]
        return "".join(f"{line}\n" for line in lines)


def show(report: Report, machine: Machine, *, as_json: bool) -> None:
    """Print it on stdout."""
    text = f"{report.as_json()}\n" if as_json else report.as_text(machine)
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.replace("✓", "+").replace("✗", "x")
        text = plain.encode(encoding, "backslashreplace").decode(encoding)
    sys.stdout.write(text)
    sys.stdout.flush()


def _row(row: Row) -> dict[str, Any]:
    outcome = row.outcome
    found: dict[str, Any] = {
        "agent": outcome.agent,
        "title": row.title,
        "what": row.what,
        "scope": row.scope,
        "path": str(outcome.path),
        "action": outcome.action,
        "why": outcome.why,
        "next_step": outcome.next_step,
        "notes": list(row.notes),
    }
    more = {
        "backup": str(outcome.backup or ""),
        "diff": outcome.diff,
        "snippet": outcome.snippet,
    }
    return {**found, **{key: value for key, value in more.items() if value}}


def _table(rows: Iterable[Row], machine: Machine, *, dry_run: bool) -> list[str]:
    groups: dict[tuple[Path, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.outcome.path, row.what), []).append(row)
    heads = [_head(group, dry_run=dry_run) for group in groups.values()]
    width = min(max((len(titles) for _, titles, _ in heads), default=0), 24)
    wide = max((len(happened) for _, _, happened in heads), default=0)
    lines: list[str] = []
    for (mark, titles, happened), group in zip(heads, groups.values(), strict=True):
        outcome = _telling(group).outcome
        where = machine.short(outcome.path)
        lines.append(f"{mark} {titles:<{width}}  {happened:<{wide}}  {where}")
        lines += _details(outcome, machine, dry_run=dry_run)
    return lines


def _head(group: list[Row], *, dry_run: bool) -> tuple[str, str, str]:
    row = _telling(group)
    action = row.outcome.action
    titles = listed([one.title for one in group])
    phrase = (_WOULD.get(action) if dry_run else None) or _PHRASES[action]
    return _MARKS.get(action, "✓"), titles, f"{row.what} {phrase}"


def listed(titles: Iterable[str]) -> str:
    """Names for one column: many are counted."""
    found = list(dict.fromkeys(titles))
    return ", ".join(found) if len(found) <= 3 else f"{found[0]} and {len(found) - 1} others"


def _telling(group: list[Row]) -> Row:
    """Of several agents that share a path the one with trouble, else the one for which it was written."""
    for row in group:
        if not row.outcome.good:
            return row
    # The last: who leaves after the others says for whom it stays.
    return next((row for row in reversed(group) if row.outcome.action in WRITTEN), group[0])


def _details(outcome: Outcome, machine: Machine, *, dry_run: bool) -> list[str]:
    lines = [f"    {outcome.why}"] if outcome.why else []
    if outcome.backup:
        saved = "would be saved as" if dry_run else "is saved as"
        lines.append(f"    What was there {saved} {machine.short(outcome.backup)}")
    if outcome.next_step:
        lines.append(f"    next: {outcome.next_step}")
    shown = outcome.diff if dry_run else ""
    if not outcome.good and outcome.snippet:
        shown = f"{shown}\n{outcome.snippet}" if shown else outcome.snippet
    return [*lines, *(f"    {line}".rstrip() for line in shown.splitlines())]


def _missing(missing: Missing) -> list[str]:
    lines = [f"- {missing.why}"]
    return [*lines, f"    next: {missing.next_step}"] if missing.next_step else lines
