"""The size that was asked for, said in the way of a model's schema that comes nearest to it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, cast

from flexura.domain.errors import InvalidRequest
from flexura.services import mapping
from flexura.services.fit_draft import Draft
from flexura.services.fit_schema import Property, shown
from flexura.services.fit_shapes import (
    USUAL_AREA,
    Shape,
    Shapes,
    Wish,
    ratio_of,
    read_word,
    snapped,
    typed,
)
from flexura.services.fit_values import number_of

_SAID = re.compile(r"^\s*(\d{1,5})\s*[x\u00d7*]\s*(\d{1,5})\s*$", re.IGNORECASE)
_CLOSE = 0.01
"""Ratios and areas that differ by less than one per cent are the same."""
_CLOSE_MEGAPIXELS = 0.06
"""1024x1024 is said to be 1 megapixel, and 512x512 a quarter of one."""
_SIDES = {"width": mapping.WIDTH, "height": mapping.HEIGHT}


def fit_size(draft: Draft, options: Mapping[str, Any]) -> set[str]:
    """Fill in size, width and height; answers those of the three that the model has nothing for.

    Raises InvalidRequest for what is no size, and for pixels out of the range of the model's sides.
    """
    asked = {w: options[w] for w in ("size", "width", "height") if w in options}
    sides = {w: _side(draft, w, asked[w]) for w in _SIDES if w in asked}
    if "size" in asked and _is_word(draft, asked["size"]):
        del asked["size"]
    wish = _wish(draft, asked.get("size"), sides)
    if wish is None:
        return _one_by_one(draft, sides)
    takers = _side_takers(draft)
    if takers and wish.sides:
        _check_range(draft, wish, takers)
    sized = [p for p in draft.free(mapping.SIZED) if p.takes("string", "object", "number")]
    shapes = list(Shapes(sized, takers, video=draft.model.kinds == ("video",)).of(wish))
    if not shapes:
        return {*asked}
    best = min(shapes, key=lambda shape: _order(wish, shape))
    allowed = _allowed(draft)
    for name, value in best.values.items():
        draft.put(name, value, f"options.{wish.word}")
    draft.silent |= _contradicting(draft, best)
    if not _is_met(wish, best):
        draft.adjusted("size", wish.text, _told(best), allowed)
    return set()


def pixels(options: Mapping[str, Any], *, video: bool = False) -> float | None:
    """Pixels of one picture or frame that a payload comes to; None where it does not tell."""
    width, height = (_first(options, names) for names in _SIDES.values())
    if width and height:
        return width * height
    ratio, level = 1.0, None
    for name in mapping.SIZED:
        value = options.get(name)
        if isinstance(value, Mapping):
            return pixels(cast("Mapping[str, Any]", value))
        shape = read_word(name, value, video=video)
        if shape and shape.sides:
            return shape.area
        if shape and shape.ratio:
            ratio = shape.ratio
        elif shape:
            level = shape
    return level.pixels(ratio) if level else None


def _first(options: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    found = (number_of(options.get(name)) for name in names)
    return next((n for n in found if n is not None and n > 0), None)


def _side(draft: Draft, word: str, value: Any) -> int:
    number = number_of(value)
    if number is None or not number.is_integer() or not 1 <= number < 1e6:
        taker = next(iter(draft.free(_SIDES[word])), None)
        raise draft.refusal(word, value, taker.allowed() if taker else "a number of pixels")
    return int(number)


def _wish(draft: Draft, size: Any, sides: Mapping[str, int]) -> Wish | None:
    """The wish that `size` and the explicit sides make together; an explicit side wins."""
    width, height = sides.get("width"), sides.get("height")
    if size is None:
        return _in_pixels("width", width, height) if width and height else None
    text = size if isinstance(size, str) else repr(size)
    said, ratio = _SAID.match(text), ratio_of(text)
    if said and int(said[1]) and int(said[2]):
        word = "width" if sides else "size"
        return _in_pixels(word, width or int(said[1]), height or int(said[2]))
    if ratio is None:
        words = ", ".join(shown(w) for p in draft.free(mapping.SIZED) for w in p.words[:40])
        raise InvalidRequest(
            f"The size {shown(text)!r} is neither pixels nor an aspect ratio.",
            field="options.size",
            next_step="Write it as 1024x768 or as 16:9." + (f" Or: {words}." if words else ""),
        )
    if width or height:
        width = width or max(1, round((height or 1) * ratio))
        return _in_pixels("width", width, height or max(1, round(width / ratio)))
    return Wish("size", text.strip(), ratio)


def _in_pixels(word: str, width: int, height: int) -> Wish:
    return Wish(word, f"{width}x{height}", width / height, (width, height))


def _side_takers(draft: Draft) -> tuple[Property, Property] | None:
    found = [[p for p in draft.free(n) if p.takes("number", "string")] for n in _SIDES.values()]
    return (found[0][0], found[1][0]) if found[0] and found[1] else None


def _check_range(draft: Draft, wish: Wish, takers: tuple[Property, Property]) -> None:
    """Pixels out of the range are refused: shrinking them would be another order."""
    for word, side, taker in zip(_SIDES, wish.sides or (), takers, strict=True):
        if not _is_in_range(side, taker):
            if wish.word == "size":
                allowed = f"width {takers[0].allowed()}, height {takers[1].allowed()}"
                raise draft.refusal("size", wish.text, allowed)
            raise draft.refusal(word, side, taker.allowed())


def _is_in_range(side: int, taker: Property) -> bool:
    low, high = taker.low, taker.high
    return (low is None or side >= low) and (high is None or side <= high)


def _one_by_one(draft: Draft, sides: Mapping[str, int]) -> set[str]:
    """A side alone goes into its property; the other keeps the model's default."""
    lacking: set[str] = set()
    for word, value in sides.items():
        taker = next((p for p in draft.free(_SIDES[word]) if p.takes("number", "string")), None)
        if taker is None:
            lacking.add(word)
            continue
        if not _is_in_range(value, taker):
            raise draft.refusal(word, value, taker.allowed())
        near = snapped(value, taker)
        if near != value:
            draft.adjusted(word, value, str(near), taker.allowed())
        draft.put(taker.name, typed(near, taker), f"options.{word}")
    return lacking


