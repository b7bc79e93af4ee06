"""Another flexura gateway as an upstream: its models, its keys for vendors, its bill.

Every order carries our job's id as its Idempotency-Key, so the other gateway takes it once however often it
is sent. Models that it has from a gateway of its own are not offered: a chain ends after one step, and two
gateways that name each other do not go round in circles.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard, cast

import pydantic

from flexura.domain.errors import (
    FlexuraError,
    IdempotencyMismatch,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    error_class,
)
from flexura.domain.job import JobWarning
from flexura.domain.model import KINDS, Model
from flexura.outbound.answer import Answer
from flexura.ports.provider import (
    Done,
    Failed,
    InputFile,
    Operation,
    Order,
    Output,
    Pending,
    Provider,
)
from flexura.providers.api import Api
from flexura.providers.http_vendor import HttpVendor, now
from flexura.providers.media import Setup
from flexura.providers.staging import Staging
from flexura.providers.vendor_errors import tidy
from flexura.providers.vendor_json import fields, rows

NAME = "flexura"
LABEL = "The upstream gateway"
VARIABLES = {
    "FLEXURA_UPSTREAM_URL": "the address of another flexura gateway, whose models are offered here too",
    "FLEXURA_UPSTREAM_KEY": "an API key of that gateway",
}
DOCS = "api.md"
PROVEN = ("a second flexura gateway: list, schema, order, repeated order, input, cancel, refusal",)

COUNT = (
    "n", "num_images", "num_outputs", "number_of_images", "numberOfImages", "number_of_outputs",
    "outputCount", "output_count", "image_count", "sampleCount", "sample_count", "numberOfVideos",
    "num_videos", "num_samples", "samples", "max_images", "batch_size", "count",
)  # fmt: skip
"""What the count is called in vendors' schemas: the table of `services/mapping.py`, which a test compares."""
_PAGE = 1000
_MOST_PAGES = 50
_ARTIFACT = re.compile(r"[\w-]{1,100}")
# Its trouble with our key or with itself is not our caller's: the status decides then.
_NOT_OURS = frozenset(
    {"unauthorized", "invalid_api_key", "forbidden", "access_denied", "internal_error"}
)
_COME_BACK = frozenset({"rate_limited", "overloaded", "idempotency_in_progress", "disk_full"})
_STEPS = {
    "content_policy": "Change the prompt or the input images; the same order will be refused again.",
    "insufficient_credits": "Add credit at that gateway, or use another model.",
    "budget_exceeded": "Raise the budget at that gateway, or use another model.",
    "canceled": "Order it again if it is still wanted.",
    "provider_unavailable": "Wait, or use another model.",
    "outcome_unknown": "Ask whoever runs that gateway before ordering again: it may have been charged.",
}
_STEP = "Correct what it names; model_catalog(id=…) shows what the model takes."


def configured(env: Mapping[str, str]) -> bool:
    """Whether an address is set."""
    return bool(_base(env))


def origins(env: Mapping[str, str]) -> list[str]:
    """The other gateway's address."""
    return [_base(env)] if _base(env) else []


def make(setup: Setup) -> Sequence[Provider]:
    """The one upstream."""
    key = setup.env.get("FLEXURA_UPSTREAM_KEY", "").strip()
    access = {"authorization": f"Bearer {key}"} if key else {}
    variable = "FLEXURA_UPSTREAM_KEY"
    api = Api(LABEL, _base(setup.env), setup.guard, access, variable, explain=_explain)
    return [FlexuraGateway(NAME, api, Staging(setup.staging))]


def _base(env: Mapping[str, str]) -> str:
    return env.get("FLEXURA_UPSTREAM_URL", "").strip()


