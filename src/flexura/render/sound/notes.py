"""The score: what is played, by which instrument, when and how strongly. Times are in beats."""

from __future__ import annotations

from dataclasses import dataclass

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

KICK, RIM, SNARE, CLAP, CLOSED, PEDAL, OPEN = 36, 37, 38, 39, 42, 44, 46
LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE, TAMBOURINE, SHAKER = 45, 47, 50, 49, 51, 54, 70
RISER, IMPACT = 90, 91
"""Drums carry General MIDI percussion numbers as their pitch; 90 and 91 are a rising noise and a boom."""


@dataclass(frozen=True)
class Note:
    """One note; `pitch` is a MIDI number, `velocity` 0..1."""

    start: float
    beats: float
    pitch: int
    velocity: float

    @property
    def end(self) -> float:
        """The beat at which it is let go."""
        return self.start + self.beats


@dataclass(frozen=True)
class Part:
    """What one instrument plays. `role` tells its place in the mix: melody, chords, bass, drums …"""

    role: str
    instrument: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Section:
    """A stretch of bars of one character; `energy` 0..1 tells how full it is."""

    name: str
    start: int
    bars: int
    energy: float


@dataclass(frozen=True)
class Score:
    """A whole piece. `swing` is the delay of every second step of `grid` beats, as a share of the step."""

    tempo: float
    meter: int
    bars: int
    sections: tuple[Section, ...]
    parts: tuple[Part, ...]
    swing: float = 0.0
    grid: float = 0.5

    @property
    def seconds(self) -> float:
        """How long all bars take."""
        return self.bars * self.meter * 60.0 / self.tempo

    def at(self, beat: float) -> float:
        """The second at which a beat falls, with the swing."""
        pair = 2 * self.grid
        whole, place = divmod(beat, pair)
        late = self.grid * (1 + self.swing)
        if place < self.grid:
            place = place * late / self.grid
        else:
            place = late + (place - self.grid) * (pair - late) / self.grid
        return (whole * pair + place) * 60.0 / self.tempo

    def text(self) -> str:
        """The score to read: every part bar by bar, as note@beat:length."""
        lines = [f"{self.tempo:.1f} bpm, {self.meter}/4, {self.bars} bars, swing {self.swing}"]
        lines += [
            f"{s.name} bars {s.start + 1}-{s.start + s.bars} energy {s.energy:.2f}"
            for s in self.sections
        ]
        for part in self.parts:
            lines.append(f"-- {part.role}: {part.instrument}")
            for bar in range(self.bars):
                inside = [n for n in part.notes if bar <= n.start / self.meter < bar + 1]
                if inside:
                    words = (
                        f"{name(n.pitch)}@{n.start - bar * self.meter:g}:{n.beats:g}"
                        for n in inside
                    )
                    lines.append(f"{bar + 1:3d} | " + " ".join(words))
        return "\n".join(lines)


def name(pitch: int) -> str:
    """C4 for 60."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"
