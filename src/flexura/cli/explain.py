"""`flexura explain`: what a file was made from, by its own word and by the gateway's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from flexura.cli import exit_codes, known_file, report, words
from flexura.cli.known_file import KnownFile
from flexura.cli.screen import Screen
from flexura.client.answers import Cost
from flexura.provenance.record import Record, of_json
from flexura.services.untrusted import clean

_CLAIM = (
    "What a file says of itself is a claim, not a proof: whoever has it can write anything into it."
)
_KINDS = {
    "algorithmicMedia": "made by an algorithm, without a trained model",
    "trainedAlgorithmicMedia": "made by a trained model",
    "compositeWithTrainedAlgorithmicMedia": "a mix with the work of a trained model",
    "composite": "a mix of elements whose making is not known",
}
_COMPARED = ("prompt", "model", "seed", "digital_source_type")
_MOST_PROMPT = 2000


@click.command(
    help="Tell what a FILE was made from: by what it carries itself, also after it was renamed or copied,"
    " and by what the gateway knows of its bytes, also where its metadata are gone."
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--offline", is_flag=True, help="Read the file alone; ask no gateway.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(files: tuple[Path, ...], offline: bool, as_json: bool) -> int:
    screen = Screen(as_json)
    found = asyncio.run(known_file.look(files, offline=offline))
    screen.object({"files": [as_object(file) for file in found]})
    for number, file in enumerate(found):
        if number:
            screen.data("")
        _tell(file, screen)
    if any(file.told.record or file.told.manifest for file in found):
        screen.say(_CLAIM, dim=True)
    known = any(file.record or file.told.manifest or file.known for file in found)
    return exit_codes.OK if known else exit_codes.FAILED


def as_object(file: KnownFile) -> dict[str, Any]:
    """What is known of a file, and from where."""
    told = file.told
    return {
        "path": str(file.path),
        "sha256": file.sha256,
        "bytes": file.bytes,
        "container": told.container,
        "file": told.record.as_json() if told.record else None,
        "trouble": told.trouble or None,
        "c2pa": {"generator": told.generator or None, "verified": False} if told.manifest else None,
        "gateway": file.known.model_dump() if file.known else None,
        "gateway_unreachable": file.apart or None,
        "agree": not differences(file),
    }


def differences(file: KnownFile) -> list[str]:
    """What the file says otherwise than the gateway."""
    own, known = file.told.record, file.known and of_json(file.known.record)
    if own is None or not known:
        return []
    mine, theirs = own.as_json(), known.as_json()
    # A prompt as long as a book is cut in the file.
    return [
        name
        for name in _COMPARED
        if mine.get(name) != theirs.get(name)
        and not (name == "prompt" and own.prompt.endswith("…"))
    ]


def _tell(file: KnownFile, screen: Screen) -> None:
    facts = " · ".join(filter(None, (file.told.container, words.size(file.bytes))))
    path = _line(report.near(str(file.path)), 4096)
    screen.data(click.style(f"{path}  {facts}", bold=True))
    if file.told.record is not None:
        screen.data("the file says")
        _lines(file.told.record, screen)
    elif file.told.trouble:
        screen.data(f"the file says nothing that can be read: {file.told.trouble}")
    else:
        screen.data("the file says nothing of flexura's")
    if file.told.manifest:
        by = f" by {_line(file.told.generator)}" if file.told.generator else ""
        screen.data(f"it has a C2PA manifest{by}; a C2PA tool can verify it, this does not")
    _tell_known(file, screen)
    for name in differences(file):
        screen.warn(f"file and gateway do not agree about {name}; the gateway's is its own record.")


def _tell_known(file: KnownFile, screen: Screen) -> None:
    known = file.known
    if file.apart:
        screen.say(f"the gateway was not asked: {file.apart}", dim=True)
    if known is None:
        if not file.apart:
            screen.data("the gateway knows no file with these bytes")
        return
    screen.data("the gateway knows these bytes")
    gone = f", its bytes went {known.expired_at}" if known.expired_at else ""
    screen.data(f"  artifact     {known.artifact_id}{gone}")
    screen.data(f"  stored       {known.created_at} ({words.age(known.created_at)})")
    if known.job_id is None:
        screen.data("  origin       an upload")
        return
    screen.data(f"  job          {known.job_id}, {known.status}")
    if known.siblings:
        screen.data(f"  siblings     {', '.join(known.siblings)}")
    if known.unmarked:
        screen.data(f"  unmarked     {_line(known.unmarked)}")
    record = of_json(known.record)
    if record is not None and (file.told.record is None or differences(file)):
        _lines(record, screen)


def _lines(record: Record, screen: Screen) -> None:
    for name, text in _facts(record):
        if text:
            screen.data(f"  {name:<12} {text}")


def _facts(record: Record) -> Iterator[tuple[str, str]]:
    kind = record.source_type.rpartition("/")[2]
    yield "prompt", _line(record.prompt, _MOST_PROMPT)
    version = f", version {_line(record.version)}" if record.version else ""
    yield "model", f"{_line(record.model)}{version}"
    yield "made by", f"{_line(record.method)}: {_KINDS.get(kind, 'IPTC')} ({_line(kind)})"
    yield "seed", "" if record.seed is None else str(record.seed)
    yield "options", _pairs(record.options)
    if record.cost:
        yield "cost", _price(record)
    for number, digest in enumerate(record.inputs):
        parent = record.parents[number] if number < len(record.parents) else ""
        role = record.roles[number] if number < len(record.roles) else ""
        yield (
            "input",
            " ".join(filter(None, (_line(role), _line(parent), f"sha256 {_line(digest)}"))),
        )
    step = f", step {_line(record.step)}" if record.step else ""
    yield "template", f"{_line(record.template)}{step}" if record.template else _line(record.step)


def _price(record: Record) -> str:
    cost = record.cost or {}
    try:
        told = words.price(
            Cost.model_validate({"amount": cost["amount"], "currency": cost["currency"]})
        )
    except (KeyError, ValueError):
        return ""
    return f"{_line(told)}{', as estimated' if cost.get('estimated') else ''}, for the whole order"


def _pairs(options: Any) -> str:
    pairs = (
        f"{_line(str(n))}={_line(json.dumps(v, ensure_ascii=False), 120)}"
        for n, v in options.items()
    )
    return ", ".join(pairs)


def _line(text: str, most: int = 300) -> str:
    """Text that a stranger may have written, safe to show in a terminal."""
    return clean(text, most, markup=False)
