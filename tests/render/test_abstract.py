"""Abstract families: chosen by words, different in composition."""

import numpy as np
import pytest

from flexura.render.pictures.abstract.painter import choose_family, paint
from render.sheets import sheet

CASES = {
    "mesh gradient": "mesh",
    "aurora background": "aurora",
    "flowing ribbons": "ribbons",
    "abstract waves": "waves",
    "glass orbs": "orbs",
    "liquid silk": "silk",
    "low poly background": "low_poly",
    "isometric cubes": "isometric",
    "topographic contour lines": "contours",
    "halftone": "halftone",
    "particles of data": "particles",
    "bauhaus shapes": "bauhaus",
    "paper cut layers": "paper_cut",
    "developer grid": "spotlight",
}


@pytest.mark.parametrize(("prompt", "name"), CASES.items())
def test_the_words_choose_the_family(prompt: str, name: str) -> None:
    assert choose_family(sheet(prompt)).__name__ == name


@pytest.mark.parametrize("prompt", CASES)
@pytest.mark.parametrize("size", [(180, 120), (90, 200)])
def test_every_family_fills_the_picture(prompt: str, size: tuple[int, int]) -> None:
    image = paint(sheet(prompt, *size)).image
    assert image.size == size
    assert image.mode == "RGB"
    pixels = np.asarray(image, dtype=float)
    assert pixels.std() > 4


def test_prompts_without_a_family_get_different_compositions() -> None:
    names = {
        choose_family(sheet(f"hero background number {word}")).__name__
        for word in "abcdefghijklmnop"
    }
    assert len(names) >= 5


@pytest.mark.parametrize(
    "prompt", ["dark mesh gradient", "dark waves", "dark topographic lines", "dark orbs"]
)
def test_dark_is_darker_than_light(prompt: str) -> None:
    dark = np.asarray(paint(sheet(prompt, 96, 64)).image, dtype=float).mean()
    light = np.asarray(
        paint(sheet(prompt.replace("dark", "light"), 96, 64)).image, dtype=float
    ).mean()
    assert dark < light - 25
