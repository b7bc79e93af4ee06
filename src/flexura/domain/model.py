"""A model of the live catalog."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["image", "video", "audio"]
KINDS: tuple[Kind, ...] = ("image", "video", "audio")
Status = Literal["active", "deprecated", "limited"]
STATUSES: tuple[Status, ...] = ("active", "deprecated", "limited")
Order = Literal["cheapest", "fastest", "best"]
ORDERS: tuple[Order, ...] = ("cheapest", "fastest", "best")
"""What counts when the gateway picks a model."""
Sort = Literal["relevance", "price", "speed"]
SORTS: tuple[Sort, ...] = ("relevance", "price", "speed")
"""What a list of models can be ordered by."""


class Price(BaseModel):
    """What one unit costs. Unknown is `None` on the model, never 0."""

    model_config = ConfigDict(frozen=True)

    unit: str = Field(description="image, second, run, megapixel …")
    amount: float
    currency: str = "USD"
    source: str = Field(description="Where the figure comes from.")


class ModelStats(BaseModel):
    """How a model did in this gateway's own runs; failures that are the caller's are not counted."""

    model_config = ConfigDict(frozen=True)

    runs: int = Field(description="Runs that were looked at: the newest of the last 30 days.")
    failure_rate: float = Field(description="Share of the runs that failed, 0 to 1.")
    p50: float | None = Field(None, description="Seconds that half of the good runs took at most.")
    p95: float | None = Field(None, description="Seconds that 95 % of the good runs took at most.")


class Model(BaseModel):
    """One model as its provider describes it at this moment."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="<provider>:<upstream id>")
    provider: str
    upstream_id: str
    name: str
    description: str
    kinds: tuple[Kind, ...]
    tasks: tuple[str, ...] = ()
    input_schema: dict[str, Any] = Field(description="JSON Schema 2020-12 of the options.")
    schema_source: str
    price: Price | None = None
    status: Status = "active"
    shutdown_date: str | None = None
    fetched_at: str
    stale: bool = False
    max_n: int = Field(
        default=1,
        description="So many variants are made of one order, seeds counting up, without an option for it.",
    )
    takes_inputs: bool = Field(
        default=False, description="Takes inputs although none of its options stands for one."
    )
    stats: ModelStats | None = Field(
        default=None, description="From this gateway's own runs; null: none are known."
    )


class ProviderState(BaseModel):
    """How one provider's part of the catalog is doing."""

    model_config = ConfigDict(frozen=True)

    name: str
    status: Literal["ok", "stale", "unavailable"]
    error: str = ""
    models: dict[Kind, int] = Field({}, description="How many models there are of each kind.")
    checked_at: str | None = Field(None, description="When it last answered; null: never yet.")
