"""File name endings and media types, both ways."""

from __future__ import annotations

# The first ending of a type is the one that a new file gets.
ENDINGS = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe"),
    "image/webp": (".webp",),
    "image/avif": (".avif",),
    "image/gif": (".gif",),
    "image/svg+xml": (".svg",),
    "image/bmp": (".bmp",),
    "image/tiff": (".tif", ".tiff"),
    "image/heic": (".heic",),
    "video/mp4": (".mp4", ".m4v"),
    "video/webm": (".webm",),
    "video/quicktime": (".mov",),
    "video/x-matroska": (".mkv",),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    "audio/ogg": (".ogg", ".opus", ".oga"),
    "audio/flac": (".flac",),
    "audio/mp4": (".m4a",),
    "audio/aac": (".aac",),
    "model/gltf-binary": (".glb",),
    "application/json": (".json",),
    "text/plain": (".txt",),
    "text/vtt": (".vtt",),
}
SAME = {
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/opus": "audio/ogg",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "image/jpg": "image/jpeg",
}
INPUTS = ("image/", "video/", "audio/")


def endings_of(mime: str) -> tuple[str, ...]:
    """The endings that fit a media type, the usual one first; none when the type is unknown."""
    plain = mime.split(";")[0].strip().lower()
    return ENDINGS.get(SAME.get(plain, plain), ())


def type_of(name: str) -> str | None:
    """The media type of a file name by its ending, or None."""
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return next((mime for mime, endings in ENDINGS.items() if ending in endings), None)


def is_input(mime: str | None) -> bool:
    """Whether a file of that type may be given to a model."""
    return mime is not None and mime.startswith(INPUTS)
