"""Hugging Face: which models are live where, who is asked, and what each provider behind the router wants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import InvalidRequest, ProviderError, ProviderUnavailable, RateLimited
from flexura.outbound.answer import Unreachable
from flexura.ports.provider import Done, Failed, Pending
from flexura.providers.vendors import hf_routes, hf_work
from one_adapter import ended, given, listed, order, provider_of, sampled, sent
from vendor_double import VendorDouble, vendor_double
from vendor_samples import environment, sample

pytestmark = pytest.mark.anyio
FLUX = "black-forest-labs/FLUX.1-dev"
URI = "data:image/png;base64,AAAA"


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


def live(provider: str, **more: Any) -> dict[str, Any]:
    return {
        "provider": provider,
        "providerId": "a/b",
        "status": "live",
        "task": "text-to-image",
    } | more


async def test_a_model_lists_who_can_be_asked_in_the_order_of_the_hub(
    double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled("huggingface", double, tmp_path) as hub:
        models = await listed(hub)
    provider = models[FLUX].input_schema["properties"]["provider"]
    assert provider["enum"] == ["fal-ai", "hf-inference", "nscale", "replicate"]
    assert provider["default"] == "fal-ai"
    # Only elsewhere, or out of order: neither can be asked.
    assert not {"someone/only-elsewhere", "someone/in-error"} & set(models)
    # The second page, with the older shape of the mapping.
    older = models["stabilityai/stable-diffusion-xl-base-1.0"]
    assert older.input_schema["properties"]["provider"]["enum"] == ["hf-inference", "wavespeed"]
    assert models["hexgrad/Kokoro-82M"].input_schema["required"] == ["text"]
    assert models["Wan-AI/Wan2.2-I2V-A14B"].input_schema["required"] == ["prompt", "image"]


@pytest.mark.parametrize(
    ("mapping", "providers"),
    [
        (None, []),
        ("x", []),
        ([None, 5, {}, {"provider": 5}], []),
        (
            [
                live("nebius"),
                live("fal-ai", status="staging"),
                live("nscale", task="image-to-image"),
            ],
            [],
        ),
        ([live("fal-ai", providerId="../x"), live("fal-ai", providerId="a b")], []),
        ([live("fal-ai", providerId=None), live("fal-ai", task=["x"][0])], []),
        ([live("together"), live("fal-ai")], ["together", "fal-ai"]),
        (
            {"replicate": {"status": "live", "providerId": "a/b", "task": "text-to-image"}},
            ["replicate"],
        ),
        ([live("fal-ai", providerId="fal-ai/lora", adapterWeightsPath="w")], []),
    ],
)
def test_only_live_and_known_ways_are_kept(mapping: Any, providers: list[str]) -> None:
    assert [route.provider for route in hf_routes.routes("some/model", mapping)] == providers


@pytest.mark.parametrize("answer", [{"json": {"error": "x"}}, {"json": 7}, {"text": "<html>"}])
async def test_a_list_that_is_none_cannot_be_read(
    answer: dict[str, Any], double: VendorDouble, tmp_path: Path
) -> None:
    odd = {"path": "/hub/api/models", "query": {"pipeline_tag": "text-to-video"}, "answer": answer}
    async with sampled("huggingface", double, tmp_path, odd) as hub:
        with pytest.raises(ProviderUnavailable, match="list of models cannot be read"):
            await hub.models()


async def test_a_model_that_is_not_trending_is_asked_for_by_name(
    double: VendorDouble, tmp_path: Path
) -> None:
    one = {
        "path": "/hub/api/models/some/model",
        "answer": {"json": {"inferenceProviderMapping": [live("nscale")]}},
    }
    async with sampled("huggingface", double, tmp_path, one) as hub:
        found = await hub.model("some/model", None)
        assert await hub.model("no/such", None) is None
        assert await hub.model("../admin", None) is None
    assert found is not None and found.id == "huggingface:some/model"
    assert found.input_schema["properties"]["provider"]["enum"] == ["nscale"]


async def test_the_caller_chooses_who_is_asked(double: VendorDouble, tmp_path: Path) -> None:
    path = "/router/nscale/v1/images/generations"
    answer = {"method": "POST", "path": path, "answer": {"json": {"data": [{"b64_json": "{png}"}]}}}
    options = {
        "prompt": "a fox",
        "provider": "nscale",
        "num_inference_steps": 4,
        "width": 8,
        "height": 4,
    }
    async with sampled("huggingface", double, tmp_path, answer) as hub:
        await hub.models()
        await ended(hub, order(FLUX, "image", options))
        with pytest.raises(ProviderError, match=r"no longer has .* at wavespeed"):
            await hub.submit(order(FLUX, "image", {"prompt": "a fox", "provider": "wavespeed"}))
    assert sent(double) == [
        {"response_format": "b64_json", "model": FLUX, "prompt": "a fox", "size": "8x4"}
    ]


async def test_nothing_is_bought_where_the_picture_is_missing(
    double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled("huggingface", double, tmp_path) as hub:
        await hub.models()
        with pytest.raises(InvalidRequest, match="starts from a picture"):
            await hub.submit(order("Wan-AI/Wan2.2-I2V-A14B", "video", {"prompt": "go"}))
    assert sent(double) == []


async def test_a_hub_that_is_away_leaves_the_order_unbought(
    double: VendorDouble, tmp_path: Path
) -> None:
    away = {"path": f"/hub/api/models/{FLUX}", "answer": {"status": 503, "text": "busy"}}
    async with sampled("huggingface", double, tmp_path, away) as hub:
        with pytest.raises(ProviderUnavailable) as lost:
            await hub.submit(order(FLUX, "image", {"prompt": "a fox"}))
    assert not isinstance(lost.value, Unreachable)


async def test_a_model_that_is_being_loaded_is_asked_again(
    double: VendorDouble, tmp_path: Path
) -> None:
    told = {"error": "Model is currently loading", "estimated_time": 20.5}
    loading = {"method": "POST", "path": f"/router/hf-inference/models/{FLUX}"}
    loading["answer"] = {"status": 503, "json": told}
    async with sampled("huggingface", double, tmp_path, loading) as hub:
        await hub.models()
        with pytest.raises(RateLimited) as busy:
            await hub.submit(order(FLUX, "image", {"prompt": "a", "provider": "hf-inference"}))
    assert busy.value.details["retry_after"] == 20.5


def route(provider: str, task: str = "image-to-image", **more: Any) -> hf_routes.Route:
    return hf_routes.Route(provider, more.pop("id", "a/b"), task, "some/model", **more)


@pytest.mark.parametrize(
    ("way", "path", "body"),
    [
        (
            route("fal-ai"),
            "/fal-ai/a/b?_subdomain=queue",
            {"prompt": "p", "image_url": URI, "image_urls": [URI]},
        ),
        (
            route("replicate"),
            "/replicate/v1/models/a/b/predictions",
            {
                "input": {
                    "prompt": "p",
                    "image": URI,
                    "images": [URI],
                    "input_image": URI,
                    "input_images": [URI],
                }
            },
        ),
        (
            route("together"),
            "/together/v1/images/generations",
            {"prompt": "p", "model": "a/b", "reference_images": [URI], "response_format": "base64"},
        ),
        (
            route("together", "image-to-video"),
            "/together/v2/videos",
            {
                "prompt": "p",
                "model": "a/b",
                "frame_images": [{"input_image": URI, "frame": "first"}],
            },
        ),
        (
            route("hf-inference"),
            "/hf-inference/models/a/b",
            {"inputs": "AAAA", "parameters": {"prompt": "p"}},
        ),
        (route("wavespeed"), "/wavespeed/api/v3/a/b", {"prompt": "p", "image": URI}),
    ],
)
def test_a_picture_goes_where_each_provider_wants_it(
    way: hf_routes.Route, path: str, body: dict[str, Any]
) -> None:
    call = hf_routes.call(way, {"prompt": "p"}, URI)
    assert (call.path, call.json) == (path, body)


def test_lora_weights_are_named_by_their_place_on_the_hub() -> None:
    fal = hf_routes.call(route("fal-ai", "text-to-image", weights="w.safetensors"), {"prompt": "p"})
    where = "https://huggingface.co/some/model/resolve/main/w.safetensors"
    assert fal.json["loras"] == [{"path": where, "scale": 1}]
    theirs = hf_routes.call(route("replicate", "text-to-image", weights="w"), {"prompt": "p"})
    assert theirs.json["input"]["lora_weights"] == "https://huggingface.co/some/model"


@pytest.mark.parametrize(
    ("reply", "told", "operation"),
    [
        ("fal", {"response_url": "https://queue.fal.run/x/y/requests/1"}, "/fal-ai/x/y/requests/1"),
        ("fal", {"response_url": 5}, None),
        ("fal", {"response_url": "https://queue.fal.run/../../a"}, None),
        (
            "wavespeed",
            {"data": {"urls": {"get": "https://x.example/api/v3/p/1"}}},
            "/wavespeed/api/v3/p/1",
        ),
        ("wavespeed", {"data": None}, None),
        ("together", {"id": "v1"}, "/together/v2/videos/v1"),
        ("together", {"id": "../v1"}, None),
        ("replicate", {"id": "p1", "status": "starting"}, "/replicate/v1/predictions/p1"),
        ("replicate", [1], None),
    ],
)
def test_work_is_asked_about_at_the_router_only(
    reply: hf_routes.Reply, told: Any, operation: str | None
) -> None:
    found = hf_work.started(reply, told)
    assert (found and found["path"]) == operation


async def test_a_prediction_that_ended_while_it_was_waited_for_is_not_asked_about(
    double: VendorDouble, tmp_path: Path
) -> None:
    path = "/router/replicate/v1/models/black-forest-labs/flux-dev/predictions"
    told = {"id": "p1", "status": "succeeded", "output": ["https://files.example/1.webp"]}
    bought = {"method": "POST", "path": path, "answer": {"status": 201, "json": told}}
    async with sampled("huggingface", double, tmp_path, bought) as hub:
        await hub.models()
        done = await ended(hub, order(FLUX, "image", {"prompt": "a", "provider": "replicate"}))
    assert isinstance(done, Done) and done.outputs[0].url == "https://files.example/1.webp"
    assert [a.method for a in double.asked][-1] == "POST"


@pytest.mark.parametrize(
    ("reply", "told", "code"),
    [
        ("replicate", {"status": "failed", "error": "NSFW content detected"}, "content_policy"),
        ("replicate", {"status": "canceled"}, "canceled"),
        ("together", {"status": "failed", "error": {"message": "no room"}}, "provider_error"),
        ("together", {"status": "completed", "outputs": {}}, "provider_error"),
        ("wavespeed", {"data": {"status": "failed", "error": "no room"}}, "provider_error"),
        ("wavespeed", {"data": {"status": "dreaming"}}, None),
        ("together", {"status": None}, None),
        ("replicate", {}, None),
    ],
)
async def test_what_the_router_says_of_work(
    reply: str, told: Any, code: str | None, double: VendorDouble, tmp_path: Path
) -> None:
    look = {"path": "/router/some/work", "answer": {"json": told}}
    async with sampled("huggingface", double, tmp_path, look) as hub:
        state = await hub.poll({"reply": reply, "path": "/some/work"}, order(FLUX, "video", {}))
    assert isinstance(state, Pending) if code is None else isinstance(state, Failed)
    assert getattr(state, "code", None) == code


async def test_a_run_that_failed_answers_its_result_with_500(
    double: VendorDouble, tmp_path: Path
) -> None:
    status = {
        "path": "/router/fal-ai/x/requests/1/status",
        "answer": {"json": {"status": "COMPLETED"}},
    }
    result = {
        "path": "/router/fal-ai/x/requests/1",
        "answer": {"status": 500, "json": {"detail": "boom"}},
    }
    operation = {"reply": "fal", "path": "/fal-ai/x/requests/1"}
    async with sampled("huggingface", double, tmp_path, status, result) as hub:
        state = await hub.poll(operation, order(FLUX, "image", {}))
    assert isinstance(state, Failed) and "boom" in state.message
    result["answer"] = {"status": 502, "text": "busy"}
    async with sampled("huggingface", double, tmp_path, status, result) as hub:
        with pytest.raises(ProviderUnavailable):
            await hub.poll(operation, order(FLUX, "image", {}))


async def test_an_organization_can_pay(double: VendorDouble, tmp_path: Path) -> None:
    path = f"/router/hf-inference/models/{FLUX}"
    double.exchanges = [
        {"method": "POST", "path": path, "answer": {"media": "png"}},
        *sample("huggingface")["listing"],
    ]
    env = environment("huggingface", double) | {"HF_BILL_TO": "my-org"}
    async with provider_of("huggingface", env, tmp_path) as hub:
        await hub.models()
        await ended(hub, order(FLUX, "image", {"prompt": "a", "provider": "hf-inference"}))
    assert [a.headers["x-hf-bill-to"] for a in double.asked if a.method == "POST"] == ["my-org"]
    assert not [a for a in double.asked if a.method == "GET" and "x-hf-bill-to" in a.headers]


async def test_a_picture_is_sent_as_a_data_uri(double: VendorDouble, tmp_path: Path) -> None:
    model = "black-forest-labs/FLUX.1-Kontext-dev"
    path = "/router/together/v1/images/generations"
    answer = {"method": "POST", "path": path, "answer": {"json": {"data": [{"b64_json": "{png}"}]}}}
    async with sampled("huggingface", double, tmp_path, answer) as hub:
        await hub.models()
        await ended(hub, order(model, "image", {"prompt": "night"}, given(tmp_path, "png")))
    body = sent(double)[0]
    assert body["image_url"].startswith("data:image/png;base64,")
    assert "image" not in body
