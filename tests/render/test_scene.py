"""Scenes as still pictures."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from flexura.render import vocabulary
from flexura.render.oklab import polar
from flexura.render.palette import palette
from flexura.render.pictures.scene.layer import Layer, Moment, put
from flexura.render.pictures.scene.painter import paint
from flexura.render.pictures.scene.places import PLACES
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.random import rng
from flexura.render.words import Words, read

DOCUMENTED = (
    "a futuristic city at night, neon lights, cinematic",
    "a futuristic city at night",
    "cinematic rainy street at night, neon reflections, highly detailed",
    "a cat playing with a ball of yarn",
)
SIZE = (160, 100)


def sheet(
    prompt: str, size: tuple[int, int] = SIZE, seed: int = 1, words: Words | None = None
) -> Sheet:
    words = words or read(prompt)
    colours = palette(words, rng("palette", prompt, seed))
    return Sheet(prompt, words, colours, size[0], size[1], {}, seed)


def painted(prompt: str, size: tuple[int, int] = SIZE, seed: int = 1) -> Painting:
    return paint(sheet(prompt, size, seed))


def pixels(painting: Painting) -> NDArray[np.float64]:
    return np.asarray(painting.image, dtype=np.float64)


def difference(one: Painting, other: Painting) -> float:
    """The mean difference of two pictures, in 8-bit steps."""
    return float(np.abs(pixels(one) - pixels(other)).mean())


def test_every_place_that_can_be_named_has_a_scene() -> None:
    assert set(PLACES) == set(vocabulary.PLACES)


@pytest.mark.parametrize("place", sorted(vocabulary.PLACES))
@pytest.mark.parametrize("time", ["day", "night"])
def test_every_place_is_painted_by_day_and_by_night(place: str, time: str) -> None:
    words = replace(read(""), place=place, time_of_day=time)
    picture = paint(sheet(f"{place} {time}", words=words)).image
    assert picture.mode == "RGB"
    assert picture.size == SIZE
    assert np.asarray(picture).std() > 8, "the picture shows next to nothing"


@pytest.mark.parametrize("size", [(96, 96), (240, 80), (90, 160), (33, 47)])
@pytest.mark.parametrize("prompt", ["city street", "mountain lake", "ringed planet", "room"])
def test_any_aspect_ratio_is_painted_in_its_size(prompt: str, size: tuple[int, int]) -> None:
    assert painted(prompt, size).image.size == size


@pytest.mark.parametrize("prompt", DOCUMENTED)
def test_the_documented_prompts_are_drawn_without_a_warning(prompt: str) -> None:
    assert painted(prompt).warnings == ()


def test_the_same_sheet_gives_the_same_pixels() -> None:
    first, second = painted("city in the rain at night"), painted("city in the rain at night")
    assert first.image.tobytes() == second.image.tobytes()


_FRESH = """
import hashlib
from flexura.render.palette import palette
from flexura.render.pictures.scene.painter import paint
from flexura.render.pictures.sheet import Sheet
from flexura.render.random import rng
from flexura.render.words import read
prompt = "forest at dawn"
words = read(prompt)
sheet = Sheet(prompt, words, palette(words, rng("palette", prompt, 1)), 160, 100, {}, 1)
print(hashlib.sha256(paint(sheet).image.tobytes()).hexdigest())
"""


def test_a_fresh_process_gives_the_same_pixels() -> None:
    command = [sys.executable, "-c", _FRESH]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    own = hashlib.sha256(painted("forest at dawn").image.tobytes()).hexdigest()
    assert done.stdout.strip() == own


@pytest.mark.parametrize("prompt", ["mountains", "a futuristic city at night", "space", "sea"])
def test_another_seed_gives_a_clearly_different_picture(prompt: str) -> None:
    assert difference(painted(prompt, seed=1), painted(prompt, seed=2)) > 6


def test_other_prompts_change_the_composition_and_not_only_the_colours() -> None:
    prompts = ["city skyline at dusk", "forest at dusk", "sea at dusk", "village at dusk"]
    shapes: list[NDArray[np.float64]] = []
    for prompt in prompts:
        grey = painted(prompt).image.convert("L").resize((40, 25), Image.Resampling.BOX)
        level = np.asarray(grey, dtype=np.float64).ravel()
        # Without what all rows have in common (bright above, dark below) the build remains.
        rows = level.reshape(25, 40)
        shapes.append((rows - rows.mean(axis=1, keepdims=True)).ravel())
    for index, one in enumerate(shapes):
        for other in shapes[index + 1 :]:
            assert np.corrcoef(one, other)[0, 1] < 0.8


@pytest.mark.parametrize(
    ("subject", "place"),
    [
        *(
            (name, "mountains")
            for name in ("person", "dog", "fox", "deer", "castle", "tent", "house")
        ),
        *((name, "desert") for name in ("camel", "cactus", "pyramid", "palm")),
        *((name, "meadow") for name in ("windmill", "balloon", "robot", "rainbow", "campfire")),
        *((name, "sky") for name in ("plane", "bird", "ufo", "heart", "lantern")),
        *((name, "space") for name in ("rocket", "astronaut")),
        ("boat", "lake"),
        ("whale", "sea"),
        ("bridge", "city"),
        ("train", "mountains"),
        ("lighthouse", "sea"),
        ("fish", "underwater"),
        ("jellyfish", "underwater"),
    ],
)
def test_a_named_subject_is_seen(subject: str, place: str) -> None:
    prompt = "one and the same prompt"
    alone = replace(read(""), place=place, time_of_day="golden", weather="clear")
    with_it = replace(alone, subjects=(subject,))
    if subject == "jellyfish":
        alone = replace(alone, subjects=("fish",))
    if subject == "fish":
        alone = replace(alone, subjects=("whale",))
    shown = paint(sheet(prompt, words=with_it))
    changed = np.abs(pixels(shown) - pixels(paint(sheet(prompt, words=alone)))).max(axis=2) > 24
    assert changed.mean() > 0.0015
    assert shown.warnings == ()


def test_what_cannot_be_drawn_is_named_in_one_warning() -> None:
    (warning,) = painted("a dragon eating pizza in the mountains").warnings
    assert warning.code == "subject_not_drawn"
    assert "dragon" in warning.message
    assert "pizza" in warning.message


def test_a_subject_that_does_not_fit_its_place_is_named_too() -> None:
    (warning,) = painted("a train in the deep sea under water").warnings
    assert "train" in warning.message


def test_a_very_long_list_of_unknown_words_stays_readable() -> None:
    prompt = " ".join(f"blorb{index}x" for index in range(300))
    (warning,) = painted(prompt).warnings
    assert len(warning.message) < 400


@pytest.mark.parametrize("word", ["green", "purple", "orange"])
def test_a_colour_word_colours_the_whole_picture(word: str) -> None:
    mean = pixels(painted(f"{word} misty mountains at dusk", seed=3)).mean(axis=(0, 1)) / 255
    hue = polar((float(mean[0]), float(mean[1]), float(mean[2])))[2]
    wanted = polar(read(word).colours[0])[2]
    away = abs(hue - wanted) % (2 * np.pi)
    assert min(away, 2 * np.pi - away) < 0.9


def test_a_tinted_subject_takes_its_colour_and_leaves_the_sky_alone() -> None:
    red = pixels(painted("a red sailboat on the sea by day"))
    assert ((red[..., 0] > 150) & (red[..., 1] < 120) & (red[..., 2] < 130)).sum() > 30
    assert red[:20, :, 2].mean() > red[:20, :, 0].mean()


def test_pixel_art_has_large_pixels_in_few_colours() -> None:
    picture = painted("pixel art forest", (320, 200)).image
    colours = picture.getcolors(100_000)
    assert colours is not None
    assert len(colours) <= 28
    assert np.array_equal(np.asarray(picture)[::2], np.asarray(picture)[1::2])


def test_black_and_white_is_grey() -> None:
    picture = pixels(painted("black and white city street in the rain"))
    assert np.ptp(picture, axis=2).max() == 0


@pytest.mark.parametrize("style", ["low poly", "line art", "watercolor", "synthwave", "minimal"])
def test_a_style_word_changes_the_picture(style: str) -> None:
    words = read("mountains at dusk")
    styled = replace(words, styles=read(style).styles)
    plain = paint(sheet("same", words=words))
    assert difference(plain, paint(sheet("same", words=styled))) > 4


def test_the_sky_does_not_band() -> None:
    picture = np.asarray(painted("clear sky over mountains at dusk", (120, 400)).image)
    flat = [np.ptp(row, axis=0).max() == 0 for row in picture[10:120]]
    assert not any(flat), "whole rows of one colour show as bands"


def test_a_layer_between_two_pixels_is_a_mixture_of_both() -> None:
    dot = Image.new("L", (3, 1), 0)
    dot.putpixel((1, 0), 255)
    frame = Image.new("RGB", (5, 1))
    put(frame, Layer((255, 255, 255), dot), 0.5, 0)
    assert [frame.getpixel((x, 0))[0] for x in range(5)] == pytest.approx(
        [0, 128, 128, 0, 0], abs=1
    )


def test_a_near_layer_moves_further_than_a_far_one() -> None:
    moment = Moment(camera=10.0, margin=(20, 0))
    assert moment.offset(0.0) == 20
    assert moment.offset(1.0) == 30
