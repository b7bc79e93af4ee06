"""NVIDIA's hosted models: which words make a model ours, the shapes of an answer, work that comes later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import ContentPolicy, OutcomeUnknown, ProviderUnavailable
from flexura.ports.provider import Done, Failed, Pending
from one_adapter import ended, given, listed, order, provider_of, sampled, sent
from vendor_double import VendorDouble, media, vendor_double
from vendor_samples import environment

pytestmark = pytest.mark.anyio
MODEL = "black-forest-labs/flux.1-dev"
INVOKE = f"/v1/genai/{MODEL}"
STATUS = "/v2/nvcf/pexec/status"


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as vendor:
        yield vendor


def bought(**answer: Any) -> dict[str, Any]:
    return {"method": "POST", "path": INVOKE, "answer": answer}


@pytest.mark.parametrize(
    ("upstream_id", "tasks"),
    [
        ("black-forest-labs/flux.2-klein-4b", ("text-to-image",)),
        ("black-forest-labs/flux.1-kontext-dev", ("image-to-image",)),
        ("qwen/qwen-image", ("text-to-image",)),
        ("qwen/qwen-image-edit", ("image-to-image",)),
        ("stabilityai/stable-diffusion-xl", ("text-to-image",)),
        ("stabilityai/stable-video-diffusion", ("image-to-video",)),
        ("wan-ai/wan2.2-t2v-a14b", ("text-to-video",)),
        ("nvidia/cosmos-1.0-7b-diffusion-text2world", ("text-to-video",)),
        ("google/diffusiongemma", ()),
        ("nvidia/corrdiff", ()),
        ("ipd/rfdiffusion", ()),
        ("nvidia/vila-vl-image", ()),
        ("nvidia/image-detection", ()),
        ("microsoft/trellis", ()),
        ("meta/llama-3.1-8b-instruct", ()),
        ("image-lab/some-chat", ()),
        ("../v1/flux", ()),
    ],
)
async def test_the_words_of_an_id_decide(
    upstream_id: str, tasks: tuple[str, ...], double: VendorDouble, tmp_path: Path
) -> None:
    rows = {"path": "/v1/models", "answer": {"json": {"data": [{"id": upstream_id}]}}}
    async with sampled("nvidia", double, tmp_path, rows) as nvidia:
        models = await listed(nvidia)
    assert [m.tasks for m in models.values()] == ([tasks] if tasks else [])


@pytest.mark.parametrize("told", [None, [], {"data": "x"}, {"models": []}])
async def test_a_list_of_another_shape_cannot_be_read(
    told: Any, double: VendorDouble, tmp_path: Path
) -> None:
    odd = {"path": "/v1/models", "answer": {"json": told}}
    async with sampled("nvidia", double, tmp_path, odd) as nvidia:
        with pytest.raises(ProviderUnavailable, match="NVIDIA's list of models cannot be read"):
            await nvidia.models()


async def test_odd_entries_are_left_out(double: VendorDouble, tmp_path: Path) -> None:
    rows = [None, 5, {}, {"id": 7}, {"id": "a/flux b"}, {"id": MODEL, "owned_by": 5}, {"id": MODEL}]
    odd = {"path": "/v1/models", "answer": {"json": {"data": rows}}}
    async with sampled("nvidia", double, tmp_path, odd) as nvidia:
        models = await nvidia.models()
    assert [m.upstream_id for m in models] == [MODEL]


async def test_an_operator_can_name_models_that_the_list_leaves_out(
    double: VendorDouble, tmp_path: Path
) -> None:
    double.exchanges = [{"path": "/v1/models", "answer": {"json": {"data": []}}}]
    named = {"NVIDIA_MODELS": f"{MODEL}, some/chat,"}
    env = environment("nvidia", double) | named
    async with provider_of("nvidia", env, tmp_path) as nvidia:
        assert list(await listed(nvidia)) == [MODEL]


async def test_only_what_was_asked_for_is_sent(double: VendorDouble, tmp_path: Path) -> None:
    good = bought(json={"artifacts": [{"base64": "{png}", "finishReason": "SUCCESS"}]})
    options = {"prompt": "a fox", "seed": 7, "cfg_scale": 3.5}
    async with sampled("nvidia", double, tmp_path, good) as nvidia:
        schema = (await listed(nvidia))[MODEL].input_schema
        await ended(nvidia, order(MODEL, "image", options))
        await ended(nvidia, order(MODEL, "image", options, given(tmp_path, "png")))
    # A default of ours would be refused by the models that take one size only.
    assert not [name for name, part in schema["properties"].items() if "default" in part]
    words, picture = sent(double)
    assert words == options
    assert picture["image"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    "body",
    [
        {"artifacts": [{"base64": "{png}", "finishReason": "SUCCESS", "seed": 1}]},
        {"image": "{png}", "finish_reason": "SUCCESS", "seed": 1},
        {"data": [{"b64_json": "{png}"}]},
        {
            "artifacts": [
                {"base64": "{jpeg}", "finishReason": "CONTENT_FILTERED"},
                {"base64": "{png}"},
            ]
        },
    ],
)
async def test_every_shape_of_an_answer_is_read(
    body: dict[str, Any], double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled("nvidia", double, tmp_path, bought(json=body)) as nvidia:
        done = await ended(nvidia, order(MODEL, "image", {"prompt": "a fox"}))
    assert isinstance(done, Done) and len(done.outputs) == 1
    path = done.outputs[0].path
    assert path is not None and path.read_bytes() == media("png")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            {"json": {"artifacts": [{"base64": "x", "finishReason": "CONTENT_FILTERED"}]}},
            ContentPolicy,
        ),
        ({"json": {"artifacts": []}}, OutcomeUnknown),
        ({"json": {"artifacts": "x"}}, OutcomeUnknown),
        ({"json": [1]}, OutcomeUnknown),
        ({"status": 202, "json": {}}, OutcomeUnknown),
        ({"status": 202, "json": {}, "headers": {"NVCF-REQID": "../a"}}, OutcomeUnknown),
    ],
)
async def test_an_answer_without_a_file_says_why(
    answer: dict[str, Any], error: type[Exception], double: VendorDouble, tmp_path: Path
) -> None:
    async with sampled("nvidia", double, tmp_path, bought(**answer)) as nvidia:
        with pytest.raises(error):
            await nvidia.submit(order(MODEL, "image", {"prompt": "a fox"}))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"json": {"image": "", "finish_reason": "CONTENT_FILTERED"}}, "content_policy"),
        ({"json": {"artifacts": []}}, "provider_error"),
        ({"json": {"image": "!"}}, "provider_error"),
        ({"status": 404, "json": {}}, "result_expired"),
    ],
)
async def test_work_that_comes_later_can_fail_later(
    answer: dict[str, Any], code: str, double: VendorDouble, tmp_path: Path
) -> None:
    later = {"path": f"{STATUS}/r1", "answer": answer}
    async with sampled("nvidia", double, tmp_path, later) as nvidia:
        state = await nvidia.poll({"request": "r1"}, order(MODEL, "image", {}))
    assert isinstance(state, Failed) and state.code == code


async def test_work_that_goes_on_is_waited_for(double: VendorDouble, tmp_path: Path) -> None:
    later = {"path": f"{STATUS}/r1", "answer": {"status": 202, "json": {}}}
    junk = {"path": f"{STATUS}/r2", "answer": {"text": "<html>"}}
    async with sampled("nvidia", double, tmp_path, later, junk) as nvidia:
        assert isinstance(await nvidia.poll({"request": "r1"}, order(MODEL, "image", {})), Pending)
        with pytest.raises(ProviderUnavailable):
            await nvidia.poll({"request": "r2"}, order(MODEL, "image", {}))
