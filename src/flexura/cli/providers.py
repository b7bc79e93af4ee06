"""`flexura providers`: which are set up and how they do; and their keys, for your own gateway.

That gateway never sees an agent's environment, so keys lie in the keyring or in the configuration file.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from flexura import settings
from flexura.bridge import provider_keys
from flexura.cli import exit_codes, provider_report, provider_restart, provider_store
from flexura.cli.connection import connected
from flexura.cli.screen import Screen
from flexura.cli.words import masked
from flexura.local import paths, provider_secrets

_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_SERVERS = "OPENAI_COMPATIBLE_SERVERS"
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_FILE = click.option("--file", "file_only", is_flag=True, help="Into the file, not the keyring.")
_HELP = (
    "List every provider: whether it is set up or which variable it lacks, whether it answers, how many "
    "models it has, its last error. `unproven` = never run against a program of somebody else's."
)
_CHECK = "Ask every vendor again now, where that costs nothing."
_ADD = (
    "Give keys and addresses to your own gateway. NAME asks for the value without showing it, or reads a "
    "line of stdin. Keys go into the system's keyring where one works, else into the configuration file, "
    "which you alone can read."
)
_IMPORT = (
    "As add, with what is set in this environment: all that any provider reads, or the ones named. NAME "
    "takes it from the environment or asks; NAME=VALUE gives it here."
)
_NAMES = "Keep nothing; only print the names that are set here and not kept yet."


@click.group(invoke_without_command=True, help=_HELP)
@click.option("--check", is_flag=True, help=_CHECK)
@_JSON
@click.pass_context
def providers(context: click.Context, check: bool, as_json: bool) -> int:
    if context.invoked_subcommand is not None:
        return exit_codes.OK
    return asyncio.run(_report(check, Screen(as_json)))


async def _report(check: bool, screen: Screen) -> int:
    async with connected() as connection:
        found = await connection.client.providers(check=check)
    screen.object(found.model_dump(mode="json"))
    provider_report.tell(screen, found.providers)
    return exit_codes.OK


@providers.command(help=_ADD)
@click.argument("names", nargs=-1, required=True, metavar="NAME[=VALUE]...")
@_FILE
@_JSON
def add(names: tuple[str, ...], file_only: bool, as_json: bool) -> int:
    return _keep(_given(names, _asked), file_only, Screen(as_json))


@providers.command("import", help=_IMPORT)
@click.argument("names", nargs=-1, metavar="[NAME[=VALUE]]...")
@click.option("--names", "only_names", is_flag=True, help=_NAMES)
@_FILE
@_JSON
def import_keys(names: tuple[str, ...], only_names: bool, file_only: bool, as_json: bool) -> int:
    if only_names:
        return _say_names(Screen(as_json))
    if names:
        given = _given(names, lambda name: os.environ.get(name, "") or _asked(name))
    else:
        known = _known()
        given = {name: os.environ[name] for name in known if os.environ.get(name, "").strip()}
        if not given:
            raise click.UsageError(
                "Nothing that a provider reads is set in this environment; `flexura providers` shows "
                "what could be, and `flexura providers add NAME` asks for it."
            )
    return _keep(given, file_only, Screen(as_json))


def _say_names(screen: Screen) -> int:
    kept = provider_store.places()
    found = [n for n in _known() if os.environ.get(n, "").strip() and n not in kept]
    screen.object({"names": found})
    for name in found:
        screen.data(name)
    return exit_codes.OK


def _keep(given: Mapping[str, str], file_only: bool, screen: Screen) -> int:
    kept = provider_store.keep(given, file_only=file_only)
    for name in sorted(given):
        screen.data(name)
    for place, where in (("keyring", "the system's keyring"), ("file", str(paths.config_file()))):
        there = sorted(name for name, put in kept.places.items() if put == place)
        if there:
            screen.say(f"{', '.join(there)}: kept in {where}.")
    if kept.why_file:
        screen.say(f"No keyring was used: {kept.why_file}.", dim=True)
    unread = _unread(given)
    if unread:
        screen.warn(f"no provider of this release reads {', '.join(unread)}.")
    screen.object(
        {
            "written": sorted(given),
            "places": dict(kept.places),
            "file": str(paths.config_file()),
            "gateway": provider_restart.let_it_read(screen),
        }
    )
    return exit_codes.OK


@providers.command(help="Take keys and addresses away from your own gateway, wherever they lie.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@_JSON
def remove(names: tuple[str, ...], as_json: bool) -> int:
    screen = Screen(as_json)
    removed = provider_store.remove([_checked(name) for name in names])
    for name, why in removed.left.items():
        screen.warn(f"{name} may still lie in the keyring, under `flexura`: {why}.")
    absent = [name for name in names if name not in removed.names]
    if not removed.names:
        raise click.UsageError(
            f"Your gateway has no {' and no '.join(absent)}; `flexura providers list` shows what it has."
        )
    for name in sorted(removed.names):
        screen.data(name)
    if absent:
        screen.warn(f"there was no {', '.join(absent)}.")
    done = {"removed": sorted(removed.names), "file": str(paths.config_file())}
    screen.object({**done, "gateway": provider_restart.let_it_read(screen)})
    return exit_codes.OK


@providers.command("list", help="List the keys that your own gateway has; they are masked.")
@_JSON
def list_keys(as_json: bool) -> int:
    screen = Screen(as_json)
    found, places = settings.load(local=True), provider_store.places()
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "value": _shown(name, found.environment.get(name, "")),
            "place": places.get(name, ""),
            "here": bool(os.environ.get(name)),
            "problem": found.locked.get(name, ""),
        }
        for name in dict.fromkeys((*sorted(places), *_known()))
        if name in places or os.environ.get(name)
    ]
    screen.object({"providers": rows, "file": str(paths.config_file())})
    for row in rows:
        known = row["value"] or row["problem"] or "only in this environment"
        where = f"  ({row['place']})" if row["place"] else ""
        screen.data(f"{row['name']:<24} {known}{where}")
    if not rows:
        screen.say("None. Search and media work without; `flexura providers add NAME` adds keys.")
    elif any(row["here"] and not row["place"] for row in rows):
        screen.next("flexura providers import")
    return exit_codes.OK


def _known() -> dict[str, None]:
    """Every variable that a provider reads."""
    from flexura.runtime import provider_variables

    return dict.fromkeys((*provider_variables(), *provider_keys.VARIABLES))


def _unread(given: Iterable[str]) -> list[str]:
    known = _known()
    found = settings.load(local=True).environment
    # Each of one's own servers has a key of its own, by the name that the operator chose.
    named = _SERVERS in found or _SERVERS in given
    return [n for n in given if n not in known and not (named and n.endswith("_API_KEY"))]


def _shown(name: str, value: str) -> str:
    """A switch as it is; everything else as it may be shown."""
    is_switch = not provider_secrets.is_secret(name) and len(value) <= 5
    return value if is_switch else masked(name, value)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise click.UsageError(f"{name!r} is not the name of a variable, such as TAVILY_API_KEY.")
    return name


def _given(words: tuple[str, ...], otherwise: Callable[[str], str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        value = (value if equals else otherwise(_checked(name))).strip()
        if not value:
            raise click.UsageError(
                f"{_checked(name)} has no value; write {name}=VALUE, or type it."
            )
        given[_checked(name)] = value
    return given


def _asked(name: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(name, hide_input=True, err=True))
    return sys.stdin.readline()
