"""AUTOMATIC1111: its checkpoints, its two endpoints, and a server that takes its time."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import OutcomeUnknown, ProviderError, ProviderUnavailable
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, InputFile, Order, Pending
from flexura.providers.media import Setup, automatic1111
from flexura.providers.media.automatic1111 import Automatic1111, configured, make, origins, workable
from vendor_double import Asked, VendorDouble, media, vendor_double

pytestmark = pytest.mark.anyio
FIXTURES = Path(__file__).parents[2] / "fixtures" / "providers"
SAMPLE = json.loads((FIXTURES / "automatic1111.json").read_text(encoding="utf-8"))
DRAWN = {"images": ["{png}"], "parameters": {}, "info": "{}"}


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as server:
        server.exchanges = [
            answer("POST", "/sdapi/v1/txt2img", DRAWN),
            answer("POST", "/sdapi/v1/img2img", DRAWN),
            answer("GET", "/sdapi/v1/progress", {"progress": 0.4, "state": {}}),
            answer("POST", "/sdapi/v1/interrupt", {}),
            *SAMPLE["listing"],
        ]
        yield server


@pytest.fixture
async def webui(double: VendorDouble, tmp_path: Path) -> AsyncIterator[Automatic1111]:
    provider = made(double, tmp_path)
    yield provider
    await provider.aclose()


def made(double: VendorDouble, home: Path, auth: str = "") -> Automatic1111:
    env = {"AUTOMATIC1111_BASE_URL": double.url, "AUTOMATIC1111_AUTH": auth}
    (provider,) = make(Setup(env, Guard(allow_origins=origins(env)), home, home / "staging"))
    assert isinstance(provider, Automatic1111)
    return provider


def answer(method: str, path: str, told: Any, status: int = 200) -> dict[str, Any]:
    return {"method": method, "path": path, "answer": {"status": status, "json": told}}


def order(**changes: Any) -> Order:
    fields: dict[str, Any] = {
        "job_id": "job_1", "kind": "image", "upstream_id": "inpainter", "prompt": "a fox", "n": 1, "seed": 7,
        "options": {"prompt": "a fox", "seed": 7, "denoising_strength": 0.75, "mask_blur": 4},
    }  # fmt: skip
    return Order(**fields | changes)


def picture(
    folder: Path, data: bytes, role: str = "image", slot: str = "init_images[]"
) -> InputFile:
    path = folder / f"{role}.bin"
    path.write_bytes(data)
    return InputFile(path, "image/png", "0" * 64, role, slot)


def sent(double: VendorDouble, path: str) -> list[dict[str, Any]]:
    return [asked.sent() for asked in double.asked if asked.path == f"/sdapi/v1/{path}"]


def slow(double: VendorDouble) -> threading.Event:
    """Let the server draw until the event is set."""
    drawn, at_once = threading.Event(), double.answer

    def later(asked: Asked) -> dict[str, Any]:
        if asked.path.endswith("2img"):
            drawn.wait(20)
        return at_once(asked)

    double.answer = later  # type: ignore[method-assign]
    return drawn


def test_an_address_brings_it_to_life() -> None:
    assert not configured({"AUTOMATIC1111_AUTH": "a:b"})
    assert configured({"AUTOMATIC1111_BASE_URL": "http://127.0.0.1:7860"})


async def test_each_checkpoint_is_a_model_whose_choices_are_the_servers(
    webui: Automatic1111,
) -> None:
    models = await webui.models()
    assert [m.id for m in models] == [w["id"] for w in SAMPLE["models"]]
    properties = models[0].input_schema["properties"]
    assert properties["sampler_name"]["enum"] == ["DPM++ 2M", "Euler a"]
    assert properties["scheduler"]["enum"] == ["automatic", "karras"]
    assert models[0].input_schema["required"] == ["prompt"]
    assert "6ce0161689" in models[0].name


async def test_a_server_that_tells_no_schedulers_has_no_such_option(
    webui: Automatic1111, double: VendorDouble
) -> None:
    double.exchanges.insert(0, answer("GET", "/sdapi/v1/schedulers", {"detail": "Not Found"}, 404))
    properties = (await webui.models())[0].input_schema["properties"]
    assert "scheduler" not in properties and "sampler_name" in properties


@pytest.mark.parametrize("junk", [{}, 7, None])
async def test_a_list_of_another_shape_is_unavailable(
    webui: Automatic1111, double: VendorDouble, junk: Any
) -> None:
    double.exchanges.insert(0, answer("GET", "/sdapi/v1/sd-models", junk))
    with pytest.raises(ProviderUnavailable, match="cannot be read"):
        await webui.models()


async def test_an_order_from_words_leaves_out_what_belongs_to_a_picture(
    webui: Automatic1111, double: VendorDouble
) -> None:
    operation = await webui.submit(order())
    (body,) = sent(double, "txt2img")
    assert not {"denoising_strength", "mask_blur", "init_images", "n"} & body.keys()
    assert body["n_iter"] == 1 and body["override_settings_restore_afterwards"] is False
    done = await webui.poll(json.loads(json.dumps(operation)), order())
    assert isinstance(done, Done) and done.outputs[0].path
    assert done.outputs[0].path.read_bytes() == media("png")


async def test_a_picture_keeps_its_shape_where_no_size_is_asked(
    webui: Automatic1111, double: VendorDouble, tmp_path: Path
) -> None:
    wide = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 3000, 1000)
    await webui.submit(order(inputs=(picture(tmp_path, wide),)))
    options = {"prompt": "a fox", "width": 512, "height": 512}
    await webui.submit(order(job_id="job_2", options=options, inputs=(picture(tmp_path, wide),)))
    first, second = sent(double, "img2img")
    assert (first["width"], first["height"]) == (1768, 584)
    assert first["width"] * first["height"] <= 1024 * 1024
    assert (second["width"], second["height"], second["resize_mode"]) == (512, 512, 1)


async def test_a_mask_without_its_picture_is_refused_before_it_is_sent(
    webui: Automatic1111, double: VendorDouble, tmp_path: Path
) -> None:
    with pytest.raises(ProviderError) as refused:
        await webui.submit(order(inputs=(picture(tmp_path, media("png"), "mask", "mask"),)))
    assert "Give the picture" in refused.value.next_step
    assert not sent(double, "img2img") and not sent(double, "txt2img")


async def test_a_checkpoint_that_is_gone_is_told(
    webui: Automatic1111, double: VendorDouble
) -> None:
    with pytest.raises(ProviderError, match="no checkpoint 'gone'"):
        await webui.submit(order(upstream_id="gone"))
    assert not sent(double, "txt2img")


async def test_a_slow_server_is_followed_and_its_pictures_arrive(
    webui: Automatic1111, double: VendorDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automatic1111, "_FIRST_LOOK", 0.01)
    drawn = slow(double)
    operation = await webui.submit(order())
    assert operation == {"running": True}
    assert await webui.submit(order()) == operation, "the same order again is the same work"
    pending = await webui.poll(operation, order())
    assert isinstance(pending, Pending) and pending.progress == 0.4 and pending.changed
    drawn.set()
    await pending.changed.wait()
    assert isinstance(await webui.poll(operation, order()), Done)
    assert len(sent(double, "txt2img")) == 1


async def test_a_canceled_order_interrupts_the_server_that_is_at_it(
    webui: Automatic1111, double: VendorDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automatic1111, "_FIRST_LOOK", 0.01)
    drawn = slow(double)
    operation = await webui.submit(order())
    await webui.cancel(operation, order(job_id="job_other"))
    assert not sent(double, "interrupt"), "somebody else's order is none of ours"
    await webui.cancel(operation, order())
    assert len(sent(double, "interrupt")) == 1
    drawn.set()
    await webui.cancel(operation, order())
    assert len(sent(double, "interrupt")) == 1


async def test_an_order_that_was_lost_with_its_process_is_made_again(
    webui: Automatic1111, double: VendorDouble
) -> None:
    pending = await webui.poll({"running": True}, order())
    assert isinstance(pending, Pending) and pending.changed
    await pending.changed.wait()
    assert isinstance(await webui.poll({"running": True}, order()), Done)


async def test_a_server_that_dies_while_it_draws_costs_nothing(
    webui: Automatic1111, double: VendorDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automatic1111, "_FIRST_LOOK", 0.01)
    drawn = slow(double)
    operation = await webui.submit(order())
    pending = await webui.poll(operation, order())
    double.exchanges.insert(
        0, {"method": "POST", "path": "/sdapi/v1/txt2img", "answer": {"fault": "reset"}}
    )
    double.trouble["other POST /sdapi/v1/txt2img"] = [{"fault": "reset"}]
    drawn.set()
    assert isinstance(pending, Pending) and pending.changed
    await pending.changed.wait()
    failed = await webui.poll(operation, order())
    assert (
        isinstance(failed, Failed)
        and failed.retryable
        and "nothing was charged" in failed.next_step
    )


@pytest.mark.parametrize("told", [{}, {"images": []}, {"images": "x"}, {"images": [7]}, []])
async def test_an_answer_without_pictures_is_not_taken_for_one(
    webui: Automatic1111, double: VendorDouble, told: Any
) -> None:
    double.exchanges.insert(0, answer("POST", "/sdapi/v1/txt2img", told))
    with pytest.raises(OutcomeUnknown):
        await webui.submit(order())


async def test_a_card_that_is_too_small_is_told_with_what_helps(
    webui: Automatic1111, double: VendorDouble
) -> None:
    refusal = SAMPLE["refusals"][0]["answer"]
    double.exchanges.insert(0, {"method": "POST", "path": "/sdapi/v1/txt2img", "answer": refusal})
    with pytest.raises(ProviderError) as failed:
        await webui.submit(order())
    assert "CUDA out of memory" in failed.value.message
    assert "smaller size" in failed.value.next_step


async def test_a_password_goes_along_and_never_into_an_error(
    double: VendorDouble, tmp_path: Path
) -> None:
    double.exchanges.insert(0, answer("GET", "/sdapi/v1/sd-models", {"detail": "Incorrect"}, 401))
    provider = made(double, tmp_path, "me:hush")
    with pytest.raises(ProviderError) as refused:
        await provider.models()
    await provider.aclose()
    assert double.asked[0].headers["authorization"] == "Basic bWU6aHVzaA=="
    assert "AUTOMATIC1111_AUTH" in refused.value.message
    assert "hush" not in refused.value.message + refused.value.next_step


def test_a_size_becomes_one_that_a_model_can_work_on() -> None:
    assert workable((512, 515)) == (512, 512)
    assert workable((3, 3)) == (8, 8)
    width, height = workable((8000, 4000))
    assert width * height <= 1024 * 1024 and width % 8 == height % 8 == 0 and width // height == 2
