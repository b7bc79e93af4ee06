"""What `flexura providers` shows: one line for each adapter, or for each server behind one."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from flexura.cli import terminal, words
from flexura.cli.screen import Screen
from flexura.client import AdapterAnswer

_COLORS = {"ok": "green", "stale": "yellow", "unavailable": "red"}
_WORDS = {"off": "not set up", "unknown": "not asked yet"}


def tell(screen: Screen, adapters: Sequence[AdapterAnswer]) -> None:
    """Those that are set up first, then what else there is."""
    ordered = sorted(adapters, key=lambda found: not found.configured)
    wide = terminal.rich_enough(sys.stdout)
    width = max((len(found.name) for found in ordered), default=0)
    for found in ordered:
        state = _WORDS.get(found.status, found.status)
        about = "; ".join(_about(found))
        if wide:
            name = click.style(f"{found.name:<{width}}", bold=found.configured)
            shown = click.style(
                f"{state:<13}", fg=_COLORS.get(found.status), dim=not found.configured
            )
            screen.data(f"{name}  {found.role:<6}  {shown}  {words.cut(about, 100)}")
        else:
            screen.data(f"{found.name}\t{found.role}\t{state}\t{about}")
    if any(not found.configured for found in ordered):
        screen.say("`flexura providers add NAME` gives a key to your own gateway.", dim=True)


def _about(found: AdapterAnswer) -> list[str]:
    """What a person wants to know, the important things first."""
    models = ", ".join(f"{count} {kind}" for kind, count in found.models.items() if count)
    facts = [
        f"set {found.missing}" if found.missing else "",
        found.error,
        models or ("no models" if found.role == "media" and found.status == "ok" else ""),
        "without a key" if found.keyless and found.configured else "",
        f"asked {words.age(found.checked_at)}" if found.checked_at else "",
        found.note if found.configured else "",
        "" if found.proven else "unproven",
    ]
    return [fact for fact in facts if fact]