class FlexuraGateway(HttpVendor):
    """The other gateway's agent surface, as `docs/api.md` describes it."""

    deduplicates = True

    async def models(self) -> Sequence[Model]:
        """Its catalog, all pages; schemas on request. Raises as the port says."""
        found: dict[str, dict[str, Any]] = {}
        for page in range(_MOST_PAGES):
            query = {"limit": _PAGE, "offset": page * _PAGE}
            told = fields(await self.api.get("/api/v1/models", query))
            entries = told.get("models")
            if not isinstance(entries, list):
                raise ProviderUnavailable(f"{LABEL}'s list of models cannot be read.")
            for row in map(fields, cast("list[Any]", entries)):
                _add(found, row)
            if len(cast("list[Any]", entries)) < _PAGE:
                break
        models = (self._read({**row, "schema_source": "on request"}) for row in found.values())
        return [model for model in models if model is not None]

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        """The model with its schema, as the other gateway has it now."""
        path = f"/api/v1/models/{urllib.parse.quote(upstream_id, safe='/:')}"
        try:
            told = fields(await self.api.get(path))
        except FlexuraError as refused:
            if refused.code in ("model_not_found", "not_found"):
                return None
            raise
        if _is_chained(told):
            return None
        model = self._read({**told, "id": upstream_id})
        if model is None:
            raise ProviderUnavailable(
                f"{LABEL}'s description of {upstream_id[:100]} cannot be read."
            )
        return model

    async def submit(self, order: Order) -> Operation:
        """Order there under our job's id."""
        body: dict[str, Any] = {
            "model": order.upstream_id,
            "prompt": order.prompt,
            "options": {**_own_options(order), "seed": order.seed},
            **({"n": order.n} if order.n > 1 else {}),
        }
        if order.inputs:
            body["inputs"] = [await self._upload(file) for file in order.inputs]
        headers = {"idempotency-key": order.job_id, "flexura-project": order.job_id}
        try:
            answer = await self.api.buy(f"/api/generate/{order.kind}", json=body, headers=headers)
        except IdempotencyMismatch:
            # The same order with its inputs uploaded once more: it is there under the first ones' names.
            return await self._ordered_before(order)
        job_id = fields(self.api.bought(answer)).get("job_id")
        if not _is_id(job_id):
            raise self.api.unknown("Its answer has no job_id.")
        return {"id": job_id}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """The job there, in the words of the agent surface."""
        try:
            job = fields(await self.api.get(f"/api/jobs/{operation['id']}"))
        except FlexuraError as refused:
            if refused.code != "not_found" and refused.details.get("upstream_status") not in (
                404,
                410,
            ):
                raise
            gone = f"{LABEL} no longer has the job {operation['id']}."
            return Failed("result_expired", gone, "Order it again.")
        if job.get("status") == "completed":
            return self._done(job)
        if job.get("status") == "failed":
            code = str(job.get("error_code") or "provider_error")
            known = error_class(code)
            words = tidy(str(job.get("error") or "it does not say why"))
            step = _STEPS.get(code, "Order it again, or use another model.")
            return Failed(known.code, f"{LABEL} says: {words}", step, known.retryable)
        waits = job.get("status") == "queued"
        note = tidy(str(job.get("note") or ("queued at the upstream gateway" if waits else "")))
        return Pending(2.0 if waits else 1.0, _number(job.get("progress")), note)

    async def cancel(self, operation: Operation, order: Order) -> None:
        """Cancel the job there; one that has ended stays as it is."""
        with contextlib.suppress(FlexuraError):
            await self.api.ask("DELETE", f"/api/jobs/{operation['id']}")

    def _read(self, told: Mapping[str, Any]) -> Model | None:
        """A model of theirs as one of ours; None where it cannot be read as one."""
        upstream_id = told.get("id")
        if not isinstance(upstream_id, str) or not upstream_id or _is_chained(told):
            return None
        ours = {"id": f"{NAME}:{upstream_id}", "provider": NAME, "upstream_id": upstream_id}
        plain: dict[str, Any] = {
            "name": upstream_id,
            "description": "",
            "input_schema": {"type": "object", "properties": {}},
            "fetched_at": now(),
        }
        try:
            return Model.model_validate({**plain, **told, **ours, "stats": None})
        except pydantic.ValidationError:
            return None

    async def _upload(self, file: InputFile) -> str:
        data = await asyncio.to_thread(file.path.read_bytes)
        headers = {"content-type": file.mime}
        answer = await self.api.ask("POST", "/api/v1/uploads", json=data, headers=headers)
        with contextlib.suppress(ProviderError):
            artifact = fields(answer.json()).get("artifact_id")
            if _is_id(artifact):
                same = file.role == file.mime.partition("/")[0]
                return artifact if same else f"{file.role}={artifact}"
        raise ProviderUnavailable(f"{LABEL} does not say where it put the input.")

    async def _ordered_before(self, order: Order) -> Operation:
        told = fields(await self.api.get("/api/v1/jobs", {"project": order.job_id, "limit": 1}))
        jobs = told.get("jobs")
        first = fields(cast("list[Any]", jobs)[0]) if isinstance(jobs, list) and jobs else {}
        if not _is_id(first.get("job_id")):
            raise self.api.unknown("It knows this order by its key, and does not show it.")
        return {"id": first["job_id"]}

    def _done(self, job: Mapping[str, Any]) -> Done | Failed:
        assets = job.get("assets")
        listed = map(fields, rows(assets))
        # Asked for by id at the address that is configured: its own idea of its address may be another.
        outputs = tuple(
            Output(
                mime=str(asset.get("mime", "")),
                url=self.api.url(f"/api/v1/artifacts/{asset['artifact_id']}"),
                role=str(asset.get("role") or "main"),
                width=_whole(asset.get("width")),
                height=_whole(asset.get("height")),
                seconds=_number(asset.get("seconds")),
            )
            for asset in listed
            if _is_id(asset.get("artifact_id"))
        )
        if not outputs:
            return Failed(
                "provider_error", f"{LABEL} finished without any file.", "Order it again."
            )
        return Done(outputs, tuple(_warnings(job)), _cost(job))


