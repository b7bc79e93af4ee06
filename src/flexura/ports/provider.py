"""Somebody who makes media: the port that every adapter in `providers/media/` implements."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from flexura.domain.job import JobWarning
from flexura.domain.model import Kind, Model

Operation = dict[str, Any]
"""The provider's own handle of work in progress: JSON, opaque to everybody else."""


@dataclass(frozen=True)
class InputFile:
    """One input, as a local file that the adapter may read or upload.

    `role` says what it is for: image, video or audio (what to start from), or mask, first_frame, last_frame,
    reference. `slot` is the property of the model's live schema that takes it, with `[]` behind the name of
    one that takes a list; empty where the schema has none and the adapter knows the place.
    """

    path: Path
    mime: str
    sha256: str
    role: str
    slot: str = ""


@dataclass(frozen=True)
class Order:
    """What a provider is asked to make. `job_id` is the idempotency key where the upstream has one.

    `options` are in the words of the model's live schema and valid there; where that schema has properties
    for the prompt, the count or the seed, they hold these too.
    """

    job_id: str
    kind: Kind
    upstream_id: str
    prompt: str
    n: int
    seed: int
    options: Mapping[str, Any]
    inputs: tuple[InputFile, ...] = ()


@dataclass(frozen=True)
class Output:
    """One finished file: a local `path` that the caller takes over, or a `url` to download."""

    mime: str
    path: Path | None = None
    url: str = ""
    role: str = "main"
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Pending:
    """Not yet. `changed`, where the adapter has one, is set earlier than `retry_after` (seconds)."""

    retry_after: float
    progress: float | None = None
    note: str = ""
    changed: asyncio.Event | None = None


@dataclass(frozen=True)
class Done:
    """Finished, with at least one output. `cost` only where the upstream reports it."""

    outputs: tuple[Output, ...]
    warnings: tuple[JobWarning, ...] = ()
    cost: dict[str, Any] | None = None


@dataclass(frozen=True)
class Failed:
    """No usable output."""

    code: str
    message: str
    next_step: str = ""
    retryable: bool = False


class Provider(Protocol):
    """Translates; never sleeps, retries, prices, stores or chooses.

    What it raises tells the worker what it may do: ProviderUnavailable and RateLimited say that nothing was
    bought, so it may be asked again; OutcomeUnknown (and `Unreachable` with `sent=True`, from `submit`) say
    that nobody knows; every other error is final.
    """

    name: str
    concurrency: int
    """Jobs at once over all gateways on one database."""
    deduplicates: bool
    """Whether submitting one job id twice buys once."""

    async def models(self) -> Sequence[Model]:
        """The live list. Raises ProviderUnavailable or ProviderError."""
        ...

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        """One model with its full schema and price, asked of the vendor where the list has less.

        `listed` is what the list said; None where the list did not have it (a list may be a selection).
        None: the vendor has no such model. Raises as `models`.
        """
        ...

    async def submit(self, order: Order) -> Operation:
        """Start the work; the handle is saved before the first poll. Bytes that came at once lie in files."""
        ...

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """How the work is doing; nothing is bought here."""
        ...

    async def cancel(self, operation: Operation, order: Order) -> None:
        """Stop the work if the upstream can; never raises for work that is already over."""
        ...

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        """Write the file behind an output's `url` to `to`, whole or not at all.

        The vendor's key goes along only to the vendor's own configured origin. Raises ProviderUnavailable
        (ask again), ResultExpired, ProviderError.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and child processes."""
        ...
