"""Noise and the generator of randomness."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.render import noise
from flexura.render.random import rng

_DRAW = "from flexura.render.random import rng; print(rng('a', 1, {'b': 2}).random())"


def test_the_same_parts_give_the_same_stream_in_another_process() -> None:
    done = subprocess.run([sys.executable, "-c", _DRAW], capture_output=True, text=True, check=True)
    assert float(done.stdout) == rng("a", 1, {"b": 2}).random()


def test_other_parts_give_another_stream() -> None:
    assert rng("a", 1).random() != rng("a", 2).random()
    assert rng("a", "b").random() != rng("ab").random()


@pytest.mark.parametrize("make", [noise.fractal, noise.ridged])
def test_a_field_has_the_shape_asked_for_and_stays_within_its_range(make: object) -> None:
    assert callable(make)
    field = make((37, 53), (3, 4), rng(1))
    assert field.shape == (37, 53)
    assert field.dtype == np.float32
    assert 0 <= field.min() < field.max() <= 1


def test_fractal_noise_is_spread_round_one_half() -> None:
    field = noise.fractal((256, 256), (8, 8), rng(4))
    assert field.mean() == pytest.approx(0.5, abs=0.05)
    assert field.std() > 0.1


@given(st.integers(1, 9), st.integers(1, 9))
def test_a_wrapping_field_has_no_seam(rows: int, columns: int) -> None:
    field = noise.fractal((64, 64), (rows, columns), rng(rows, columns), 3, wrap=True)
    inner = np.abs(np.diff(field, axis=1)).max() + np.abs(np.diff(field, axis=0)).max()
    assert np.abs(field[:, 0] - field[:, -1]).max() <= inner * 1.5 + 1e-3
    assert np.abs(field[0] - field[-1]).max() <= inner * 1.5 + 1e-3


def test_neighbours_in_smooth_noise_are_alike() -> None:
    field = noise.value((128, 128), (4, 4), rng(7))
    assert np.abs(np.diff(field, axis=1)).max() < 0.12


def test_a_line_of_noise_swings_round_zero() -> None:
    line = noise.line(2000, 40, rng(3))
    assert line.shape == (2000,)
    assert abs(float(line.mean())) < 0.15
    assert -1.6 < line.min() < -0.3
    assert 0.3 < line.max() < 1.6


def test_a_look_up_returns_the_pixels_and_wraps() -> None:
    field = rng(2).random((8, 8)).astype(np.float32)
    rows, columns = np.mgrid[0:8, 0:8].astype(np.float32)
    assert noise.sample(field, rows, columns) == pytest.approx(field)
    assert noise.sample(field, rows + 8, columns - 16) == pytest.approx(field, abs=1e-5)
    between = noise.sample(field, np.array([[0.0]]), np.array([[0.5]]))
    assert between[0, 0] == pytest.approx((field[0, 0] + field[0, 1]) / 2)


def test_dither_is_centred_and_at_most_one_step() -> None:
    tile = noise.dither((128, 128), rng(1))
    assert abs(float(tile.mean())) < 0.02
    assert np.abs(tile).max() <= 1
