"""What has to stand in an agent's files: its row's templates, filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from flexura_installer.agents.row import (
    ARGS,
    ARGV,
    BEARER,
    COMMAND,
    KEY,
    NAME,
    URL,
    Agent,
    ConfigFile,
)
from flexura_installer.detect import inhabited
from flexura_installer.formats.document import Slot
from flexura_installer.machine import Machine
from flexura_installer.options import Options
from flexura_installer.wishes import EntryWish

ARGUMENTS = ["mcp"]
GATEWAY = "FLEXURA_URL"


def wishes(agent: Agent, options: Options, machine: Machine) -> tuple[EntryWish, ...]:
    """One wish for each file of the agent in this scope; none where it has no such file."""
    secrets = (
        frozenset({options.key}) if options.literal_secret and options.key else frozenset[str]()
    )
    return tuple(
        EntryWish(
            agent.name,
            path := file.at(machine),
            file.dialect,
            _values(agent, file, options),
            _root(path, options, machine),
            secrets,
        )
        for file in chosen(agent, options, machine)
    )


def chosen(agent: Agent, options: Options, machine: Machine) -> tuple[ConfigFile, ...]:
    """The agent's files that are for this machine.

    Those whose condition is met; if there is none, the one without a condition, else the first.
    """
    files = agent.files(options.scope)
    met = tuple(f for f in files if (place := f.needs(machine)) and _is_there(place))
    return met or tuple(f for f in files if not f.only_with)[:1] or files[:1]


def remarks(agent: Agent, options: Options, machine: Machine) -> tuple[str, ...]:
    """One line each: what the user has to know or to do about this agent, with these options."""
    told = [*agent.notes, *(agent.notes_project if options.scope == "project" else ())]
    files = chosen(agent, options, machine)
    if not files and not agent.instructions:
        told.append(f"{agent.title} has no files in a project: use --scope user.")
    fell_back = options.transport == "http" and any(not by_http(agent, f, options) for f in files)
    if agent.http and any(by_http(agent, f, options) for f in files) and not options.literal_secret:
        told.append(
            agent.http.note or f"{agent.title} takes {KEY} from the environment that it starts in."
        )
    if fell_back:
        told.append(
            f"{agent.title} gets the launcher instead of HTTP: it has no way to name the key in its file."
            if agent.http
            else f"{agent.title} gets the launcher instead of HTTP: it starts programs only."
        )
    hides = agent.scrubs and not agent.passes_key
    if files and options.url and hides and (fell_back or options.transport == "stdio"):
        told.append(f"{agent.title} hides {KEY} from what it starts: run `flexura login`.")
    return tuple(told)


def by_http(agent: Agent, file: ConfigFile, options: Options) -> bool:
    """Whether this file gets an entry for HTTP, rather than the launcher."""
    if options.transport != "http" or agent.http is None or file.http == {}:
        return False
    return bool(agent.http.reference or options.literal_secret)


def _is_there(place: Path) -> bool:
    return place.exists() and inhabited(place)


def _root(path: Path, options: Options, machine: Machine) -> Path:
    root = machine.home if options.scope == "user" else machine.project
    if path.is_relative_to(root):
        return root
    # A variable puts the file elsewhere: what is missing on the way to it may be made.
    return next(place for place in path.parents if place.is_dir() or place == place.parent)


def _values(agent: Agent, file: ConfigFile, options: Options) -> tuple[tuple[Slot, Any], ...]:
    entry = Slot(file.under, options.name, file.kind, file.identity)
    if not by_http(agent, file, options) or agent.http is None:
        return ((entry, _stdio(agent, file, options)),)
    http, literal = agent.http, options.literal_secret
    template = (http.literal if literal else None) or file.http or http.entry
    words = {
        URL: f"{options.url}/mcp",
        NAME: options.name,
        BEARER: _bearer(options) if literal else http.reference,
    }
    beside = [] if literal else [(_item(*one), dict(one[2])) for one in http.beside]
    return (*beside, (entry, _filled(template, words)))


def _item(under: tuple[str, ...], identity: str, item: Mapping[str, Any]) -> Slot:
    return Slot(under, item[identity], "item", identity)


def _bearer(options: Options) -> str:
    return f"Bearer {options.key}"


def _stdio(agent: Agent, file: ConfigFile, options: Options) -> dict[str, Any]:
    launcher = str(options.launcher)
    words = {
        COMMAND: launcher,
        ARGS: list(ARGUMENTS),
        ARGV: [launcher, *ARGUMENTS],
        NAME: options.name,
    }
    entry = _filled(file.stdio or agent.stdio, words)
    if options.url:
        passed = dict(agent.passes_key)
        entry[agent.environment] = {GATEWAY: options.url, **passed.pop(agent.environment, {})}
        entry |= passed
    return entry


def _filled(template: Any, words: Mapping[str, Any]) -> Any:
    if isinstance(template, Mapping):
        members = cast("Mapping[str, Any]", template)
        return {key: _filled(value, words) for key, value in members.items()}
    if isinstance(template, list):
        return [_filled(value, words) for value in cast("list[Any]", template)]
    if isinstance(template, str):
        return words.get(template, template)
    return template
