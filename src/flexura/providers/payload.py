"""Builds the JSON that a vendor wants from an order: options in its own words, inputs in their slots."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Mapping
from typing import Any

from flexura.ports.provider import InputFile


async def data_uri(file: InputFile) -> str:
    """The file as a `data:` URI, for vendors that take one in place of an address."""
    data = await asyncio.to_thread(file.path.read_bytes)
    return f"data:{file.mime};base64,{base64.b64encode(data).decode()}"


def filled(options: Mapping[str, Any], placed: Iterable[tuple[InputFile, Any]]) -> dict[str, Any]:
    """The options with each input's value in its slot; a slot whose name ends in `[]` collects a list.

    An input without a slot is left out: the adapter that knows its place puts it there.
    """
    payload = dict(options)
    for file, value in placed:
        name = file.slot.removesuffix("[]")
        if not name:
            continue
        if file.slot.endswith("[]"):
            payload[name] = [*payload.get(name, []), value]
        else:
            payload[name] = value
    return payload
