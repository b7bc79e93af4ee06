"""A folder as a registry: its modules are adapters, and installed packages add theirs as entry points."""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Callable, Collection, Iterable
from importlib import import_module
from importlib.metadata import entry_points
from typing import TypeVar, cast

log = logging.getLogger(__name__)
A = TypeVar("A")


def adapters_in(
    package: str,
    path: Iterable[str],
    group: str,
    name_of: Callable[[A], str],
    leave_out: Collection[str] = (),
) -> dict[str, A]:
    """The modules of a package by the name that each gives itself, then those of a group of entry points.

    A name counts once, and ours first. An entry point that cannot be loaded is logged.
    """
    names = [m.name for m in pkgutil.iter_modules(path) if m.name not in leave_out]
    ours = [cast("A", import_module(f"{package}.{name}")) for name in names]
    found = {name_of(adapter): adapter for adapter in ours}
    for point in entry_points(group=group):
        try:
            added = cast("A", point.load())
            found.setdefault(name_of(added), added)
        except Exception:
            # Somebody else's package must not keep the gateway from starting.
            log.exception("The entry point %s of %s cannot be loaded.", point.name, group)
    return found
