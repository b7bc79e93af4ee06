"""Seamless textures of materials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image

from flexura.render.oklab import RGB
from flexura.render.pictures.pixels import to_image, working_size
from flexura.render.pictures.scheme import scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.pictures.texture import materials
from flexura.render.pictures.texture.surface import Numbers, Surface
from flexura.render.random import rng
from flexura.render.task import Warning

_LARGEST: Final = 1280
"""Above this the surface is worked out smaller and enlarged: the eye sees no finer grain in a material."""

_MATERIALS: Final[tuple[tuple[Callable[[Surface], Numbers], str], ...]] = (
    (
        materials.metal,
        "metal steel aluminium aluminum iron brass copper bronze brushed metallic chrome",
    ),
    (materials.marble, "marble carrara onyx quartz"),
    (
        materials.fabric,
        "fabric linen cloth textile denim jeans canvas cotton wool burlap weave woven twill",
    ),
    (materials.leather, "leather hide suede"),
    (
        materials.wood,
        "wood wooden oak walnut pine plank planks timber parquet birch maple board boards woodgrain",
    ),
    (materials.concrete, "concrete cement plaster stucco wall asphalt"),
    (materials.grass, "grass lawn turf moss meadow"),
    (materials.water, "water pool caustics ocean sea lagoon"),
    (materials.sand, "sand sandy beach desert dunes"),
    (
        materials.stone,
        "stone stones rock cobblestone cobblestones cobbles pebbles gravel granite slate pavement brick",
    ),
    (materials.paper, "paper parchment kraft cardboard watercolor watercolour"),
)
_USUAL: Final = (materials.paper, materials.concrete, materials.marble, materials.fabric)


_OWN_LOOK: Final = frozenset(
    ["black", "white", "gold", "golden", "copper", "bronze", "brown", "rose", "silver"]
)
"""Colour words that a material takes as a kind of its own ("black marble"), not as a tint."""


def paint(sheet: Sheet) -> Painting:
    """The material that the prompt names, tiling in both directions."""
    material, warnings = _material(sheet)
    random = rng(sheet.prompt, sheet.seed, "texture", material.__name__)
    width, height = working_size(sheet.width, sheet.height, _LARGEST)
    surface = Surface(width, height, _colour(sheet), frozenset(sheet.words.tokens), random)
    image = to_image(np.clip(material(surface), 0, 1).astype(np.float32), random)
    if (width, height) != (sheet.width, sheet.height):
        image = _enlarged(image, sheet.width, sheet.height)
    return Painting(image, warnings=warnings)


def _material(sheet: Sheet) -> tuple[Callable[[Surface], Numbers], tuple[Warning, ...]]:
    tokens = sheet.words.tokens
    for token in tokens:
        for material, words in _MATERIALS:
            if token in words.split():
                return material, ()
    usual = _USUAL[int(rng(sheet.prompt, sheet.seed, "material").integers(len(_USUAL)))]
    message = (
        f"No known material is named in the prompt; the texture shows {usual.__name__} instead."
    )
    return usual, (Warning("subject_not_drawn", message),)


def _colour(sheet: Sheet) -> RGB | None:
    """The colour asked for, unless the word names the material's own look ("black marble", "gold")."""
    colours = scheme(sheet, "texture")
    option = bool(str(sheet.options.get("palette", "") or "").strip())
    own = set(sheet.words.tokens) & _OWN_LOOK
    return colours.lead if colours.named and (option or not own) else None


def _enlarged(image: Image.Image, width: int, height: int) -> Image.Image:
    """Enlarged with the opposite edge laid round it, so that it still tiles."""
    margin = 8
    around = Image.fromarray(
        np.pad(np.asarray(image), ((margin, margin), (margin, margin), (0, 0)), mode="wrap")
    )
    box = (margin, margin, margin + image.width, margin + image.height)
    return around.resize((width, height), Image.Resampling.BICUBIC, box=box)
