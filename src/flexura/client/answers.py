"""What the gateway answers, typed. Fields that a newer gateway adds are ignored."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel, ConfigDict, field_validator

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
    model: str = ""
    """Where the files of a job are by different models: the one that made this."""
    seed: int | None = None


class Accepted(Answer):
    """The answer to an order that has not ended yet."""

    job_id: str
    status: str
    warnings: tuple[Warned, ...] = ()


class ModelPlan(Answer):
    """What one of several models would make."""

    model: str
    cost: Cost | None = None


class Plan(Answer):
    """The answer to a dry run: what an order comes to."""

    model: str
    why: str = ""
    request: dict[str, Any]
    cost: Cost | None = None
    confirm_needed: bool = False
    warnings: tuple[Warned, ...] = ()
    models: tuple[ModelPlan, ...] = ()
    """Of an order for several models: each with its part of the price."""


class RunPlanAnswer(Plan):
    """The answer to a dry run of a template: each step with its model and price."""

    template: str = ""
    steps: tuple[dict[str, Any], ...] = ()
    known_cost: Cost | None = None
    """The part of the price that is known, where a part is not."""
    unknown_costs: int = 0


class StepAnswer(Answer):
    """How far one step of a job is."""

    id: str
    uses: str
    status: str
    progress: float = 0.0
    jobs: tuple[str, ...] = ()


class StepsAnswer(Answer):
    """The steps of a job in order, and the order in which they ended."""

    job_id: str
    steps: tuple[StepAnswer, ...]
    finished: tuple[str, ...] = ()


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
    budget: str = ""
    """What may still be spent, in a few words; empty where nothing limits it."""

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in ("completed", "failed")

    @property
    def waits(self) -> bool:
        """Whether nothing happens until somebody decides, or its publish time has come."""
        return self.phase in ("awaiting_approval", "scheduled")

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
    next_cursor: str | None = None

    @field_validator("jobs", mode="before")
    @classmethod
    def _in_four_words(cls, jobs: Any) -> Any:
        """The list speaks the canonical surface's words; every other answer the agent surface's."""
        return [_as_agents_say(job) for job in cast("list[Any]", jobs)]


def _as_agents_say(job: Any) -> Any:
    if not isinstance(job, dict):
        return job
    told = cast("dict[str, Any]", job)
    error: Any = told.get("error")
    if isinstance(error, dict):
        named = cast("dict[str, Any]", error)
        told |= {
            "error": named.get("message", ""),
            "error_code": named.get("code", ""),
            "next_step": named.get("next_step", ""),
        }
    return told | {"status": "processing" if told.get("status") == "running" else told["status"]}


class TemplateInputAnswer(Answer):
    """One declared input of a template."""

    id: str
    type: str
    required: bool
    description: str = ""
    default: Any = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    many: bool = False
    most: int = 0


class TemplateAnswer(Answer):
    """A template; without steps where it stands in a list."""

    id: str
    slug: str
    version: int
    name: str
    description: str = ""
    views: tuple[str, ...] = ()
    inputs: tuple[TemplateInputAnswer, ...] = ()
    steps: tuple[dict[str, Any], ...] = ()
    outputs: tuple[str, ...] = ()
    shipped: bool = False
    created_at: str | None = None


class TemplateList(Answer):
    """Every template, in its newest version."""

    templates: tuple[TemplateAnswer, ...]
    total: int


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
