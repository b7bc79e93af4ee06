"""Playing a score: notes become stems, stems a mix, the mix a master."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flexura.render.sound.arrange import Piece
from flexura.render.sound.filters import Stage, filtered, highpass, highshelf, lowpass, peak
from flexura.render.sound.instruments.band import PLAYERS, beat, tone
from flexura.render.sound.instruments.drums import PANS
from flexura.render.sound.loudness import compressed, gain_for, levelled, mastered
from flexura.render.sound.mix import (
    echo,
    panned,
    place,
    reverb,
    room,
    saturated,
    silence,
    widened,
    wobbled,
)
from flexura.render.sound.nature import scatter
from flexura.render.sound.notes import KICK, RISER, Note, Part, Score
from flexura.render.sound.synth import RATE, Signal, band, drift, fade, frames, noise, ring, tilted
from flexura.render.sound.tonal_balance import DARK, FULL, WARM, balanced

LEVELS = {
    "melody": -19.0,
    "chords": -22.5,
    "pad": -26.0,
    "bass": -21.5,
    "drums": -20.5,
    "arp": -25.5,
    "ostinato": -24.0,
    "counter": -26.5,
    "texture": -40.0,
}
"""Loudness of each role (LUFS) before mastering."""

SENDS = {
    "melody": 1.0,
    "chords": 0.8,
    "pad": 0.9,
    "bass": 0.6,
    "drums": 0.35,
    "arp": 0.8,
    "ostinato": 0.7,
    "counter": 1.2,
    "texture": 0.3,
}
_TONE: dict[str, tuple[Stage, ...]] = {
    "melody": (highpass(150), peak(2800, 1.5, 0.9)),
    "chords": (highpass(90), peak(320, -2.0, 0.9)),
    "pad": (highpass(130), peak(400, -2.0, 0.7)),
    "bass": (lowpass(5200), peak(220, -1.5, 0.8)),
    "arp": (highpass(200),),
    "ostinato": (highpass(70),),
    "counter": (highpass(240),),
    "texture": (highpass(120),),
    "drums": (peak(380, -2.5, 0.8),),
}
_FORWARD = {
    "techno": 3.0,
    "house": 2.5,
    "trap": 2.5,
    "synthwave": 1.5,
    "lo-fi": 1.0,
    "chiptune": -2.0,
    "jazz": -3.5,
    "acoustic": -3.0,
    "orchestral": -3.0,
    "cinematic": 0.5,
}
"""How much louder (dB) the drums stand in a genre."""


def perform(
    score: Score,
    piece: Piece,
    genre: str,
    rng: np.random.Generator,
    progress: Callable[[float], None],
) -> Signal:
    """The finished stereo sound of a piece, as long as its plan says."""
    mix = _mixed(score, piece, genre, rng, progress)
    progress(0.85)
    return _finished(mix, piece, rng)


def _mixed(
    score: Score,
    piece: Piece,
    genre: str,
    rng: np.random.Generator,
    progress: Callable[[float], None],
) -> Signal:
    """All parts with their share of echo and room. Buffers are let go as soon as they can be."""
    n = frames(piece.plan.seconds)
    style, wrap = piece.style, piece.loop
    dry, wet = silence(n), silence(n)
    repeats = silence(n) if "echo" in style.effects else None
    pump = _pump(score, piece, n)
    for k, part in enumerate(score.parts):
        stem = _levelled_stem(part, score, piece, genre, rng)
        if part.role != "drums":
            stem *= pump
        dry += stem
        player = PLAYERS.get(part.instrument)
        send = SENDS[part.role] * (player.send if player else 1.0)
        stem *= np.float32(style.wet * send)
        wet += stem
        if repeats is not None and part.role in ("melody", "arp", "counter"):
            repeats += stem * np.float32(0.4 / (style.wet * send))
        progress(0.1 + 0.6 * (k + 1) / len(score.parts))
    if repeats is not None:
        tail = echo(repeats, 45.0 / score.tempo, 0.45, wrap=wrap)
        del repeats
        tail *= pump
        dry += tail
        wet += tail * np.float32(0.4)
    answer = reverb(wet, room(style.room, rng, bright=style.bright), wrap=wrap)
    del wet
    answer *= pump
    dry += answer
    return dry


def _levelled_stem(
    part: Part, score: Score, piece: Piece, genre: str, rng: np.random.Generator
) -> Signal:
    """One part, equalised and as loud as its role wants it."""
    stem = _stem(part, score, piece, frames(piece.plan.seconds), rng)
    stem = filtered(stem, *_TONE[part.role], wrap=piece.loop)
    if part.role in ("pad", "counter"):
        stem = widened(stem, 0.7, wrap=piece.loop)
    player = PLAYERS.get(part.instrument)
    boost = _FORWARD.get(genre, 0.0) if part.role == "drums" else 0.0
    stem *= gain_for(stem, LEVELS[part.role] + boost + (player.level if player else 0.0))
    return stem


def _finished(mix: Signal, piece: Piece, rng: np.random.Generator) -> Signal:
    """The mix bus: tape or warmth, width, glue, master, and the last fade."""
    style, wrap = piece.style, piece.loop
    if "lofi" in style.effects:
        mix = wobbled(saturated(mix * np.float32(2.0), 1.4), 0.9, rng)
        mix = filtered(mix, highpass(55), lowpass(6800, 0.6), peak(900, 1.5, 0.6), wrap=wrap)
    if "warm" in style.effects:
        mix = filtered(mix, highshelf(7000, -1.5), peak(180, 1.0, 0.6), wrap=wrap)
    target = DARK if "lofi" in style.effects else WARM if "warm" in style.effects else FULL
    mix = balanced(mix, target, wrap=wrap)
    mix = widened(mix, 1.1 if "wide" in style.effects else 0.9, wrap=wrap)
    mix = compressed(levelled(mix, -16.0), -15.0, 1.8, wrap=wrap)
    mix = mastered(mix, style.loud, wrap=wrap)
    if wrap:
        return mix
    return mix * fade(mix.shape[-1], 0.004, max(0.03, min(2.0, piece.plan.seconds * 0.15)))


def _stem(part: Part, score: Score, piece: Piece, n: int, rng: np.random.Generator) -> Signal:
    if part.role == "texture":
        return _vinyl(n, rng) if part.instrument == "vinyl" else _air(n, rng)
    stem = silence(n)
    human = piece.style.human / 1000
    for note in part.notes:
        late = float(np.clip(rng.normal(0, human), -2 * human, 2 * human)) if human else 0.0
        start = score.at(note.start) + late
        if part.role == "drums":
            _strike(
                stem,
                part.instrument,
                note,
                (max(0.0, start - late * 0.6), score.at(note.end)),
                rng,
                piece.loop,
            )
            continue
        seconds = score.at(note.end) - score.at(note.start)
        strength = (
            note.velocity
            * _dynamics(piece, note)
            * float(1 + rng.normal(0, 0.05 if human else 0.0))
        )
        sound = _played(part.instrument, note.pitch, seconds, strength)
        place(
            stem,
            sound,
            frames(start) - 1 if piece.loop else max(0, frames(start) - 1),
            wrap=piece.loop,
        )
    return stem


def _played(instrument: str, pitch: int, seconds: float, velocity: float) -> Signal:
    eighth = int(np.clip(round(velocity * 8), 1, 8))
    sound = tone(instrument, pitch, max(5, round(seconds * 100)), eighth)
    sound = sound * np.float32(np.clip(velocity, 0.05, 1.1) / (eighth / 8))
    pan = PLAYERS[instrument].pan
    if sound.ndim == 1:
        return panned(sound, pan)
    return sound * np.array([[1 - max(0.0, pan)], [1 + min(0.0, pan)]], dtype=np.float32)


def _dynamics(piece: Piece, note: Note) -> float:
    """Full sections are played louder, and within a section the music leans forward."""
    bar = note.start / piece.plan.meter
    section = next(
        (s for s in piece.sections if s.start <= bar + 1e-6 < s.start + s.bars), piece.sections[-1]
    )
    into = (bar - section.start) / section.bars
    return 0.78 + 0.22 * section.energy + 0.05 * into


def _strike(
    stem: Signal,
    kit: str,
    note: Note,
    time: tuple[float, float],
    rng: np.random.Generator,
    wrap: bool,
) -> None:
    """Plays one drum; `time` is its start and end in seconds (a riser is placed by its end)."""
    start, end = time
    sound = beat(kit, note.pitch, int(rng.integers(3)))
    level = note.velocity**1.3 * float(1 + rng.normal(0, 0.04))
    if note.pitch == RISER:
        start = max(0.0, end - sound.shape[-1] / RATE)
    stereo = panned(sound, PANS.get(note.pitch, 0.0)) if sound.ndim == 1 else sound
    place(stem, stereo * np.float32(level), frames(start) - 1, wrap=wrap)


def _pump(score: Score, piece: Piece, n: int) -> Signal:
    """The gain that the kick drum imposes on the others: down at once, up again within a beat."""
    depth = piece.style.pump
    if not depth:
        return np.ones((1, 1), dtype=np.float32)
    gain = np.zeros((1, n), dtype=np.float32)
    length = frames(min(0.32, 50.0 / score.tempo))
    dip = (np.cos(np.linspace(0, np.pi / 2, length)) ** 2).astype(np.float32) * fade(
        length, 0.006, 0.01
    )
    for part in score.parts:
        for note in part.notes if part.role == "drums" else ():
            if note.pitch == KICK:
                place(
                    gain,
                    dip[None, :] * note.velocity,
                    frames(score.at(note.start)) - 1,
                    wrap=piece.loop,
                )
    return 1 - np.float32(depth) * np.minimum(gain, 1.0)


def _vinyl(n: int, rng: np.random.Generator) -> Signal:
    """Dust and scratches of a record, its rumble and hiss."""
    ticks = [
        noise(frames(0.004), rng, band(f, f * 2), 1)[0] * ring(frames(0.004), 0.003, 0.0002)
        for f in (1800.0, 3500.0)
    ]
    crackle = scatter(n, rng, 22, ticks, 1.2)
    return crackle * 0.8 + noise(n, rng, tilted(300, 7000, -0.4)) * np.float32(0.10)


def _air(n: int, rng: np.random.Generator) -> Signal:
    """Slow breaths of filtered noise behind the music."""
    return noise(n, rng, tilted(500, 5000, -0.6)) * drift(n, rng, 5.0, 0.2, 1.0)
