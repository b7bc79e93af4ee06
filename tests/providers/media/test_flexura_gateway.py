"""Another gateway as an upstream: what is asked of it, and what its answers mean here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import (
    FlexuraError,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, InputFile, Order, Pending
from flexura.providers.media import Setup
from flexura.providers.media.flexura_gateway import (
    COUNT,
    FlexuraGateway,
    configured,
    make,
    origins,
)
from flexura.services import mapping
from vendor_double import VendorDouble, media, vendor_double

pytestmark = pytest.mark.anyio
FIXTURES = Path(__file__).parents[2] / "fixtures" / "providers"
SAMPLE = json.loads((FIXTURES / "flexura.json").read_text(encoding="utf-8"))
ROW = SAMPLE["listing"][0]["answer"]["json"]["models"][0]
JOB = "/api/jobs/job_there"


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as server:
        server.exchanges = [
            answer("/api/generate/image", {"job_id": "job_there", "status": "queued"}, 202, "POST"),
            *SAMPLE["listing"],
        ]
        yield server


@pytest.fixture
async def upstream(double: VendorDouble, tmp_path: Path) -> AsyncIterator[FlexuraGateway]:
    env = {"FLEXURA_UPSTREAM_URL": f"{double.url}/", "FLEXURA_UPSTREAM_KEY": "fx_live_hush"}
    (provider,) = make(
        Setup(env, Guard(allow_origins=origins(env)), tmp_path, tmp_path / "staging")
    )
    assert isinstance(provider, FlexuraGateway)
    yield provider
    await provider.aclose()


def answer(
    path: str, told: Any, status: int = 200, method: str = "GET", **more: Any
) -> dict[str, Any]:
    return {"method": method, "path": path, "answer": {"status": status, "json": told, **more}}


def refusal(code: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "No.", "request_id": "r", **more}}


def order(**changes: Any) -> Order:
    fields: dict[str, Any] = {
        "job_id": "job_here", "kind": "image", "upstream_id": "acme:painter", "prompt": "a fox", "n": 1,
        "seed": 7, "options": {"text": "a fox", "random_seed": 7, "mood": "wild"},
    }  # fmt: skip
    return Order(**fields | changes)


def sent(double: VendorDouble) -> dict[str, Any]:
    return next(a.sent() for a in double.asked if a.path == "/api/generate/image")


def test_an_address_brings_it_to_life() -> None:
    assert not configured({"FLEXURA_UPSTREAM_KEY": "x"}) and origins({}) == []
    assert configured({"FLEXURA_UPSTREAM_URL": "https://gateway.example"})


def test_the_words_for_a_count_are_those_of_the_mapping() -> None:
    assert mapping.COUNT == COUNT


async def test_every_page_of_its_catalog_is_read(
    upstream: FlexuraGateway, double: VendorDouble
) -> None:
    full = [{**ROW, "id": f"acme:m{i}"} for i in range(1000)]
    double.exchanges = [
        {**answer("/api/v1/models", {"models": rows}), "query": {"limit": 1000, "offset": offset}}
        for rows, offset in ((full, 0), ([{**ROW, "id": "acme:last"}], 1000))
    ]
    models = await upstream.models()
    assert len(models) == 1001 and models[-1].id == "flexura:acme:last"
    assert len(double.asked) == 2
    assert all(a.headers["authorization"] == "Bearer fx_live_hush" for a in double.asked)


async def test_a_model_is_listed_once_with_all_its_kinds_and_junk_is_left_out(
    upstream: FlexuraGateway,
) -> None:
    painter, loop = await upstream.models()
    assert (painter.id, painter.upstream_id) == ("flexura:acme:painter", "acme:painter")
    assert painter.kinds == ("image", "video") and painter.schema_source == "on request"
    assert painter.price and painter.price.amount == 0.04
    assert (loop.status, loop.shutdown_date) == ("deprecated", "2030-01-31")


@pytest.mark.parametrize("junk", [[], 7, {}, {"models": {"a": 1}}])
async def test_a_list_of_another_shape_is_unavailable(
    upstream: FlexuraGateway, double: VendorDouble, junk: Any
) -> None:
    double.exchanges = [answer("/api/v1/models", junk)]
    with pytest.raises(ProviderUnavailable, match="cannot be read"):
        await upstream.models()


async def test_the_schema_is_asked_for_one_model_at_a_time(
    upstream: FlexuraGateway, double: VendorDouble
) -> None:
    found = await upstream.model("acme:painter", None)
    assert found and found.id == "flexura:acme:painter" and found.schema_source == "live"
    assert "mood" in found.input_schema["properties"]
    assert found.stats is None, "how it does there says nothing of how it does here"
    double.exchanges = [answer("/api/v1/models/acme:painter", {"name": "x"})]
    with pytest.raises(ProviderUnavailable, match="cannot be read"):
        await upstream.model("acme:painter", None)


@pytest.mark.parametrize(
    "told",
    [
        answer("/api/v1/models/x", refusal("model_not_found"), 404),
        answer("/api/v1/models/x", {**ROW, "provider": "flexura", "kinds": ["image"]}),
    ],
    ids=["gone", "chained"],
)
async def test_a_model_that_is_gone_or_comes_from_a_third_gateway_is_none(
    upstream: FlexuraGateway, double: VendorDouble, told: dict[str, Any]
) -> None:
    double.exchanges = [told]
    assert await upstream.model("x", None) is None


async def test_prompt_count_and_seed_are_said_once(
    upstream: FlexuraGateway, double: VendorDouble
) -> None:
    options = {"text": "a fox", "random_seed": 7, "mood": "wild", "num_images": 3}
    await upstream.submit(order(n=3, options=options))
    body = sent(double)
    assert body == {
        "model": "acme:painter", "prompt": "a fox", "n": 3, "options": {"mood": "wild", "seed": 7},
    }  # fmt: skip
    asked = next(a for a in double.asked if a.method == "POST")
    assert asked.headers["idempotency-key"] == "job_here"


async def test_an_input_is_uploaded_as_it_is_and_keeps_its_role(
    upstream: FlexuraGateway, double: VendorDouble, tmp_path: Path
) -> None:
    double.exchanges.append(answer("/api/v1/uploads", {"artifact_id": "art_1"}, 201, "POST"))
    path = tmp_path / "input"
    path.write_bytes(media("png"))
    files = tuple(InputFile(path, "image/png", "0" * 64, role) for role in ("image", "mask"))
    await upstream.submit(order(inputs=files))
    upload = next(a for a in double.asked if a.path == "/api/v1/uploads")
    assert (upload.body, upload.headers["content-type"]) == (media("png"), "image/png")
    assert sent(double)["inputs"] == ["art_1", "mask=art_1"]


async def test_a_repeated_order_with_fresh_uploads_is_found_by_its_mark(
    upstream: FlexuraGateway, double: VendorDouble
) -> None:
    double.exchanges = [
        answer("/api/generate/image", refusal("idempotency_mismatch"), 422, "POST"),
        {
            **answer("/api/v1/jobs", {"jobs": [{"job_id": "job_there"}]}),
            "query": {"project": "job_here"},
        },
    ]
    assert await upstream.submit(order()) == {"id": "job_there"}
    double.exchanges[1] = answer("/api/v1/jobs", {"jobs": []})
    with pytest.raises(OutcomeUnknown):
        await upstream.submit(order())


@pytest.mark.parametrize("told", [{}, {"job_id": None}, {"job_id": "../x"}, []])
async def test_an_answer_without_a_job_is_an_unknown_outcome(
    upstream: FlexuraGateway, double: VendorDouble, told: Any
) -> None:
    double.exchanges.insert(0, answer("/api/generate/image", told, 202, "POST"))
    with pytest.raises(OutcomeUnknown):
        await upstream.submit(order())


@pytest.mark.parametrize(
    "code", ["rate_limited", "overloaded", "disk_full", "idempotency_in_progress"]
)
async def test_a_gateway_without_time_or_room_has_bought_nothing(
    upstream: FlexuraGateway, double: VendorDouble, code: str
) -> None:
    told = answer("/api/generate/image", refusal(code), 503, "POST", headers={"Retry-After": "3"})
    double.exchanges.insert(0, told)
    with pytest.raises(RateLimited) as busy:
        await upstream.submit(order())
    assert busy.value.details["retry_after"] == 3.0


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (422, "content_policy"),
        (402, "insufficient_credits"),
        (402, "budget_exceeded"),
        (404, "model_not_found"),
        (400, "invalid_request"),
        (400, "input_validation_error"),
        (502, "provider_error"),
        (503, "provider_unavailable"),
    ],
)
async def test_a_refusal_keeps_its_code_and_its_words_but_not_its_next_step(
    upstream: FlexuraGateway, double: VendorDouble, status: int, code: str
) -> None:
    told = refusal(code, next_step="Do as I say.", field="prompt")
    double.exchanges.insert(0, answer("/api/generate/image", told, status, "POST"))
    with pytest.raises(FlexuraError) as refused:
        await upstream.submit(order())
    assert (refused.value.code, refused.value.field) == (code, "prompt")
    assert refused.value.message == "The upstream gateway says: No. Do as I say."
    assert refused.value.next_step and "Do as I say" not in refused.value.next_step


@pytest.mark.parametrize(
    ("status", "code"), [(401, "invalid_api_key"), (401, "unauthorized"), (403, "forbidden")]
)
async def test_trouble_with_our_key_is_not_the_callers(
    upstream: FlexuraGateway, double: VendorDouble, status: int, code: str
) -> None:
    double.exchanges.insert(0, answer("/api/generate/image", refusal(code), status, "POST"))
    with pytest.raises(ProviderError) as refused:
        await upstream.submit(order())
    assert refused.value.code == "provider_error"
    assert "FLEXURA_UPSTREAM_KEY" in refused.value.message
    assert "hush" not in refused.value.message + refused.value.next_step


@pytest.mark.parametrize(
    "job", [{"status": "queued"}, {"status": "processing", "progress": 0.5}, {"status": "new"}]
)
async def test_a_word_that_is_no_end_is_work_in_progress(
    upstream: FlexuraGateway, double: VendorDouble, job: dict[str, Any]
) -> None:
    double.exchanges = [answer(JOB, job)]
    pending = await upstream.poll({"id": "job_there"}, order())
    assert isinstance(pending, Pending) and pending.progress == job.get("progress")


async def test_what_it_made_is_asked_for_by_id_with_cost_and_warnings(
    upstream: FlexuraGateway, double: VendorDouble
) -> None:
    assets = [
        {
            "artifact_id": "art_1",
            "mime": "image/png",
            "role": "main",
            "width": 4,
            "url": "https://x.example/a",
        },
        {"artifact_id": "../2", "mime": "image/png"},
        {"artifact_id": "art_3", "mime": "image/webp", "role": "thumbnail"},
    ]
    warnings = [
        {"code": "option_adjusted", "message": "size became 4x4"},
        {
            "code": "option_not_supported",
            "message": "acme:painter has no option seed; it was left out.",
        },
        None,
    ]
    cost = {"amount": 0.04, "currency": "EUR"}
    double.exchanges = [
        answer(JOB, {"status": "completed", "assets": assets, "warnings": warnings, "cost": cost})
    ]
    done = await upstream.poll({"id": "job_there"}, order())
    assert isinstance(done, Done)
    assert [(o.url, o.role) for o in done.outputs] == [
        (f"{double.url}/api/v1/artifacts/art_1", "main"),
        (f"{double.url}/api/v1/artifacts/art_3", "thumbnail"),
    ]
    assert done.cost == {**cost, "source": "reported by the upstream gateway"}
    assert [w.code for w in done.warnings] == ["option_adjusted"]


@pytest.mark.parametrize(
    ("job", "code", "retryable"),
    [
        ({"error_code": "content_policy", "error": "violence"}, "content_policy", False),
        ({"error_code": "canceled", "error": "x"}, "canceled", False),
        ({"error_code": "provider_unavailable", "error": "x"}, "provider_unavailable", True),
        ({"error_code": "of_a_later_version", "error": "x"}, "provider_error", False),
        ({}, "provider_error", False),
    ],
)
async def test_a_failure_keeps_its_code(
    upstream: FlexuraGateway, double: VendorDouble, job: dict[str, Any], code: str, retryable: bool
) -> None:
    double.exchanges = [answer(JOB, {"status": "failed", **job})]
    failed = await upstream.poll({"id": "job_there"}, order())
    assert isinstance(failed, Failed)
    assert (failed.code, failed.retryable) == (code, retryable)
    assert failed.message and failed.next_step


async def test_a_finished_job_without_files_and_a_forgotten_one_are_failures(
    upstream: FlexuraGateway, double: VendorDouble
) -> None:
    double.exchanges = [answer(JOB, {"status": "completed", "assets": None})]
    failed = await upstream.poll({"id": "job_there"}, order())
    assert isinstance(failed, Failed) and failed.code == "provider_error"
    double.exchanges = [answer(JOB, refusal("not_found"), 404)]
    failed = await upstream.poll({"id": "job_there"}, order())
    assert isinstance(failed, Failed) and failed.code == "result_expired"
    double.exchanges = [answer(JOB, refusal("provider_unavailable"), 503)]
    with pytest.raises(ProviderUnavailable):
        await upstream.poll({"id": "job_there"}, order())


async def test_a_cancel_of_work_that_is_over_is_no_error(
    upstream: FlexuraGateway, double: VendorDouble
) -> None:
    double.exchanges = [answer(JOB, refusal("conflict"), 409, "DELETE")]
    await upstream.cancel({"id": "job_there"}, order())
    assert [a.method for a in double.asked] == ["DELETE"]
