"""Writes into every file of a job what it was made from. A file that cannot take it is stored as it is."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from flexura.domain.job import Job
from flexura.ports.provider import Order, Output
from flexura.ports.records import Records
from flexura.provenance import reading, writing
from flexura.provenance.record import (
    ALGORITHMIC,
    COMPOSITE,
    COMPOSITE_TRAINED,
    TRAINED,
    TRAINED_ALGORITHMIC,
    Record,
    clean,
)

log = logging.getLogger(__name__)
KEPT = "provenance"
"""Below this name an artifact's metadata has what its job does not tell: see `Marked.notes`."""
_ADDRESS = re.compile(
    r"(?P<start>https?://)(?P<name>[^/\s?#@]{1,500}@)?(?P<rest>[^\s\"'<>]++)", re.I
)
_SIGNED = re.compile(
    r"(?:^|[&;])[^=&;]{0,100}?(?:sig|token|key|secret|pass|auth|credential|policy|session)", re.I
)
"""The name of a parameter of an address that opens by itself."""
_BY_MODELS = (TRAINED_ALGORITHMIC, COMPOSITE_TRAINED)
_GUIDES = ("mask", "reference")
"""Roles of inputs that a trained model looks at and that are no part of what it makes."""


@dataclass(frozen=True)
class Origin:
    """What a job started from: artifact ids and digests, and how each was made, where that is known."""

    parents: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    made: tuple[tuple[str, str], ...] = ()
    """Role and IPTC digital source type of each; an empty one is unknown."""
    cost: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Marked:
    """A file to be stored: where it lies, and what its artifact's metadata shall tell of it."""

    path: Path
    notes: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Marker:
    """Marks the outputs of jobs. Nothing that it does ever fails a job: what was made is paid for."""

    records: Records
    scratch: Path

    async def origin(self, job: Job, order: Order, cost: Mapping[str, Any] | None) -> Origin:
        """What all outputs of a job have in common; `cost` is that of the whole order."""
        ids: list[str] = []
        made: list[tuple[str, str]] = []
        for entry, given in zip(job.call.get("inputs", ()), order.inputs, strict=False):
            name = str(
                cast("Mapping[str, Any]", entry)["artifact"] if isinstance(entry, dict) else entry
            )
            ids.append(name)
            made.append((given.role, await self._source_of(job, name, given.path)))
        digests = tuple(given.sha256 for given in order.inputs)
        return Origin(tuple(ids), digests, tuple(made), cost)

    async def _source_of(self, job: Job, artifact_id: str, path: Path) -> str:
        """How an input was made, as the store knows or the file says; empty where neither does."""
        try:
            artifact = await self.records.artifact(job.workspace_id, artifact_id)
            told = notes_of(artifact.metadata).get("digital_source_type") if artifact else None
            if told:
                return str(told)
            record = await asyncio.to_thread(reading.record_in, path)
        except Exception:
            log.exception("job %s: how %s was made is not known", job.id, artifact_id)
            return ""
        return record.source_type if record else ""

    async def marked(
        self, job: Job, order: Order, output: Output, path: Path, origin: Origin
    ) -> Marked:
        """The file with its record, beside the one that is left as it was; else that one itself."""
        record = record_of(job, order.options, seed=_seed(order, output), origin=origin)
        version = output.metadata.get("version")
        record = replace(record, version=str(version)[:200] if version else record.version)
        to = self.scratch / f"{job.id}-{secrets.token_hex(6)}.marked"
        try:
            return await asyncio.to_thread(self._mark, path, to, record, output, origin)
        except Exception:
            # A disk that is full, or an error of ours: whoever ordered gets the file without its record.
            log.exception("job %s: a file is stored without its record", job.id)
            return Marked(path, {KEPT: {**_notes(record), "unmarked": "it could not be written"}})

    def _mark(self, path: Path, to: Path, record: Record, output: Output, origin: Origin) -> Marked:
        told = reading.read(path)
        own = told.record
        if own is not None and _is_of(own, record):
            # The maker's own word of this very order: our renderer's, or that of another gateway.
            seed = record.seed if output.role == "main" else own.seed
            record = replace(
                record,
                method=own.method,
                source_type=own.source_type,
                version=own.version or record.version,
                seed=seed,
            )
        record = replace(record, source_type=source_type(record.source_type, origin.made))
        self.scratch.mkdir(parents=True, exist_ok=True)
        marking = writing.mark(path, to, record)
        notes = _notes(record)
        if not marking.done:
            notes["unmarked"] = marking.why
            if marking.signed:
                notes["c2pa"] = told.generator or "unknown"
            return Marked(path, {KEPT: notes})
        if output.path is None:
            with path.open("rb") as file:
                notes["upstream_sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        return Marked(to, {KEPT: notes})


def record_of(job: Job, options: Mapping[str, Any], *, seed: int | None, origin: Origin) -> Record:
    """The record of one output, as far as the order tells it."""
    asked: Mapping[str, Any] = job.request.get("options") or {}
    upstream = str(job.call.get("upstream_id", ""))
    return Record(
        prompt=job.prompt,
        model=job.model_id,
        seed=seed,
        options=_without_order(options, job),
        inputs=origin.inputs,
        kind=job.kind,
        provider=job.provider,
        version=upstream.partition(":")[2],
        method=TRAINED,
        source_type=TRAINED_ALGORITHMIC,
        cost=origin.cost,
        parents=origin.parents,
        roles=tuple(role for role, _ in origin.made),
        template=job.template,
        step=job.step,
        asked={name: _public(value) for name, value in asked.items() if name != "again"},
    )


def told_again(job: Job, metadata: Mapping[str, Any]) -> Record:
    """The record of a stored file, from its job and what its artifact keeps beside it."""
    kept = notes_of(metadata)
    origin = Origin(
        tuple(map(str, kept.get("parents", ()))),
        tuple(map(str, kept.get("inputs", ()))),
        made=tuple((str(role), "") for role in kept.get("roles", ())),
        cost=kept.get("cost"),
    )
    seed: Any = kept.get("seed", metadata.get("seed"))
    record = record_of(job, job.call.get("options") or {}, seed=seed, origin=origin)
    return replace(
        record,
        method=str(kept.get("method") or record.method),
        source_type=str(kept.get("digital_source_type") or record.source_type),
        version=str(kept.get("version") or record.version),
    )


def cost_of(
    actual: Mapping[str, Any] | None, estimate: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What is known of the cost when the files are stored: the vendor's own figure, else the estimate."""
    cost = actual or estimate
    if cost is None or "amount" not in cost:
        return None
    told = {"amount": cost["amount"], "currency": cost.get("currency", "USD")}
    return told | ({} if actual or not cost["amount"] else {"estimated": True})


def source_type(maker: str, made: Sequence[tuple[str, str]]) -> str:
    """The IPTC digital source type of what a maker of that type made of these inputs.

    A model that edits what no model made gives a composite, and so does whoever edits the work of a model.
    """
    trained = maker in _BY_MODELS
    parts = [told for role, told in made if not (trained and role in _GUIDES)]
    if not parts:
        return maker
    if trained:
        return maker if all(p == TRAINED_ALGORITHMIC for p in parts) else COMPOSITE_TRAINED
    if any(p in _BY_MODELS for p in parts):
        return COMPOSITE_TRAINED
    return maker if all(p == ALGORITHMIC for p in parts) else COMPOSITE


def _is_of(own: Record, record: Record) -> bool:
    """Whether a record is of the same order: an input's, which a vendor passed on, is not."""
    same = own.prompt == clean(record.prompt) or own.prompt.endswith("…")
    return same and bool(own.model) and record.model.endswith(own.model)


def _notes(record: Record) -> dict[str, Any]:
    """What the job itself does not tell of a file."""
    told = record.as_json()
    names = ("method", "digital_source_type", "version", "cost", "seed")
    names += ("inputs", "parents", "roles")
    return {name: told[name] for name in names if told.get(name) not in (None, [])}


def _seed(order: Order, output: Output) -> int | None:
    seed = output.metadata.get("seed", order.seed)
    return seed if isinstance(seed, int) else None


def _without_order(options: Mapping[str, Any], job: Job) -> dict[str, Any]:
    """The options without what the record has a place of its own for: models take these as options too."""
    seed = job.call.get("seed_property")
    return {n: _public(v) for n, v in options.items() if n != seed and v != job.prompt}


def _public(value: Any) -> Any:
    """The value as anybody may read it: files are passed on, and a signed address in them would open."""
    if isinstance(value, dict):
        return {n: _public(v) for n, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_public(v) for v in cast("list[Any]", value)]
    return _ADDRESS.sub(_unsigned, value) if isinstance(value, str) else value


def _unsigned(found: re.Match[str]) -> str:
    start, name, rest = found["start"], found["name"] or "", found["rest"]
    query = rest.partition("?")[2]
    return start + (rest.partition("?")[0] if name or _SIGNED.search(query) else rest)


def notes_of(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was noted of a file when it was stored; nothing for one that was never looked at."""
    found = metadata.get(KEPT)
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
