"""A model of the live catalog."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["image", "video", "audio"]
KINDS: tuple[Kind, ...] = ("image", "video", "audio")


class Price(BaseModel):
    """What one unit costs. Unknown is `None` on the model, never 0."""

    model_config = ConfigDict(frozen=True)

    unit: str = Field(description="image, second, run, megapixel …")
    amount: float
    currency: str = "USD"
    source: str = Field(description="Where the figure comes from.")


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
    status: Literal["active", "deprecated", "limited"] = "active"
    shutdown_date: str | None = None
    fetched_at: str
    stale: bool = False


class ProviderState(BaseModel):
    """How one provider's part of the catalog is doing."""

    model_config = ConfigDict(frozen=True)

    name: str
    status: Literal["ok", "stale", "unavailable"]
    error: str = ""
