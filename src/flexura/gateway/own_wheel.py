"""The wheel of the program that runs, put together again from its installed files.

Whoever runs the install script gets exactly this version, also from a gateway without a network. The bytes
are the same on every machine: the archive is not compressed (zlib builds differ in what they write), sorted,
and has one date and one mode for every file. Format: the PyPA specification "Binary distribution format".
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath

import flexura
from flexura.domain.errors import Conflict

# What pip, uv and their like add while they install; PEP 376, 610 and 710, and uv's own.
_OF_INSTALLERS = frozenset(
    {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "provenance_url.json"}
    | {"uv_build.json", "uv_cache.json"}
)
_DATE = (2020, 2, 2, 0, 0, 0)
_MODE = 0o100644 << 16
_SCRIPT = "flexura/_installer/install.sh"
BUILD = "python -m pip wheel --no-deps ."


@dataclass(frozen=True)
class Wheel:
    """A wheel in memory."""

    name: str
    version: str
    content: bytes
    sha256: str
    script: str
    """The install script in it."""


@lru_cache(maxsize=1)
def own_wheel() -> Wheel:
    """The wheel of this program, made at the first call. Reads some 600 files: not for the event loop.

    Raises Conflict when what runs was not installed from a wheel, or was changed since.
    """
    return rebuilt(Path(flexura.__file__).parents[1])


def rebuilt(folder: Path) -> Wheel:
    """The wheel that was installed into this folder. Raises Conflict as `own_wheel` does."""
    found = next(iter(Distribution.discover(name="flexura", path=[str(folder)])), None)
    if found is None or _is_editable(found):
        raise _no_wheel("This gateway runs from a checkout, so it has no wheel to hand out.")
    files = {name: _checked(folder, name, wanted) for name, wanted in _packed(found)}
    info = _info(files)
    # Two-part rule of the specification: the description of the wheel comes last in the archive.
    names = sorted(files, key=lambda name: (name.startswith(f"{info}/"), name))
    record = f"{info}/RECORD"
    content = _archive([*((n, files[n]) for n in names), (record, _record(names, files, record))])
    return Wheel(
        f"{info.removesuffix('.dist-info')}-{_tag(files[f'{info}/WHEEL'])}.whl",
        found.version,
        content,
        hashlib.sha256(content).hexdigest(),
        files[_SCRIPT].decode(),
    )


def _no_wheel(why: str) -> Conflict:
    step = f"In a checkout, run `{BUILD}`, install the wheel that it makes, and start that gateway."
    return Conflict(why, next_step=step)


def _is_editable(found: Distribution) -> bool:
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    return bool(origin.get("dir_info", {}).get("editable"))


def _packed(found: Distribution) -> Iterator[tuple[str, str]]:
    """Path and hash of what was in the wheel: no commands, no bytecode, none of the notes of an installer."""
    # Read here, because `Distribution.files` leaves out what is lost, from Python 3.12 on.
    for row in csv.reader(io.StringIO(found.read_text("RECORD") or "")):
        if len(row) != 3:
            continue
        path = PurePosixPath(row[0])
        commands = path.parts[0] == ".." or path.is_absolute()
        notes = path.parts[0].endswith(".dist-info") and path.name in _OF_INSTALLERS
        if not commands and not notes and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield row[0], row[1]


def _checked(folder: Path, name: str, wanted: str) -> bytes:
    """The content of a file, which is still what was installed."""
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise _changed(name, error.strerror or "it cannot be read") from None
    if wanted != f"sha256={_digest(content)}":
        raise _changed(name, "its SHA-256 is not the one in RECORD")
    return content


def _changed(file: str, why: str) -> Conflict:
    return Conflict(
        f"{file} is not as it was installed ({why}), so this gateway hands out no wheel.",
        next_step="Install flexura again on the gateway's machine, and restart it.",
    )


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _info(files: Iterable[str]) -> str:
    """The name of the folder that describes the wheel, in a wheel that is whole."""
    names = {name.partition("/")[0] for name in files}
    info = next((name for name in names if name.endswith(".dist-info")), "")
    wanted = {f"{info}/WHEEL", f"{info}/METADATA", _SCRIPT, "flexura/__init__.py"}
    if missing := wanted - set(files):
        raise _no_wheel(f"This installation of flexura does not list {min(missing)} as its own.")
    return info


def _tag(wheel: bytes) -> str:
    """The platforms that it is for, as in its file name."""
    tags = [line[5:] for line in wheel.decode().splitlines() if line.startswith("Tag: ")]
    return tags[0]


def _record(names: Iterable[str], files: dict[str, bytes], record: str) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerows((n, f"sha256={_digest(files[n])}", len(files[n])) for n in names)
    rows.writerow((record, "", ""))
    return text.getvalue().encode()


def _archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3
            entry.external_attr = _MODE
            archive.writestr(entry, content)
    return packed.getvalue()
