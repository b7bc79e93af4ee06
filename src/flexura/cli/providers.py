"""`flexura providers`: gives provider keys to your own gateway, which never sees an agent's environment."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from flexura import settings
from flexura.bridge import provider_keys
from flexura.cli import exit_codes, provider_table
from flexura.cli.screen import Screen
from flexura.cli.words import masked
from flexura.local import gateway, paths

_KNOWN = tuple(dict.fromkeys((*settings.PROVIDER_VARIABLES, *provider_keys.VARIABLES)))
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_IMPORT = (
    "Write provider keys and addresses into the configuration file: those that are set in this "
    "environment, or the ones named. NAME takes it from the environment or asks; NAME=VALUE gives it here."
)


@click.group(
    help="Give provider keys to your own gateway, which never sees an agent's environment."
)
def providers() -> None:
    """Keys and addresses lie under [providers] in the configuration file, readable by you alone."""


@providers.command("import", help=_IMPORT)
@click.argument("names", nargs=-1, metavar="[NAME[=VALUE]]...")
@_JSON
def import_keys(names: tuple[str, ...], as_json: bool) -> int:
    screen = Screen(as_json)
    given = _given(names) if names else {n: os.environ[n] for n in _KNOWN if os.environ.get(n)}
    if not given:
        raise click.UsageError(f"None of {', '.join(_KNOWN)} is set; name one, or set it.")
    provider_table.write(paths.config_file(), given)
    screen.object({"written": sorted(given), "file": str(paths.config_file())})
    for name in sorted(given):
        screen.data(name)
    screen.say(f"Written to {paths.config_file()}.")
    unread = [name for name in sorted(given) if name not in settings.PROVIDER_VARIABLES]
    if unread:
        screen.warn(f"no provider of this release reads {', '.join(unread)}.")
    if gateway.find() is not None:
        screen.next("flexura gateway stop   (the next command starts it with the new keys)")
    return exit_codes.OK


@providers.command("list", help="List what your own gateway knows; keys are masked.")
@_JSON
def list_keys(as_json: bool) -> int:
    screen = Screen(as_json)
    known = settings.load(local=True).environment
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "value": masked(name, known.get(name, "")),
            "here": bool(os.environ.get(name)),
        }
        for name in dict.fromkeys((*_KNOWN, *known))
        if known.get(name) or os.environ.get(name)
    ]
    screen.object({"providers": rows, "file": str(paths.config_file())})
    for row in rows:
        screen.data(f"{row['name']:<24} {row['value'] or 'only in this environment'}")
    if not rows:
        screen.say("None. Search and media work without; `flexura providers import` adds keys.")
    elif any(row["here"] and not row["value"] for row in rows):
        screen.next("flexura providers import")
    return exit_codes.OK


def _given(names: tuple[str, ...]) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for word in names:
        name, equals, value = word.partition("=")
        if not _NAME.fullmatch(name):
            raise click.UsageError(f"{name!r} is not the name of a variable, such as {_KNOWN[0]}.")
        value = value if equals else os.environ.get(name, "") or _asked(name)
        if not value.strip():
            raise click.UsageError(f"{name} has no value: set it, or write {name}=VALUE.")
        given[name] = value.strip()
    return given


def _asked(name: str) -> str:
    return str(click.prompt(name, hide_input=True, err=True)) if sys.stdin.isatty() else ""
