"""`flexura gateway`: this user's own gateway."""

from __future__ import annotations

from typing import Any

import click

from flexura.cli import exit_codes, login_unit
from flexura.cli.screen import Screen
from flexura.local import address, health, paths
from flexura.local import gateway as own

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(
    help="Look at, start or stop your own gateway. It starts by itself when something needs it."
)
def gateway() -> None:
    """The gateway that runs on this machine for this user."""


@gateway.command(help="Say whether it runs, and where.")
@_JSON
def status(as_json: bool) -> int:
    screen = Screen(as_json)
    found = _facts()
    screen.object(found)
    if found["running"]:
        screen.data(f"running at {found['url']} since {found['started_at']}")
        screen.data(f"version {found['version']}, process {found['pid']}, state in {found['home']}")
    else:
        screen.data("not running")
        screen.say("It starts when something needs it; `flexura gateway start` starts it now.")
    if found["remote"]:
        screen.say(f"Commands use {found['remote']} instead.")
    if found["running"] and not found["answers"]:
        screen.warn("it does not answer; `flexura doctor` says more.")
        return exit_codes.FAILED
    return exit_codes.OK


def _facts() -> dict[str, Any]:
    running = own.find()
    answer = health.probe(running.port, 2.0) if running else None
    return {
        "running": running is not None,
        "answers": bool(running and answer and answer.instance == running.instance),
        "url": running.url if running else None,
        "pid": running.pid if running else None,
        "version": running.version if running else None,
        "started_at": running.started_at if running else None,
        "home": str(paths.home()),
        "log": str(paths.gateway_log()),
        "remote": address.remote_url(),
    }


@gateway.command(help="Start it, unless it runs.")
@_JSON
def start(as_json: bool) -> int:
    screen = Screen(as_json)
    running = own.ensure()
    screen.object(_facts())
    screen.data(running.url)
    return exit_codes.OK


@gateway.command(help="Stop it. Unfinished jobs go on with the next start.")
@_JSON
def stop(as_json: bool) -> int:
    screen = Screen(as_json)
    stopped = own.stop()
    screen.object({"stopped": stopped})
    screen.say("Stopped." if stopped else "It was not running.")
    return exit_codes.OK


@gateway.command(help="Write a systemd or launchd unit that starts it when you log in.")
@click.option("--force", is_flag=True, help="Replace a unit that was changed by hand.")
@_JSON
def enable(force: bool, as_json: bool) -> int:
    screen = Screen(as_json)
    unit = login_unit.write(force=force)
    screen.object({"path": str(unit.path), "next": list(unit.commands)})
    screen.data(str(unit.path))
    for command in unit.commands:
        screen.next(command)
    return exit_codes.OK
