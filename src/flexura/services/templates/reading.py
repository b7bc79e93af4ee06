"""A document, as somebody wrote it, becomes a template; and a template becomes a document again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, cast

import pydantic

from flexura.domain.errors import InvalidRequest
from flexura.domain.template import Step, Template, TemplateInput
from flexura.services.templates.checks import GIVES_FILES, check
from flexura.services.templates.document import ID, SLUG, InputForm, StepForm, TemplateForm
from flexura.services.templates.values import nearest
from flexura.services.templates.yaml_text import MAX_BYTES, MAX_DEPTH, load_yaml

_PATTERNS = {
    SLUG: "Lower-case letters, digits and hyphens, at most 64, a letter or digit first.",
    ID: "Letters, digits, _ and -, at most 64, a letter first.",
}
_FORMS: Mapping[str, type[pydantic.BaseModel]] = {"inputs": InputForm, "steps": StepForm}


def read(document: Mapping[str, Any]) -> Template:
    """The template of a document, without id, workspace, version and time.

    Raises InvalidRequest that names the place (`steps[2].prompt`), what is wrong and what is allowed.
    """
    _check_json(document)
    try:
        form = TemplateForm.model_validate(document)
    except pydantic.ValidationError as problem:
        raise _misfit(problem) from None
    steps = tuple(_step(s) for s in form.steps)
    template = Template(
        id="",
        workspace_id="",
        slug=form.slug,
        version=0,
        name=form.name.strip() or form.slug.replace("-", " ").capitalize(),
        created_at=0,
        description=form.description,
        views=tuple(dict.fromkeys(form.views)),
        inputs=tuple(_input(i) for i in form.inputs),
        steps=tuple(_with_sources(step, steps[:i]) for i, step in enumerate(steps)),
        outputs=form.outputs,
    )
    check(template)
    return template


async def read_yaml(text: bytes) -> dict[str, Any]:
    """The document in a YAML text. Raises InvalidRequest telling the line."""
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        raise InvalidRequest("The YAML is not UTF-8.", next_step="Save it as UTF-8.") from None
    value = await asyncio.to_thread(load_yaml, decoded)
    if not isinstance(value, dict):
        raise InvalidRequest(
            "The YAML document is not a mapping.", next_step="Begin with `slug: …` and `steps:`."
        )
    return cast("dict[str, Any]", value)


def document_of(template: Template) -> dict[str, Any]:
    """The document of a template: reading it gives the same template."""
    return {
        "slug": template.slug,
        "name": template.name,
        "description": template.description,
        "views": list(template.views),
        "inputs": [_plain(i) for i in template.inputs],
        "steps": [_plain(s) for s in template.steps],
        "outputs": list(template.outputs),
    }


def _plain(part: TemplateInput | Step) -> dict[str, Any]:
    """The fields that say something: without those that are as when they are left out."""
    usual = TemplateInput("", "TEXT") if isinstance(part, TemplateInput) else Step("", "image")
    said = {
        name: list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
        for name, value in asdict(part).items()
        if name in ("id", "type", "uses", "required") or value != getattr(usual, name)
    }
    return said


def _input(form: InputForm) -> TemplateInput:
    values = form.model_dump()
    values["required"] = form.required and form.default is None
    return TemplateInput(**values)


def _step(form: StepForm) -> Step:
    return Step(**form.model_dump())


def _with_sources(step: Step, earlier: Sequence[Step]) -> Step:
    """What is approved or published is what the step before gave, unless the document says it."""
    if step.uses not in ("approve", "publish") or step.inputs:
        return step
    before = next((s for s in reversed(earlier) if s.uses in GIVES_FILES), None)
    if before is None:
        return step
    return replace(step, inputs=(f"{{{{ steps.{before.id}.outputs }}}}",))


def _check_json(document: Mapping[str, Any]) -> None:
    """Raises InvalidRequest for what is no JSON, too large or too deep."""
    _check_depth(document, "", 0)
    size = len(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))
    if size > MAX_BYTES:
        raise InvalidRequest(
            f"The document is over {MAX_BYTES // 1024} kB.", next_step="Shorten it or split it."
        )


def _check_depth(value: Any, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidRequest(f"{path[:80]} nests deeper than {MAX_DEPTH}.", field=path[:80])
    if isinstance(value, Mapping):
        for name, part in cast("Mapping[Any, Any]", value).items():
            _check_depth(part, f"{path}.{str(name)[:60]}".lstrip("."), depth + 1)
    elif isinstance(value, list | tuple):
        for index, part in enumerate(cast("Sequence[Any]", value)):
            _check_depth(part, f"{path}[{index}]", depth + 1)
    elif isinstance(value, str) and not _encodable(value):
        raise InvalidRequest(f"{path[:80]} is not valid Unicode.", field=path[:80])
    elif not isinstance(value, str | int | float | None):
        raise InvalidRequest(f"{path[:80]} is no JSON value.", field=path[:80])


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _misfit(problem: pydantic.ValidationError) -> InvalidRequest:
    """The first thing that does not fit the form, with its place and what is allowed."""
    first = problem.errors(include_url=False)[0]
    place, known = _place(first["loc"])
    kind, context = first["type"], first.get("ctx", {})
    if kind == "extra_forbidden":
        name = str(first["loc"][-1])
        return InvalidRequest(
            f"{place[:120]} is unknown.",
            field=place[:120],
            next_step=f"{nearest(name, known)}Allowed fields: {', '.join(known)}.",
        )
    if kind == "missing":
        return InvalidRequest(f"{place} is missing.", field=place, next_step=f"Add {place}.")
    pattern = _PATTERNS.get(str(context.get("pattern")))
    if kind == "string_pattern_mismatch":
        what = "is not of the right form" if pattern else "has a NUL character"
        return InvalidRequest(
            f"{place} {what}.", field=place, next_step=pattern or "Remove the character."
        )
    message = str(first["msg"]).removeprefix("Value error, ")
    given = first["input"]
    hint = ""
    if kind == "literal_error" and isinstance(given, str):
        words = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
        hint = nearest(given, words)
    return InvalidRequest(
        f"{place}: {message}.", field=place, next_step=f"{hint}Correct {place or 'it'}."
    )


def _place(loc: tuple[int | str, ...]) -> tuple[str, list[str]]:
    """`steps[2].prompt`, and the names of the fields that could stand there."""
    form: type[pydantic.BaseModel] = TemplateForm
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part in ("int", "float", "str", "function-before[json_number(), int]") or "[" in part:
            continue  # the branch of a union that was tried
        else:
            text += f".{part}"
        if text.removeprefix(".") in _FORMS:
            form = _FORMS[text.removeprefix(".")]
    return text.removeprefix("."), list(form.model_fields)