def _order(wish: Wish, shape: Shape) -> tuple[float, bool, float]:
    """The smaller the better: the right shape, a size that the vendor lists, the right number of pixels."""
    off, far = _misses(wish, shape)
    return off, shape.computed and wish.sides is None, far


def _misses(wish: Wish, shape: Shape) -> tuple[float, float]:
    """How far off a shape is: first in its ratio (a per cent is nothing there), then in its area."""
    off = abs(math.log(shape.ratio / wish.ratio)) if shape.ratio else 1.0
    area, wanted = shape.pixels(wish.ratio), math.prod(wish.sides or (USUAL_AREA,))
    # Where only the shape was asked for, a model that chooses the pixels is as good as can be.
    far = abs(math.log(area / wanted)) if area else 0.5 if wish.sides else 0.0
    return (0.0 if off < _CLOSE else off, far)


def _is_met(wish: Wish, shape: Shape) -> bool:
    """Whether the shape is what was asked for: to the pixel where both say pixels."""
    if wish.sides and shape.sides:
        return wish.sides == shape.sides
    off, far = _misses(wish, shape)
    if not wish.sides:
        return off <= 2 * _CLOSE
    rough = not shape.values.keys().isdisjoint(mapping.MEGAPIXELS)
    return off <= 2 * _CLOSE and far < (_CLOSE_MEGAPIXELS if rough else _CLOSE)


def _told(shape: Shape) -> str:
    told = " and ".join(f"{name} {shown(value)}" for name, value in shape.values.items())
    if shape.sides and len(shape.values) > 1:
        return f"{shape.sides[0]}x{shape.sides[1]}"
    return told if shape.area or shape.lines else f"{told}, and the model chooses the pixels"


def _contradicting(draft: Draft, shape: Shape) -> set[str]:
    """Properties whose defaults would say another size; beside a ratio alone a level does not."""
    others = {*mapping.WIDTH, *mapping.HEIGHT, *mapping.SIZED} - set(shape.values)
    if shape.sides:
        return others
    return {n for n in others if n not in draft.schema.properties or not _is_level(draft, n)}


def _is_level(draft: Draft, name: str) -> bool:
    shape = read_word(name, draft.schema.properties[name].default, video=False)
    return shape is not None and shape.ratio is None


def _is_word(draft: Draft, size: Any) -> bool:
    """Whether the size is a word of one of the model's own properties (landscape_4_3, 2K, auto)."""
    if not isinstance(size, str) or _SAID.match(size) or ratio_of(size):
        return False
    said = size.strip().lower()
    for taker in draft.free(mapping.SIZED):
        for word in taker.words:
            if str(word).lower() == said:
                draft.put(taker.name, word, "options.size")
                return True
    return False


def _allowed(draft: Draft) -> str:
    takers = draft.free((*mapping.SIZED, *mapping.WIDTH, *mapping.HEIGHT))
    return "; ".join(f"{p.name} {p.allowed()}" for p in takers)
