"""What each genre is made of: tempo, chords, instruments, patterns and the sound of its mix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Layer:
    """One part of the arrangement: how its notes come about and who may play them.

    `from_energy` is the energy of a section from which on it plays; `chance` how often a piece has it at all.
    """

    role: str
    pattern: tuple[str, ...]
    instruments: tuple[str, ...]
    from_energy: float = 0.0
    chance: float = 1.0


@dataclass(frozen=True)
class Style:
    """One genre. Tempi are beats a minute, `room` is the reverb's length in seconds, `wet` its level 0..1."""

    tempo: tuple[float, float]
    major: tuple[str, ...]
    minor: tuple[str, ...]
    layers: tuple[Layer, ...]
    rhythm: str
    meter: int = 4
    swing: float = 0.0
    grid: float = 0.5
    human: float = 8.0
    """Spread of the timing in milliseconds."""
    room: float = 1.8
    wet: float = 0.25
    bright: float = 6500.0
    loud: float = -14.0
    pump: float = 0.0
    """How far the kick pushes the rest down, 0..1."""
    effects: frozenset[str] = field(default_factory=frozenset[str])
    """lofi, echo, warm, crush, wide: what the whole mix goes through."""
    modes: tuple[str, str] = ("major", "minor")


_POP = ("I V vi IV", "I vi IV V", "IV I V vi", "I iii IV V", "vi IV I V", "I V ii IV")
_SAD = ("i bVI bIII bVII", "i iv bVI V", "i bVII bVI bVII", "i v bVI iv", "i bIII bVII iv")

