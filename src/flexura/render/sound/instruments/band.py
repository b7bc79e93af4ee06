"""Who can be asked to play, and how each player sits in the mix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from flexura.render.random import rng as generator
from flexura.render.sound.instruments import drums, electronic, struck, sustained
from flexura.render.sound.synth import Signal

Play = Callable[[int, float, float, np.random.Generator], Signal]


@dataclass(frozen=True)
class Player:
    """An instrument: its sound, its level against others in the same role (dB), its place and share of the
    room.
    """

    play: Play
    level: float = 0.0
    pan: float = 0.0
    send: float = 1.0


PLAYERS: Mapping[str, Player] = {
    "piano": Player(struck.piano),
    "felt_piano": Player(struck.felt_piano),
    "house_piano": Player(struck.house_piano, send=0.7),
    "electric_piano": Player(struck.electric_piano),
    "guitar": Player(struck.guitar, pan=-0.15),
    "harp": Player(struck.harp, pan=0.2),
    "pizzicato": Player(struck.pizzicato, pan=-0.2),
    "upright_bass": Player(struck.upright_bass, send=0.15),
    "bells": Player(struck.bells, level=-2.5, pan=0.2, send=1.3),
    "music_box": Player(struck.music_box, level=-2.0, pan=-0.1, send=1.2),
    "marimba": Player(struck.marimba, pan=0.15),
    "vibraphone": Player(struck.vibraphone, level=-0.5, pan=0.15),
    "pad": Player(sustained.pad),
    "glass_pad": Player(sustained.glass_pad, level=-1.5),
    "strings": Player(sustained.strings),
    "low_strings": Player(sustained.strings),
    "strings_lead": Player(sustained.strings_lead, level=-0.5, pan=-0.15),
    "spiccato": Player(sustained.spiccato, pan=-0.1),
    "choir": Player(sustained.choir, send=1.2),
    "super_saw": Player(sustained.super_saw, level=-0.5),
    "organ": Player(sustained.organ, level=-1.0),
    "flute": Player(sustained.flute, level=-1.0, pan=-0.15, send=1.2),
    "whistle": Player(sustained.whistle, level=-1.5, pan=-0.1, send=1.2),
    "reed": Player(sustained.reed, pan=0.12, send=1.1),
    "horn": Player(sustained.horn, pan=0.15, send=1.2),
    "muted_horn": Player(sustained.muted_horn, pan=0.1),
    "lead": Player(electronic.lead),
    "pluck": Player(electronic.pluck),
    "stab": Player(electronic.stab),
    "saw_bass": Player(electronic.saw_bass, send=0.08),
    "acid_bass": Player(electronic.acid_bass, send=0.12),
    "sub": Player(electronic.sub, send=0.1),
    "bass_808": Player(electronic.bass_808, level=1.0, send=0.05),
    "pulse_lead": Player(electronic.pulse_lead, send=0.8),
    "pulse_arp": Player(electronic.pulse_arp, pan=-0.35),
    "pulse_thin": Player(electronic.pulse_thin, pan=0.35),
    "triangle_bass": Player(electronic.triangle_bass, send=0.1),
}


@lru_cache(maxsize=192)
def tone(instrument: str, midi: int, centiseconds: int, eighth: int) -> Signal:
    """One note, kept for the next time it is played. It depends on its arguments alone."""
    source = generator("tone", instrument, midi, centiseconds, eighth)
    sound = (
        PLAYERS[instrument].play(midi, centiseconds / 100, eighth / 8, source).astype(np.float32)
    )
    sound.setflags(write=False)
    return sound


def forget() -> None:
    """Lets go of the notes that are kept, so that an idle process is small."""
    tone.cache_clear()
    beat.cache_clear()
    sustained.texture.cache_clear()


@lru_cache(maxsize=64)
def beat(kit: str, drum: int, take: int) -> Signal:
    """One of a few takes of a drum stroke at its level in the kit; two takes are never quite alike."""
    source = generator("beat", kit, drum, take)
    sound = (
        drums.chip_stroke(drum, source) if kit == "chip_kit" else drums.stroke(kit, drum, source)
    )
    peak = float(np.abs(sound).max()) + 1e-9
    sound = (sound * np.float32(drums.LEVELS.get(drum, 0.5) / peak)).astype(np.float32)
    sound.setflags(write=False)
    return sound
