"""Bodies of the AuraFlux surface, and what they mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import pydantic
from pydantic import Field, StrictBool, StringConstraints

from flexura.domain.generation import MAX_PROMPT, json_number
from flexura.services.production import Entry, Production
from flexura.services.runs.orders import milliseconds_of

NO_NUL = r"^[^\x00]*$"
RATIO = r"^[1-9][0-9]{0,3}:[1-9][0-9]{0,3}$"
MAX_SECONDS = 600
MAX_DESTINATIONS = 20
_MOMENT: dict[str, Any] = {"format": "date-time", "examples": ["2031-05-01T09:00:00Z"]}
Text = Annotated[str, StringConstraints(strict=True, pattern=NO_NUL)]
Number = Annotated[float, pydantic.BeforeValidator(json_number)]


class _Body(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Words(_Body):
    """The words that are published with a video; those that are left out are made from the prompt."""

    title: Text | None = Field(None, max_length=300, examples=["The quiet reef"])
    caption: Text | None = Field(None, max_length=5_000)
    hashtags: tuple[Annotated[Text, Field(max_length=100)], ...] | None = Field(None, max_length=30)


class Configuration(_Body):
    """What a job and a template have in common."""

    prompt: Text | None = Field(
        None,
        min_length=1,
        max_length=MAX_PROMPT,
        description="What the video shows.",
        examples=["A slow dive along a coral reef, morning light"],
    )
    entry: Entry | None = Field(
        None, description="`upload` = the video is uploaded already, and named by fileId."
    )
    fileId: Text | None = Field(None, max_length=100, description="From POST /v1/upload.")
    aspectRatio: Annotated[Text, Field(pattern=RATIO)] | None = Field(None, examples=["16:9"])
    duration: Number | None = Field(None, gt=0, le=MAX_SECONDS, description="Seconds.")
    model: Text | None = Field(None, max_length=300, description="Left out = the gateway picks.")
    options: dict[str, Any] = Field(
        default_factory=dict, max_length=64, description="Further options of the model."
    )
    staging: StrictBool | None = Field(None, description="Stop before publishing, for a review.")
    publish: tuple[Annotated[Text, Field(max_length=100)], ...] | None = Field(
        None,
        max_length=MAX_DESTINATIONS,
        description="Names of destinations (GET /api/v1/destinations).",
    )
    publishCopy: Words | None = None
    callbackUrl: Text | None = Field(None, max_length=2_000)

    def production(self) -> Production:
        """What it says of a production."""
        named = {"size": self.aspectRatio, "seconds": self.duration}
        told = {name: value for name, value in named.items() if value is not None}
        words = self.publishCopy
        return Production(
            prompt=self.prompt,
            entry=self.entry,
            file_id=self.fileId,
            model=self.model,
            options={**told, **self.options},
            staging=self.staging,
            publish=self.publish,
            publish_copy=None if words is None else words.model_dump(mode="json"),
            callback_url=self.callbackUrl,
        )


class SubmitJob(Configuration):
    """The body of POST /v1/jobs."""

    fromTemplateId: Text | None = Field(
        None, max_length=200, description="A saved template; what the body says wins over it."
    )
    publishAt: Text | None = Field(
        None,
        max_length=40,
        description="Not before this moment, in ISO 8601 with a time zone.",
        json_schema_extra=_MOMENT,
    )
    maxCost: Number | None = Field(None, ge=0, description="USD; a dearer job is refused.")

    def asked(self) -> Production:
        """What it says of a production. Raises InvalidRequest for a time that is none."""
        moment = milliseconds_of(self.publishAt, "publishAt")
        return replace(self.production(), publish_at=moment, max_cost=self.maxCost)


class SaveTemplate(Configuration):
    """The body of POST /v1/templates: a name, and a job configuration."""

    name: Text = Field(min_length=1, max_length=200, examples=["Reef series"])


class Schedule(_Body):
    """The body of PUT /v1/jobs/{id}/schedule."""

    publishAt: Text | None = Field(
        max_length=40,
        description="When it is published, in ISO 8601 with a time zone; null = no time is set.",
        json_schema_extra=_MOMENT,
    )
