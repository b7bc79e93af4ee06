"""What the probes of this process look at, and what its log must never show."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import flexura
from flexura.domain.errors import Conflict, DiskFull, InternalError
from flexura.gateway.probes import Vitals
from flexura.ports.records import Records
from flexura.services.admission import Admission
from flexura.services.exposition import Exposition
from flexura.services.figures import Sources
from flexura.services.readiness import Readiness
from flexura.settings import Settings
from flexura.storage.migrate import HEAD

log = logging.getLogger("flexura")
_LEAST_FREE = 32 * 2**20
"""Bytes on the disk of FLEXURA_HOME; with less, the next file or commit fails."""
_SECRET_ENDS = (
    "KEY",
    "AUTH",
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "CREDENTIALS",
    "OTLP_HEADERS",
    "TRACES_HEADERS",
)
"""How the names of settings end that hold a secret."""
_SECRET_WORDS = ("secret", "token", "password", "key", "credential")


@contextmanager
def lived(instance: str, works: bool) -> Generator[None]:
    """The first and the last line of a process."""
    facts = {"version": flexura.__version__, "instance": instance, "works": works}
    log.info("started", extra={"event": "start"} | facts)
    try:
        yield
    finally:
        log.info("stopped", extra={"event": "stop"} | facts)


def readiness_of(settings: Settings, records: Records) -> Readiness:
    """The checks of everything that stands on the store."""

    async def writes() -> object:
        return await records.transact(lambda tx: tx.secret("readiness", "1"))

    async def schema() -> None:
        found = (await records.census()).schema
        if found < HEAD:
            raise Conflict(
                f"The store has schema {found or 'none'}; this flexura needs {HEAD}.",
                next_step="Start it anew: it brings the store to its schema first.",
            )

    async def disk() -> None:
        free = await asyncio.to_thread(_free, settings.home)
        if free < _LEAST_FREE:
            raise DiskFull(
                f"The disk of FLEXURA_HOME has {free // 2**20} MB left.",
                next_step="Free some space there; `flexura doctor` shows what takes it.",
            )

    readiness = Readiness()
    readiness.add("store", writes)
    readiness.add("schema", schema)
    readiness.add("disk", disk)
    return readiness


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def alive(task: asyncio.Task[None], what: str) -> Callable[[], Awaitable[None]]:
    """A check that a part that never ends by itself has not ended."""

    async def check() -> None:
        if task.done():
            raise InternalError(
                f"{what} has stopped.", next_step="Restart this process; its log says why."
            )

    return check


def vitals_of(
    settings: Settings, instance: str, admission: Admission, records: Records, sources: Sources
) -> Vitals:
    """What the probes are answered with."""
    exposition = Exposition(records.census, sources)
    token = settings.metrics_token
    return Vitals(instance, sources.readiness, admission, exposition.scrape, token)


def secrets_of(settings: Settings) -> Iterator[str]:
    """Every value of the settings that a log must not show."""
    for name in settings.environment:
        if name.upper().endswith(_SECRET_ENDS):
            yield settings.environment[name]
    for url in (settings.database_url, settings.artifact_store):
        yield urlsplit(url).password or ""
    yield settings.metrics_token
    yield from _named_secret(settings.destinations)


def _named_secret(table: Mapping[str, Any]) -> Iterator[str]:
    """Values below names that say that they are secret."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _named_secret(cast("Mapping[str, Any]", value))
        elif isinstance(value, str) and any(word in name.lower() for word in _SECRET_WORDS):
            yield value
