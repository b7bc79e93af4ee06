"""Abstract backgrounds in several families, chosen by the prompt's words, else by chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PIL import Image

from flexura.render.pictures.abstract.aurora import aurora
from flexura.render.pictures.abstract.brief import Brief
from flexura.render.pictures.abstract.contours import contours
from flexura.render.pictures.abstract.dots import halftone, particles
from flexura.render.pictures.abstract.facets import isometric, low_poly
from flexura.render.pictures.abstract.geometry import bauhaus, paper_cut, spotlight
from flexura.render.pictures.abstract.mesh import mesh
from flexura.render.pictures.abstract.orbs import orbs
from flexura.render.pictures.abstract.ribbons import ribbons
from flexura.render.pictures.abstract.silk import silk
from flexura.render.pictures.abstract.waves import waves
from flexura.render.pictures.scheme import scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.random import rng

Family = Callable[[Brief], Image.Image]

_FAMILIES: Final[tuple[tuple[Family, str], ...]] = (
    (isometric, "isometric cubes cube blocks blockchain voxel"),
    (
        low_poly,
        "lowpoly low-poly polygon polygons polygonal triangles triangle crystal facets faceted poly origami",
    ),
    (contours, "topographic topographical topography contour contours terrain elevation"),
    (halftone, "halftone comic dots dotted screenprint"),
    (particles, "particles particle network data ai points constellation quantum digital"),
    (
        bauhaus,
        "bauhaus geometric geometry mid-century midcentury modernist shapes mosaic tiles composition",
    ),
    (paper_cut, "papercut paper-cut paper cutout cut-out craft"),
    (aurora, "aurora northern borealis curtain curtains"),
    (
        orbs,
        "orb orbs glass sphere spheres bubble bubbles blob blobs glassmorphism bokeh balls 3d frosted",
    ),
    (ribbons, "ribbon ribbons lines strands threads flow flowing curves motion string strings"),
    (silk, "silk silky liquid fluid satin folds smooth marbled ink smoke fabric swirl swirls oil"),
    (waves, "wave waves hills layers layered sea ocean dunes"),
    (
        spotlight,
        "grid spotlight developer developers saas api tech infrastructure cli docs code lines dashboard",
    ),
    (mesh, "mesh gradient gradients blur blurred soft blurry pastel"),
)
_USUAL: Final[tuple[Family, ...]] = (
    mesh,
    mesh,
    silk,
    ribbons,
    orbs,
    waves,
    aurora,
    spotlight,
    particles,
    paper_cut,
)


def paint(sheet: Sheet) -> Painting:
    """An abstract picture that fills the whole sheet."""
    family = choose_family(sheet)
    random = rng(sheet.prompt, sheet.seed, "abstract", family.__name__)
    colours = scheme(sheet, "abstract")
    if family is aurora:
        colours = replace(colours, dark=True)
    brief = Brief(sheet.width, sheet.height, colours, frozenset(sheet.words.tokens), random)
    return Painting(family(brief))


def choose_family(sheet: Sheet) -> Family:
    """The family with the most words in the prompt; else by chance one of those that suit every page."""
    tokens = [token for word in sheet.words.tokens for token in {word, *word.split("-")}]
    scores = [
        (sum(token in words.split() for token in tokens), -i)
        for i, (_, words) in enumerate(_FAMILIES)
    ]
    score, place = max(scores)
    if score:
        return _FAMILIES[-place][0]
    return _USUAL[int(rng(sheet.prompt, sheet.seed, "family").integers(len(_USUAL)))]
