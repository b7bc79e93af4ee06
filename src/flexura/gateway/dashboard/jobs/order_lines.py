"""The same order on the command line and over HTTP, to copy."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, cast

from flexura.domain.generation import fields_of
from flexura.domain.job import Job

_KEY = "$MEDIA_GATEWAY_API_KEY"
_NEVER = frozenset({"confirm", "again", "publish_copy"})
"""What belonged to that one order alone."""


def command_line(job: Job) -> str:
    """`flexura …` that orders the same."""
    return " ".join(_run_words(job) if _is_run(job) else _order_words(job))


def curl_line(job: Job, base: str) -> str:
    """The same as one request; the key comes from the environment."""
    path = f"/api/v1/templates/{job.template}/runs" if _is_run(job) else f"/api/generate/{job.kind}"
    body = json.dumps(_body(job), ensure_ascii=False)
    return (
        f'curl -X POST {shlex.quote(base + path)} -H "Authorization: Bearer {_KEY}"'
        f' -H "Content-Type: application/json" -d {shlex.quote(body)}'
    )


def _is_run(job: Job) -> bool:
    return bool(job.template) and "inputs" in job.request and "template" in job.request


def _body(job: Job) -> dict[str, Any]:
    body = {n: v for n, v in job.request.items() if n not in _NEVER and n != "dry_run"}
    if _is_run(job):
        body.pop("template", None)
        body["inputs"] = _given(body["inputs"])
        body |= {"publish": list(job.publish)} if job.publish else {}
        body |= {"staging": True} if job.staging else {}
    options = {n: v for n, v in _mapping(body.pop("options", {})).items() if n not in _NEVER}
    return {**body, "options": options} if options else body


def _order_words(job: Job) -> Iterator[str]:
    body = _body(job)
    flags = {field.name: field.cli for field in fields_of(job.kind) if field.cli}
    flags |= {"model": "--model"}
    yield from ("flexura", job.kind, shlex.quote(job.prompt))
    for name in ("model", "n", "preset", "max_cost"):
        if name in body:
            yield from (
                flags.get(name, f"--{name.replace('_', '-')}"),
                shlex.quote(str(body[name])),
            )
    for source in body.get("inputs", []):
        yield from ("--input", shlex.quote(str(source)))
    for name, value in _mapping(body.get("options", {})).items():
        if name in flags and not isinstance(value, dict | list):
            yield from (flags[name], shlex.quote(_text(value)))
        else:
            yield from ("--option", shlex.quote(f"{name}={_text(value)}"))


def _run_words(job: Job) -> Iterator[str]:
    body = _body(job)
    yield from ("flexura", "run", job.template)
    for name, value in _mapping(body["inputs"]).items():
        for one in cast("list[Any]", value) if isinstance(value, list) else [value]:
            yield from ("--input", shlex.quote(f"{name}={_text(one)}"))
    for name in ("n", "model", "preset", "max_cost"):
        if body.get(name):
            yield from (f"--{name.replace('_', '-')}", shlex.quote(str(body[name])))
    for name, value in _mapping(body.get("options", {})).items():
        yield from ("--option", shlex.quote(f"{name}={_text(value)}"))
    for name in job.publish:
        yield from ("--publish", shlex.quote(name))
    if job.staging:
        yield "--staging"


def _given(values: Any) -> dict[str, Any]:
    return {n: v for n, v in _mapping(values).items() if v is not None and v != []}


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
