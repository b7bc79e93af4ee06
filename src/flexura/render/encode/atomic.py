"""A file appears under its final name only when it is whole."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def with_extension(out: Path, extension: str) -> Path:
    """`out` with the extension added; dots that the name already has are kept."""
    return out.with_name(f"{out.name}.{extension}")


@contextmanager
def whole_file(path: Path) -> Generator[Path]:
    """Gives a temporary name, `<name>.part`, next to `path`; renames it when the block ends well.

    A killed process leaves at most the `.part` file.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
