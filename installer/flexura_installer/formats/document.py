"""What a file says, as plain values, and the one place in it that is ours."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, cast

from flexura_installer.errors import Unproven


@dataclass(frozen=True)
class Slot:
    """One member of a map, or one item of a list.

    `under` are the keys from the top of the document to the map or the list. A member is known by its key
    `name`. An item is known by its own member `identity` ("name", "id"), which has the value `name`; without
    an `identity` the item is a plain string and known by being `name`.
    """

    under: tuple[str, ...]
    name: str
    kind: Literal["member", "item"] = "member"
    identity: str = ""

    @property
    def way(self) -> tuple[str, ...]:
        """The keys from the top that belong to the slot: to the list, or to the member itself."""
        return (*self.under, self.name) if self.kind == "member" else self.under

    def is_ours(self, item: Any) -> bool:
        """Whether this item of the list is the one."""
        if self.identity:
            return isinstance(item, dict) and cast(Any, item).get(self.identity) == self.name
        return isinstance(item, str) and item == self.name


class Missing:
    """There is nothing in the slot (null is something)."""


MISSING = Missing()


def find(document: Any, slot: Slot) -> Any:
    """What the slot holds, or MISSING. Raises Unproven when the way to it is something else than maps."""
    container = document
    for key in slot.under:
        if container is None and container is document:
            return MISSING
        if not isinstance(container, dict):
            raise Unproven(f"`{key}` cannot be looked up in what is no map.")
        held = cast("dict[str, Any]", container)
        if key not in held:
            return MISSING
        container = held[key]
    if container is None and container is document:
        return MISSING
    if slot.kind == "member":
        if not isinstance(container, dict):
            raise Unproven(f"`{'.'.join(slot.under) or 'the document'}` is no map.")
        return cast("dict[str, Any]", container).get(slot.name, MISSING)
    container = _listed(container, slot)
    if not isinstance(container, list):
        raise Unproven(f"`{'.'.join(slot.under)}` is no list.")
    found = [item for item in cast("list[Any]", container) if slot.is_ours(item)]
    if len(found) > 1:
        raise Unproven(f"`{slot.name}` stands more than once in `{'.'.join(slot.under)}`.")
    return found[0] if found else MISSING


def with_value(document: Any, slot: Slot, value: Any) -> Any:
    """A copy in which the slot holds `value`: in the place of the old one, else at the end."""
    whole: Any = {} if document is None else deepcopy(document)
    container = _container(whole, slot, make=True)
    if slot.kind == "member":
        container[slot.name] = value
        return whole
    at = [i for i, item in enumerate(container) if slot.is_ours(item)]
    if at:
        container[at[0]] = value
    else:
        container.append(value)
    return whole


def without(document: Any, slot: Slot) -> Any:
    """A copy in which the slot is empty; the map or list around it stays."""
    whole = deepcopy(document)
    container = _container(whole, slot, make=False)
    if slot.kind == "member":
        del container[slot.name]
    else:
        container[:] = [item for item in container if not slot.is_ours(item)]
    return whole


def pruned(document: Any, slot: Slot) -> Any:
    """A copy without the containers on the way to the slot that are empty."""
    whole = deepcopy(document)
    for depth in range(len(slot.under), 0, -1):
        above = whole
        for key in slot.under[: depth - 1]:
            above = above[key]
        if above[slot.under[depth - 1]]:
            break
        del above[slot.under[depth - 1]]
    return whole


def ours_last(document: Any, way: Sequence[str]) -> Any:
    """The document with the keys on the way to our slot (`Slot.way`) last in their maps.

    In TOML a key at the top has to stand before the tables, and a map stands where it is first mentioned,
    which may have been by us: their own place is the one thing about them that an edit may change.
    """
    if not way or not isinstance(document, dict) or way[0] not in document:
        return cast(Any, document)
    held = cast("dict[str, Any]", document)
    others = {key: one for key, one in held.items() if key != way[0]}
    return {**others, way[0]: ours_last(held[way[0]], way[1:])}


def _container(whole: Any, slot: Slot, *, make: bool) -> Any:
    container = whole
    for depth, key in enumerate(slot.under):
        if not isinstance(container, dict):
            raise Unproven(f"`{key}` cannot be looked up in what is no map.")
        held = cast("dict[str, Any]", container)
        if make and key not in held:
            last = depth == len(slot.under) - 1
            held[key] = [] if last and slot.kind == "item" else {}
        if depth == len(slot.under) - 1:
            held[key] = _listed(held[key], slot)
        container = held[key]
    if not isinstance(container, list if slot.kind == "item" else dict):
        raise Unproven(f"`{'.'.join(slot.under)}` is not the {slot.kind}s' container.")
    return cast(Any, container)


def _listed(container: Any, slot: Slot) -> Any:
    """Where strings are listed, one string is a list of one and null an empty list (Aider's `read: a`)."""
    if slot.kind == "item" and not slot.identity:
        if container is None:
            return []
        if isinstance(container, str):
            return [container]
    return container


def same(one: Any, other: Any) -> bool:
    """Equal in value, type and order of keys: `1`, `1.0` and `true` are three things."""
    if isinstance(one, dict) and isinstance(other, dict):
        a, b = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(one, list) and isinstance(other, list):
        c, d = cast("list[Any]", one), cast("list[Any]", other)
        return len(c) == len(d) and all(same(x, y) for x, y in zip(c, d, strict=True))
    a_plain, another = cast("object", one), cast("object", other)
    # repr, because nan is not equal to itself and 0.0 equals -0.0.
    return type(a_plain) is type(another) and repr(a_plain) == repr(another)
