"""What is known of one kind of effect."""

from __future__ import annotations

from dataclasses import dataclass

from flexura.render.sound.effects.shape import Make


@dataclass(frozen=True)
class Family:
    """One kind of effect. `seconds` is its natural length; `endless` ones fill any length and loop by
    themselves.

    `room` is the share of reverberation, 0 for what sounds on a screen.
    """

    name: str
    make: Make
    words: str
    seconds: float
    endless: bool = False
    room: float = 0.0
