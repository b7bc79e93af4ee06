"""The steps of one run: a template with the caller's wishes laid over it, as the run keeps them.

Texts are kept as they are written and rendered once, when the step runs: so what a value or an earlier step
holds is never read as an expression.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flexura.domain.generation import CANONICAL_OPTIONS, FIELDS, split_role
from flexura.domain.model import Kind
from flexura.domain.template import MAKING, Step, Template
from flexura.services.templates.expressions import expressions, references

GIVING = MAKING | {"upload", "approve"}
"""Steps that give files."""
APPROVE, PUBLISH = "approve", "publish"
EACH_MODEL = "each-model"
"""The one step of an order for several models: its items are the models, and each stands for itself."""
_MEDIA: Mapping[str, Kind] = {"IMAGE_URL": "image", "VIDEO_URL": "video", "AUDIO_URL": "audio"}
_KINDS_OF = {f.name: f.kinds for f in FIELDS}


@dataclass(frozen=True)
class Laid:
    """What is laid over the making steps: of a preset, or of the caller."""

    model: str = ""
    options: Mapping[str, Any] | None = None
    count: int | None = None


@dataclass(frozen=True)
class Flow:
    """The steps of a run, and which of them give its result."""

    steps: tuple[Step, ...]
    outputs: tuple[str, ...]

    def step(self, step_id: str) -> Step:
        """The step of that id. Raises KeyError."""
        return (
            next(s for s in self.steps if s.id == step_id) if step_id in self.ids else _no(step_id)
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """Every step's id, in order."""
        return tuple(step.id for step in self.steps)

    def sources(self, step: Step) -> tuple[str, ...]:
        """What a step starts from: what it says, or what an approve or publish without words is about."""
        if step.inputs or step.uses not in (APPROVE, PUBLISH):
            return step.inputs
        about = tuple(i for i in step.needs if self.step(i).uses in GIVING)
        if not about and step.uses == PUBLISH:
            about = tuple(i for i in self.outputs if i != step.id)
        if not about:
            before = self.steps[: self.ids.index(step.id)]
            about = tuple(s.id for s in before if s.uses in GIVING)[-1:]
        return tuple(f"{{{{ steps.{i}.outputs }}}}" for i in about)

    def needs(self, step: Step) -> frozenset[str]:
        """The steps that have to end before this one begins."""
        texts = [step.prompt, step.each, step.n, step.options, *self.sources(step)]
        named = references(texts) | set(step.needs)
        return frozenset(named & set(self.ids)) - {step.id}

    def behind(self, step: Step) -> frozenset[str]:
        """The steps that it needs, and those that these need, and so on."""
        found, left = frozenset[str](), [step]
        while left:
            new = self.needs(left.pop()) - found
            found |= new
            left += [self.step(i) for i in new]
        return found

    def needed(self, step: Step) -> bool:
        """Whether anything is lost when this step fails: its files are a result, or others build on it."""
        return step.id in self.outputs or any(step.id in self.needs(s) for s in self.steps)

    def kind(self, step: Step, template: Template) -> Kind | None:
        """The medium that a step gives, as far as it can be known before it runs."""
        if step.uses == "image" or step.uses == "video" or step.uses == "audio":
            return step.uses
        if step.kind is not None:
            return step.kind
        for source in self.sources(step):
            if (found := self._medium(split_role(source)[1], template)) is not None:
                return found
        return None

    def _medium(self, source: str, template: Template) -> Kind | None:
        for expression in expressions(source):
            root, name = expression.root, "".join(expression.path[1:2])
            if root == "inputs":
                types: dict[str, str] = {i.id: i.type for i in template.inputs}
                return _MEDIA.get(types.get(name, ""))
            if root == "steps" and name in self.ids:
                return self.kind(self.step(name), template)
        return None

    def as_json(self) -> list[dict[str, Any]]:
        """The steps as a job keeps them."""
        return [asdict(step) for step in self.steps]


def _no(step_id: str) -> Step:
    raise KeyError(step_id)


def flow_from(steps: Sequence[Mapping[str, Any]], outputs: Sequence[str]) -> Flow:
    """The flow that a job keeps."""
    made: list[Step] = []
    for step in steps:
        kept: dict[str, Any] = {**step, **{n: tuple(step[n]) for n in ("inputs", "needs")}}
        made.append(Step(**kept))
    return Flow(tuple(made), tuple(outputs))


def flow_of(template: Template, *, staging: bool, publishes: bool) -> Flow:
    """The steps of a template, with the approval and the publishing that its order asks for."""
    steps, outputs = list(template.steps), template.outputs
    if not outputs:
        outputs = tuple(s.id for s in steps if s.uses in GIVING)[-1:]
    taken = {step.id for step in steps}
    has_publish = any(s.uses == PUBLISH for s in steps)
    if staging and not any(s.uses == APPROVE for s in steps):
        gate = Step(_free(APPROVE, taken), APPROVE, inputs=_files_of(outputs))
        # It stands before the publishing that the template has itself.
        steps = [_after(s, gate.id, outputs) if s.uses == PUBLISH else s for s in steps]
        place = next((i for i, s in enumerate(steps) if s.uses == PUBLISH), len(steps))
        steps.insert(place, gate)
        outputs = (gate.id,)
    if publishes and not has_publish:
        steps.append(Step(_free(PUBLISH, taken), PUBLISH, inputs=_files_of(outputs)))
    return Flow(tuple(steps), outputs)


def _after(step: Step, gate: str, outputs: tuple[str, ...]) -> Step:
    """A publish step that takes what was approved, where it took the result."""
    takes_result = not step.inputs or references(list(step.inputs)) <= set(outputs)
    inputs = _files_of((gate,)) if takes_result else step.inputs
    return replace(step, inputs=inputs, needs=(*step.needs, gate))


def _files_of(ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{{{{ steps.{i}.outputs }}}}" for i in ids)


def _free(name: str, taken: set[str]) -> str:
    return next(n for n in (name, f"{name}-2", f"{name}-result", f"{name}-last") if n not in taken)


def laid_over(flow: Flow, laid: Laid, template: Template) -> Flow:
    """The flow with a preset's or a caller's wishes laid over its making steps.

    The count, the model and a model's own options go to the steps that begin (those that build on no other
    making step): a model that draws does not film. Options that every model is asked in the same words go to
    every step for whose medium they mean something.
    """
    steps = [
        _laid(flow, step, laid, template) if step.uses in MAKING else step for step in flow.steps
    ]
    return replace(flow, steps=tuple(steps))


def _laid(flow: Flow, step: Step, laid: Laid, template: Template) -> Step:
    begins = not any(flow.step(i).uses in MAKING for i in flow.behind(step))
    kind = flow.kind(step, template)
    options = {
        name: value
        for name, value in (laid.options or {}).items()
        if (kind in _KINDS_OF[name] if name in CANONICAL_OPTIONS and kind else begins)
    }
    step = replace(step, options={**step.options, **options})
    if not begins:
        return step
    return replace(
        step,
        model=laid.model or step.model,
        n=step.n if laid.count is None else laid.count,
    )
