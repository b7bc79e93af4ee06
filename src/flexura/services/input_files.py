"""What may come in as a file: the media that we know, pictures of sane sizes."""

from __future__ import annotations

from pathlib import Path

from flexura.domain.errors import InvalidRequest, UnsupportedMediaType
from flexura.domain.picture_size import Sides, picture_size
from flexura.services.sniff import sniff, sniff_file

MAX_PIXELS = 40_000_000
"""Of a picture that is used as an input: more is a mistake, or an attack on whoever decodes it."""
MAX_SHAPE = 200
"""The longer side of a picture divided by the shorter."""
HEAD = 512
"""So many bytes tell the media type."""


def check_head(head: bytes) -> str:
    """The media type of a file that starts with these bytes. Raises UnsupportedMediaType."""
    mime = sniff(head)
    if not mime:
        raise UnsupportedMediaType(
            "The file is none of the media types that can be used as input.",
            next_step="Send PNG, JPEG, WebP, AVIF, GIF, MP4, MOV, WebM, WAV, MP3, OGG or FLAC.",
        )
    return mime


def check_file(path: Path) -> tuple[str, Sides | None]:
    """The media type of a file, and the sides of a picture, by its header alone.

    Raises UnsupportedMediaType, or InvalidRequest for a picture that is too large.
    """
    with path.open("rb") as file:
        mime = check_head(file.read(HEAD))
    sides = picture_size(path, mime)
    if sides is not None:
        check_sides(*sides, "")
    return mime, sides


def sides_of(path: Path) -> Sides | None:
    """The sides of a stored picture; None for anything else."""
    return picture_size(path, sniff_file(path))


def check_sides(width: int, height: int, field: str) -> None:
    """Raises InvalidRequest for a picture that is too large."""
    if width * height <= MAX_PIXELS and max(width, height) <= MAX_SHAPE * min(width, height):
        return
    raise InvalidRequest(
        f"The picture has {width}x{height} pixels.",
        field=field,
        next_step=f"Send one of at most {MAX_PIXELS // 10**6} megapixels whose longer side is at most"
        f" {MAX_SHAPE} times the shorter.",
    )
