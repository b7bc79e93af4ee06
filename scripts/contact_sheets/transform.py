"""Draws docs/pictures/transform.webp: what the models retouch, camera and montage make of one picture.

Run it from the root of the repository: `python scripts/contact_sheets/transform.py`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw, ImageFont

from flexura.render import registry
from flexura.render.task import File, Input, Task

SHEET = Path("docs/pictures/transform.webp")
FONT = Path(registry.__file__).parent / "fonts" / "inter-semibold.ttf"
PAPER, INK, SOFT = (250, 250, 248), (24, 24, 28), (112, 112, 120)
COLUMNS, TILE, GAP, LABEL = 5, (416, 260), 24, 40
SOURCE = ("canvas", "a mountain lake at golden hour with pines", {"width": 1600, "height": 1000})
SECOND = (
    "canvas",
    "a futuristic city at night, neon lights, cinematic",
    {"width": 1600, "height": 1000},
)
EDITS = (
    "duotone in navy and coral",
    "oil painting",
    "pencil sketch",
    "cartoon",
    "halftone",
    "vintage with strong grain",
    "crop to a square, circle, thick gold border",
    'rounded corners, watermark "© flexura"',
    "colder, darker, less saturated",
)
MOVES = ("slow zoom in", "pan right", "parallax orbit")
CUTS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "slideshow with cross-fade",
        {"width": 640, "height": 400, "slide_seconds": 2, "crossfade": 1.0},
    ),
    ("vertical with blurred background", {"seconds": 1}),
)


def made(
    work: Path, name: str, model: str, prompt: str, options: dict[str, Any], *inputs: Input
) -> File:
    """The main file of one task."""
    task = Task(model, prompt, registry.with_defaults(model, options), 7, work / name, inputs)
    return registry.maker(model)(task).files[0]


def moments(path: Path, count: int) -> list[Image.Image]:
    """Frames spread over a video, its first and last among them."""
    with av.open(str(path)) as container:
        frames = [frame.to_image() for frame in container.decode(video=0)]
    return [frames[(len(frames) - 1) * number // (count - 1)] for number in range(count)]


def tile(image: Image.Image, label: str) -> Image.Image:
    """One picture within its frame, with its prompt below."""
    result = Image.new("RGB", (TILE[0], TILE[1] + LABEL), PAPER)
    shown = image.convert("RGBA")
    shown.thumbnail(TILE, Image.Resampling.LANCZOS)
    result.paste(shown, ((TILE[0] - shown.width) // 2, (TILE[1] - shown.height) // 2), shown)
    draw = ImageDraw.Draw(result)
    draw.text((0, TILE[1] + 10), label, INK, font=ImageFont.truetype(str(FONT), 17))
    return result


def sheet(tiles: list[Image.Image]) -> Image.Image:
    """The tiles in rows of five under a title."""
    rows = -(-len(tiles) // COLUMNS)
    width = COLUMNS * (TILE[0] + GAP) + GAP
    page = Image.new("RGB", (width, 110 + rows * (TILE[1] + LABEL + GAP)), PAPER)
    draw = ImageDraw.Draw(page)
    draw.text((GAP, 26), "retouch · camera · montage", INK, font=ImageFont.truetype(str(FONT), 34))
    told = "One drawn picture, edited, set in motion and cut together by its prompt's words."
    draw.text((GAP, 70), told, SOFT, font=ImageFont.truetype(str(FONT), 18))
    for number, image in enumerate(tiles):
        row, column = divmod(number, COLUMNS)
        page.paste(image, (GAP + column * (TILE[0] + GAP), 110 + row * (TILE[1] + LABEL + GAP)))
    return page


def main() -> None:
    """Makes every picture and writes the sheet."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        pictures = [
            Input(made(work, f"source{number}", *source).path, "image/png", "image")
            for number, source in enumerate((SOURCE, SECOND))
        ]
        tiles = [tile(Image.open(pictures[0].path), "the given picture")]
        for number, prompt in enumerate(EDITS):
            file = made(work, f"edit{number}", "retouch", prompt, {"format": "png"}, pictures[0])
            tiles.append(tile(Image.open(file.path), prompt))
        for number, prompt in enumerate(MOVES):
            options = {"amount": 1.0, "width": 832, "height": 520}
            file = made(work, f"move{number}", "camera", prompt, options, pictures[1])
            tiles += [
                tile(frame, f"{prompt}, {at + 1}") for at, frame in enumerate(moments(file.path, 5))
            ]
        drift = made(
            work,
            "drift",
            "camera",
            "drift",
            {"width": 832, "height": 520, "seconds": 2},
            pictures[0],
        )
        clip = Input(drift.path, "video/mp4", "video")
        for number, (prompt, options) in enumerate(CUTS):
            inputs = pictures if not number else [clip]
            file = made(work, f"cut{number}", "montage", prompt, options, *inputs)
            tiles += [
                tile(frame, f"{prompt}, {at + 1}") for at, frame in enumerate(moments(file.path, 5))
            ]
        SHEET.parent.mkdir(parents=True, exist_ok=True)
        sheet(tiles).save(SHEET, quality=82, method=6)


if __name__ == "__main__":
    main()
