"""Reading the documents that people send: JSON or YAML, whole or, for presets, in short."""

from __future__ import annotations

from typing import Any, cast

import pydantic
from starlette.requests import Request

from flexura.domain.errors import InvalidRequest
from flexura.domain.model import Kind
from flexura.domain.template import View
from flexura.gateway.errors import validated
from flexura.gateway.rest.requests import parse_object, raw_body
from flexura.services.templates.presets import preset_document
from flexura.services.templates.reading import read, read_yaml
from flexura.services.templates.yaml_text import MAX_BYTES

YAML = "application/yaml"
_YAML = frozenset({YAML, "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml"})
_MOST = 2 * MAX_BYTES
"""JSON with escapes is up to so much longer than the same in UTF-8."""


class PresetForm(pydantic.BaseModel):
    """A preset in short: a name, and a model policy and options."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    name: str = pydantic.Field("", max_length=200)
    slug: str = pydantic.Field("", max_length=64)
    kind: Kind = "image"
    model: str = pydantic.Field("", max_length=200)
    options: dict[str, Any] = pydantic.Field(default_factory=dict, max_length=64)
    description: str = pydantic.Field("", max_length=2000)


async def document_in(request: Request) -> dict[str, Any]:
    """The document in a body. Raises InvalidRequest, InvalidJson, UnsupportedMediaType, PayloadTooLarge."""
    body = await raw_body(request, _MOST)
    named = request.headers.get("content-type", "")
    if named.partition(";")[0].strip().lower() in _YAML:
        return await read_yaml(body)
    return parse_object(body, named)


def seen_as(document: dict[str, Any], view: View) -> dict[str, Any]:
    """The document with a view among its views, whatever else it says of them."""
    views = document.get("views", ["template"])
    if not isinstance(views, list) or view in views:
        return document if "views" in document else {**document, "views": views}
    return {**document, "views": [*cast("list[Any]", views), view]}


def preset_in(document: dict[str, Any]) -> dict[str, Any]:
    """The whole document of a preset, from that or from its short form. Raises InvalidRequest."""
    if "steps" in document:
        return {"views": ["preset"], **document}
    form = validated(PresetForm, document)
    whole = preset_document(form.model_dump(exclude_unset=True))
    try:
        read(whole)
    except InvalidRequest as error:
        # The reader wrote no steps, so the message names none.
        message, field = (text.replace("steps[0].", "") for text in (error.message, error.field))
        raise InvalidRequest(message, field=field, next_step=error.next_step) from None
    return whole
