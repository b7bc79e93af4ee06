"""Looks at everything at once and tells in a fixed order."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import click

from flexura import __version__
from flexura.cli import exit_codes
from flexura.cli.doctor import media, place, reach
from flexura.cli.doctor.finding import Finding, failed
from flexura.cli.screen import Screen

_SECONDS = 5.0
_CHECKS: dict[str, Callable[[], Finding | Awaitable[Finding]]] = {
    "program": place.program,
    "home": place.home,
    "settings": place.configuration,
    "credentials": place.credentials,
    "disk": place.disk,
    "database": place.database,
    "gateway": reach.own_gateway,
    "key": reach.key,
    "bridge": reach.bridge,
    "search": reach.search,
    "drawing": media.drawing,
    "codecs": media.codecs,
}
_MARKS = {"ok": ("✓", "green"), "note": ("!", "yellow"), "failed": ("✗", "red")}


@click.command(help="Say what works here, what does not, and what to do. Takes at most 5 seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> int:
    screen = Screen(as_json)
    began = time.monotonic()
    found = asyncio.run(_all())
    bad = [finding for finding in found if finding.status == "failed"]
    screen.object(
        {
            "ok": not bad,
            "version": __version__,
            "python": sys.version.split()[0],
            "seconds": round(time.monotonic() - began, 2),
            "findings": [
                {"name": f.name, "status": f.status, "summary": f.summary, "next_step": f.next_step}
                for f in found
            ],
        }
    )
    for finding in found:
        _tell(finding, screen)
    return exit_codes.FAILED if bad else exit_codes.OK


def _tell(finding: Finding, screen: Screen) -> None:
    mark, color = _MARKS[finding.status]
    name = click.style(f"{finding.name:<12}", bold=True)
    screen.data(f"{click.style(mark, fg=color)} {name} {finding.summary}")
    if finding.next_step:
        screen.data(f"{'':<14} {click.style('next:', fg='cyan')} {finding.next_step}")


async def _all() -> list[Finding]:
    return list(await asyncio.gather(*(_look(name) for name in _CHECKS)))


async def _look(name: str) -> Finding:
    try:
        async with asyncio.timeout(_SECONDS):
            found = await asyncio.to_thread(_CHECKS[name])
            return found if isinstance(found, Finding) else await found
    except TimeoutError:
        step = "Look at what else this machine is doing, then run `flexura doctor` again."
        return failed(name, f"no answer within {_SECONDS:.0f} s", step)
    except Exception as error:
        # One check that trips over something strange must not hide the others.
        step = "Report this with the output of `flexura doctor --json`."
        return failed(name, f"cannot be looked at: {error}", step)
