"""The sound that belongs to a moving scene: weather, water, streets, animals and a soft bed of chords."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from flexura.render.random import rng
from flexura.render.sound import nature, pads
from flexura.render.sound.filters import filtered, highpass, lowpass, lowshelf
from flexura.render.sound.loudness import levelled, limited
from flexura.render.sound.mix import silence, widened
from flexura.render.sound.synth import RATE, Signal, drift, frames, noise, tilted
from flexura.render.words import Words

Layer = Callable[[int, np.random.Generator], Signal]

LOUDNESS = -20.0
"""Of the whole, in LUFS: under a voice or a page it does not get in the way."""


def _space(n: int, generator: np.random.Generator) -> Signal:
    """The hum of nothing: deep noise that breathes."""
    deep = noise(n, generator, tilted(28, 180, -0.8)) * drift(n, generator, 4.0, 0.4, 1.0)
    return deep + noise(n, generator, tilted(800, 5000, -0.6)) * drift(
        n, generator, 3.0, 0.01, 0.05
    )


def _snow(n: int, generator: np.random.Generator) -> Signal:
    """Wind as it sounds when snow swallows the highs."""
    return filtered(nature.wind(n, generator, 0.3), lowpass(900), wrap=True)


def _under_water(n: int, generator: np.random.Generator) -> Signal:
    """A muffled rumble with slow bubbles."""
    bubbles = [nature.bubble(float(f), 0.5, 0.07) for f in generator.uniform(220, 700, 6)]
    rumble = noise(n, generator, tilted(35, 350, -0.6)) * drift(n, generator, 3.0, 0.5, 0.9)
    return (
        rumble
        + filtered(nature.scatter(n, generator, 5, bubbles, 0.6), lowpass(1400), wrap=True) * 0.3
    )


def _storm(n: int, generator: np.random.Generator) -> Signal:
    """Heavy rain in wind, and a strike of thunder that rolls round the loop."""
    out = nature.rain(n, generator, 0.9) + nature.wind(n, generator, 0.7) * 0.5
    roll = nature.thunder(min(n, frames(7)), generator)
    start = int(generator.integers(0, n))
    return out + np.roll(np.pad(roll, ((0, 0), (0, n - roll.shape[-1]))), start, axis=-1) * 0.9


LAYERS: Mapping[str, tuple[Layer, float, frozenset[str]]] = {
    "storm": (_storm, 0.0, frozenset({"storm"})),
    "rain": (nature.rain, 0.0, frozenset({"rain"})),
    "snow": (_snow, -3.0, frozenset({"snow", "arctic"})),
    "wind": (
        nature.wind,
        -4.0,
        frozenset({"wind", "desert", "mountains", "sky", "canyon", "fog", "meadow"}),
    ),
    "sea": (nature.sea, 0.0, frozenset({"sea", "beach", "island", "lighthouse"})),
    "stream": (
        nature.stream,
        -3.0,
        frozenset({"lake", "waterfall", "stream", "brook", "fountain", "creek"}),
    ),
    "under_water": (_under_water, -2.0, frozenset({"underwater", "aquarium"})),
    "city": (nature.city, -3.0, frozenset({"city", "street", "car", "traffic"})),
    "space": (_space, -4.0, frozenset({"space", "planet"})),
    "fire": (
        nature.fire,
        -3.0,
        frozenset({"campfire", "volcano", "fire", "fireplace", "flames", "candles"}),
    ),
    "birds": (
        nature.birds,
        -2.0,
        frozenset({"forest", "garden", "meadow", "bird", "birds", "jungle", "tree"}),
    ),
    "crickets": (nature.crickets, -5.0, frozenset({"crickets", "cricket", "firefly"})),
}
"""Each layer: what makes it, its level against the others in dB, and the words that call for it."""

COLOURS: Mapping[str, frozenset[str]] = {
    "neon": frozenset({"neon", "futuristic", "synthwave", "robot", "technology", "digital"}),
    "vast": frozenset({"space", "planet", "epic", "aurora", "dreamy"}),
    "tense": frozenset(
        {"horror", "scary", "tense", "storm", "volcano", "apocalypse", "eerie", "noir"}
    ),
    "happy": frozenset({"happy", "cat", "dog", "party", "energetic"}),
    "dark": frozenset({"dark", "sad", "night", "fog", "rain"}),
    "warm": frozenset({"sunset", "dawn", "golden", "dusk", "warm", "desert"}),
}
"""The chords under the scene by its words; the first that fits, else calm ones."""

_BY_DAY = frozenset({"birds"})
_AT_NIGHT = frozenset({"night", "dusk"})
_DENIALS = frozenset({"no", "not", "without"})


def ambience(words: Words, seconds: float, seed: int, rate: int = RATE) -> NDArray[np.float32]:
    """Stereo sound (n, 2) of `seconds` that fits the scene which the words describe.

    It loops without a seam. Peaks stay below -1 dB; the loudness is about -20 LUFS.
    """
    n = frames(seconds)
    said = _said(words)
    source = rng("ambience", sorted(said), round(seconds, 3), seed)
    out = silence(n)
    for name in layers(said):
        layer, level, _ = LAYERS[name]
        out += levelled(layer(n, source), -21.0 + level)
    # Outdoors the rumble is felt, not heard; from a small loudspeaker it would only be mud.
    out = filtered(out, highpass(50), lowshelf(260, -6.0), wrap=True)
    colour = next((name for name, calls in COLOURS.items() if calls & said), "calm")
    quiet = -27.0 if out.any() else -21.0
    bed = pads.bed(n, source, colour, 1400.0 if colour in ("happy", "neon") else 900.0)
    out += levelled(filtered(bed, highpass(45), wrap=True), quiet)
    out = limited(levelled(widened(out, 0.65, wrap=True), LOUDNESS), wrap=True)
    return _resampled(out, rate).T.copy()


def layers(said: frozenset[str]) -> tuple[str, ...]:
    """Which layers the words call for; a storm brings its own rain, and at night crickets replace birds."""
    found = [name for name, (_, _, calls) in LAYERS.items() if calls & said]
    if "storm" in found:
        found = [name for name in found if name not in ("rain", "wind")]
    if said & _AT_NIGHT and "birds" in found:
        found = [name for name in found if name not in _BY_DAY]
        if not {"rain", "snow", "storm", "crickets"} & set(found):
            found.append("crickets")
    if "birds" in found and "wind" in found:
        found.remove("wind")
    if {"rain", "snow", "storm", "under_water"} & set(found):
        found = [name for name in found if name not in ("birds", "crickets")]
    if "space" in found and len(found) > 1:
        found.remove("space")
    return tuple(found)


def _said(words: Words) -> frozenset[str]:
    """What the prompt's reader understood, and the words themselves but for those that are denied ("no
    rain").
    """
    understood = (
        words.place,
        words.time_of_day,
        words.weather,
        words.mood,
        *words.places,
        *words.weathers,
        *words.moods,
        *words.styles,
        *words.subjects,
    )
    before = ("", *words.tokens)
    tokens = (
        word for last, word in zip(before, words.tokens, strict=False) if last not in _DENIALS
    )
    return frozenset(word for word in (*understood, *tokens) if word)


def _resampled(sound: Signal, rate: int) -> Signal:
    """The same loop at another sample rate, by its spectrum."""
    if rate == RATE:
        return sound
    n = sound.shape[-1]
    count = max(1, round(n * rate / RATE))
    spectrum = np.fft.rfft(sound, axis=-1)[:, : count // 2 + 1]
    return (np.fft.irfft(spectrum, count, axis=-1) * (count / n)).astype(np.float32)