def _add(found: dict[str, dict[str, Any]], row: dict[str, Any]) -> None:
    """The list has one row for each kind that a model makes."""
    if not isinstance(row.get("id"), str) or row.get("type") not in KINDS:
        return
    known = found.setdefault(row["id"], {**row, "kinds": ()})
    known["kinds"] = (*known["kinds"], row["type"])


def _is_chained(told: Mapping[str, Any]) -> bool:
    """Whether the other gateway has the model from a gateway of its own."""
    return told.get("provider") == NAME or str(told.get("id", "")).startswith(f"{NAME}:")


def _own_options(order: Order) -> dict[str, Any]:
    """The options without prompt, count and seed, which the other gateway puts in their places itself."""
    return {
        name: value
        for name, value in order.options.items()
        if value != order.prompt
        and not (name in COUNT and order.n > 1)
        and not ("seed" in name.lower() and value == order.seed)
    }


def _warnings(job: Mapping[str, Any]) -> Iterator[JobWarning]:
    told = job.get("warnings")
    for warning in map(fields, cast("list[Any]", told)[:20] if isinstance(told, list) else []):
        code, message = (tidy(str(warning.get(word) or "")) for word in ("code", "message"))
        # Every order has a seed here, asked for or not; who did ask has been told already.
        if code and not (code == "option_not_supported" and "no option seed" in message):
            yield JobWarning(code[:60], message)


def _cost(job: Mapping[str, Any]) -> dict[str, Any] | None:
    cost = fields(job.get("cost"))
    amount = _number(cost.get("amount"))
    if amount is None:
        return None
    currency = tidy(str(cost.get("currency") or "USD"))[:10]
    return {"amount": amount, "currency": currency, "source": "reported by the upstream gateway"}


def _is_id(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(_ARTIFACT.fullmatch(value))


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _explain(answer: Answer) -> FlexuraError | None:
    """The other gateway's error, as the same error here; its advice stands in the message, as its words."""
    if answer.status < 400:
        return None
    try:
        error = fields(fields(answer.json()).get("error"))
    except ProviderError:
        return None
    code = error.get("code")
    if not isinstance(code, str) or code in _NOT_OURS:
        return None
    words = tidy(f"{error.get('message') or code} {error.get('next_step') or ''}")
    message = f"{LABEL} says: {words}"
    if code in _COME_BACK:
        return RateLimited(message, retry_after=answer.retry_after())
    step, field = _STEPS.get(code, _STEP), tidy(str(error.get("field") or ""))[:80]
    return error_class(code)(message, next_step=step, field=field, upstream_status=answer.status)
