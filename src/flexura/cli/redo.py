"""`flexura redo`: order again what a file was made from, with another seed or other options."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click

from flexura.cli import flags, generate, known_file, sidecar
from flexura.cli.connection import Connection, connected
from flexura.cli.generate import GenerateCommand, Manner
from flexura.cli.known_file import KnownFile
from flexura.cli.screen import Screen
from flexura.client.provenance import of_artifact, of_bytes
from flexura.domain.errors import InvalidRequest, NotFound
from flexura.domain.model import KINDS, Kind
from flexura.provenance.record import Record
from flexura.services.untrusted import clean

_MOST_SEED = 2**31 - 1
_SEED = re.compile(r"[+-]?\d{1,12}")
_ARTIFACT = re.compile(r"art_[0-9A-Za-z_-]{1,80}")
_OF_CONTAINERS: Mapping[str, Kind] = {
    **dict.fromkeys(("PNG", "JPEG", "WebP", "AVIF", "SVG", "GIF"), cast("Kind", "image")),
    **dict.fromkeys(("MP4", "WebM"), cast("Kind", "video")),
    **dict.fromkeys(("MP3", "WAV", "Ogg", "FLAC"), cast("Kind", "audio")),
}
_PLAIN_ROLES = ("", "image", "video", "audio")


@dataclass(frozen=True)
class _Changes:
    """What shall be other than it was."""

    seed: str
    sets: Mapping[str, Any]
    model: str
    inputs: tuple[str, ...]


@click.command(
    cls=GenerateCommand,
    help="Order again what FILE was made from: the same model, options and seed, but for what you change. The"
    " result is put beside it, under a name that is free.",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seed", default="", help="Another seed: a number, or +1, -1 from the file's own.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    type=flags.NamedValue(),
    help="Another option, or prompt=…; name=null leaves one out.",
)
@click.option("--model", default="", help="Another model.")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    help="An input that the gateway no longer has: a file with the same bytes.",
)
@click.option("--max-cost", type=click.FloatRange(0), help="Refuse the order above this price.")
@click.option("-o", "--output", default="", help="As for `flexura image`.  [default: beside FILE]")
@click.option("--sidecar", "with_sidecar", is_flag=True, help=sidecar.ABOUT)
@click.option(
    "--wait",
    type=flags.Seconds(),
    default=float("inf"),
    help="Give up waiting after so many seconds; the job goes on.",
)
@click.option("--detach", is_flag=True, help="Print the job's id and leave.")
@click.option("--dry-run", is_flag=True, help="Tell model, options and price; order nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before something that costs money.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def redo(file: Path, **given: Any) -> int:
    screen = Screen(given["as_json"])
    changes = _Changes(given["seed"], dict(given["sets"]), given["model"], given["inputs"])
    found, order = asyncio.run(_order(file, changes))
    record = found.record
    assert record is not None, "an order is made of it"
    if given["max_cost"] is not None:
        order["max_cost"] = given["max_cost"]
    kind = _kind(found, record)
    if found.known is None:
        screen.say(
            "The gateway does not know this file: it is ordered as the file itself says.", dim=True
        )
    seed = order.get("options", {}).get("seed")
    screen.say(
        f"{clean(str(order['model']), 200)}: {clean(str(order['prompt']), 200, markup=False)}"
        + (f" (seed {seed})" if isinstance(seed, int) else ""),
        dim=True,
    )
    manner = Manner(
        output=given["output"] or str(file),
        force=False,
        wait=given["wait"],
        detach=given["detach"],
        dry_run=given["dry_run"],
        yes=given["yes"],
        sidecar=given["with_sidecar"],
    )
    return generate.order_as(kind, order, manner, screen)


async def _order(path: Path, changes: _Changes) -> tuple[KnownFile, dict[str, Any]]:
    """The file, and its order in the words of REST. Raises InvalidRequest, NotFound, LocalError."""
    (file,) = await known_file.look([path], offline=True)
    async with connected() as connection:
        file = await known_file.asked(file, connection)
        record = file.record
        if record is None:
            raise NotFound(
                f"{path} does not say what it was made from, and the gateway does not know it.",
                next_step=f"`flexura explain {path}` shows what is known; order it with `flexura image` …",
            )
        inputs = await _inputs(record, changes.inputs, connection)
    return file, {**order_of(record, changes.sets, changes.seed, changes.model), "inputs": inputs}


def order_of(
    record: Record, sets: Mapping[str, Any], seed: str = "", model: str = ""
) -> dict[str, Any]:
    """The order of a record with some things changed. Raises InvalidRequest for a cut prompt or a seed."""
    prompt = str(sets.get("prompt", record.prompt))
    if prompt.endswith("…") and "prompt" not in sets and len(prompt) > 5000:
        raise InvalidRequest(
            "The file holds only the beginning of its prompt, and the gateway does not know the file.",
            next_step="Give the whole prompt with --set prompt=….",
        )
    # What was asked in everybody's words suits another model too; what this model was given, only itself.
    before = record.options if record.asked is None else record.asked
    options: dict[str, Any] = {n: v for n, v in before.items() if n != "seed"}
    for name, value in sets.items():
        if name in ("prompt", "seed", "model"):
            continue
        if value is None:
            options.pop(name, None)
        else:
            options[name] = value
    number = _seed(record, seed or str(sets.get("seed", "")))
    if number is not None:
        options["seed"] = number
    named = model or str(sets.get("model", record.model))
    return {"prompt": prompt, "model": named, "options": options}


def _seed(record: Record, asked: str) -> int | None:
    if not asked:
        return record.seed
    if not _SEED.fullmatch(asked):
        raise InvalidRequest(f"--seed {asked!r} is no seed.", next_step="Write a number, or +1.")
    if asked[0] not in "+-":
        number = int(asked)
    elif record.seed is None:
        raise InvalidRequest("The file has no seed to count from.", next_step="Write a number.")
    else:
        number = record.seed + int(asked)
    if not 0 <= number <= _MOST_SEED:
        raise InvalidRequest(f"The seed {number} is out of range.", next_step=f"0 to {_MOST_SEED}.")
    return number


def _kind(file: KnownFile, record: Record) -> Kind:
    told = record.kind if record.kind in KINDS else None
    found = told or _OF_CONTAINERS.get(file.told.container)
    if found is None:
        raise InvalidRequest(
            "The file does not say whether it is a picture, a video or a sound.",
            next_step="Order it with `flexura image`, `video` or `audio`.",
        )
    return found


async def _inputs(record: Record, given: Sequence[str], connection: Connection) -> list[str]:
    """The inputs as the gateway takes them, in their roles. Raises NotFound for one that is gone."""
    files = {await asyncio.to_thread(_digest, Path(name)): name for name in given}
    found: list[str] = []
    for number, digest in enumerate(record.inputs):
        parent = record.parents[number] if number < len(record.parents) else ""
        role = record.roles[number] if number < len(record.roles) else ""
        source = await _kept(parent, digest, connection) or files.get(digest)
        if source is None:
            raise NotFound(
                f"Its input {number + 1} (SHA-256 {digest[:12]}…) is no longer on the gateway.",
                next_step="Name a file with the same bytes with --input FILE.",
            )
        found.append(source if role in _PLAIN_ROLES else f"{role}={source}")
    return found


async def _kept(parent: str, digest: str, connection: Connection) -> str | None:
    """The artifact that still has these bytes. A record is not believed to name it: the digest is."""
    if _ARTIFACT.fullmatch(parent):
        try:
            known = await of_artifact(connection.client, parent)
        except NotFound:
            known = None
        if known is not None and known.sha256 == digest and known.expired_at is None:
            return parent
    if not re.fullmatch("[0-9a-f]{64}", digest):
        return None
    alike = await of_bytes(connection.client, digest)
    return next((one.artifact_id for one in alike if one.expired_at is None), None)


def _digest(path: Path) -> str:
    if not path.is_file():
        raise click.UsageError(f"--input {path}: there is no such file.")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
