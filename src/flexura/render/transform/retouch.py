"""The model `retouch`: edits a picture as the prompt's words and the options say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from flexura.render.encode.image import write_image
from flexura.render.oklab import RGB
from flexura.render.provenance import record_of
from flexura.render.random import rng
from flexura.render.registry import with_defaults
from flexura.render.task import Made, Task, TaskError, Warning
from flexura.render.transform import frame, geometry, tone
from flexura.render.transform.colour_words import colours_in
from flexura.render.transform.cutout import without_background
from flexura.render.transform.filter_names import apply_filter
from flexura.render.transform.picture_input import (
    Picture,
    first_picture,
    flat,
    inputs_of,
    open_picture,
)
from flexura.render.transform.wishes import Wishes, read_wishes

_MOST_PIXELS = 24_000_000
_MOST_SIDE = 8192
_ONLY_OUTPUT = (
    "format",
    "quality",
    "strength",
    "fit",
    "focus",
    "background_color",
    "border_color",
    "palette",
)


def make(task: Task) -> Made:
    """Edits the first image of the task. A mask, white where the picture may change, keeps the rest as it is.

    Raises TaskError without a usable picture, and when neither the prompt nor an option asks for anything.
    """
    given = first_picture(task)
    wishes = read_wishes(task.prompt)
    settings = _settings(task, wishes)
    warnings = _leftover(wishes)
    task.progress(0.1, "picture opened")
    image = _geometry(given.image, settings, warnings)
    task.progress(0.4, "cut and sized")
    image = _looks(image, settings, wishes, task, warnings)
    task.progress(0.8, "filtered")
    image = _finish(image, settings, given)
    written = write_image(
        image,
        task.out,
        format=_format(settings, given.format, warnings, image),
        quality=settings["quality"],
        provenance=record_of(task),
    )
    return Made((written,), tuple(warnings))


def _settings(task: Task, wishes: Wishes) -> dict[str, Any]:
    """The prompt's wishes under the options: an option that is not at its default wins."""
    defaults = with_defaults(task.model, {})
    chosen = {name: value for name, value in task.options.items() if value != defaults.get(name)}
    if wishes.empty and not [
        name for name in chosen if name not in _ONLY_OUTPUT or name == "format"
    ]:
        raise TaskError(
            "invalid_request",
            "Nothing that this model can do was understood from the prompt, and no option asks for a change.",
            "Ask for resize, crop, upscale, rotate, flip, black and white, sepia, invert, duotone, tint, "
            "brighter, darker, contrast, saturation, warmer, cooler, blur, sharpen, vignette, grain, "
            "posterize, pixelate, halftone, glow, edges, line art, sketch, oil painting, cartoon, film, "
            "vintage, cinematic, noir, rounded corners, circle, border, padding, transparent background, "
            "a watermark, or another file format.",
        )
    return defaults | wishes.settings | chosen


def _leftover(wishes: Wishes) -> list[Warning]:
    if not wishes.unknown:
        return []
    words = ", ".join(wishes.unknown[:12])
    return [
        Warning(
            "edit_not_understood",
            f"These words of the prompt asked for nothing it can do: {words}.",
        )
    ]


def _geometry(
    image: Image.Image, settings: Mapping[str, Any], warnings: list[Warning]
) -> Image.Image:
    focus = settings["focus"]
    image = geometry.turned(image, settings["rotate"], settings["flip"])
    if settings["crop"] != "none":
        across, down = settings["crop"].split(":")
        image = geometry.crop(image, int(across) / int(down), focus)
    width, height = settings["width"], settings["height"]
    if width or height:
        image = geometry.resize(image, (width, height), settings["fit"], focus)
    elif settings["upscale"] > 1:
        wanted = (image.width * settings["upscale"], image.height * settings["upscale"])
        image = geometry.scaled(image, _limited(wanted, warnings))
    within = _limited(image.size, warnings)
    return image if within == image.size else image.resize(within, Image.Resampling.LANCZOS)


def _limited(size: tuple[int, int], warnings: list[Warning]) -> tuple[int, int]:
    width, height = size
    scale = min(1.0, (_MOST_PIXELS / (width * height)) ** 0.5, _MOST_SIDE / max(size))
    if scale == 1.0:
        return size
    limited = (max(1, int(width * scale)), max(1, int(height * scale)))
    told = (
        f"{width}x{height} is more than this model makes; the picture is {limited[0]}x{limited[1]}."
    )
    warnings.append(Warning("size_limited", told))
    return limited


