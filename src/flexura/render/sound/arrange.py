"""Composing: from a brief to a whole score."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from flexura.render.sound import grooves
from flexura.render.sound.basslines import BASSLINES
from flexura.render.sound.brief import Brief
from flexura.render.sound.form import Plan, plan, sections
from flexura.render.sound.genres import EITHER_MOODS, MAJOR_MOODS, PACE, STYLES, Layer, Style
from flexura.render.sound.harmony import Slot, chord, progression, voice_led
from flexura.render.sound.melody import Voice, motifs, theme
from flexura.render.sound.notes import Note, Part, Score, Section
from flexura.render.sound.patterns import PATTERNS, bars

_RANGES = {
    "flute": (67, 88),
    "bells": (67, 88),
    "music_box": (72, 91),
    "horn": (52, 70),
    "strings_lead": (60, 81),
    "reed": (58, 77),
    "whistle": (72, 91),
    "guitar": (57, 76),
    "choir": (60, 77),
    "muted_horn": (58, 75),
}
_ROLES_OF = {
    "bass": ("bass",),
    "drums": ("drums",),
    "pad": ("pad",),
    "strings": ("pad", "melody"),
    "choir": ("pad", "counter"),
    "organ": ("chords", "pad"),
}
_PLAYERS = {
    "strings": {"pad": "strings", "melody": "strings_lead"},
    "brass": {"melody": "horn"},
    "piano": {"chords": "piano"},
    "flute": {"melody": "flute"},
}
_SCARCE = ("melody", "chords", "arp", "counter")


@dataclass(frozen=True)
class Piece:
    """Everything that the layers of one piece share."""

    style: Style
    plan: Plan
    tonic: int
    mode: str
    mood: str
    sections: tuple[Section, ...]
    slots: tuple[Slot, ...]
    loop: bool


def compose(
    brief: Brief, seconds: float, loop: bool, rng: np.random.Generator
) -> tuple[Score, Piece]:
    """A score of about `seconds`; the same generator gives the same score."""
    style = STYLES[brief.genre]
    low, high = style.tempo
    tempo = brief.tempo or (low + (high - low) * PACE[brief.mood]) * brief.pace * float(
        rng.uniform(0.97, 1.03)
    )
    layout = plan(seconds, tempo, style.meter, fixed=bool(brief.tempo), loop=loop)
    mode = brief.mode or _usual_mode(brief.mood, style, rng)
    tonic = brief.tonic if brief.tonic >= 0 else int(rng.integers(12))
    parts_of = sections(layout.bars, loop=loop)
    slots = _harmony(parts_of, style, tonic, mode, layout.meter, rng)
    piece = Piece(style, layout, tonic, mode, brief.mood, parts_of, tuple(slots), loop)
    parts = [
        _rung_out(_part(layer, player, piece, rng), piece)
        for layer, player in _cast(brief, style, rng)
    ]
    return (
        Score(
            layout.tempo,
            layout.meter,
            layout.bars,
            parts_of,
            tuple(p for p in parts if p.notes),
            style.swing,
            style.grid,
        ),
        piece,
    )


def _rung_out(part: Part, piece: Piece) -> Part:
    """Holds the notes of the last bar on into the time that is left after it."""
    if piece.loop or part.role in ("drums", "texture"):
        return part
    last = float((piece.plan.bars - 1) * piece.plan.meter)
    spare = piece.plan.seconds * piece.plan.tempo / 60 - last - piece.plan.meter
    more = max(0.0, spare - 0.6 * piece.plan.tempo / 60)
    end = last + piece.plan.meter - 0.1
    notes = tuple(
        replace(note, beats=note.beats + more) if note.start >= last and note.end >= end else note
        for note in part.notes
    )
    return replace(part, notes=notes)


def _usual_mode(mood: str, style: Style, rng: np.random.Generator) -> str:
    bright = mood in MAJOR_MOODS or (mood in EITHER_MOODS and rng.random() < 0.4)
    return style.modes[0 if bright else 1]


def _major(mode: str) -> bool:
    return mode in ("major", "lydian", "mixolydian")


def _harmony(
    parts: Sequence[Section],
    style: Style,
    tonic: int,
    mode: str,
    meter: int,
    rng: np.random.Generator,
) -> list[Slot]:
    """A has one progression, B another; intro and outro lean on A, the end is the tonic."""
    choices = style.major if _major(mode) else style.minor
    order = rng.permutation(len(choices))
    first, second = choices[int(order[0])], choices[int(order[1 % len(order)])]
    home = _home(first, mode)
    slots: list[Slot] = []
    for section in parts:
        text = second if section.name.startswith("B") else first
        if section.name == "end":
            text = home
        slots += progression(text, tonic, section.bars, section.start, meter)
    if parts[-1].name == "end" and len(slots) > 1 and style.rhythm != "sparse":
        before = slots[-2]
        cadence = "V7" if "7" in home or _major(mode) else "V"
        if before.chord.root == slots[-1].chord.root:
            slots[-2] = replace(before, chord=chord(cadence, tonic))
    return slots


def _home(text: str, mode: str) -> str:
    """The tonic in the progression's own colour (with its seventh, if it has one)."""
    homes = [
        n
        for word in text.split()
        for n in word.split(",")
        if re.match("i(?![iv])", n, re.IGNORECASE)
    ]
    return homes[0] if homes else ("I" if _major(mode) else "i")


