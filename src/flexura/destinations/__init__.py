"""Where finished work is published to: one kind of destination, one file; entry points add to them.

Each module says its `TYPE`, the `SETTINGS` that a table `[destinations.NAME]` may hold (name to what to set;
those in `REQUIRED` must be there), and how to `make` one destination. A package of somebody else adds such a
module under the entry point group `flexura.destinations`.
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, cast

from flexura.domain.errors import FlexuraError, InvalidRequest
from flexura.ports.destination import Destination
from flexura.ports.registry import adapters_in

log = logging.getLogger(__name__)
GROUP = "flexura.destinations"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Setup:
    """What a destination is made from: its table, and the environment where secrets may lie.

    Neither of them is ever printed.
    """

    name: str
    table: Mapping[str, Any] = field(repr=False)
    env: Mapping[str, str] = field(repr=False)

    def text(self, setting: str) -> str:
        """A setting, empty if it is not there. Raises InvalidRequest for what is not a text."""
        value = self.table.get(setting, "")
        if not isinstance(value, str):
            raise InvalidRequest(
                f"Its setting {setting} is not a text.", next_step=f'Write {setting} = "…".'
            )
        return value.strip()

    def needed(self, setting: str) -> str:
        """A setting that has to be there. Raises InvalidRequest."""
        value = self.text(setting)
        if not value:
            raise InvalidRequest(
                f"Its setting {setting} is missing.",
                next_step=f'Write {setting} = "…" in [destinations.{self.name}].',
            )
        return value

    def secret(self, setting: str) -> str:
        """A secret: the setting itself, or the variable that `SETTING_env` names; empty without both.

        Raises InvalidRequest for a variable that is not set.
        """
        variable = self.text(f"{setting}_env")
        if not variable:
            return self.text(setting)
        value = self.env.get(variable, "").strip()
        if not value:
            raise InvalidRequest(
                f"The variable {variable[:80]} is not set.",
                next_step=f"Set it where the gateway starts, or write {variable[:80]} in [providers].",
            )
        return value


class Adapter(Protocol):
    """What a module of this folder offers."""

    TYPE: str
    SETTINGS: Mapping[str, str]
    REQUIRED: Sequence[str]

    def make(self, setup: Setup) -> Destination:
        """One destination. Raises InvalidRequest for settings that cannot work."""
        ...


@dataclass(frozen=True)
class Opened:
    """The operator's destinations: those that work, and what is wrong with the others."""

    destinations: Mapping[str, Destination]
    problems: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Name to its type and the reason why it cannot be used."""


@cache
def adapters() -> Mapping[str, Adapter]:
    """Every kind of destination by its type: those of this folder, then those of installed packages."""
    return adapters_in(__name__, __path__, GROUP, _type_of)


def _type_of(adapter: Adapter) -> str:
    return adapter.TYPE


def opened(tables: Mapping[str, Any], env: Mapping[str, str]) -> Opened:
    """Make each destination of the configuration. A wrong one is told, and does not stop the others."""
    made: dict[str, Destination] = {}
    problems: dict[str, tuple[str, str]] = {}
    for name, table in tables.items():
        settings = dict(cast("Mapping[str, Any]", table)) if isinstance(table, Mapping) else {}
        kind = str(settings.pop("type", ""))[:40]
        try:
            made[name] = _made(Setup(name, settings, env), kind)
        except FlexuraError as wrong:
            problems[name] = (kind, f"{wrong.message} {wrong.next_step}".strip())
        except Exception as broken:
            log.exception("The destination %s cannot be made from its settings.", name)
            problems[name] = (kind, f"Its adapter broke: {type(broken).__name__}.")
        if name in problems:
            log.warning("[destinations.%s] is not used: %s", name, problems[name][1])
    return Opened(made, problems)


def _made(setup: Setup, kind: str) -> Destination:
    if not _NAME.fullmatch(setup.name):
        raise InvalidRequest(
            "Its name cannot be used in an address.",
            next_step="Write [destinations.NAME] with letters, digits, - and _ in its name.",
        )
    adapter = adapters().get(kind)
    if adapter is None:
        raise InvalidRequest(f"Its type is {kind!r}.", next_step=f"Types: {', '.join(adapters())}.")
    for unknown in setup.table.keys() - adapter.SETTINGS.keys():
        near = difflib.get_close_matches(unknown, adapter.SETTINGS, 1)
        step = f"Did you mean {near[0]}? " if near else ""
        raise InvalidRequest(
            f"The setting {unknown[:40]!r} is unknown.",
            next_step=f"{step}Settings: type, {', '.join(adapter.SETTINGS)}.",
        )
    for needed in adapter.REQUIRED:
        setup.needed(needed)
    return adapter.make(setup)
