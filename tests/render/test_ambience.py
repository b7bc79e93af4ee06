"""The sound of a scene fits its words, has the length of the video and loops."""

from __future__ import annotations

import numpy as np
import pytest
from tests.render import listening

from flexura.render.sound.ambience import LAYERS, LOUDNESS, ambience, layers
from flexura.render.sound.loudness import loudness
from flexura.render.words import Words, read

SCENES = [
    "a rainy street at night",
    "the sea at sunset",
    "a forest in spring",
    "a campfire",
    "deep space",
    "a desert",
]


def heard(prompt: str, seconds: float = 3.0, seed: int = 1) -> listening.Sound:
    return ambience(read(prompt), seconds, seed).T


@pytest.mark.parametrize("prompt", [*SCENES, "", "a cat playing with a ball of yarn"])
def test_a_scene_has_sound_of_its_length_that_loops(prompt: str) -> None:
    sound = heard(prompt, 3.3)
    assert sound.shape == (2, 158_400)
    assert sound.dtype == np.float32
    assert np.abs(sound).max() <= 0.9
    assert loudness(sound) == pytest.approx(LOUDNESS, abs=1.0)
    assert listening.seam(sound) < 1.0


def test_scenes_sound_different_and_the_same_scene_the_same() -> None:
    prints = [listening.fingerprint(heard(prompt)) for prompt in SCENES]
    for k, one in enumerate(prints):
        for other in prints[k + 1 :]:
            assert np.linalg.norm(one - other) > 0.1
    assert np.array_equal(heard("the sea"), heard("the sea"))
    assert not np.array_equal(heard("the sea"), heard("the sea", seed=2))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"rain", "city"}, ("rain", "city")),
        ({"storm", "rain", "wind"}, ("storm",)),
        ({"forest"}, ("birds",)),
        ({"forest", "night"}, ("crickets",)),
        ({"forest", "rain"}, ("rain",)),
        ({"space", "planet"}, ("space",)),
        ({"room"}, ()),
    ],
)
def test_layers_go_together_as_they_do_outside(said: set[str], wanted: tuple[str, ...]) -> None:
    assert layers(frozenset(said)) == wanted


def test_rain_that_is_denied_is_not_heard() -> None:
    wet, dry = heard("a city street, rain"), heard("a city street, no rain")
    assert listening.centroid(dry) < 0.6 * listening.centroid(wet)


def test_the_rate_can_be_chosen() -> None:
    sound = ambience(read("wind over a desert"), 2.0, 1, rate=44_100)
    assert sound.shape == (88_200, 2)
    assert np.abs(sound).max() <= 1


def test_words_that_say_nothing_give_a_quiet_bed() -> None:
    sound = ambience(Words(), 1.0, 3).T
    assert listening.decibels(sound) > -35


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_periodic_and_finite(name: str) -> None:
    sound = LAYERS[name][0](96_000, np.random.default_rng(1))
    assert np.isfinite(sound).all()
    assert sound.shape == (2, 96_000)
    assert listening.seam(sound) < 1.0
