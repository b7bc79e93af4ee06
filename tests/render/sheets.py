"""Sheets and tasks for the tests of pictures."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from flexura.render.palette import palette
from flexura.render.pictures.sheet import Sheet
from flexura.render.random import rng
from flexura.render.task import Task
from flexura.render.words import read


def sheet(prompt: str, width: int = 160, height: int = 120, seed: int = 7, **options: Any) -> Sheet:
    words = read(prompt)
    return Sheet(prompt, words, palette(words, rng(prompt, seed)), width, height, options, seed)


def task(folder: Path, prompt: str, model: str = "canvas", seed: int = 7, **options: Any) -> Task:
    full = {
        "width": 160,
        "height": 120,
        "format": "png",
        "style": "auto",
        "palette": "",
        "quality": 90,
    }
    full |= {"background": "opaque", "text": "", "subtitle": "", "data": ""} | options
    return Task(model, prompt, full, seed, folder / "made")


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))
