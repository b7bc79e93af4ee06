"""Draws the contact sheets of the scene pictures and videos, docs/pictures/scenes.webp and motion.webp.

Run it after a change to the scenes and look at the result:

    python scripts/contact_sheets/scenes.py [directory]
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from flexura.render.motion.video import frames
from flexura.render.palette import palette
from flexura.render.pictures.scene.painter import paint
from flexura.render.pictures.sheet import Sheet
from flexura.render.random import rng
from flexura.render.words import read

STILLS = (
    ("a futuristic city at night, neon lights, cinematic", 2),
    ("cinematic rainy street at night, neon reflections, highly detailed", 1),
    ("a futuristic city at night", 3),
    ("a hiker looking at mountains at sunset", 1),
    ("northern lights over a lake", 1),
    ("a red sailboat on a calm sea at golden hour", 1),
    ("ringed planet in deep space", 1),
    ("fox in a snowy forest at night", 1),
    ("desert dunes at golden hour", 1),
    ("underwater coral reef with fish", 1),
    ("cozy room with a rainy window at night, lofi", 1),
    ("meadow with poppies on a summer day", 2),
)
VIDEOS = (
    "cinematic rainy street at night, neon reflections, highly detailed",
    "a cat playing with a ball of yarn",
    "a futuristic city at night, neon lights, cinematic",
    "synthwave drive with palm trees",
    "calm sea at sunset with a sailboat",
    "volcano eruption at night",
)
_GAP, _LINE = 14, 22
_PAPER, _INK = (250, 250, 248), (40, 42, 48)
_MOST_BYTES = 400_000


def sheet_for(prompt: str, size: tuple[int, int], seed: int) -> Sheet:
    """The sheet of one prompt, as the makers build it."""
    words = read(prompt)
    colours = palette(words, rng("palette", prompt, seed))
    return Sheet(prompt, words, colours, size[0], size[1], {}, seed)


def _font() -> ImageFont.FreeTypeFont:
    folder = Path(__file__).parents[2] / "src" / "flexura" / "render" / "fonts"
    return ImageFont.truetype(folder / "inter-regular.ttf", 14)


def table(rows: list[list[Image.Image]], captions: list[list[str]]) -> Image.Image:
    """Pictures of one size in rows, each with its caption below."""
    width, height = rows[0][0].size
    columns = max(len(row) for row in rows)
    page = Image.new(
        "RGB",
        (_GAP + columns * (width + _GAP), _GAP + len(rows) * (height + _LINE + _GAP)),
        _PAPER,
    )
    draw, font = ImageDraw.Draw(page), _font()
    for row, (pictures, texts) in enumerate(zip(rows, captions, strict=True)):
        y = _GAP + row * (height + _LINE + _GAP)
        for column, picture in enumerate(pictures):
            page.paste(picture, (_GAP + column * (width + _GAP), y))
        for column, text in enumerate(texts):
            draw.text((_GAP + column * (width + _GAP), y + height + 3), text, fill=_INK, font=font)
    return page


def scenes() -> Image.Image:
    """Twelve stills."""
    pictures = [paint(sheet_for(prompt, (560, 350), seed)).image for prompt, seed in STILLS]
    texts = [prompt for prompt, _ in STILLS]
    rows = range(0, len(STILLS), 3)
    return table([pictures[row : row + 3] for row in rows], [texts[row : row + 3] for row in rows])


def motion() -> Image.Image:
    """Four moments of six videos."""
    rows: list[list[Image.Image]] = []
    for prompt in VIDEOS:
        shown = list(frames(sheet_for(prompt, (840, 472), 1), 31, 5.0, 1.0, True))
        rows.append([shown[index].resize((420, 236)) for index in (2, 8, 16, 24)])
    return table(rows, [[prompt] for prompt in VIDEOS])


def save(page: Image.Image, path: Path) -> None:
    """WebP at the best quality that stays below the size limit."""
    for quality in range(86, 30, -6):
        page.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= _MOST_BYTES:
            return


def main() -> None:
    """Write both sheets into the directory given, docs/pictures without."""
    own = Path(__file__).parents[2] / "docs" / "pictures"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else own
    folder.mkdir(parents=True, exist_ok=True)
    save(scenes(), folder / "scenes.webp")
    save(motion(), folder / "motion.webp")


if __name__ == "__main__":
    main()
