"""Patterns and textures tile without a seam."""

import numpy as np
import pytest
from PIL import Image

from flexura.render.pictures.pattern.painter import paint as pattern
from flexura.render.pictures.texture.painter import paint as texture
from render.sheets import sheet

PATTERNS = [
    "geometric pattern", "terrazzo", "wave pattern", "memphis pattern", "hexagon pattern", "leaf pattern",
    "polka dots", "truchet pattern", "moroccan tiles", "plaid", "seigaiha", "chevron pattern", "houndstooth",
    "gingham", "confetti", "pattern of cats",
]  # fmt: skip
TEXTURES = [
    "paper", "wood", "marble", "concrete", "linen fabric", "denim", "brushed metal", "grass", "water",
    "stone", "leather", "sand",
]  # fmt: skip


def seam(image: Image.Image) -> float:
    """How much greater the step over the edges is than the steps inside, per pixel."""
    pixels = np.asarray(image.convert("RGB"), dtype=float)
    worst = 0.0
    for turned in (pixels, pixels.swapaxes(0, 1)):
        over = np.abs(turned[:, 0] - turned[:, -1]).mean()
        inside = np.abs(np.diff(turned, axis=1)).mean(axis=(0, 2))
        worst = max(worst, float(over / (inside.max() + 1.0)))
    return worst


@pytest.mark.parametrize("prompt", PATTERNS)
@pytest.mark.parametrize("size", [(96, 96), (141, 87)])
def test_a_pattern_has_no_seam(prompt: str, size: tuple[int, int]) -> None:
    assert seam(pattern(sheet(prompt, *size)).image) < 1.5


@pytest.mark.parametrize("prompt", TEXTURES)
def test_a_texture_has_no_seam(prompt: str) -> None:
    assert seam(texture(sheet(prompt, 200, 160)).image) < 1.5


def test_a_picture_that_does_not_tile_has_a_seam() -> None:
    ramp = np.tile(np.linspace(0, 255, 100, dtype=np.uint8)[None, :, None], (100, 1, 3))
    assert seam(Image.fromarray(ramp)) > 5


def test_a_large_texture_is_enlarged_without_a_seam() -> None:
    assert seam(texture(sheet("sand", 1500, 400)).image) < 1.6


def test_the_families_look_different() -> None:
    assert len({pattern(sheet(prompt, 48, 48)).image.tobytes() for prompt in PATTERNS}) == len(
        PATTERNS
    )


def test_a_material_that_is_not_known_is_told() -> None:
    assert [w.code for w in texture(sheet("texture of zorbium", 64, 64)).warnings] == [
        "subject_not_drawn"
    ]
