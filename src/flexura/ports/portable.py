"""What is carried from one store to another beside the records that are kept as they are."""

from __future__ import annotations

from dataclasses import dataclass

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Account, Budget, CreditEntry
from flexura.domain.job import Job
from flexura.domain.publication import Publication
from flexura.domain.template import Template
from flexura.domain.webhook import Endpoint, SigningSecret
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import Idempotency


@dataclass(frozen=True, slots=True)
class CarriedJob:
    """A job that ended, and who was told of it: (session, when; None = not yet)."""

    job: Job
    calls: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class CarriedKey:
    """An idempotency key that was used."""

    workspace_id: str
    route: str
    key: str
    used: Idempotency
    at: int


Carried = (
    Workspace
    | ApiKey
    | Account
    | Budget
    | Template
    | CarriedJob
    | CarriedKey
    | CreditEntry
    | Publication
    | Endpoint
    | SigningSecret
    | Artifact
)