def _looks(
    image: Image.Image,
    settings: Mapping[str, Any],
    wishes: Wishes,
    task: Task,
    warnings: list[Warning],
) -> Image.Image:
    """Background, tone, colours and filters; outside a mask all stays as it was."""
    before = image
    if settings["background"] == "transparent":
        cut = without_background(image)
        if cut is None:
            told = "The background is not of one plain colour, so it was kept."
            warnings.append(Warning("background_kept", told))
        image = cut or image
    image = tone.on_colours(image, lambda colours: _toned(colours, settings, wishes))
    image = _filtered(image, settings, wishes, task)
    masks = inputs_of(task, "mask")
    if not masks:
        return image
    mask = flat(open_picture(masks[0].path).image).convert("L")
    turned = _geometry(mask.convert("RGB"), settings, [])
    mask = turned.convert("L").resize(image.size, Image.Resampling.BILINEAR)
    mode = image.mode if image.mode == before.mode else "RGBA"
    return Image.composite(image.convert(mode), before.convert(mode), mask)


def _toned(image: Image.Image, settings: Mapping[str, Any], wishes: Wishes) -> Image.Image:
    for name in ("brightness", "contrast", "saturation", "warmth"):
        if settings[name]:
            image = getattr(tone, name)(image, settings[name])
    if settings["hue"]:
        image = tone.hue_turned(image, settings["hue"])
    colours: tuple[RGB, ...] = colours_in(settings["palette"]) or wishes.colours
    recolour = settings["recolour"]
    if recolour == "grayscale":
        image = tone.grayscale(image)
        return tone.duotone(image, colours) if colours else image
    if recolour == "sepia":
        return tone.sepia(image)
    if recolour == "invert":
        return tone.inverted(image)
    if recolour == "duotone":
        return tone.duotone(image, colours or ((0.09, 0.06, 0.32), (1.0, 0.45, 0.37)))
    if recolour == "tint":
        strength = settings.get("tint_strength", settings["strength"])
        return tone.tint(image, colours[0] if colours else (0.15, 0.4, 0.9), strength)
    return image


def _filtered(
    image: Image.Image, settings: Mapping[str, Any], wishes: Wishes, task: Task
) -> Image.Image:
    steps = list(wishes.filters)
    if settings["filter"] != "none":
        steps = [step for step in steps if step[0] != settings["filter"]]
        steps.append((settings["filter"], settings["strength"]))
    for name, strength in dict(steps).items():
        random = rng(task.prompt, dict(task.options), task.seed, "retouch", name)
        image = apply_filter(image, name, strength, random)
    return image


def _finish(image: Image.Image, settings: Mapping[str, Any], given: Picture) -> Image.Image:
    background = _colour(settings["background_color"])
    if settings["background"] == "opaque" or (
        settings["background_color"] != "white" and image.mode == "RGBA"
    ):
        image = frame.padded(image, 0, background).convert("RGB")
    radius: float = settings["corners"]
    if settings["shape"] == "circle":
        image, radius = frame.square(image), 0.5
    if settings["text"]:
        image = frame.watermarked(image, settings["text"])
    if settings["border"]:
        colour = _colour(settings["border_color"])
        image = frame.bordered(image, _length(settings["border"], image), colour, radius)
    if radius:
        image = frame.rounded(image, radius)
    if settings["padding"]:
        clear = image.mode == "RGBA" and settings["background"] != "opaque"
        image = frame.padded(
            image, _length(settings["padding"], image), None if clear else background
        )
    return image


def _length(pixels: int, image: Image.Image) -> int:
    """Pixels as given by an option; the prompt's words give hundredths of the shorter side, below zero."""
    return pixels if pixels > 0 else max(1, round(-pixels * min(image.size) / 100))


def _colour(text: str) -> RGB:
    return next(iter(colours_in(text)), (1.0, 1.0, 1.0))


def _format(
    settings: Mapping[str, Any], given: str, warnings: list[Warning], image: Image.Image
) -> str:
    wanted: str = settings["format"]
    if wanted != "same":
        if wanted == "jpeg" and image.mode == "RGBA":
            warnings.append(
                Warning("transparency_lost", "JPEG has no transparency; it was laid on white.")
            )
        return wanted
    if given == "gif" or (given == "jpeg" and image.mode == "RGBA"):
        return "png"
    return given
