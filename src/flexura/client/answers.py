"""What the gateway answers, typed. Fields that a newer gateway adds are ignored."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from flexura.domain.model import Kind, ModelStats, Price


class Answer(BaseModel):
    """Read, never changed."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Warned(Answer):
    """Something that was asked for and not done."""

    code: str
    message: str


class Cost(Answer):
    """What a job cost or would cost; an amount of 0 is free, no Cost at all is unknown."""

    amount: float
    currency: str = "USD"
    source: str = ""
    unit: str = ""
    quantity: float | None = None


class Asset(Answer):
    """One file of a job, or an upload."""

    artifact_id: str
    url: str
    name: str
    mime: str
    bytes: int
    sha256: str
    role: str = "main"
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


class Accepted(Answer):
    """The answer to an order that has not ended yet."""

    job_id: str
    status: str
    warnings: tuple[Warned, ...] = ()


class Plan(Answer):
    """The answer to a dry run: what an order comes to."""

    model: str
    why: str = ""
    request: dict[str, Any]
    cost: Cost | None = None
    warnings: tuple[Warned, ...] = ()


class JobAnswer(Answer):
    """A job in the gateway's four words: queued, processing, completed, failed."""

    job_id: str
    status: str
    type: Kind
    prompt: str
    created_at: str
    updated_at: str
    model: str = ""
    seed: int = 0
    progress: float = 0.0
    phase: str = ""
    note: str = ""
    eta_seconds: float | None = None
    cost: Cost | None = None
    warnings: tuple[Warned, ...] = ()
    assets: tuple[Asset, ...] = ()
    error: str = ""
    error_code: str = ""
    next_step: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in ("completed", "failed")

    @property
    def files(self) -> tuple[Asset, ...]:
        """What was asked for, without thumbnails and the like."""
        return tuple(asset for asset in self.assets if asset.role == "main")


class JobList(Answer):
    """A page of jobs, newest first."""

    jobs: tuple[JobAnswer, ...]
    total: int
    limit: int
    offset: int


class ModelEntry(Answer):
    """One model of the live catalog, for one kind of media."""

    id: str
    type: Kind
    description: str
    status: str
    name: str = ""
    provider: str = ""
    tasks: tuple[str, ...] = ()
    price: Price | None = None
    stale: bool = False
    stats: ModelStats | None = None


class ProviderAnswer(Answer):
    """How one provider's part of the catalog is doing."""

    name: str
    status: str
    error: str = ""
    models: dict[str, int] = {}
    checked_at: str | None = None


class AdapterAnswer(Answer):
    """One name under which an adapter answers, or an adapter that is not set up."""

    name: str
    adapter: str
    role: str
    configured: bool
    missing: str
    status: str
    error: str
    models: dict[str, int]
    keyless: bool = False
    proven: tuple[str, ...] = ()
    docs: str = ""
    checked_at: str | None = None
    note: str = ""


class AdapterList(Answer):
    """Every adapter of the gateway."""

    providers: tuple[AdapterAnswer, ...]


class AliasAnswer(Answer):
    """What a name of the operator's stands for: its target, and the ids that it means now, per kind."""

    target: str
    models: dict[str, str] = {}
    problem: str = ""


class ModelList(Answer):
    """A page of the live catalog."""

    models: tuple[ModelEntry, ...]
    total: int
    limit: int = 0
    offset: int = 0
    providers: tuple[ProviderAnswer, ...] = ()
    aliases: dict[str, AliasAnswer] = {}
