"""What people send about runs."""

from __future__ import annotations

from typing import Any, cast

import pydantic

from flexura.domain.generation import MAX_OUTPUTS, json_number
from flexura.services.runs.orders import milliseconds_of
from flexura.services.runs.start import Wishes

_STRICT = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
_MOST_PICKED = 400
_MOMENT: dict[str, Any] = {"examples": ["2031-05-01T09:00:00Z"]}
EXAMPLE = {"inputs": {"subject": "a red fox in the snow"}, "n": 4, "publish": ["press"]}


class StartRun(pydantic.BaseModel):
    """The body of POST /api/v1/templates/{template}/runs."""

    model_config = _STRICT

    inputs: dict[str, Any] = pydantic.Field(
        default_factory=dict, description="A value for each of the template's inputs, by its id."
    )
    options: dict[str, Any] = pydantic.Field(
        default_factory=dict, description="Options, laid over the steps that order something."
    )
    n: int | None = pydantic.Field(
        None, ge=1, le=MAX_OUTPUTS, description="How many variants the first steps make."
    )
    model: str = pydantic.Field(
        "",
        max_length=300,
        description="The model of the first steps; empty = the template's policy.",
    )
    preset: str = pydantic.Field("", max_length=100)
    publish: tuple[pydantic.StrictStr, ...] = pydantic.Field(
        (), max_length=20, description="Names of the operator's destinations for the result."
    )
    staging: pydantic.StrictBool = pydantic.Field(
        False, description="Wait for an approval before publishing."
    )
    publish_at: str | None = pydantic.Field(
        None,
        max_length=40,
        description="Not published before: ISO 8601 with a time zone.",
        json_schema_extra=_MOMENT,
    )
    callback_url: str = pydantic.Field("", max_length=2000)
    max_cost: float | None = pydantic.Field(None, ge=0)
    dry_run: pydantic.StrictBool = pydantic.Field(
        False, description="Only tell steps, models and prices."
    )
    wait: float | None = pydantic.Field(
        None, ge=0, description="Hold the answer until the run ends or waits, at most 60 s."
    )

    @pydantic.field_validator("n", "max_cost", "wait", mode="before")
    @classmethod
    def _is_number(cls, value: Any) -> Any:
        return json_number(value)

    def wishes(self) -> Wishes:
        """What is wished beside the inputs. Raises InvalidRequest for a time that is none."""
        return Wishes(
            options=self.options,
            count=self.n,
            model=self.model,
            preset=self.preset,
            staging=self.staging,
            publish=self.publish,
            publish_at=milliseconds_of(self.publish_at, "publish_at"),
            callback_url=self.callback_url,
            max_cost=self.max_cost,
            dry_run=self.dry_run,
        )


class Approve(pydantic.BaseModel):
    """The body of POST /api/v1/jobs/{job_id}/approve."""

    model_config = _STRICT

    pick: tuple[int, ...] = pydantic.Field(
        (),
        max_length=_MOST_PICKED,
        description="Numbers of candidates, from 1; none = all of them.",
    )

    @pydantic.field_validator("pick", mode="before")
    @classmethod
    def _are_numbers(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [json_number(each) for each in cast("list[Any]", value)]


class SetSchedule(pydantic.BaseModel):
    """The body of PUT /api/v1/jobs/{job_id}/schedule."""

    model_config = _STRICT

    publish_at: str | None = pydantic.Field(
        max_length=40,
        description="ISO 8601 with a time zone; null takes the schedule back.",
        json_schema_extra=_MOMENT,
    )
