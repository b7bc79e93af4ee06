"""The form of a template as people write it, in JSON or YAML: which fields there are and of what type.

What the fields mean together is checked in `checks.py`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints

from flexura.domain.generation import MAX_OUTPUTS, MAX_PROMPT, json_number
from flexura.domain.model import Kind
from flexura.domain.template import MAX_ITEMS, MAX_STEPS, InputType, Use, View

SLUG = r"^[a-z0-9][a-z0-9-]{0,63}$"
ID = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
MAX_INPUTS = 32
MAX_CHOICES = 100
_NO_NUL = r"^[^\x00]*$"

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Id = Annotated[str, StringConstraints(pattern=ID)]
Prompt = Annotated[str, StringConstraints(max_length=MAX_PROMPT, pattern=_NO_NUL)]
Line = Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL)]
Expression = Annotated[str, StringConstraints(max_length=500, pattern=_NO_NUL)]
Whole = Annotated[int, BeforeValidator(json_number)]
Number = Annotated[float, BeforeValidator(json_number)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class InputForm(_Form):
    """One declared input."""

    id: Id = Field(description="Its name in expressions: {{ inputs.ID }}.", examples=["subject"])
    type: InputType
    required: StrictBool = Field(True, description="Without effect where there is a default.")
    default: Any = Field(None, description="Taken when no value is given.")
    description: str = Field("", max_length=500, pattern=_NO_NUL)
    choices: tuple[Line, ...] = Field((), max_length=MAX_CHOICES, description="Of a CHOICE.")
    minimum: Number | None = Field(None, description="Of a NUMBER.")
    maximum: Number | None = Field(None, description="Of a NUMBER.")
    many: StrictBool = Field(False, description="A list, for a step that runs once for each item.")
    most: Whole = Field(
        0, ge=0, le=MAX_ITEMS, description=f"Most items of a `many` input; 0 = {MAX_ITEMS}."
    )


class StepForm(_Form):
    """One step."""

    id: Id = Field(
        description="Its name in expressions: {{ steps.ID.outputs }}.", examples=["draw"]
    )
    uses: Use
    prompt: Prompt = Field("", description="May hold expressions.")
    kind: Kind | None = Field(None, description="What a transform makes; null = as its input.")
    inputs: tuple[Expression, ...] = Field(
        (), max_length=16, description="What it starts from: expressions, or role=expression."
    )
    options: dict[str, Any] = Field(default_factory=dict, max_length=64)
    n: Whole | Expression = Field(1, description=f"1 to {MAX_OUTPUTS}, or an expression.")
    model: Line = Field("", description="policy:cheapest, an alias, or empty; never a model id.")
    each: Expression = Field("", description="An expression that gives a list.")
    needs: tuple[Id, ...] = Field((), max_length=MAX_STEPS)


class TemplateForm(_Form):
    """A template: typed inputs and steps."""

    slug: Slug = Field(description="Its name in URLs; a saved slug gets a new version.")
    name: Line = ""
    description: str = Field("", max_length=2_000, pattern=_NO_NUL)
    views: tuple[View, ...] = Field(("template",), min_length=1, max_length=4)
    inputs: tuple[InputForm, ...] = Field((), max_length=MAX_INPUTS)
    steps: tuple[StepForm, ...] = Field(min_length=1, max_length=MAX_STEPS)
    outputs: tuple[Id, ...] = Field((), max_length=MAX_STEPS)
