"""Looks at everything at once and tells in a fixed order."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import click

from flexura import __version__
from flexura.cli import exit_codes
from flexura.cli.doctor import agents, catalog, media, place, reach
from flexura.cli.doctor.finding import Finding, failed
from flexura.cli.screen import Screen

_SECONDS = 5.0
_Found = Finding | list[Finding]
_CHECKS: dict[str, Callable[[], _Found | Awaitable[_Found]]] = {
    "program": place.program,
    "home": place.home,
    "settings": place.configuration,
    "credentials": place.credentials,
    "disk": place.disk,
    "database": place.database,
    "gateway": reach.own_gateway,
    "key": reach.key,
    "bridge": reach.bridge,
    "agents": agents.agents,
    "catalog": catalog.catalog,
    "search": reach.search,
    "drawing": media.drawing,
    "codecs": media.codecs,
}
_MARKS = {"ok": ("✓", "green"), "note": ("!", "yellow"), "failed": ("✗", "red")}
_HELP = "Say what works here, in your agents too, what does not, and what to do. Takes at most 5 seconds."


@click.command(help=_HELP)
@click.option("--fix", is_flag=True, help="Do the next steps that can do no harm, then look again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(fix: bool, as_json: bool) -> int:
    screen = Screen(as_json)
    began = time.monotonic()
    found = asyncio.run(_all())
    fixed = _repair(found, screen) if fix else []
    if fixed:
        began = time.monotonic()
        found = asyncio.run(_all())
    bad = [finding for finding in found if finding.status == "failed"]
    screen.object(
        {
            "ok": not bad,
            "version": __version__,
            "python": sys.version.split()[0],
            "seconds": round(time.monotonic() - began, 2),
            "fixed": fixed,
            "findings": [
                {"name": f.name, "status": f.status, "summary": f.summary, "next_step": f.next_step}
                for f in found
            ],
        }
    )
    for finding in found:
        _tell(finding, screen)
    return exit_codes.FAILED if bad else exit_codes.OK


def _repair(found: list[Finding], screen: Screen) -> list[str]:
    """Do what each finding offers; the names of those for which something was done."""
    done: list[str] = []
    for finding in found:
        if finding.fix is None:
            continue
        try:
            finding.fix()
        except OSError as error:
            screen.warn(f"{finding.name} was not repaired: {error}")
        else:
            screen.say(f"{finding.name}: done: {finding.next_step}")
            done.append(finding.name)
    return done


def _tell(finding: Finding, screen: Screen) -> None:
    mark, color = _MARKS[finding.status]
    name = click.style(f"{finding.name:<12}", bold=True)
    screen.data(f"{click.style(mark, fg=color)} {name} {finding.summary}")
    if finding.next_step:
        screen.data(f"{'':<14} {click.style('next:', fg='cyan')} {finding.next_step}")


async def _all() -> list[Finding]:
    groups = await asyncio.gather(*(_look(name) for name in _CHECKS))
    return [finding for group in groups for finding in group]


async def _look(name: str) -> list[Finding]:
    try:
        async with asyncio.timeout(_SECONDS):
            made = await asyncio.to_thread(_CHECKS[name])
            found = await made if isinstance(made, Awaitable) else made
            return found if isinstance(found, list) else [found]
    except TimeoutError:
        step = "Look at what else this machine is doing, then run `flexura doctor` again."
        return [failed(name, f"no answer within {_SECONDS:.0f} s", step)]
    except Exception as error:
        # One check that trips over something strange must not hide the others.
        step = "Report this with the output of `flexura doctor --json`."
        return [failed(name, f"cannot be looked at: {error}", step)]
