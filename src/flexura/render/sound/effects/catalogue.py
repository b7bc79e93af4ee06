"""All families of effects, and which words name which one."""

from __future__ import annotations

from collections.abc import Iterator

from flexura.render.sound.effects.family import Family
from flexura.render.sound.effects.in_the_world import MACHINES, OUTDOORS, THINGS
from flexura.render.sound.effects.on_screen import GAME, INTERFACE

FAMILIES = (*INTERFACE, *GAME, *THINGS, *MACHINES, *OUTDOORS)


def _phrases() -> Iterator[tuple[tuple[str, ...], Family]]:
    for family in FAMILIES:
        for phrase in family.words.split("|"):
            yield tuple(phrase.split()), family


PHRASES: dict[tuple[str, ...], Family] = dict(_phrases())
LONGEST = max(len(phrase) for phrase in PHRASES)
