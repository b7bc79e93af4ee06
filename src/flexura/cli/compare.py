"""`flexura compare`: variants, models or files side by side on one numbered sheet; pick one by its number."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from flexura.bridge import media_types
from flexura.cli import exit_codes, inline_picture, report, words
from flexura.cli.connection import Connection, connected
from flexura.cli.screen import Screen
from flexura.client import comparing
from flexura.client.comparing import ComparedCell
from flexura.ports.contact import MOST_CELLS
from flexura.provenance.reading import record_in
from flexura.services.untrusted import clean

_JOBS = ("job_", "run_")
_HELP = (
    "Show the variants of jobs, or files, side by side on one numbered sheet. A THING is a JOB_ID, an"
    " artifact id, or a file of this disk (drawn here; nothing is uploaded). In a terminal that can, it"
    " is shown in place; -o writes the sheet. --pick N makes one variant of a job its result."
)


@dataclass(frozen=True)
class _Asked:
    jobs: tuple[str, ...]
    artifacts: tuple[str, ...]
    files: tuple[Path, ...]
    output: str
    pick: int | None
    open_it: bool


@click.command(help=_HELP)
@click.argument("things", nargs=-1, required=True, metavar="THING…")
@click.option(
    "-o", "--output", default="", help="Write the sheet (JPEG, below 200 kB) to this file."
)
@click.option("--pick", type=click.IntRange(1), help="Take this variant of the one job named.")
@click.option("--open", "open_it", is_flag=True, help="Open the sheet in this desktop's viewer.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare(
    things: tuple[str, ...], output: str, pick: int | None, open_it: bool, as_json: bool
) -> int:
    asked = _read(things, output, pick, open_it)
    screen = Screen(as_json)
    return asyncio.run(_files(asked, screen) if asked.files else _ids(asked, screen))


def _read(things: Sequence[str], output: str, pick: int | None, open_it: bool) -> _Asked:
    """What is named. Raises click.UsageError for what is neither an id nor a file, or for both at once."""
    jobs = tuple(one for one in things if one.startswith(_JOBS))
    artifacts = tuple(one for one in things if one.startswith("art_"))
    files = [one for one in things if not one.startswith((*_JOBS, "art_"))]
    paths = tuple(Path(os.path.expanduser(one)) for one in files)
    missing = next((p for p in paths if not p.is_file()), None)
    if missing is not None:
        raise click.UsageError(
            f"{missing} is no file, and no id of a job (job_…) or an artifact (art_…)."
            " `flexura status` lists jobs."
        )
    if paths and (jobs or artifacts):
        raise click.UsageError(
            "Compare files of this disk, or jobs and artifacts; not both at once."
        )
    if len(things) > MOST_CELLS:
        raise click.UsageError(f"A sheet has room for {MOST_CELLS}; name fewer.")
    if pick is not None and (len(jobs) != 1 or len(things) != 1):
        raise click.UsageError(
            "--pick takes the number of a variant of one job: name that job alone."
        )
    if output and Path(output).is_dir():
        output = str(Path(output) / "sheet.jpg")
    return _Asked(jobs, artifacts, paths, output, pick, open_it)


async def _ids(asked: _Asked, screen: Screen) -> int:
    async with connected() as connection:
        if asked.pick is not None:
            return await _pick(asked.jobs[0], asked.pick, screen, connection)
        client = connection.client
        found = await comparing.compared(client, asked.jobs, asked.artifacts)
        picture = await comparing.sheet(client, asked.jobs, asked.artifacts)
    _table(found.cells, screen)
    if found.left_out:
        screen.warn(f"{found.left_out} more have no room on the sheet.")
    where = await _present(picture, asked, screen)
    screen.object({**found.model_dump(mode="json"), "sheet": where})
    if len(asked.jobs) == 1 and any(cell.variant for cell in found.cells):
        screen.next(f"flexura compare {asked.jobs[0]} --pick N")
    return exit_codes.OK


async def _pick(job_id: str, number: int, screen: Screen, connection: Connection) -> int:
    job = await connection.client.job(job_id)
    if job.phase == "awaiting_approval":
        await connection.client.approve(job_id, (number,))
    else:
        await comparing.pick(connection.client, job_id, number)
    screen.object({"job_id": job_id, "picked": number, "next": f"flexura status {job_id} --wait"})
    screen.data(f"{job_id}: {number} is the result now; the others are put aside.")
    if job.phase == "awaiting_approval":
        screen.next(report.resume(job_id))
    return exit_codes.OK


async def _files(asked: _Asked, screen: Screen) -> int:
    from flexura.runtime.local_pictures import LocalFile, sheet_of

    files: list[LocalFile] = []
    for path in asked.files:
        mime = media_types.type_of(path.name) or ""
        if not media_types.is_input(mime):
            raise click.UsageError(f"{path}: its name does not end like an image, video or sound.")
        files.append(LocalFile(path, mime, *_told_by(path)))
    picture = await sheet_of(files)
    for number, file in enumerate(files, 1):
        path = clean(report.near(str(file.path)), 4096, markup=False)
        screen.data(f"{number:>3}  {path}  {'  '.join(file.facts)}")
    where = await _present(picture, asked, screen)
    cells = [{"number": n, "path": str(file.path.resolve())} for n, file in enumerate(files, 1)]
    screen.object({"cells": cells, "left_out": 0, "sheet": where})
    return exit_codes.OK


def _told_by(path: Path) -> tuple[str, tuple[str, ...]]:
    """What a file says of itself: its name, and model, seed and price where it carries them."""
    size = words.size(path.stat().st_size)
    try:
        found = record_in(path)
    except OSError:
        found = None
    if found is None:
        return path.name, (size,)
    seed = "" if found.seed is None else f"seed {found.seed}"
    # A stranger may have written the file: nothing of it may steer the terminal.
    model = words.cut(clean(found.model, 200, markup=False), 60)
    return path.name, tuple(one for one in (model, seed, size) if one)


def _table(cells: Sequence[ComparedCell], screen: Screen) -> None:
    """One line for each: number, model, seed, price, time, file; why there is none."""
    wide = max((len(cell.model or "") for cell in cells), default=0)
    for cell in cells:
        number = "" if cell.number is None else str(cell.number)
        model = words.cut(cell.model or "-", 48).ljust(min(wide, 48))
        if cell.why or cell.file is None:
            screen.data(f"{number:>3}  {model}  {words.cut(cell.why, 90)}")
            continue
        mark = " *" if cell.review == "selected" else ""
        screen.data(f"{number:>3}  {model}  {'  '.join(_facts(cell))}{mark}")


def _facts(cell: ComparedCell) -> list[str]:
    assert cell.file is not None, "only files have facts"
    size = f"{cell.file.width}x{cell.file.height}" if cell.file.width else ""
    told = [
        f"seed {cell.seed}" if cell.seed is not None else "",
        words.price(cell.cost),
        words.duration(cell.seconds) if cell.seconds is not None else "",
        size,
        cell.file.artifact_id,
    ]
    return [one for one in told if one]


async def _present(picture: bytes, asked: _Asked, screen: Screen) -> str | None:
    """Write the sheet, show it, or say how to get it; where it was written."""
    written: Path | None = Path(asked.output).resolve() if asked.output else None
    if written is None and asked.open_it:
        written = Path(tempfile.mkdtemp(prefix="flexura-")) / "sheet.jpg"
    if written is not None:
        await asyncio.to_thread(_write, written, picture)
        screen.say(f"sheet    {report.near(str(written))} ({words.size(len(picture))})")
    shown = False if screen.as_json else await _shown(picture)
    if asked.open_it and written is not None:
        click.launch(str(written))
    if written is None and not shown and not screen.as_json:
        screen.say(
            "This terminal shows no pictures; -o sheet.jpg writes the sheet, --open opens it."
        )
    return None if written is None else str(written)


def _write(path: Path, picture: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)


async def _shown(picture: bytes) -> bool:
    if not inline_picture.protocol(sys.stdout):
        return False
    with tempfile.TemporaryDirectory(prefix="flexura-") as folder:
        path = Path(folder) / "sheet.jpg"
        await asyncio.to_thread(path.write_bytes, picture)
        return await inline_picture.show(path)


async def show_job(connection: Connection, job_id: str, paths: Sequence[str]) -> bool:
    """The result of a job in this terminal: the picture, or all of several on their sheet."""
    if len(paths) == 1:
        return await inline_picture.show(Path(paths[0]))
    if not inline_picture.protocol(sys.stdout):
        return False
    return await _shown(await comparing.sheet(connection.client, (job_id,), ()))
