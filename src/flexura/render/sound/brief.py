"""Reading what music a prompt asks for: genre, mood, tempo, key, instruments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flexura.render.task import TaskError

MOODS: Mapping[str, str] = {
    "calm": "calm peaceful relaxing relaxed serene meditation meditative tranquil gentle soothing quiet"
    " zen sleep spa "
    "yoga soft chill mellow background lullaby warm study cozy cosy",
    "happy": "happy joyful cheerful fun bright sunny uplifting playful cute positive summer upbeat "
    "quirky funny corporate "
    "inspiring motivational optimistic hopeful festive celebration",
    "sad": "sad melancholic melancholy lonely sorrow grief emotional nostalgic tearful heartbreak "
    "somber wistful",
    "dark": "dark gloomy sinister evil horror scary gothic ominous night noir doom haunted spooky grim",
    "epic": "epic heroic trailer triumphant majestic powerful battle victory adventure glorious grand "
    "massive hero war",
    "tense": "tense suspense suspenseful thriller nervous anxious mysterious mystery chase urgent crime "
    "investigation",
    "dreamy": "dreamy dream ethereal floating magical space cosmic underwater hazy surreal heavenly "
    "fantasy romantic love "
    "stars atmospheric",
    "energetic": "energetic energy fast driving workout sport sports action intense party dance club "
    "exciting gaming "
    "aggressive hype running race",
}

GENRES: Mapping[str, str] = {
    "ambient": "ambient drone soundscape atmosphere newage 'new age' meditation sleep spa",
    "lo-fi": "lofi lo-fi 'lo fi' chillhop 'study beats' chill study vinyl",
    "chiptune": "chiptune 8-bit 8bit '8 bit' chip nes gameboy 'game boy' arcade retro-game pixel 'retro "
    "game' 'video game'",
    "cinematic": "cinematic film movie trailer soundtrack score hybrid blockbuster documentary",
    "orchestral": "orchestral orchestra symphony symphonic classical baroque chamber fantasy medieval",
    "techno": "techno trance rave edm industrial electro dnb 'drum and bass' minimal-techno hardstyle",
    "house": "house disco dance club funk funky deep-house pop electronic",
    "jazz": "jazz jazzy swing bebop blues bossa 'bossa nova' lounge noir cafe",
    "acoustic": "acoustic folk country ukulele campfire singer-songwriter indie unplugged corporate "
    "commercial travel",
    "synthwave": "synthwave retrowave vaporwave outrun 80s eighties cyberpunk neon retro futuristic",
    "waltz": "waltz 3/4 ballroom carousel fairytale 'music box' lullaby",
    "trap": "trap hip-hop hiphop 'hip hop' rap drill phonk 808 beat beats rnb",
}

INSTRUMENTS: Mapping[str, str] = {
    "piano": "piano keys keyboard pianist",
    "electric_piano": "rhodes epiano e-piano 'electric piano' wurlitzer",
    "guitar": "guitar guitars ukulele mandolin banjo lute plucked",
    "harp": "harp lyre koto",
    "strings": "strings violin violins cello cellos viola orchestra 'string section' fiddle",
    "flute": "flute whistle ocarina recorder flutes pan-flute",
    "reed": "clarinet oboe saxophone sax harmonica accordion woodwind woodwinds",
    "brass": "brass horn horns trumpet trombone tuba fanfare",
    "choir": "choir choral chorus voices monks aahs",
    "bells": "bells bell chimes glockenspiel celesta 'tubular bells'",
    "music_box": "'music box' toy lullaby",
    "marimba": "marimba xylophone kalimba vibraphone vibes mallets",
    "organ": "organ hammond church",
    "pad": "pad pads atmosphere",
    "lead": "synth lead synthesizer synths synthesiser",
    "pluck": "pluck plucks arp arpeggio arpeggiator",
    "bass": "bass bassline contrabass 'bass guitar' 808",
    "drums": "drums drum percussion beat beats kick groove drumbeat taiko timpani",
}

UNPLAYABLE: Mapping[str, str] = {
    "a singing voice": "vocals vocal singing singer sung lyrics rapper rapping",
    "a distorted guitar": "'electric guitar' metal rock punk grunge distortion",
    "sitar or bagpipes": "sitar bagpipes bagpipe didgeridoo",
}

_TEMPI: Mapping[float, str] = {
    0.82: "slow slowly adagio largo lento downtempo sleepy ballad",
    0.94: "andante moderate walking laid-back 'laid back' midtempo",
    1.15: "fast quick allegro uptempo up-tempo lively driving",
    1.3: "presto frantic frenetic 'very fast' hectic",
}
_KEYS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SIGN = r"(?:[ -]?(sharp|flat)|(#|♯|b|♭))?"
_MODE_WORDS = "major|minor|dorian|lydian|mixolydian|phrygian|maj|min"
# A lower-case letter is a note only after "in" or "key of": "a major hit" is no key.
_KEY_AND_MODE = re.compile(
    rf"\b((?<=in )[a-g]|(?<=key of )[a-g]|[A-G]){_SIGN}[ -]?({_MODE_WORDS})\b"
)
_KEY_ALONE = re.compile(rf"\b(?:key of|in) ([A-G]){_SIGN}(m)?(?![\w#♯♭'])")
_DENIED = re.compile(r"\b(?:no|without|minus) (?:any )?([\w-]+(?: (?:and|or|no) [\w-]+)*)")
_WORD = re.compile(r"[a-z0-9/]+(?:[-'][a-z0-9]+)*")


@dataclass(frozen=True)
class Brief:
    """What is to be composed. `tonic` is a pitch class (0 is C) or -1, `tempo` 0: to be chosen by
    the style.
    """

    genre: str
    mood: str
    tempo: float
    pace: float
    tonic: int
    mode: str
    instruments: tuple[str, ...]
    without: frozenset[str]
    unplayable: tuple[str, ...]
    solo: bool = False


def _phrases(text: str) -> list[str]:
    return [quoted or plain for quoted, plain in re.findall(r"'([^']+)'|(\S+)", text)]


def matches(text: str, table: Mapping[Any, str]) -> list[Any]:
    """The entries of the table whose words are in the text, in the order in which the text names them."""
    padded = f" {text} "
    first: dict[Any, int] = {}
    for entry, words in table.items():
        places = [padded.find(f" {phrase} ") for phrase in _phrases(words)]
        places = [place for place in places if place >= 0]
        if places:
            first[entry] = min(places)
    return sorted(first, key=lambda entry: first[entry])


def read_brief(prompt: str, options: Mapping[str, Any]) -> Brief:
    """The brief of a prompt; options that are set win over its words. Raises TaskError for an unknown key."""
    text = " ".join(_WORD.findall(prompt.lower()))
    denied = _DENIED.findall(text)
    without = frozenset(name for words in denied for name in matches(words, INSTRUMENTS))
    for words in denied:
        text = text.replace(words, " ")
    moods, genres = matches(text, MOODS), matches(text, GENRES)
    tonic, mode = read_key(str(options.get("key") or "")) if options.get("key") else _key_in(prompt)
    asked = re.search(r"\b(\d{2,3}) ?bpm\b", text)
    tempo = float(options.get("tempo") or 0) or (float(asked[1]) if asked else 0.0)
    paces = matches(text, _TEMPI)
    mood, genre = str(options.get("mood") or "auto"), str(options.get("genre") or "auto")
    mood = mood if mood != "auto" else (moods or [""])[0]
    genre = genre if genre != "auto" else _leading(genres)
    instruments = tuple(name for name in matches(text, INSTRUMENTS) if name not in without)
    pitched = tuple(name for name in instruments if name not in ("bass", "drums"))
    return Brief(
        genre=genre or _usual_genre(mood, text),
        mood=mood or _usual_mood(genre),
        tempo=float(min(220.0, max(40.0, tempo))) if tempo else 0.0,
        pace=float(paces[0]) if paces else 1.0,
        tonic=tonic,
        mode=mode,
        instruments=instruments,
        without=without,
        unplayable=tuple(matches(text, UNPLAYABLE)),
        solo=bool(re.search(r"\b(?:solo|only|alone|unaccompanied)\b", text)) and len(pitched) == 1,
    )


def _leading(genres: list[Any]) -> str:
    """The genre to go by: one that is a way of sounding ("lo-fi hip hop", "chiptune waltz") leads."""
    strong = [genre for genre in genres if genre in ("lo-fi", "chiptune", "waltz")]
    return str((strong or genres or [""])[0])


def _usual_genre(mood: str, text: str) -> str:
    """The genre of a prompt that names none: by its instruments, then by its mood."""
    named = matches(text, INSTRUMENTS)
    if "piano" in named or "strings" in named or "harp" in named:
        return (
            "cinematic"
            if mood in ("epic", "tense", "dark")
            else "acoustic"
            if mood == "happy"
            else "ambient"
        )
    if "guitar" in named:
        return "acoustic"
    if "lead" in named or "pluck" in named:
        return "synthwave"
    by_mood = {
        "calm": "ambient",
        "happy": "acoustic",
        "sad": "cinematic",
        "dark": "cinematic",
        "epic": "cinematic",
        "tense": "cinematic",
        "dreamy": "ambient",
        "energetic": "house",
    }
    return by_mood.get(mood, "acoustic")


def _usual_mood(genre: str) -> str:
    moods = {
        "ambient": "calm",
        "lo-fi": "calm",
        "chiptune": "happy",
        "cinematic": "epic",
        "orchestral": "epic",
        "techno": "energetic",
        "house": "energetic",
        "jazz": "calm",
        "acoustic": "happy",
        "synthwave": "dreamy",
        "waltz": "dreamy",
        "trap": "dark",
    }
    return moods.get(genre, "happy")


def read_key(text: str) -> tuple[int, str]:
    """Pitch class and mode of a key such as "D minor", "F# major", "Bb" or "Am". Raises TaskError
    otherwise.
    """
    found = re.fullmatch(
        r"\s*([A-Ga-g])\s*(sharp|flat|#|♯|b|♭)?\s*(m|major|minor|maj|min|dorian|lydian|mixolydian|phrygian)?\s*",
        text,
    )
    if not found:
        raise TaskError(
            "invalid_request",
            f"{text!r} is not a musical key.",
            'Name a note and a mode, such as "D minor", "F# major" or "A dorian", or leave the key out.',
        )
    return _tonic(found[1], found[2] or ""), _mode(found[3] or "major")


def _key_in(prompt: str) -> tuple[int, str]:
    found = _KEY_AND_MODE.search(prompt)
    if found:
        return _tonic(found[1], found[2] or found[3] or ""), _mode(found[4])
    alone = _KEY_ALONE.search(prompt)
    if alone:
        return _tonic(alone[1], alone[2] or alone[3] or ""), "minor" if alone[4] else ""
    by_word = re.search(
        r"\b(major|minor|dorian|lydian|mixolydian|phrygian) (?:key|scale|mode)\b", prompt.lower()
    )
    return -1, _mode(by_word[1]) if by_word else ""


def _tonic(letter: str, sign: str) -> int:
    shift = 1 if sign in ("#", "♯", "sharp") else -1 if sign in ("b", "♭", "flat") else 0
    return (_KEYS[letter.lower()] + shift) % 12


def _mode(word: str) -> str:
    return {"maj": "major", "min": "minor", "m": "minor"}.get(word, word)
