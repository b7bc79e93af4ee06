"""A video production as it is ordered in one go: what to make, whether to review it, where it goes.

It is one more way to write a run: a production becomes a template with one step and the wishes for it, and a
production that is saved for later is a template like any other.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, cast

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest, NotFound
from flexura.domain.template import MAKING, InputType, Step, Template, TemplateInput
from flexura.services.runs.start import Wishes
from flexura.services.templates.store import Templates

Entry = Literal["prompt", "upload"]
ENTRIES: tuple[Entry, ...] = ("prompt", "upload")
_PROMPT = TemplateInput("prompt", "TEXT")
_FILE = TemplateInput("file", "VIDEO_URL")
_VIDEO = Step("video", "video", prompt="{{ inputs.prompt }}")
_TAKE = Step("video", "upload", inputs=("{{ inputs.file }}",))
_MADE = Template("", "", "video", 1, "Video", 0, inputs=(_PROMPT,), steps=(_VIDEO,))
_TAKEN = Template(
    "", "", "uploaded-video", 1, "Uploaded video", 0,
    inputs=(replace(_PROMPT, required=False), _FILE), steps=(_TAKE,),
)  # fmt: skip
_TYPES: Mapping[str, InputType] = {
    "image": "IMAGE_URL",
    "video": "VIDEO_URL",
    "audio": "AUDIO_URL",
}
_GATES = frozenset({"approve", "publish"})
_NO_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Production:
    """What somebody said of a production; None = not said, so that a template's word or a default counts."""

    prompt: str | None = None
    entry: Entry | None = None
    file_id: str | None = None
    model: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    staging: bool | None = None
    publish: tuple[str, ...] | None = None
    publish_copy: Mapping[str, Any] | None = None
    publish_at: int | None = None
    """Milliseconds since 1970."""
    callback_url: str | None = None
    max_cost: float | None = None

    def over(self, other: Production) -> Production:
        """This one, and the other's word where this one says nothing."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "options"}
        mine = {name: value for name, value in said.items() if value is not None}
        return replace(other, **mine, options={**other.options, **self.options})


@dataclass(frozen=True)
class Ordered:
    """A production as a run: what `Runs.plan` is given."""

    template: Template
    values: Mapping[str, Any]
    wishes: Wishes


@dataclass(frozen=True)
class Productions:
    """Orders productions, and saves them as templates."""

    templates: Templates

    async def order(self, workspace_id: str, asked: Production, template_id: str = "") -> Ordered:
        """The run of a production, from a saved one if named; what is asked wins over what is saved.

        Raises InvalidRequest naming what is missing or what the template cannot take.
        """
        if not template_id:
            template = _TAKEN if _entry(asked) == "upload" else _MADE
            return _ordered(template, asked, asked)
        template = await self._named(workspace_id, template_id)
        saved = saved_in(template)
        if saved is None:
            return _ordered(template, asked, asked)
        # Reviewing and publishing are wishes here, so that the body's word on them counts.
        making = tuple(step for step in template.steps if step.uses not in _GATES)
        bare = replace(template, steps=making, outputs=())
        # Its model and options are in its step already.
        return _ordered(
            bare, replace(asked.over(saved), model=asked.model, options=asked.options), asked
        )

    async def document(self, workspace_id: str, name: str, saved: Production) -> dict[str, Any]:
        """The template document of a production, under a slug that is free."""
        return document_of(await self._free(workspace_id, name), name, saved)

    async def _named(self, workspace_id: str, template_id: str) -> Template:
        try:
            return await self.templates.get(workspace_id, template_id)
        except NotFound as problem:
            # What a body names is a mistake in the body; 404 is for what a path names.
            raise InvalidRequest(
                problem.message, field="fromTemplateId", next_step="GET /v1/templates lists them."
            ) from None

    async def _free(self, workspace_id: str, name: str) -> str:
        """Each saved production is a template of its own, also of two with one name."""
        slug = _NO_SLUG.sub("-", name.lower())[:48].strip("-") or "template"
        try:
            await self.templates.get(workspace_id, slug)
        except NotFound:
            return slug
        return f"{slug}-{secrets.token_hex(4)}"


def document_of(slug: str, name: str, saved: Production) -> dict[str, Any]:
    """A production as a template document."""
    base = _TAKEN if _entry(saved) == "upload" else _MADE
    defaults = {"prompt": saved.prompt, "file": saved.file_id}
    inputs = [
        {"id": i.id, "type": i.type, "required": i.required, "default": defaults[i.id]}
        for i in base.inputs
    ]
    (making,) = base.steps
    step: dict[str, Any] = {"id": making.id, "uses": making.uses}
    if making.uses == "upload":
        step["inputs"] = list(making.inputs)
    else:
        step |= {"prompt": making.prompt, "options": dict(saved.options)}
        step |= {"model": saved.model} if saved.model else {}
    steps = [step]
    if saved.staging:
        steps.append({"id": "review", "uses": "approve"})
    told = {
        "destinations": list(saved.publish) if saved.publish is not None else None,
        "publish_copy": None if saved.publish_copy is None else dict(saved.publish_copy),
        "callback_url": saved.callback_url,
    }
    said = {key: value for key, value in told.items() if value is not None}
    if said:
        steps.append({"id": "publish", "uses": "publish", "options": said})
    return {"slug": slug, "name": name, "inputs": inputs, "steps": steps}


def saved_in(template: Template) -> Production | None:
    """The production that a template is; None if it is more than one step that makes or takes a file."""
    making = [step for step in template.steps if step.uses not in _GATES]
    if len(making) != 1 or making[0].uses not in MAKING | {"upload"} or making[0].each:
        return None
    gates = {step.uses: step for step in template.steps if step.uses in _GATES}
    told = gates["publish"].options if "publish" in gates else {}
    given = {i.id: i.default for i in template.inputs}
    publish: Any = told.get("destinations")
    words: Any = told.get("publish_copy")
    return Production(
        prompt=_text(given.get("prompt")),
        entry="upload" if making[0].uses == "upload" else "prompt",
        file_id=_text(given.get("file")),
        model=making[0].model or None,
        options=making[0].options,
        staging="approve" in gates,
        publish=tuple(map(str, cast("list[Any]", publish))) if isinstance(publish, list) else None,
        publish_copy=cast("dict[str, Any]", words) if isinstance(words, dict) else None,
        callback_url=_text(told.get("callback_url")),
    )


def plain_template(pinned: str) -> Template | None:
    """The template that stands behind a production which was not saved, by `slug@version`."""
    return next((t for t in (_MADE, _TAKEN) if t.pinned == pinned), None)


def published(
    files: Sequence[Artifact], prompt: str, publish: tuple[str, ...], publish_at: int | None
) -> Ordered:
    """Files that are there, published as they are; nothing is made. Raises InvalidRequest."""
    inputs = [replace(_PROMPT, required=False)]
    for number, file in enumerate(files, 1):
        kind = _TYPES.get(file.mime.partition("/")[0])
        if kind is None:
            raise InvalidRequest(
                f"{file.mime} cannot be published.",
                field="file",
                next_step="Choose pictures, videos and sounds.",
            )
        inputs.append(TemplateInput(f"file_{number}", kind))
    takes = tuple(f"{{{{ inputs.{i.id} }}}}" for i in inputs[1:])
    step = Step("take", "upload", inputs=takes)
    template = Template(
        "", "", "published-files", 1, "Published files", 0, inputs=tuple(inputs), steps=(step,)
    )
    values = {i.id: file.id for i, file in zip(inputs[1:], files, strict=True)}
    return Ordered(
        template, {"prompt": prompt, **values}, Wishes(publish=publish, publish_at=publish_at)
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _entry(asked: Production) -> Entry:
    return asked.entry or ("upload" if asked.file_id else "prompt")


def _ordered(template: Template, whole: Production, asked: Production) -> Ordered:
    """`whole` is what counts, `asked` what the order itself says."""
    publish = tuple(dict.fromkeys(whole.publish or ()))
    if whole.publish_at is not None and not publish:
        raise InvalidRequest(
            "A publish time is given, but no destination.",
            field="publishAt",
            next_step="Name the destinations in publish, or leave publishAt out.",
        )
    wishes = Wishes(
        options=whole.options,
        model=whole.model or "",
        staging=bool(whole.staging),
        publish=publish,
        publish_at=whole.publish_at,
        callback_url=whole.callback_url or "",
        max_cost=whole.max_cost,
        publish_copy=whole.publish_copy,
    )
    return Ordered(template, _values(template, asked), wishes)


def _values(template: Template, asked: Production) -> dict[str, Any]:
    """The order's own prompt and file, for the inputs of the template that are meant for them."""
    values: dict[str, Any] = {}
    for name, given, wanted in (
        ("prompt", asked.prompt, "TEXT"),
        ("fileId", asked.file_id, "_URL"),
    ):
        place = next((i for i in template.inputs if i.type.endswith(wanted) and not i.many), None)
        if given is not None:
            if place is None:
                raise InvalidRequest(
                    f"The template {template.slug} takes no {name}.",
                    field=name,
                    next_step=f"Leave {name} out, or use another template.",
                )
            values[place.id] = given
        elif place is not None and place.required and place.default is None:
            raise InvalidRequest(
                f"The field {name} is missing.", field=name, next_step=f"Send {name} in the body."
            )
    return values
