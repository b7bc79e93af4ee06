"""Every instrument plays in tune, at a usable level, and falls silent; the mixing desk keeps its promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.render.listening import RATE, Sound, decibels

from flexura.render.sound.filters import (
    convolve,
    filtered,
    highpass,
    lowpass,
    moving,
    resonant_lowpass,
)
from flexura.render.sound.instruments.band import PLAYERS, beat, tone
from flexura.render.sound.instruments.drums import KITS
from flexura.render.sound.loudness import CEILING, levelled, limited, loudness
from flexura.render.sound.mix import panned, place, room, silence
from flexura.render.sound.notes import CLOSED, KICK, SNARE
from flexura.render.sound.synth import hertz, modal, noise, padsynth, sine

BASSES = {
    "upright_bass",
    "sub",
    "bass_808",
    "saw_bass",
    "acid_bass",
    "triangle_bass",
    "low_strings",
}


def middle(sound: Sound) -> Sound:
    return sound if sound.ndim == 1 else sound.mean(axis=0)


@pytest.mark.parametrize("name", PLAYERS)
def test_an_instrument_plays_the_note_it_is_given(name: str) -> None:
    note = 52 if name in BASSES else 69
    sound = middle(tone(name, note, 200, 6))
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 18))
    f = np.fft.rfftfreq(1 << 18, 1 / RATE)

    def row(pitch: float) -> float:
        """The strength of the first harmonics of a pitch."""
        near = [np.abs(f / (pitch * k) - 1) < 0.008 for k in (1, 2, 3)]
        return float(sum(spectrum[inside].max() for inside in near))

    at = hertz(note)
    assert row(at) > 1.8 * max(row(at * 2 ** (1 / 24)), row(at * 2 ** (-1 / 24)))


@pytest.mark.parametrize("name", PLAYERS)
def test_an_instrument_is_neither_lost_nor_too_loud_and_falls_silent(name: str) -> None:
    sound = tone(name, 40 if name in BASSES else 67, 100, 6)
    assert np.isfinite(sound).all()
    assert 0.03 < np.abs(sound).max() < 3
    assert np.abs(sound[..., -1]).max() < 0.01
    assert abs(float(middle(sound)[0])) < 0.1


@pytest.mark.parametrize("kit", [*KITS, "chip_kit"])
def test_the_drums_of_a_kit_are_told_apart(kit: str) -> None:
    def brightness(drum: int) -> float:
        sound = middle(beat(kit, drum, 0))
        spectrum = np.abs(np.fft.rfft(sound))
        return float(np.sum(spectrum * np.fft.rfftfreq(len(sound), 1 / RATE)) / spectrum.sum())

    assert brightness(KICK) < brightness(SNARE) < brightness(CLOSED)


@pytest.mark.parametrize("frequency", [100.0, 1000.0, 8000.0])
def test_a_filter_passes_and_stops_what_it_should(frequency: float) -> None:
    sound = sine(frequency, RATE)
    low = decibels(filtered(sound, lowpass(1000))[9000:]) - decibels(sound)
    high = decibels(filtered(sound, highpass(1000))[9000:]) - decibels(sound)
    wanted = {100.0: (0, -40), 1000.0: (-3, -3), 8000.0: (-37, 0)}[frequency]
    assert (low, high) == pytest.approx(wanted, abs=1.5)


def test_convolution_in_blocks_equals_the_plain_one() -> None:
    source = np.random.default_rng(4)
    sound, impulse = source.normal(size=(2, 40_000)), source.normal(size=700)
    plain = np.stack([np.convolve(line, impulse)[:40_000] for line in sound])
    assert convolve(sound.astype(np.float32), impulse.astype(np.float32)) == pytest.approx(
        plain, abs=0.01
    )


def test_a_circular_filter_does_not_know_where_the_loop_starts() -> None:
    sound = noise(30_000, np.random.default_rng(2), lambda f: 1 / np.maximum(f, 50))
    turned = np.roll(filtered(sound, lowpass(300), wrap=True), 7000, axis=-1)
    assert filtered(np.roll(sound, 7000, axis=-1), lowpass(300), wrap=True) == pytest.approx(
        turned, abs=1e-4
    )


def test_a_moving_filter_that_is_wide_open_changes_nothing() -> None:
    sound = noise(20_001, np.random.default_rng(3), lambda f: np.ones_like(f))
    same = moving(sound, lambda f, control: np.ones((len(control), f.shape[1])), np.ones(20_001))
    assert same == pytest.approx(sound, abs=1e-4)
    dark = moving(sound, resonant_lowpass(), np.full(20_001, 200.0))
    assert decibels(dark) < decibels(sound) - 10


def test_modal_synthesis_is_a_sum_of_dying_sines() -> None:
    n = 5000
    t = np.arange(n) / RATE
    f, t60, level = (np.array(x, dtype=np.float32) for x in ([440, 1000], [0.2, 0.1], [0.5, 0.3]))
    plain = sum(
        a * np.sin(2 * np.pi * p * t) * 10 ** (-3 * t / d)
        for p, d, a in zip(f, t60, level, strict=True)
    )
    assert modal(n, f, t60, level) == pytest.approx(plain, abs=1e-3)


def test_textures_of_padsynth_and_noise_are_periodic() -> None:
    source = np.random.default_rng(5)
    for sound in (
        padsynth(65_536, 220.0, np.ones(8), 20.0, source),
        noise(50_000, source, np.ones_like),
    ):
        inside = np.abs(np.diff(sound, axis=-1)).max()
        assert np.abs(sound[:, 0] - sound[:, -1]).max() <= inside


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 1 << 30), st.floats(0.1, 40), st.booleans())
def test_the_limiter_lets_nothing_through(seed: int, gain: float, wrap: bool) -> None:
    source = np.random.default_rng(seed)
    sound = (source.normal(size=(2, 9000)) * np.exp(source.normal(size=9000).cumsum() / 60)).astype(
        np.float32
    ) * gain
    out = limited(sound, wrap=wrap)
    assert np.abs(out).max() <= CEILING + 1e-6
    if np.abs(sound).max() <= CEILING:
        assert np.array_equal(out, sound)


def test_loudness_is_that_of_the_standard() -> None:
    # EBU Tech 3341: a stereo sine of 1 kHz at -23 dBFS reads -23 LUFS.
    sound = np.stack([sine(1000.0, 4 * RATE)] * 2) * np.float32(10 ** (-23 / 20))
    assert loudness(sound) == pytest.approx(-23, abs=0.1)
    assert loudness(levelled(sound, -16)) == pytest.approx(-16, abs=0.05)
    assert loudness(silence(RATE)) == -100


def test_a_sound_in_the_middle_is_as_loud_on_both_sides() -> None:
    left, right = panned(sine(440.0, 4800), 0.0)
    assert left == pytest.approx(right)
    left, right = panned(sine(440.0, 4800), -1.0)
    assert np.abs(right).max() < 1e-6 < np.abs(left).max()


def test_what_is_placed_beyond_the_end_of_a_loop_goes_on_at_its_start() -> None:
    bus, once = silence(10), silence(10)
    place(bus, np.ones((2, 25)), 8, wrap=True)
    place(once, np.ones((2, 25)), 8)
    assert bus.sum() == 50
    assert once.sum() == 4


def test_a_room_dies_in_its_time() -> None:
    impulse = room(1.2, np.random.default_rng(6))
    start, end = impulse[:, :4800], impulse[:, int(1.1 * RATE) : int(1.2 * RATE)]
    assert decibels(end) < decibels(start) - 40
