"""What the routes of keys and workspaces take."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from flexura.domain.credits import MOST_CREDITS
from flexura.domain.generation import json_number

Scope = Literal["admin", "generate", "read", "search"]
Whole = Annotated[int, pydantic.BeforeValidator(json_number)]
Amount = Annotated[float, pydantic.BeforeValidator(json_number)]
LIFETIME = r"^[1-9][0-9]{0,3}[mhd]$"
MOST_PER_MINUTE = 1_000_000
MOST_DAYS = 3650
B = TypeVar("B", bound=BaseModel)


class KeyBudget(BaseModel):
    """At most so many credits in each period."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    credits: Amount = Field(ge=0, le=MOST_CREDITS)
    period: Literal["day", "month", "total"] = "day"


class CreateKey(BaseModel):
    """The body of POST /api/v1/keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("key", max_length=100)
    scopes: frozenset[Scope] | None = Field(None, min_length=1)
    expires: str | None = Field(None, pattern=LIFETIME)
    requests_per_minute: Whole | None = Field(None, ge=1, le=MOST_PER_MINUTE)
    budget: KeyBudget | None = None


class CreateWorkspace(BaseModel):
    """The body of POST /api/v1/workspaces."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=40)
    plan: str = Field("operate", min_length=1, max_length=40)
    approved: pydantic.StrictBool = True
    metered: pydantic.StrictBool = False
    credits: Amount = Field(0, ge=0, le=MOST_CREDITS)
    retention_days: Whole | None = Field(None, ge=1, le=MOST_DAYS)
    key_name: str = Field("first key", max_length=100)


class SignUp(BaseModel):
    """The body of POST /api/v1/signup, and the fields of the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", max_length=100)
    workspace: str = Field(min_length=1, max_length=40)
    invite: str = Field("", max_length=100)
