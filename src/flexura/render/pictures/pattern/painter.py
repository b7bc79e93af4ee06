"""Seamless patterns: opposite edges meet, so the picture can be laid side by side without end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flexura.render.oklab import RGB, from_polar, lightness, mix, polar
from flexura.render.pictures.contrast import contrast, legible
from flexura.render.pictures.drawing.drawing import Drawing, Shape
from flexura.render.pictures.drawn import painting
from flexura.render.pictures.icon.glyphs.glyph import find
from flexura.render.pictures.pattern import ordered, scattered
from flexura.render.pictures.pattern.tile import Tile
from flexura.render.pictures.scheme import Scheme, scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.random import rng

Family = Callable[[Tile], list[Shape]]

_FAMILIES: Final[tuple[tuple[Family, str], ...]] = (
    (scattered.terrazzo, "terrazzo chips speckled stone granite"),
    (scattered.memphis, "memphis 80s eighties retro nineties 90s squiggle squiggles funky"),
    (
        scattered.leaves,
        "leaves leaf botanical foliage plant plants tropical jungle nature floral sprigs herbs",
    ),
    (scattered.confetti, "confetti party sprinkles celebration birthday"),
    (ordered.scales, "seigaiha scales scallop scallops fish japanese fans mermaid"),
    (ordered.wave_lines, "wave waves wavy ocean sea water lines"),
    (ordered.hexagons, "hexagon hexagons hex honeycomb bees"),
    (ordered.truchet, "truchet maze labyrinth tubes loops winding arcs"),
    (ordered.polka, "polka dots dot dotted spots circles"),
    (ordered.moroccan, "moroccan morocco arabic islamic zellige tile tiles mosaic star"),
    (ordered.plaid, "plaid tartan flannel scottish checkered"),
    (ordered.gingham, "gingham checks check picnic vichy"),
    (ordered.chevrons, "chevron chevrons zigzag zig-zag herringbone stripes striped"),
    (ordered.houndstooth, "houndstooth tweed"),
    (
        ordered.geometric,
        "geometric geometry bauhaus shapes abstract scandinavian modern triangles quilt",
    ),
)
_MUTE: Final = frozenset(
    [
        "pattern",
        "patterns",
        "seamless",
        "repeat",
        "repeating",
        "tile",
        "background",
        "wallpaper",
        "of",
        "with",
        "in",
        "and",
        "for",
        "simple",
        "cute",
        "small",
        "flat",
        "wrapping",
        "paper",
        "print",
        "textile",
        "fabric",
        "design",
        "light",
        "dark",
        "abstract",
        "website",
        "hero",
        "page",
        "app",
        "web",
        "art",
    ]
)


def paint(sheet: Sheet) -> Painting:
    """The pattern in pixels and as SVG."""
    return painting(draw(sheet))


def draw(sheet: Sheet) -> Drawing:
    """The pattern as a drawing; without a ground when it is to be transparent."""
    family, glyph = choose_family(sheet)
    random = rng(sheet.prompt, sheet.seed, "pattern")
    colours = scheme(sheet, "pattern")
    ground = _ground(colours, sheet)
    tile = Tile(
        sheet.width,
        sheet.height,
        ground,
        _inks(colours, ground),
        random,
        frozenset(sheet.words.tokens),
    )
    shapes = scattered.motif(tile, glyph) if glyph else family(tile)
    clear = sheet.options.get("background") == "transparent"
    return Drawing(sheet.width, sheet.height, tuple(shapes), None if clear else ground)


def choose_family(sheet: Sheet) -> tuple[Family, str]:
    """The family that the words name, or a glyph for a motif; else a family by chance."""
    tokens = sheet.words.tokens
    scores = [
        (sum(token in words.split() for token in tokens), -i)
        for i, (_, words) in enumerate(_FAMILIES)
    ]
    score, place = max(scores)
    if score:
        return _FAMILIES[-place][0], ""
    glyph = find(token for token in tokens if token not in _MUTE)
    usual = _FAMILIES[
        int(rng(sheet.prompt, sheet.seed, "pattern family").integers(len(_FAMILIES)))
    ][0]
    return usual, glyph or ""


def _ground(colours: Scheme, sheet: Sheet) -> RGB:
    hue, chroma = polar(colours.lead)[2], min(polar(colours.lead)[1], 0.12)
    if _dark(colours, sheet):
        return (
            from_polar(0.25, chroma * 0.45, hue)
            if colours.named
            else mix(colours.ink, colours.vivid[0], 0.06)
        )
    if rng(sheet.prompt, sheet.seed, "ground").random() < 0.5:
        return from_polar(0.97, 0.014, hue + 0.6)
    return from_polar(0.93, chroma * 0.38, hue)


def _dark(colours: Scheme, sheet: Sheet) -> bool:
    """A dark ground on request, else only now and then: light patterns serve more pages."""
    asked = bool(set(sheet.words.tokens) & {"dark", "night", "black", "midnight", "neon"})
    return colours.dark and (asked or rng(sheet.prompt, sheet.seed, "dark").random() < 0.3)


def _inks(colours: Scheme, ground: RGB) -> tuple[RGB, ...]:
    """The scheme's colours, each far enough from the ground to be seen, and a deep or pale one at the end."""
    kept = [colour for colour in colours.vivid if contrast(colour, ground) >= 1.5]
    inks = kept if len(kept) >= 3 else [legible(colour, ground, 1.6) for colour in colours.vivid]
    hue = polar(colours.lead)[2]
    deep = from_polar(0.34, 0.07, hue) if lightness(ground) > 0.5 else from_polar(0.94, 0.02, hue)
    return (*inks, deep)