def _cast(brief: Brief, style: Style, rng: np.random.Generator) -> list[tuple[Layer, str]]:
    """Which layers there are and who plays them: instruments that the prompt names come first."""
    asked = [name for name in brief.instruments if name not in ("bass", "drums")]
    cast: list[tuple[Layer, str]] = []
    taken: set[str] = set()
    for layer in style.layers:
        kept = rng.random() < layer.chance
        player = str(rng.choice(np.array(layer.instruments)))
        free = asked if len(asked) == 1 else [name for name in asked if name not in taken]
        wanted = next((name for name in free if _fits(name, layer, taken)), "")
        if wanted:
            taken.add(wanted)
            player = _PLAYERS.get(wanted, {}).get(
                layer.role, "horn" if wanted == "brass" else wanted
            )
            kept = True
        if _silenced(layer, player, brief.without) or not kept:
            continue
        cast.append((layer, player))
    if "drums" in brief.instruments and not any(layer.role == "drums" for layer, _ in cast):
        groove = "swing_ride" if style.rhythm == "swung" else "brush_pop"
        cast.append((Layer("drums", (groove,), ("acoustic_kit",), 0.5), "acoustic_kit"))
    return _solo(cast, brief)


def _fits(name: str, layer: Layer, taken: set[str]) -> bool:
    """Whether an instrument suits a layer; one that is asked for alone plays both chords and melody."""
    if name in taken and layer.role not in ("chords", "melody"):
        return False
    roles = _ROLES_OF.get(name)
    if roles:
        return layer.role in roles
    if name in ("flute", "reed", "brass"):
        return layer.role in ("melody", "counter")
    return layer.role in _SCARCE


def _silenced(layer: Layer, player: str, without: frozenset[str]) -> bool:
    families = {
        "strings": ("string", "spiccato", "pizzicato"),
        "piano": ("piano",),
        "drums": ("kit",),
        "bass": ("bass", "sub"),
        "bells": ("bells", "music_box"),
    }
    return any(
        layer.role == name or any(part in player for part in families.get(name, (name,)))
        for name in without
    )


def _solo(cast: list[tuple[Layer, str]], brief: Brief) -> list[tuple[Layer, str]]:
    """A piece for one instrument ("solo piano") keeps to it: its chords and its melody."""
    if not brief.solo:
        return cast
    name = brief.instruments[0]
    own = [(layer, name) for layer, _ in cast if layer.role in ("chords", "melody")]
    return own or cast


