"""Legibility: luminance and contrast as WCAG defines them."""

from __future__ import annotations

from flexura.render.oklab import RGB, mix

WHITE: RGB = (1.0, 1.0, 1.0)
BLACK: RGB = (0.0, 0.0, 0.0)


def luminance(colour: RGB) -> float:
    """Relative luminance, 0 black .. 1 white."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    """The contrast ratio of two colours, 1 .. 21."""
    first, second = luminance(one), luminance(other)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def legible(wanted: RGB, ground: RGB, ratio: float = 4.5) -> RGB:
    """`wanted`, moved towards white or black just as far as the contrast to `ground` needs."""
    goal = WHITE if contrast(WHITE, ground) >= contrast(BLACK, ground) else BLACK
    for step in range(21):
        colour = mix(wanted, goal, step / 20)
        if contrast(colour, ground) >= ratio:
            return colour
    return goal


def ink_on(ground: RGB, light: RGB = WHITE, dark: RGB = BLACK) -> RGB:
    """The one of two text colours that reads better on `ground`."""
    return light if contrast(light, ground) >= contrast(dark, ground) else dark
