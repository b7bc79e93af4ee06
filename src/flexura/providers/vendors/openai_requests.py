"""Inputs in the bodies that servers with OpenAI's API want: as parts of a form, or inside the JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flexura.ports.provider import InputFile
from flexura.providers.api import Part
from flexura.providers.payload import data_uri, filled


async def form(body: Mapping[str, Any], inputs: Sequence[InputFile], place: str) -> list[Part]:
    """The body as a form; an input that names no slot goes to `place`, a mask to `mask`."""
    parts: list[Part] = [(n, "", "", _plain(v)) for n, v in body.items() if v is not None]
    for file in inputs:
        name = file.slot or ("mask" if file.role == "mask" else place)
        data = await asyncio.to_thread(file.path.read_bytes)
        parts.append((name, f"input.{file.mime.partition('/')[2] or 'bin'}", file.mime, data))
    return parts


def _plain(value: Any) -> bytes:
    return (str(value).lower() if isinstance(value, bool) else str(value)).encode()


async def together_sources(inputs: Sequence[InputFile]) -> dict[str, Any]:
    """The image to start from, and those that guide the style."""
    placed = [(replace(file, slot=_source(file)), await data_uri(file)) for file in inputs]
    return filled({}, placed)


def _source(file: InputFile) -> str:
    return file.slot or ("reference_images[]" if file.role == "reference" else "image_url")


async def together_media(inputs: Sequence[InputFile]) -> dict[str, Any]:
    """`media` of a video: frames at their place in time, and images that guide the style."""
    frames: list[dict[str, Any]] = []
    references: list[str] = []
    for file in inputs:
        uri = await data_uri(file)
        if _source(file) == "reference_images[]":
            references.append(uri)
        else:
            place = "last" if file.role == "last_frame" else "first"
            frames.append({"input_image": uri, "frame": place})
    told = {"frame_images": frames, "reference_images": references}
    return {"media": {name: value for name, value in told.items() if value}} if inputs else {}
