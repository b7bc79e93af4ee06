"""The ways in which a schema can say a size: two sides, an object, words, a ratio, a level (2K, 720p)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flexura.services import mapping
from flexura.services.fit_schema import Property
from flexura.services.fit_values import number_of

_PIXELS = re.compile(r"^\s*(\d{1,5})\s*[x\u00d7*:_]\s*(\d{1,5})\s*$", re.IGNORECASE)
_RATIO = re.compile(r"^\s*(\d{1,5}(?:\.\d+)?)\s*[:/]\s*(\d{1,5}(?:\.\d+)?)\s*$")
_SHAPED = re.compile(r"^(landscape|portrait)_(\d{1,2})_(\d{1,2})$")
_LEVEL = re.compile(r"^\s*(\d{1,5}(?:\.\d+)?)\s*(k|p|mp)?\s*$")
_LEAST_SIDE = 64
"""Two smaller numbers are a ratio, not pixels."""
_USUAL_SIDE = 1024.0
USUAL_AREA = _USUAL_SIDE**2
"""Pixels of a picture of which only the shape is told."""


@dataclass(frozen=True)
class Wish:
    """What was asked: sides in pixels, or a ratio (width / height) alone. `word` is the option it came in."""

    word: str
    text: str
    ratio: float
    sides: tuple[int, int] | None = None


@dataclass(frozen=True)
class Shape:
    """One way to say a size: what to fill in, and what that comes to as far as it is known.

    `area` is in pixels. `lines` is the shorter side, where a level tells that instead of an area.
    """

    values: Mapping[str, Any]
    ratio: float | None = None
    area: float | None = None
    lines: float | None = None
    sides: tuple[int, int] | None = None
    computed: bool = False
    """The vendor lists no such size: the numbers are ours."""

    def pixels(self, ratio: float) -> float | None:
        """Pixels in a picture of this ratio; None where the model chooses them."""
        return self.lines**2 * max(ratio, 1 / ratio) if self.lines else self.area


def of_sides(width: int, height: int, values: Mapping[str, Any]) -> Shape:
    """Exactly so many pixels."""
    return Shape(values, width / height, float(width * height), sides=(width, height))


def ratio_of(text: str) -> float | None:
    """Width divided by height, as in 16:9; None if the text is no ratio."""
    found = _RATIO.match(text)
    if not found or not float(found[1]) or not float(found[2]):
        return None
    return float(found[1]) / float(found[2])


def read_word(name: str, word: Any, *, video: bool) -> Shape | None:
    """What a value of a size property says; None if nothing that is known."""
    if isinstance(word, bool) or not isinstance(word, str | int | float):
        return None
    text, values = str(word).strip().lower(), {name: word}
    if text in mapping.SIZE_WORDS:
        return of_sides(*mapping.SIZE_WORDS[text], values)
    if text in mapping.SHAPE_WORDS:
        return Shape(values, mapping.SHAPE_WORDS[text])
    if shaped := _SHAPED.match(text):
        one, other = int(shaped[2]), int(shaped[3])
        wide = max(one, other) / max(1, min(one, other))
        return Shape(values, wide if shaped[1] == "landscape" else 1 / wide)
    sides = _PIXELS.match(text)
    if sides and min(int(sides[1]), int(sides[2])) >= _LEAST_SIDE:
        return of_sides(int(sides[1]), int(sides[2]), values)
    if ratio := ratio_of(text):
        return Shape(values, ratio)
    level = _LEVEL.match(text)
    return _level(values, float(level[1]), level[2] or "", video=video) if level else None


def _level(values: Mapping[str, Any], number: float, unit: str, *, video: bool) -> Shape | None:
    if unit == "mp" or (not unit and not {*values}.isdisjoint(mapping.MEGAPIXELS)):
        return Shape(values, area=number * 1e6) if number else None
    if unit == "k":  # of films, 4K is a name for 2160 lines
        film = video and number >= 2
        return (
            Shape(values, lines=540 * number) if film else Shape(values, area=(1024 * number) ** 2)
        )
    if number < 100:
        return None
    return Shape(values, lines=number) if unit == "p" or video else Shape(values, area=number**2)


class Shapes:
    """Finds the ways to say a wish among the properties that nothing else has filled."""

    def __init__(
        self, sized: list[Property], sides: tuple[Property, Property] | None, *, video: bool
    ) -> None:
        self._sized = sized
        self._sides = sides
        self._words = [s for p in sized for s in _readings(p, video=video)]
        # The sides of an object have defaults for one that leaves them out; its own default is what is usual.
        defaults = ((p.name, read_word(p.name, p.default, video=video)) for p in sized)
        self._usual = {name: s.area for name, s in defaults if s is not None and s.area}
        self._custom = {
            p.name: word for p in sized for word in p.words if str(word).lower() == "custom"
        }

    def of(self, wish: Wish) -> Iterator[Shape]:
        """Every way, the plainest first. What comes out may be far from the wish."""
        if wish.sides is None:
            yield from self._by_ratio(wish)
        if self._sides is not None:
            shape = _pair(wish, self._sides)
            yield replace(shape, values={**self._custom, **shape.values})
        for taker in self._sized:
            width, height = (taker.fields.get(side) for side in ("width", "height"))
            if width and height:
                usual = self._usual.get(taker.name, USUAL_AREA)
                shape = _pair(wish, (width, height), usual)
                yield replace(shape, values={taker.name: dict(shape.values)})
        yield from (shape for shape in self._words if shape.sides)
        yield from (shape for p in self._sized if (shape := _free(p, wish)) is not None)
        if wish.sides is not None:
            by_ratio = list(self._by_ratio(wish))
            yield from by_ratio
            yield from self._levels() if not by_ratio else ()

    def _levels(self) -> Iterator[Shape]:
        return (s for s in self._words if not s.ratio and (s.area or s.lines))

    def _by_ratio(self, wish: Wish) -> Iterator[Shape]:
        """Each ratio that can be said, with the level that comes nearest to the pixels asked for."""
        said = [s for s in self._words if s.ratio and not s.sides]
        said += [
            Shape({p.name: _plain_ratio(wish)}, wish.ratio)
            for p in self._sized
            if p.name in mapping.FREE_RATIO and not p.words and not _tells_pixels(p)
        ]
        for shape in said:
            ratio = shape.ratio or wish.ratio
            levels = [s for s in self._levels() if s.values.keys() != shape.values.keys()]
            if wish.sides is None or not levels:
                yield shape
                continue
            wanted = wish.sides[0] * wish.sides[1]
            level = min(levels, key=lambda s: abs(math.log((s.pixels(ratio) or 1) / wanted)))
            yield Shape({**shape.values, **level.values}, ratio, level.pixels(ratio))


def _readings(taker: Property, *, video: bool) -> Iterable[Shape]:
    if taker.name in mapping.MEGAPIXELS and not taker.words and taker.takes("number"):
        low, high = max(taker.low or 0.1, 0.01), min(taker.high or 64.0, 64.0)
        numbers = {round(low + (high - low) * i / 200, 2) for i in range(201)}
        return [Shape({taker.name: n}, area=n * 1e6) for n in sorted(numbers) if n > 0]
    read = (read_word(taker.name, word, video=video) for word in taker.words)
    return [shape for shape in read if shape is not None]


def _tells_pixels(taker: Property) -> bool:
    """Whether a text property without words has pixels for a default (`1280:720`)."""
    sides = _PIXELS.match(str(taker.default or ""))
    return sides is not None and min(int(s) for s in sides.groups()) >= _LEAST_SIDE


def _free(taker: Property, wish: Wish) -> Shape | None:
    """A property that takes any text: pixels, in the form of its default."""
    if taker.words or not taker.takes("string") or taker.fields or not taker.types:
        return None
    pixels = _tells_pixels(taker)
    if not pixels and taker.name not in mapping.FREE_PIXELS:
        return None
    between = re.sub(r"[\d\s]", "", str(taker.default))[:1] if pixels else "x"
    width, height = wish.sides or _sides_of(wish.ratio, USUAL_AREA)
    shape = of_sides(width, height, {taker.name: f"{width}{between}{height}"})
    return replace(shape, computed=True)


def _plain_ratio(wish: Wish) -> str:
    if wish.sides is None:
        return wish.text.replace(" ", "").replace("/", ":")
    common = math.gcd(*wish.sides)
    return f"{wish.sides[0] // common}:{wish.sides[1] // common}"


def _sides_of(ratio: float, area: float) -> tuple[int, int]:
    """Sides of that ratio with about as many pixels, in steps of 8."""
    side = area**0.5
    return max(16, round(side * ratio**0.5 / 8) * 8), max(16, round(side / ratio**0.5 / 8) * 8)


def _pair(wish: Wish, pair: tuple[Property, Property], usual: float | None = None) -> Shape:
    """Width and height as two numbers, as near as their steps and ranges allow."""
    if usual is None:
        usual = math.prod(abs(number_of(p.default) or _USUAL_SIDE) for p in pair)
    width, height = wish.sides or _within(_sides_of(wish.ratio, usual), pair)
    fitted = (snapped(width, pair[0]), snapped(height, pair[1]))
    values = {p.name: typed(n, p) for p, n in zip(pair, fitted, strict=True)}
    return replace(of_sides(max(1, fitted[0]), max(1, fitted[1]), values), computed=True)


def _within(sides: tuple[int, int], pair: tuple[Property, Property]) -> tuple[int, int]:
    """The sides, made smaller or larger together until they are inside of the ranges."""
    both = list(zip(sides, pair, strict=True))
    scale = min([1.0, *(p.high / side for side, p in both if p.high is not None)])
    scale = max([scale, *(p.low / side for side, p in both if p.low is not None)])
    return round(sides[0] * scale), round(sides[1] * scale)


def snapped(value: float, taker: Property) -> int:
    """The nearest number of pixels in a property's words, or else in its steps and range."""
    numbers = [n for word in taker.words if (n := number_of(word)) is not None]
    if taker.closed and numbers:
        return round(min(numbers, key=lambda n: abs(n - value)))
    step = taker.step or 1.0
    near = round(value / step) * step
    if taker.high is not None and near > taker.high:
        near = math.floor(taker.high / step) * step
    if taker.low is not None and near < taker.low:
        near = math.ceil(taker.low / step) * step
    return round(near)


def typed(value: int, taker: Property) -> Any:
    """The number as the property's type."""
    return value if taker.takes("number") else str(value)
