"""Draws docs/pictures/sound.webp: spectrograms of what the models music, effects and speech make.

Time runs to the right, pitch upwards (40 Hz to 18 kHz), brighter is louder; below is the waveform.
Run it from the root of the repository: `python scripts/contact_sheets/sound.py`.
"""

from __future__ import annotations

import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from flexura.render import registry
from flexura.render.sound.ambience import ambience
from flexura.render.task import Task
from flexura.render.words import read

SHEET = Path("docs/pictures/sound.webp")
FONT = Path(registry.__file__).parent / "fonts" / "inter-semibold.ttf"
PAPER, INK, SOFT = (250, 250, 248), (24, 24, 28), (112, 112, 120)
NIGHT, WAVE = (14, 12, 24), (120, 196, 255)
STOPS = (
    (14, 12, 24),
    (62, 20, 92),
    (168, 40, 98),
    (242, 112, 56),
    (252, 216, 128),
    (255, 253, 240),
)
TILE, GAP, LABEL, ROW = (416, 150, 44), 24, 34, 5

MUSIC = (
    "calm ambient background music",
    "lofi hip hop beats to study to",
    "8-bit chiptune adventure, 150 bpm",
    "epic cinematic trailer in D minor",
    "orchestral fantasy with harp and flute",
    "dark techno, 130 bpm",
    "smooth jazz in a small bar",
    "happy ukulele for a commercial",
    "synthwave night drive",
    "a gentle waltz for a music box",
)
EFFECTS = (
    "button click",
    "success chime",
    "whoosh",
    "retro coin",
    "laser gun",
    "deep explosion in a cave",
    "church bell",
    "cat meow",
    "heavy rain and distant thunder",
    "footsteps on wood",
)
SCENES = (
    "a futuristic city at night, neon lights",
    "the sea at sunset",
    "a forest in spring",
    "a campfire at night",
)
SPEECH = "Every sound on this page was made without a network and without a key."

Sound = NDArray[np.floating]


def heard(work: Path, model: str, prompt: str, **options: object) -> Sound:
    """The samples (2, n) of one task."""
    task = Task(
        model, prompt, registry.with_defaults(model, options | {"format": "wav"}), 7, work / model
    )
    with wave.open(str(registry.maker(model)(task).files[0].path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return data.reshape(-1, 2).T / 32_768


def spectrogram(sound: Sound, width: int, height: int) -> Image.Image:
    """The spectrum over time, pitch on a logarithmic axis, 80 dB from black to white."""
    middle, size = sound.mean(axis=0), 2048
    starts = np.linspace(0, max(1, len(middle) - 1), width).astype(int)
    padded = np.pad(middle, size)
    frames = np.stack([padded[s + size // 2 : s + size // 2 + size] for s in starts]) * np.hanning(
        size
    )
    place = np.geomspace(40, 18_000, height)[::-1] * size / 48_000
    low = place.astype(int)
    power = np.abs(np.fft.rfft(frames))
    power = power[:, low] * (1 - (place - low)) + power[:, low + 1] * (place - low)
    decibels = 20 * np.log10(power + 1e-7)
    level = np.clip((decibels - decibels.max() + 78) / 78, 0, 1).T * (len(STOPS) - 1)
    stops = np.array(STOPS, dtype=float)
    index = np.minimum(level.astype(int), len(STOPS) - 2)
    part = (level - index)[..., None]
    return Image.fromarray((stops[index] * (1 - part) + stops[index + 1] * part).astype(np.uint8))


def waveform(sound: Sound, width: int, height: int) -> Image.Image:
    """The highest and lowest sample of each column."""
    image = Image.new("RGB", (width, height), NIGHT)
    draw = ImageDraw.Draw(image)
    for column, part in enumerate(np.array_split(sound.mean(axis=0), width)):
        top, bottom = (height / 2 * (1 - value * 0.96) for value in (part.max(), part.min()))
        draw.line((column, top, column, max(bottom, top + 1)), fill=WAVE)
    return image


def tile(sound: Sound, label: str) -> Image.Image:
    """One sound with its prompt and its length below."""
    width, high, low = TILE
    result = Image.new("RGB", (width, high + low + LABEL), PAPER)
    result.paste(spectrogram(sound, width, high), (0, 0))
    result.paste(waveform(sound, width, low), (0, high))
    draw = ImageDraw.Draw(result)
    font = ImageFont.truetype(str(FONT), 16)
    draw.text((0, high + low + 8), label, INK, font=font)
    draw.text(
        (width, high + low + 8), f"{sound.shape[-1] / 48_000:.1f} s", SOFT, font=font, anchor="ra"
    )
    return result


def sheet(groups: list[tuple[str, list[Image.Image]]]) -> Image.Image:
    """The groups below each other, five tiles in a row, each under its title."""
    width, high = TILE[0] + GAP, TILE[1] + TILE[2] + LABEL + GAP
    height = sum(64 + -(-len(tiles) // ROW) * high for _, tiles in groups) + GAP
    page = Image.new("RGB", (ROW * width + GAP, height), PAPER)
    draw = ImageDraw.Draw(page)
    y = 0
    for title, tiles in groups:
        draw.text((GAP, y + 22), title, INK, font=ImageFont.truetype(str(FONT), 26))
        y += 64
        for number, image in enumerate(tiles):
            page.paste(image, (GAP + number % ROW * width, y + number // ROW * high))
        y += -(-len(tiles) // ROW) * high
    return page


def main() -> None:
    """Makes every sound and writes the sheet."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        music = [tile(heard(work, "music", prompt), prompt) for prompt in MUSIC]
        effects = [tile(heard(work, "effects", prompt), prompt) for prompt in EFFECTS]
        scenes = [tile(ambience(read(prompt), 8, 7).T, prompt) for prompt in SCENES]
        speech = tile(heard(work, "speech", SPEECH), "speech")
    groups = [
        ("Music", music),
        ("Effects", effects),
        ("Scenes in motion, and speech", [*scenes, speech]),
    ]
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    sheet(groups).save(SHEET, quality=82, method=6)


if __name__ == "__main__":
    main()