STYLES: Mapping[str, Style] = {
    "ambient": Style(
        tempo=(60, 76),
        major=(
            "Imaj9 Imaj9 IVmaj9 IVmaj9",
            "Iadd9 vi9 IVmaj9 Vsus4",
            "Imaj7 iii7 IVmaj9 IVmaj9",
            "IVmaj9 Imaj7 ii9 Vsus4",
        ),
        minor=("i9 i9 bVImaj7 bVImaj7", "iadd9 bIIImaj7 bVImaj7 iv9", "i9 v7 bVImaj7 bVIIsus4"),
        layers=(
            Layer("pad", ("held",), ("pad", "strings", "choir", "glass_pad")),
            Layer(
                "chords",
                ("broken_slow", "rolled"),
                ("piano", "electric_piano", "harp", "guitar"),
                0.3,
            ),
            Layer("bass", ("drone",), ("sub",), 0.3),
            Layer(
                "melody",
                ("melody",),
                ("piano", "bells", "flute", "music_box", "electric_piano"),
                0.5,
            ),
            Layer("counter", ("twinkle",), ("bells", "glass_pad", "music_box", "harp"), 0.7, 0.6),
            Layer("texture", ("air",), ("air",)),
        ),
        rhythm="sparse",
        human=14,
        room=4.2,
        wet=0.5,
        bright=4500,
        loud=-16.0,
        effects=frozenset({"echo", "warm", "wide"}),
    ),
    "lo-fi": Style(
        tempo=(72, 86),
        major=(
            "ii9 V13 Imaj9 vi9",
            "Imaj9 vi9 ii9 V13",
            "IVmaj9 iii7 ii9 Imaj9",
            "IVmaj7,V7 iii7,vi9 ii9 Imaj9",
        ),
        minor=(
            "i9 iv9 bVII9 bIIImaj7",
            "i9 bVImaj7 iv9 v7",
            "bVImaj7 v7 i9 i9",
            "ii7b5 V7b9 i9 i9",
        ),
        layers=(
            Layer("chords", ("lofi_keys",), ("electric_piano", "felt_piano", "guitar")),
            Layer("bass", ("lofi_bass",), ("upright_bass", "sub"), 0.4),
            Layer("drums", ("boom_bap",), ("dusty_kit",), 0.4),
            Layer(
                "melody",
                ("melody",),
                ("felt_piano", "guitar", "flute", "marimba", "electric_piano"),
                0.55,
            ),
            Layer("pad", ("held",), ("pad", "strings"), 0.75, 0.6),
            Layer("texture", ("vinyl",), ("vinyl",)),
        ),
        rhythm="lazy",
        swing=0.3,
        grid=0.25,
        human=12,
        room=1.4,
        wet=0.18,
        bright=4200,
        loud=-15.0,
        pump=0.25,
        effects=frozenset({"lofi"}),
        modes=("major", "dorian"),
    ),
    "chiptune": Style(
        tempo=(124, 156),
        major=("I V vi IV", "I bVII IV I", "IV V iii vi", "I iii IV V"),
        minor=("i bVI bVII i", "i bVII bVI V", "i iv bVII bIII", "i bVI iv V"),
        layers=(
            Layer("melody", ("melody",), ("pulse_lead",), 0.4),
            Layer("arp", ("chip_arp",), ("pulse_arp",)),
            Layer("bass", ("octaves", "pulse8"), ("triangle_bass",), 0.3),
            Layer("drums", ("chip_beat",), ("chip_kit",), 0.4),
            Layer("counter", ("harmony",), ("pulse_thin",), 0.8),
        ),
        rhythm="busy",
        human=0,
        room=0.4,
        wet=0.03,
        bright=9000,
        effects=frozenset({"crush"}),
    ),
    "cinematic": Style(
        tempo=(76, 112),
        major=("I V vi IV", "I iii IV I", "vi IV I V", "I bVII IV I"),
        minor=("i bVI bIII bVII", "i bVI iv V", "i v bVI bVII", "i bIII bVI iv"),
        layers=(
            Layer("pad", ("held",), ("strings", "low_strings", "choir")),
            Layer("ostinato", ("ostinato",), ("spiccato", "piano", "pluck"), 0.5),
            Layer("bass", ("root",), ("low_strings", "sub"), 0.3),
            Layer("melody", ("melody",), ("horn", "strings_lead", "piano", "flute"), 0.55),
            Layer("drums", ("taiko",), ("cinema_kit",), 0.6),
            Layer("counter", ("high_line",), ("choir", "strings_lead", "bells"), 0.85, 0.9),
            Layer("chords", ("broken_slow",), ("piano", "harp"), 0.0, 0.6),
        ),
        rhythm="broad",
        human=9,
        room=3.2,
        wet=0.36,
        bright=6000,
        effects=frozenset({"wide"}),
    ),
    "orchestral": Style(
        tempo=(84, 120),
        major=("I vi ii V", "I IV V I", "I V vi IV", "I iii IV V"),
        minor=("i iv V i", "i bVI iv V", "i bVII bVI V"),
        layers=(
            Layer("pad", ("held",), ("strings",)),
            Layer("arp", ("pizzicato",), ("pizzicato", "harp"), 0.3),
            Layer("bass", ("root",), ("low_strings",), 0.3),
            Layer("melody", ("melody",), ("flute", "reed", "strings_lead", "horn"), 0.35),
            Layer("counter", ("high_line",), ("horn", "reed", "strings_lead"), 0.7),
            Layer("drums", ("timpani",), ("orchestra_kit",), 0.75),
        ),
        rhythm="flowing",
        human=9,
        room=2.6,
        wet=0.32,
        bright=7000,
        effects=frozenset({"wide"}),
    ),
    "techno": Style(
        tempo=(124, 134),
        major=("I I bVII IV", "I I vi IV"),
        minor=("i i bVI bVII", "i i i bVII", "i bIII i bVII"),
        layers=(
            Layer("drums", ("four_techno",), ("club_kit",), 0.3),
            Layer("bass", ("acid", "acid_dense", "offbeat"), ("acid_bass", "saw_bass"), 0.3),
            Layer("chords", ("stabs",), ("stab", "pluck"), 0.5),
            Layer("arp", ("arp16",), ("pluck", "lead"), 0.55),
            Layer("pad", ("held",), ("pad", "glass_pad"), 0.0),
            Layer("melody", ("melody",), ("lead", "bells"), 0.8, 0.8),
        ),
        rhythm="riff",
        human=1.5,
        room=1.6,
        wet=0.2,
        bright=8000,
        pump=0.7,
        loud=-13.0,
        effects=frozenset({"echo", "wide"}),
        modes=("mixolydian", "minor"),
    ),
    "house": Style(
        tempo=(118, 126),
        major=(
            "IVmaj7 iii7 vi7 Imaj7",
            "Imaj7 vi7 ii7 V7",
            "vi7 IVmaj7 Iadd9 V",
            "ii7 V7 Imaj7 vi7",
        ),
        minor=("i7 bVImaj7 bIIImaj7 bVII", "i7 iv7 bVII7 bIIImaj7", "i9 iv9 i9 v7"),
        layers=(
            Layer("drums", ("four_house",), ("club_kit",), 0.3),
            Layer("bass", ("offbeat", "house_bass"), ("saw_bass", "sub"), 0.3),
            Layer("chords", ("stabs",), ("house_piano", "organ", "stab")),
            Layer("melody", ("melody",), ("lead", "pluck", "flute", "house_piano"), 0.6),
            Layer("pad", ("held",), ("strings", "pad"), 0.55),
            Layer("arp", ("arp8",), ("pluck", "marimba"), 0.75, 0.7),
        ),
        rhythm="riff",
        swing=0.12,
        grid=0.25,
        human=3,
        room=1.5,
        wet=0.2,
        bright=8000,
        pump=0.55,
        loud=-13.5,
        effects=frozenset({"wide"}),
    ),
    "jazz": Style(
        tempo=(96, 138),
        major=(
            "Imaj7,vi7 ii7,V7 iii7,vi7 ii7,V13",
            "ii7 V13 Imaj7 vi7",
            "Imaj7 VI7 ii7 V13",
            "IVmaj7 iv6 iii7,VI7 ii7,V7",
        ),
        minor=("iv7 bVII7 bIIImaj7 bVImaj7", "ii7b5 V7b9 i6 i6", "i6 ii7b5,V7b9 i7 iv7"),
        layers=(
            Layer("drums", ("swing_ride",), ("jazz_kit",), 0.4),
            Layer("bass", ("walking",), ("upright_bass",), 0.3),
            Layer("chords", ("comping",), ("piano", "guitar", "electric_piano")),
            Layer(
                "melody", ("melody",), ("vibraphone", "muted_horn", "flute", "reed", "piano"), 0.5
            ),
        ),
        rhythm="swung",
        swing=0.32,
        grid=0.5,
        human=10,
        room=1.3,
        wet=0.2,
        bright=6500,
        loud=-15.0,
        effects=frozenset({"warm"}),
        modes=("major", "dorian"),
    ),
    "acoustic": Style(
        tempo=(92, 118),
        major=_POP,
        minor=_SAD,
        layers=(
            Layer("chords", ("fingerpick", "strum"), ("guitar",)),
            Layer("bass", ("root_fifth",), ("upright_bass",), 0.4),
            Layer("drums", ("brush_pop",), ("acoustic_kit",), 0.6),
            Layer("melody", ("melody",), ("piano", "bells", "flute", "whistle", "marimba"), 0.5),
            Layer("arp", ("broken",), ("piano", "marimba"), 0.75, 0.7),
            Layer("pad", ("held",), ("strings", "pad"), 0.7, 0.8),
        ),
        rhythm="lively",
        human=8,
        room=1.5,
        wet=0.2,
        bright=7000,
    ),
    "synthwave": Style(
        tempo=(88, 112),
        major=("I V vi IV", "vi IV I V", "IV V vi I"),
        minor=("i bVI bIII bVII", "bVI bVII i i", "i bVII bVI bVII", "i iv bVI bVII"),
        layers=(
            Layer("pad", ("held",), ("super_saw", "pad")),
            Layer("bass", ("pulse8", "octaves"), ("saw_bass",), 0.3),
            Layer("arp", ("arp16",), ("pluck",), 0.4),
            Layer("drums", ("eighties",), ("gated_kit",), 0.4),
            Layer("melody", ("melody",), ("lead", "bells"), 0.6),
            Layer("counter", ("high_line",), ("super_saw", "choir"), 0.9, 0.5),
        ),
        rhythm="broad",
        human=2,
        room=2.2,
        wet=0.28,
        bright=8000,
        pump=0.4,
        effects=frozenset({"echo", "wide"}),
    ),
    "waltz": Style(
        tempo=(96, 150),
        major=("I IV V I", "I vi ii V", "I V V I", "IV I V vi"),
        minor=("i iv V i", "i bVI iv V", "i bVII bIII V"),
        layers=(
            Layer("chords", ("waltz",), ("piano", "pizzicato", "music_box")),
            Layer("bass", ("downbeat",), ("low_strings", "upright_bass")),
            Layer(
                "melody", ("melody",), ("strings_lead", "flute", "music_box", "reed", "piano"), 0.3
            ),
            Layer("pad", ("held",), ("strings",), 0.65),
            Layer("counter", ("twinkle",), ("bells", "harp"), 0.8, 0.7),
        ),
        rhythm="waltz",
        meter=3,
        human=11,
        room=2.2,
        wet=0.3,
        bright=6500,
        loud=-15.0,
    ),
    "trap": Style(
        tempo=(132, 148),
        major=("I I vi vi", "IV IV I V"),
        minor=("i i bVI bVI", "i i bVI V", "i i iv bVI", "i bVI i bVII"),
        layers=(
            Layer("chords", ("broken_half",), ("bells", "piano", "pluck")),
            Layer("bass", ("eight_o_eight",), ("bass_808",), 0.4),
            Layer("drums", ("trap",), ("trap_kit",), 0.4),
            Layer("melody", ("melody",), ("flute", "bells", "pluck", "choir"), 0.6),
            Layer("pad", ("held",), ("choir", "pad", "strings"), 0.3),
        ),
        rhythm="broad",
        human=3,
        room=1.8,
        wet=0.22,
        bright=7000,
        loud=-13.5,
        effects=frozenset({"wide"}),
    ),
}

MAJOR_MOODS = frozenset({"happy", "calm", "dreamy"})
"""Moods that lean to a major key; the others lean to a minor one. Epic and energetic music may be either."""
EITHER_MOODS = frozenset({"epic", "energetic"})

PACE: Mapping[str, float] = {
    "calm": 0.1,
    "sad": 0.15,
    "dreamy": 0.25,
    "dark": 0.35,
    "happy": 0.65,
    "epic": 0.6,
    "tense": 0.8,
    "energetic": 0.95,
}
"""Where in its genre's range of tempi a mood lies, 0..1."""