def _part(layer: Layer, player: str, piece: Piece, rng: np.random.Generator) -> Part:
    """All notes of one layer, in the sections in which it plays."""
    pattern = str(rng.choice(np.array(layer.pattern)))
    if layer.role == "texture":
        whole = float(piece.plan.bars * piece.plan.meter)
        return Part("texture", player, (Note(0.0, whole, 60, 0.5),))
    if layer.role == "melody":
        return Part("melody", player, tuple(_melody(layer, player, piece, rng)))
    if layer.role == "drums":
        notes: list[Note] = []
        for section in piece.sections:
            if section.energy >= layer.from_energy and section.name != "end":
                last = section is piece.sections[-1]
                notes += grooves.drums(pattern, section, piece.plan.meter, rng, last)
        notes += _last_hit(piece, pattern, notes)
        return Part("drums", player, tuple(notes))
    return Part(layer.role, player, tuple(_accompaniment(layer, pattern, piece, rng)))


def _last_hit(piece: Piece, groove: str, notes: list[Note]) -> list[Note]:
    if piece.sections[-1].name != "end" or not notes or groove == "boom_bap":
        return []
    start = float(piece.sections[-1].start * piece.plan.meter)
    return [Note(start, 1, grooves.KICK, 0.8), Note(start, 4, grooves.CRASH, 0.45)]


def _melody(layer: Layer, player: str, piece: Piece, rng: np.random.Generator) -> list[Note]:
    style = piece.style
    low, high = _RANGES.get(player, (62, 81))
    rhythm = style.rhythm
    if piece.mood == "calm" and rhythm in ("lively", "flowing"):
        rhythm = "broad"
    voice = Voice(
        low,
        high,
        piece.tonic,
        piece.mode,
        rhythm,
        style.meter,
        five=rhythm in ("sparse", "lazy", "riff", "broad"),
        chromatic=rhythm == "swung",
    )
    themes = {letter: motifs(voice, rng) for letter in "AB"}
    seeds = {letter: rng.integers(1 << 62) for letter in "AB"}
    notes: list[Note] = []
    for section in piece.sections:
        if section.energy < layer.from_energy or section.name in ("intro", "outro", "end", "break"):
            continue
        letter = section.name[0]
        # The same seed for a theme that comes back: it is the same tune, over the same chords.
        again = np.random.Generator(np.random.PCG64(int(seeds[letter])))
        notes += theme(section, piece.slots, themes[letter], voice, again)
    return notes + _final_note(piece, voice, notes)


def _final_note(piece: Piece, voice: Voice, notes: list[Note]) -> list[Note]:
    if piece.sections[-1].name != "end" or not notes:
        return []
    near = notes[-1].pitch
    options = [p for p in range(voice.low, voice.high + 1) if p % 12 == piece.tonic]
    pitch = min(options, key=lambda p: abs(p - near))
    return [
        Note(
            float(piece.sections[-1].start * piece.plan.meter), float(piece.plan.meter), pitch, 0.6
        )
    ]


_REGISTERS = {
    "pad": (48, 72, 4),
    "chords": (52, 74, 4),
    "arp": (55, 79, 4),
    "ostinato": (45, 67, 3),
    "counter": (60, 79, 4),
    "bass": (48, 67, 3),
}


def _accompaniment(
    layer: Layer, pattern: str, piece: Piece, rng: np.random.Generator
) -> list[Note]:
    low, high, voices = _REGISTERS[layer.role]
    voicings = voice_led([slot.chord for slot in piece.slots], low, high, voices)
    energies = [_section(piece, slot.start).energy for slot in piece.slots]
    play = BASSLINES[pattern] if layer.role == "bass" else PATTERNS[pattern]
    ending = (
        BASSLINES["drone"]
        if layer.role == "bass"
        else PATTERNS["rolled" if layer.role == "chords" else "held"]
    )
    notes: list[Note] = []
    for bar in bars(piece.slots, voicings, piece.plan.meter, energies):
        section = _section(piece, bar.start)
        if section.name == "end" and layer.role in ("arp", "counter", "ostinato"):
            continue
        if section.energy >= layer.from_energy or section.name == "end":
            notes += (ending if section.name == "end" else play)(bar, rng)
    return notes


def _section(piece: Piece, beat: float) -> Section:
    bar = int(beat / piece.plan.meter + 1e-6)
    return next(s for s in piece.sections if s.start <= bar < s.start + s.bars)
