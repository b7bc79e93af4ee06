"""What a caller names as input: roles before sources, and pictures measured by their headers alone."""

from __future__ import annotations

import io
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import ROLE_MEDIA, split_role
from flexura.domain.picture_size import picture_size
from flexura.outbound.answer import Unreachable
from flexura.services.inputs import Inputs
from flexura.services.sniff import sniff


@pytest.mark.parametrize("role", ROLE_MEDIA)
def test_a_role_stands_before_the_source(role: str) -> None:
    assert split_role(f"{role}=art_1") == (role, "art_1")
    assert split_role(f"{role}=https://x/?a=b") == (role, "https://x/?a=b")


@pytest.mark.parametrize(
    "source",
    ["a=b.png", "data:image/png;base64,AA==", "https://x/?mask=1", "Mask=a.png", "masks=a", "mask"],
)
def test_any_other_equals_sign_belongs_to_the_source(source: str) -> None:
    assert split_role(source) == ("", source)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
@pytest.mark.parametrize("size", [(1, 1), (37, 21), (300, 5)])
@pytest.mark.parametrize("lossless", [False, True])
def test_a_picture_is_measured_by_its_header(
    kind: str, size: tuple[int, int], lossless: bool, tmp_path: Path
) -> None:
    file = tmp_path / "picture"
    mode = "RGBA" if lossless and kind != "JPEG" else "RGB"
    with io.BytesIO() as made:
        more = {"lossless": lossless} if kind == "WEBP" else {}
        Image.new(mode, size, "teal").save(made, kind, **more)
        content = made.getvalue()
    file.write_bytes(content)
    assert picture_size(file, sniff(content)) == size


@pytest.mark.parametrize(
    "mime", ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"]
)
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"\xff\xd8\xff\xff\xff", b"RIFF", bytes(64), b"ispe"]
)
def test_a_broken_header_tells_nothing(mime: str, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(content)
    assert picture_size(file, mime) is None


def test_a_jpeg_with_a_large_comment_is_measured_too(tmp_path: Path) -> None:
    file = tmp_path / "picture.jpg"
    with io.BytesIO() as made:
        Image.new("RGB", (9, 8)).save(made, "JPEG")
        rest = made.getvalue()[2:]
    comment = b"\xff\xfe" + struct.pack(">H", 60_000) + bytes(59_998)
    file.write_bytes(b"\xff\xd8" + comment * 3 + rest)
    assert picture_size(file, "image/jpeg") == (9, 8)


@pytest.mark.anyio
async def test_a_url_that_cannot_be_fetched_is_an_error_of_the_request_and_no_failure_of_ours() -> (
    None
):
    @asynccontextmanager
    async def download(url: str, max_bytes: int) -> AsyncGenerator[Path]:
        raise Unreachable("example.org cannot be reached.", sent=False)
        yield

    nothing: Any = None
    inputs = Inputs(nothing, nothing, nothing, download)
    with pytest.raises(InvalidRequest) as refused:
        await inputs.resolve("ws_1", ["mask=https://example.org/a.png"])
    assert refused.value.field == "inputs[0]"
    assert "example.org cannot be reached" in refused.value.message
    assert "/api/v1/uploads" in refused.value.next_step
