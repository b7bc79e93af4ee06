"""What the parts of a template have to be together: names that exist, an order without circles, a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, cast

from flexura.domain.errors import InputValidationError, InvalidRequest
from flexura.domain.generation import MAX_OUTPUTS, ROLE_MEDIA, split_role
from flexura.domain.search import SearchRequest
from flexura.domain.template import MAKING, MAX_ITEMS, Step, Template, TemplateInput
from flexura.services.catalog import POLICY
from flexura.services.pick import Policy
from flexura.services.selection import policy_of
from flexura.services.templates.expressions import HOW, Expression, expressions, references, whole
from flexura.services.templates.values import check_value, nearest

GIVES_FILES: frozenset[str] = MAKING | {"upload", "approve"}
_FIELDS: Mapping[str, frozenset[str]] = {
    "search": frozenset({"prompt", "options"}),
    "image": frozenset({"prompt", "inputs", "options", "n", "model", "each"}),
    "video": frozenset({"prompt", "inputs", "options", "n", "model", "each"}),
    "audio": frozenset({"prompt", "inputs", "options", "n", "model", "each"}),
    "transform": frozenset({"prompt", "inputs", "options", "n", "model", "each", "kind"}),
    "upload": frozenset({"inputs"}),
    "approve": frozenset({"inputs", "prompt"}),
    "publish": frozenset({"inputs", "prompt", "options"}),
}
"""What each kind of step can say, beside `id`, `uses` and `needs`."""
_EMPTY: Mapping[str, Any] = {
    "prompt": "", "inputs": (), "options": {}, "n": 1, "model": "", "each": "", "kind": None,
}  # fmt: skip


def check(template: Template) -> None:
    """Raises InvalidRequest that names the place (`steps[2].prompt`), what is wrong and what is allowed."""
    _check_unique("inputs", [i.id for i in template.inputs])
    _check_unique("steps", [s.id for s in template.steps])
    for index, declared in enumerate(template.inputs):
        _check_input(declared, f"inputs[{index}]")
    if "preset" in template.views:
        _check_preset(template)
    for index, step in enumerate(template.steps):
        _check_step(template, step, f"steps[{index}]")
    _check_order(template)
    _check_result(template)


def needed(step: Step) -> frozenset[str]:
    """The steps that have to end before this one begins."""
    named = references((step.prompt, step.inputs, step.options, step.n, step.each))
    return frozenset(named | {*step.needs})


def refuse(path: str, what: str, step: str) -> NoReturn:
    """Raises InvalidRequest for one place of the document."""
    raise InvalidRequest(f"{path} {what}.", field=path, next_step=step)


def _check_unique(place: str, ids: list[str]) -> None:
    for index, name in enumerate(ids):
        if name in ids[:index]:
            refuse(f"{place}[{index}].id", f"is {name!r} a second time", "Give it another id.")


def _check_input(declared: TemplateInput, path: str) -> None:
    if (declared.type == "CHOICE") != bool(declared.choices):
        what = "is missing" if declared.type == "CHOICE" else "belong to the type CHOICE alone"
        refuse(f"{path}.choices", what, "List the choices of a CHOICE, and of nothing else.")
    low, high = declared.minimum, declared.maximum
    if declared.type != "NUMBER" and (low is not None or high is not None):
        name = "minimum" if low is not None else "maximum"
        refuse(f"{path}.{name}", "belongs to the type NUMBER alone", "Leave it out.")
    if low is not None and high is not None and low > high:
        refuse(f"{path}.minimum", "is above the maximum", "Exchange them.")
    if declared.most and not declared.many:
        refuse(f"{path}.most", "belongs to `many` inputs alone", "Add many: true, or leave it out.")
    if declared.default is not None:
        _check_default(declared, f"{path}.default")


def _check_default(declared: TemplateInput, path: str) -> None:
    given: Any = declared.default if declared.many else [declared.default]
    values = cast("list[Any]", given) if isinstance(given, list) else []
    if not values:
        refuse(path, "is not a list, which a `many` input takes", "Write it as a list.")
    if declared.many and len(values) > (declared.most or MAX_ITEMS):
        refuse(path, f"has {len(values)} items", f"At most {declared.most or MAX_ITEMS}.")
    for value in values:
        try:
            check_value(declared, value, path)
        except InputValidationError as error:
            raise InvalidRequest(error.message, field=path, next_step=error.next_step) from None


def _check_preset(template: Template) -> None:
    step = template.steps[0]
    if template.views != ("preset",) or template.inputs or len(template.steps) > 1:
        refuse(
            "views", "has preset, and the document is more than one",
            "A preset is one step with model and options, without inputs and without other views.",
        )  # fmt: skip
    if step.uses not in MAKING or step.prompt or step.inputs or step.each or step.n != 1:
        refuse(
            "steps[0]", "is not the step of a preset",
            "It uses image, video, audio or transform, and has only model and options.",
        )  # fmt: skip


def _check_step(template: Template, step: Step, path: str) -> None:
    allowed = _FIELDS[step.uses]
    for name, empty in _EMPTY.items():
        if name not in allowed and getattr(step, name) != empty:
            known = ", ".join(sorted(allowed | {"id", "uses", "needs"}))
            refuse(f"{path}.{name}", f"has no meaning for {step.uses}", f"Allowed: {known}.")
    preset = "preset" in template.views
    if step.uses in MAKING | {"search"} and not preset and not step.prompt.strip():
        refuse(f"{path}.prompt", "is missing", "Say in words what the step makes or looks for.")
    if step.uses in ("transform", "upload") and not preset and not step.inputs:
        refuse(f"{path}.inputs", "is missing", "Name what it starts from: {{ inputs.NAME }}.")
    if step.uses == "search":
        _check_search(step, f"{path}.options")
    _check_model(step.model, f"{path}.model")
    _check_count(template, step, f"{path}.n")
    _check_each(template, step, f"{path}.each")
    texts = {"prompt": step.prompt, "options": step.options, "n": step.n, "each": step.each}
    texts |= {f"inputs[{i}]": text for i, text in enumerate(step.inputs)}
    for name, value in texts.items():
        _check_expressions(template, step, value, f"{path}.{name}")
    for index, text in enumerate(step.inputs):
        _check_source(text, f"{path}.inputs[{index}]")
    for index, name in enumerate(step.needs):
        _check_step_name(template, name, f"{path}.needs[{index}]")


def _check_search(step: Step, path: str) -> None:
    known = [name for name in SearchRequest.model_fields if name != "query"]
    for name in step.options:
        if name not in known:
            hint = nearest(name, known)
            refuse(f"{path}.{name[:60]}", "is unknown", f"{hint}Allowed: {', '.join(known)}.")


def _check_model(model: str, path: str) -> None:
    if model.startswith(POLICY):
        try:
            policy_of(model, model, Policy())
        except InvalidRequest:
            refuse(
                path, f"is {model[:60]!r}, which cannot be read",
                "Write policy:cheapest, policy:fastest or policy:best, with ,provider=NAME or ,task=TASK"
                " behind it.",
            )  # fmt: skip
    elif ":" in model or "/" in model or "{{" in model:
        refuse(
            path, f"is {model[:60]!r}, and a template names no model id: ids change",
            "Leave it empty, write policy:cheapest, policy:fastest or policy:best, or use an alias that the"
            " operator configures; whoever runs the template may name a model.",
        )  # fmt: skip


def _check_count(template: Template, step: Step, path: str) -> None:
    if isinstance(step.n, int):
        if not 1 <= step.n <= MAX_OUTPUTS:
            refuse(path, f"is {step.n}", f"Allowed: 1 to {MAX_OUTPUTS}, or an expression.")
        return
    named = _whole(step.n, path)
    declared = {i.id: i for i in template.inputs}.get(".".join(named.path[1:]))
    if named.root != "inputs" or (declared and (declared.type != "NUMBER" or declared.many)):
        refuse(path, f"names {named}", "Name a NUMBER input: {{ inputs.NAME }}.")


def _check_each(template: Template, step: Step, path: str) -> None:
    if not step.each:
        return
    named = _whole(step.each, path)
    many = [i.id for i in template.inputs if i.many]
    over_input = named.root == "inputs" and len(named.path) == 2 and named.path[1] in many
    over_files = named.root == "steps" and named.path[2:] == ("outputs",)
    if not over_input and not over_files:
        known = f" Inputs with many: true: {', '.join(many)}." if many else ""
        refuse(
            path, f"names {named}, which is no list",
            f"Name an input with many: true, or {{{{ steps.ID.outputs }}}}.{known}",
        )  # fmt: skip


def _whole(text: str, path: str) -> Expression:
    try:
        found = whole(text)
    except InvalidRequest as error:
        raise _at(error, path) from None
    if found is None:
        refuse(path, f"is {text[:60]!r}, which is no expression", HOW)
    return found


def _check_source(text: str, path: str) -> None:
    """An input of a step is an expression, so that a template names no file of whoever wrote it by chance."""
    role, source = split_role(text)
    if not role and "=" in text.partition("{{")[0]:
        known = ", ".join(ROLE_MEDIA)
        refuse(path, f"gives the unknown role {text.partition('=')[0][:30]!r}", f"Known: {known}.")
    _whole(source, path)


def _check_expressions(template: Template, step: Step, value: Any, path: str) -> None:
    try:
        found = list(expressions(value))
    except InvalidRequest as error:
        raise _at(error, path) from None
    for expression in found:
        match expression.path:
            case ("inputs", name, *_):
                ids = [i.id for i in template.inputs]
                if name not in ids:
                    known = f"Declared inputs: {', '.join(ids) or 'none'}."
                    refuse(path, f"names the input {name!r}, which is not declared",
                           f"{nearest(name, ids)}{known}")  # fmt: skip
            case ("steps", name, *rest):
                _check_step_name(template, name, path)
                _check_output(template.step(name), rest, expression, path)
            case ("item", *_) if step.each:
                pass
            case ("item", *_):
                refuse(path, "names {{ item }} in a step without each", "Add each to the step.")
            case _:
                refuse(path, f"names {expression}, which is nothing", HOW)


def _check_output(named: Step, rest: list[str], expression: Expression, path: str) -> None:
    if named.uses == "search":
        fits, allowed = rest == ["text"], [f"steps.{named.id}.text"]
    elif named.uses in GIVES_FILES:
        fits = rest[:1] == ["outputs"] and len(rest) <= 2 and all(r.isdecimal() for r in rest[1:])
        allowed = [f"steps.{named.id}.outputs", f"steps.{named.id}.outputs.0"]
    else:
        fits, allowed = False, ["a step that makes something"]
    if not fits:
        what = f"names {expression}, which {named.uses} steps do not have"
        refuse(path, what, f"Allowed: {' or '.join(allowed)}.")


def _check_step_name(template: Template, name: str, path: str) -> None:
    ids = [s.id for s in template.steps]
    if name not in ids:
        hint = nearest(name, ids)
        refuse(path, f"names the step {name!r}, which is not there",
               f"{hint}Steps: {', '.join(ids)}.")  # fmt: skip


def _check_order(template: Template) -> None:
    """Every step can begin some day."""
    waits = {step.id: needed(step) for step in template.steps}
    done: set[str] = set()
    while len(done) < len(waits):
        ready = {name for name, needs in waits.items() if needs <= done} - done
        if not ready:
            left = {name: sorted(needs - done) for name, needs in waits.items() if name not in done}
            _refuse_circle(template, left)
        done |= ready


def _refuse_circle(template: Template, waits: Mapping[str, list[str]]) -> NoReturn:
    seen = [next(iter(waits))]
    while waits[seen[-1]][0] not in seen:
        seen.append(waits[seen[-1]][0])
    first = waits[seen[-1]][0]
    circle = [*seen[seen.index(first) :], first]
    index = [s.id for s in template.steps].index(first)
    what = f"waits for itself: {' -> '.join(circle)}"
    refuse(f"steps[{index}]", what, "Remove one of these references.")


def _check_result(template: Template) -> None:
    files = [s.id for s in template.steps if s.uses in GIVES_FILES]
    if not any(s.uses in MAKING | {"upload"} for s in template.steps):
        refuse("steps", "has none that gives a file",
               "Add a step that uses image, video, audio, transform or upload.")  # fmt: skip
    for index, name in enumerate(template.outputs):
        if name not in files:
            refuse(f"outputs[{index}]", f"is {name!r}, which gives no file",
                   f"{nearest(name, files)}Steps that do: {', '.join(files)}.")  # fmt: skip
    publishing = [i for i, s in enumerate(template.steps) if s.uses == "publish"]
    if len(publishing) > 1:
        refuse(f"steps[{publishing[1]}]", "publishes a second time", "Keep one publish step.")
    for index, step in enumerate(template.steps):
        if publishing and template.steps[publishing[0]].id in needed(step):
            refuse(f"steps[{index}]", "comes after publishing", "Let the publish step be the last.")


def _at(error: InvalidRequest, path: str) -> InvalidRequest:
    return InvalidRequest(f"{path}: {error.message}", field=path, next_step=error.next_step)
