"""Opens what was made with other people's libraries: is it what the record says?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flexura.domain.errors import ProviderError


@dataclass(frozen=True)
class Seen:
    """A file as its bytes tell it."""

    path: Path
    bytes: int
    what: str


def seen(file: dict[str, Any]) -> Seen:
    """Read a file of a record. Raises ProviderError when it is missing, broken or something else."""
    path = Path(str(file.get("path", "")))
    if not file.get("path") or not path.is_file():
        raise _wrong(path, "it is not there")
    size = path.stat().st_size
    if size != file["bytes"]:
        raise _wrong(path, f"it has {size} bytes instead of {file['bytes']}")
    mime = str(file["mime"])
    try:
        what = _picture(path, file) if mime.startswith("image/") else _stream(path, file)
    except (OSError, ValueError, IndexError) as error:
        raise _wrong(path, f"it cannot be read: {error}") from error
    return Seen(path, size, what)


def _wrong(path: Path, why: str) -> ProviderError:
    return ProviderError(
        f"The file {path} is not what was said: {why}.", next_step="flexura doctor"
    )


def _picture(path: Path, file: dict[str, Any]) -> str:
    from PIL import Image

    with Image.open(path) as picture:
        picture.load()
        form, measured = str(picture.format), picture.size
    if measured != (file["w"], file["h"]):
        raise ValueError(f"it measures {measured[0]}x{measured[1]}")
    return f"{form} {measured[0]}x{measured[1]}"


def _stream(path: Path, file: dict[str, Any]) -> str:
    import av

    with av.open(str(path)) as container:
        parts: list[str] = []
        for stream in container.streams.video:
            frame = next(container.decode(stream))
            parts.append(f"{_codec(stream.codec_context.name)} {frame.width}x{frame.height}")
        container.seek(0)
        for stream in container.streams.audio:
            heard = next(container.decode(stream))
            parts.append(f"{_codec(stream.codec_context.name)} {heard.sample_rate / 1000:g} kHz")
        seconds = (container.duration or 0) / av.time_base
    if not parts:
        raise ValueError("there is neither picture nor sound in it")
    if abs(seconds - float(file["seconds"])) > 0.5:
        raise ValueError(f"it lasts {seconds:.1f} s")
    return f"{', '.join(parts)}, {seconds:.3g} s"


def _codec(name: str) -> str:
    """A codec's usual name."""
    known = {
        "h264": "H.264",
        "vp9": "VP9",
        "mp3": "MP3",
        "mp3float": "MP3",
        "aac": "AAC",
        "opus": "Opus",
    }
    return known.get(name.removeprefix("lib"), name)
