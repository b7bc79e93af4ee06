"""Drawing styles that are laid over a finished picture: pixels, facets, lines, watercolour, grey."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from flexura.render.noise import fractal
from flexura.render.oklab import mix
from flexura.render.pictures.scene import tone
from flexura.render.pictures.scene.stage import Stage

Filter = Callable[[Image.Image], Image.Image]


def filter_of(stage: Stage) -> Filter | None:
    """The style that the words ask for, as a function of a finished picture; None for none."""
    if stage.has("pixel"):
        return _pixels(stage)
    if stage.has("lowpoly"):
        return _facets(stage)
    if stage.has("line"):
        return _lines(stage)
    if stage.has("watercolour"):
        return _watercolour(stage)
    if stage.has("mono", "noir") and not stage.words.free_colours:
        return lambda picture: ImageOps.autocontrast(picture.convert("L"), (0.5, 0.5)).convert(
            "RGB"
        )
    return None


def _pixels(stage: Stage) -> Filter:
    """Large pixels in few colours; the colours of the first picture serve for all frames after it."""
    chosen: list[Image.Image] = []

    def drawn(picture: Image.Image) -> Image.Image:
        block = max(round(min(picture.size) / 144), 2)
        small = picture.resize(
            (max(picture.width // block, 1), max(picture.height // block, 1)), Image.Resampling.BOX
        )
        small = ImageOps.autocontrast(small, (0.5, 0.5))
        if not chosen:
            chosen.append(small.quantize(28, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE))
        few = small.quantize(palette=chosen[0], dither=Image.Dither.NONE).convert("RGB")
        return few.resize(picture.size, Image.Resampling.NEAREST)

    return drawn


def _facets(stage: Stage) -> Filter:
    """Triangles of one colour each."""
    generator = stage.rng("facets")
    cell = stage.unit / 30
    columns, rows = int(np.ceil(stage.width / cell)) + 2, int(np.ceil(stage.height / cell)) + 2
    jitter = generator.uniform(-0.42, 0.42, (rows, columns, 2))

    def drawn(picture: Image.Image) -> Image.Image:
        width = picture.width
        source = np.asarray(picture.reduce(max(round(cell / 5), 1)))
        scale = source.shape[1] / width
        xs = (np.arange(columns)[None, :] - 0.5 + jitter[..., 0]) * cell
        ys = (np.arange(rows)[:, None] - 0.5 + jitter[..., 1]) * cell
        result = Image.new("RGB", picture.size)
        draw = ImageDraw.Draw(result)
        for row in range(rows - 1):
            for column in range(columns - 1):
                a, b = (
                    (xs[row, column], ys[row, column]),
                    (xs[row, column + 1], ys[row, column + 1]),
                )
                c, d = (
                    (xs[row + 1, column], ys[row + 1, column]),
                    (xs[row + 1, column + 1], ys[row + 1, column + 1]),
                )
                pairs = ((a, b, c), (b, d, c)) if (row + column) % 2 else ((a, b, d), (a, d, c))
                for corners in pairs:
                    x = int(np.clip(sum(p[0] for p in corners) / 3 * scale, 0, source.shape[1] - 1))
                    y = int(np.clip(sum(p[1] for p in corners) / 3 * scale, 0, source.shape[0] - 1))
                    red, green, blue = (int(v) for v in source[y, x])
                    draw.polygon(
                        [(float(p[0]), float(p[1])) for p in corners], fill=(red, green, blue)
                    )
        return result

    return drawn


@lru_cache(maxsize=2)
def _paper(size: tuple[int, int], seed: int, strength: float) -> Image.Image:
    from flexura.render.random import rng

    width, height = size
    grain = fractal(
        (max(height // 2, 4), max(width // 2, 4)),
        (height / 7, width / 7),
        rng("paper", seed),
        3,
        0.6,
    )
    rough = 1 - np.float32(strength) * np.clip((grain - 0.5) * 2.2, -1, 1)
    return tone.mask(np.clip(rough * 0.94, 0, 1).astype(np.float32)).resize(
        size, Image.Resampling.BICUBIC
    )


def _lines(stage: Stage) -> Filter:
    """Ink lines along the edges of things on paper, with a light wash of tone."""
    paper = mix((0.975, 0.96, 0.93), stage.palette.light, 0.1)
    ink = mix(stage.palette.dark, (0.06, 0.06, 0.08), 0.5)

    def drawn(picture: Image.Image) -> Image.Image:
        unit = min(picture.size)
        grey = ImageOps.autocontrast(picture.convert("L"), (1, 1)).filter(
            ImageFilter.MedianFilter(5)
        )
        near = np.asarray(grey.filter(ImageFilter.GaussianBlur(unit * 0.0012)), dtype=np.float32)
        far = np.asarray(grey.filter(ImageFilter.GaussianBlur(unit * 0.0042)), dtype=np.float32)
        line = np.clip((far - near) * 0.11 - 0.16, 0, 1)
        level = np.asarray(
            grey.filter(ImageFilter.GaussianBlur(unit * 0.002)), dtype=np.float32
        ) / np.float32(255)
        x, y = tone.grid(picture.size)
        step = np.float32(unit * 0.0075)
        hatch = np.zeros_like(level)
        for limit, slope in ((0.42, 1.0), (0.24, -1.0)):
            wave = np.abs(((x + slope * y) / step) % 1.0 - 0.5) * 2
            hatch = np.maximum(
                hatch,
                np.clip((wave - 0.72) * 5, 0, 1)
                * tone.smoothstep(limit, limit - 0.1, level)
                * 0.75,
            )
        cover = np.clip(np.maximum(line, hatch), 0, 1)[..., None]
        wash = np.asarray(paper, dtype=np.float32) * (0.93 + 0.07 * level[..., None])
        return tone.dithered(wash + (np.asarray(ink, dtype=np.float32) - wash) * cover)

    return drawn


def _watercolour(stage: Stage) -> Filter:
    """Wet colour on rough paper: flat pools with dark rims, light bleeding at the sheet's edge."""
    generator = stage.rng("watercolour")
    small = (max(stage.width // 2, 4), max(stage.height // 2, 4))
    cells = (stage.height / stage.unit * 7, stage.width / stage.unit * 7)
    bleed = tone.enlarged(fractal((small[1], small[0]), cells, generator, 5, 0.6), stage.size)
    pool = tone.enlarged(
        fractal((small[1], small[0]), (cells[0] * 0.6, cells[1] * 0.6), generator, 4), stage.size
    )

    def drawn(picture: Image.Image) -> Image.Image:
        width, height = picture.size
        unit = min(picture.size)
        # Pools of one colour need no detail, so they are found in a quarter of the pixels.
        flat = (
            picture.reduce(2).filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.ModeFilter(5))
        )
        pixels = np.asarray(flat.resize(picture.size, Image.Resampling.BICUBIC))
        shift = (bleed - 0.5) * np.float32(unit * 0.024)
        rows = np.clip(np.arange(height)[:, None] + shift, 0, height - 1).astype(np.int32)
        columns = np.clip(np.arange(width)[None, :] + np.roll(shift, 37, 1), 0, width - 1).astype(
            np.int32
        )
        moved = Image.fromarray(pixels[rows, columns])
        grey = moved.convert("L")
        rim = ImageChops.difference(grey, grey.filter(ImageFilter.GaussianBlur(unit * 0.006)))
        colours = np.asarray(moved, dtype=np.float32) / np.float32(255)
        colours = colours ** np.float32(0.82) * np.float32(0.9) + np.float32(0.1)
        colours += ((pool - 0.5) * 0.2)[..., None]
        colours -= (np.asarray(rim, dtype=np.float32) / 255 * 0.9)[..., None] * np.float32(0.7)
        x, y = tone.grid(picture.size)
        border = np.minimum(np.minimum(x, width - x), np.minimum(y, height - y)) / np.float32(unit)
        sheet = tone.smoothstep(0.012, 0.035, border + (bleed - 0.5) * 0.09)[..., None]
        paper = np.asarray((0.985, 0.975, 0.95), dtype=np.float32)
        colours = paper + (colours - paper) * sheet
        grain = np.asarray(_paper(picture.size, stage.seed, 0.09), dtype=np.float32)[
            ..., None
        ] / np.float32(240)
        return tone.dithered(np.clip(colours * grain, 0, 1).astype(np.float32))

    return drawn
