"""Opens pictures that come from strangers."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from flexura.render.task import Input, Task, TaskError

MOST_PIXELS = 40_000_000
_MOST_RATIO = 100
_MOST_BYTES = 100 * 1024 * 1024
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")


@dataclass(frozen=True)
class Picture:
    """A decoded picture, upright and in sRGB, as RGB or RGBA, and the format that its bytes had."""

    image: Image.Image
    format: str


def inputs_of(task: Task, role: str) -> tuple[Input, ...]:
    """The inputs of the task that have this role."""
    return tuple(item for item in task.inputs if item.role == role)


def first_picture(task: Task) -> Picture:
    """The first image of the task. Raises TaskError when there is none or when it cannot be used."""
    given = inputs_of(task, "image")
    if not given:
        raise TaskError(
            "invalid_request",
            f"The model {task.model} starts from a picture, and none was given.",
            "Give one PNG, JPEG, WebP, GIF or AVIF as an input with the role image.",
        )
    return open_picture(given[0].path)


def open_picture(path: Path) -> Picture:
    """Decodes one picture; what it is is read from its bytes, never from its name.

    An animation gives its first frame. The size in the header is checked before a pixel is decoded. Raises
    TaskError when the file is no picture, is damaged, or is larger than 40 megapixels.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise _unusable("is larger than 100 MB", "Make the file smaller.")
    try:
        with Image.open(path, formats=_FORMATS) as opened:
            _check_size(opened.size)
            format = (opened.format or "PNG").lower()
            opened.draft("RGB", None)
            opened.load()
            return Picture(_upright(opened), format)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise _unusable(
            "is not a PNG, JPEG, WebP, GIF or AVIF", "Convert it to one of these formats."
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise _unusable("is damaged and cannot be decoded", "Export the picture again.") from error


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise _unusable(
            f"has {width}x{height} pixels, which is more than 40 megapixels",
            "Make the picture smaller.",
        )
    if min(size) < 1 or max(size) > _MOST_RATIO * min(size):
        raise _unusable(
            f"is {width}x{height}, which is more than {_MOST_RATIO} times as long as it is wide",
            "Cut the picture to a usual shape.",
        )


def _upright(opened: Image.Image) -> Image.Image:
    profile = opened.info.get("icc_profile")
    image = ImageOps.exif_transpose(opened)
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if isinstance(profile, bytes) and opened.mode in ("RGB", "RGBA"):
        image = _in_srgb(image, profile)
    image.info = {}
    return image


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture with the colours that its profile means; a profile that is broken changes nothing."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        cms: Any = ImageCms
        target = cms.createProfile("sRGB")
        changed = ImageCms.profileToProfile(image, source, target, outputMode=image.mode)
    except (ImageCms.PyCMSError, OSError):
        return image
    return changed or image


def open_pictures(items: Iterable[Input]) -> list[Image.Image]:
    """All of these as RGB on white, in their order."""
    return [flat(open_picture(item.path).image) for item in items]


def flat(image: Image.Image) -> Image.Image:
    """The picture without transparency, on white."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(image, mask=image.getchannel("A"))
    return sheet


def _unusable(why: str, next_step: str) -> TaskError:
    return TaskError("invalid_request", f"The given picture {why}.", next_step)
