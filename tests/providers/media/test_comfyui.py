"""ComfyUI: workflow files as models, orders that are queued once, and what became of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import ProviderError, ProviderUnavailable
from flexura.domain.model import Model
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, InputFile, Order, Pending
from flexura.providers.media import Setup
from flexura.providers.media.comfyui import ComfyUI, configured, make, origins
from vendor_double import VendorDouble, media, vendor_double

pytestmark = pytest.mark.anyio
FIXTURES = Path(__file__).parents[2] / "fixtures"
SAMPLE = json.loads((FIXTURES / "providers" / "comfyui.json").read_text(encoding="utf-8"))
NODES = SAMPLE["listing"][0]["answer"]["json"]
EMPTY = {"queue_running": [], "queue_pending": []}


@pytest.fixture
def double() -> Iterator[VendorDouble]:
    with vendor_double() as server:
        answers(
            server, {"/object_info": NODES, "/models/checkpoints": ["a.safetensors", "b c.ckpt"]}
        )
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty home: no workflow files."""
    (tmp_path / "comfyui").mkdir()
    return tmp_path / "comfyui"


@pytest.fixture
async def comfy(double: VendorDouble, tmp_path: Path, folder: Path) -> AsyncIterator[ComfyUI]:
    env = {"COMFYUI_BASE_URL": double.url}
    setup = Setup(env, Guard(allow_origins=origins(env)), tmp_path, tmp_path / "staging")
    (provider,) = make(setup)
    assert isinstance(provider, ComfyUI)
    yield provider
    await provider.aclose()


def answers(server: VendorDouble, paths: Mapping[str, Any], method: str = "GET") -> None:
    """Let the server answer these paths with this JSON, before whatever it answered so far."""
    new = [
        {"method": method, "path": path, "answer": {"status": 200, "json": told}}
        for path, told in paths.items()
    ]
    server.exchanges = [*new, *server.exchanges]


def idle(server: VendorDouble) -> None:
    answers(server, {"/queue": EMPTY, "/history": {}, "/history/{job_id}": {}})
    answers(server, {"/prompt": {"prompt_id": "p1", "number": 1, "node_errors": {}}}, "POST")


def use(folder: Path, name: str) -> None:
    shutil.copy(FIXTURES / "comfyui" / f"{name}.json", folder)


def order(upstream_id: str, **changes: Any) -> Order:
    fields: dict[str, Any] = {
        "job_id": "job_1", "kind": "image", "upstream_id": upstream_id, "prompt": "a fox", "n": 1,
        "seed": 7, "options": {"prompt": "a fox", "seed": 7},
    }  # fmt: skip
    return Order(**fields | changes)


def model(models: Any, id: str) -> Model:
    return next(m for m in models if m.id == id)


def posted(server: VendorDouble) -> list[dict[str, Any]]:
    return [a.sent() for a in server.asked if (a.method, a.path) == ("POST", "/prompt")]


def test_an_address_brings_it_to_life_and_may_be_on_a_private_network() -> None:
    assert not configured({}) and not configured({"COMFYUI_BASE_URL": "  "})
    env = {"COMFYUI_BASE_URL": " http://127.0.0.1:8188 "}
    assert configured(env) and origins(env) == ["http://127.0.0.1:8188"]


async def test_the_schema_is_what_the_server_says_of_the_nodes_at_this_moment(
    comfy: ComfyUI, folder: Path
) -> None:
    use(folder, "portrait")
    found = model(await comfy.models(), "comfyui:portrait")
    properties = found.input_schema["properties"]
    assert next(iter(properties)) == "prompt"
    assert properties["prompt"]["type"] == "string" and "default" not in properties["prompt"]
    assert properties["width"] == {
        "type": "integer",
        "minimum": 16,
        "maximum": 16384,
        "default": 512,
    }
    assert properties["height"]["default"] == 768, "the file's own value, not the node's"
    assert properties["guidance"]["type"] == "number" and properties["guidance"]["maximum"] == 100.0
    assert properties["n"]["description"] == "The number of latent images in the batch."
    assert properties["checkpoint"]["enum"] == [
        "dreamscape_v8.safetensors",
        "other model.safetensors",
    ]
    assert properties["sampler_name"]["default"] == "euler"
    assert properties["negative_prompt"]["default"] == "text, watermark"
    assert "default" not in properties["seed"]
    assert found.input_schema["required"] == ["prompt"]
    assert found.input_schema["additionalProperties"] is False
    assert (found.schema_source, found.status, found.price) == ("live", "active", None)


async def test_an_input_file_is_required_and_says_of_which_sort(
    comfy: ComfyUI, folder: Path
) -> None:
    use(folder, "restyle masked")
    schema = model(await comfy.models(), "comfyui:restyle_masked").input_schema
    assert schema["properties"]["image"]["contentMediaType"] == "image/*"
    assert {"image", "mask"} <= set(schema["required"])


async def test_what_the_server_lacks_makes_a_workflow_limited_and_is_told(
    comfy: ComfyUI, folder: Path, double: VendorDouble
) -> None:
    use(folder, "upscaler")
    use(folder, "from_the_editor")
    models = await comfy.models()
    lacking = model(models, "comfyui:upscaler")
    assert lacking.status == "limited"
    assert "ImageUpscaleWithModel+" in lacking.description
    assert "no model_name '4x_gone.pth'" in lacking.description
    assert "Export (API)" in model(models, "comfyui:from_the_editor").description
    idle(double)
    with pytest.raises(ProviderError) as refused:
        await comfy.submit(order("from_the_editor"))
    assert "API format" in refused.value.message and not posted(double)


async def test_without_a_workflow_every_checkpoint_is_a_model(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    models = await comfy.models()
    assert [m.id for m in models] == ["comfyui:a.safetensors", "comfyui:b_c.ckpt"]
    schema = models[0].input_schema
    wanted = {"prompt", "negative_prompt", "width", "height", "n", "seed", "steps", "guidance"}
    assert wanted <= set(schema["properties"]) and schema["required"] == ["prompt"]
    idle(double)
    sent = {"prompt": "a fox", "seed": 7, "width": 640, "n": 2}
    assert await comfy.submit(order("b_c.ckpt", options=sent)) == {"id": "p1"}
    graph = posted(double)[0]["prompt"]
    assert graph["4"]["inputs"]["ckpt_name"] == "b c.ckpt"
    assert graph["5"]["inputs"] == {"width": 640, "height": 512, "batch_size": 2}
    assert graph["6"]["inputs"]["text"] == "a fox" and graph["3"]["inputs"]["seed"] == 7


async def test_a_server_with_neither_workflow_nor_checkpoint_offers_nothing(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    answers(double, {"/models/checkpoints": []})
    assert await comfy.models() == []


async def test_a_checkpoint_that_is_gone_is_told_before_anything_is_queued(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    idle(double)
    with pytest.raises(ProviderError, match="no checkpoint 'gone"):
        await comfy.submit(order("gone.ckpt"))
    assert not posted(double)


@pytest.mark.parametrize("junk", [[], 7, None, {"a": 1}, {"a": {"b": 1}}])
async def test_a_list_of_another_shape_is_unavailable(
    comfy: ComfyUI, double: VendorDouble, junk: Any
) -> None:
    answers(double, {"/object_info": junk})
    with pytest.raises(ProviderUnavailable, match="cannot be read"):
        await comfy.models()


ENTRY = [4, "p9", {}, {"client_id": "job_1"}, ["9"]]


@pytest.mark.parametrize(
    "known",
    [
        {"/queue": {"queue_running": [ENTRY], "queue_pending": []}},
        {"/queue": {"queue_running": [[1, "x", {}, {}, []], [], None], "queue_pending": [ENTRY]}},
        {"/history": {"x": {"prompt": [1]}, "p9": {"prompt": ENTRY, "outputs": {}}, "y": None}},
    ],
    ids=["running", "waiting", "done"],
)
async def test_an_order_that_the_server_has_already_is_not_queued_again(
    comfy: ComfyUI, double: VendorDouble, known: dict[str, Any]
) -> None:
    idle(double)
    answers(double, known)
    assert await comfy.submit(order("a.safetensors")) == {"id": "p9"}
    assert not posted(double)


async def test_a_newer_server_is_asked_for_the_id_that_it_was_given(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    idle(double)
    await comfy.submit(order("a.safetensors"))
    own = posted(double)[0]["prompt_id"]
    answers(double, {f"/history/{own}": {own: {"outputs": {}, "status": {}}}})
    assert await comfy.submit(order("a.safetensors")) == {"id": own}
    assert len(posted(double)) == 1
    await comfy.submit(order("a.safetensors", job_id="job_2"))
    assert posted(double)[1]["prompt_id"] != own and posted(double)[1]["client_id"] == "job_2"


async def test_nothing_is_queued_while_nobody_knows_what_is_there(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    idle(double)
    answers(double, {"/queue": []})
    with pytest.raises(ProviderUnavailable) as away:
        await comfy.submit(order("a.safetensors"))
    assert away.value.details["retry_after"] == 2.0 and not posted(double)


async def test_an_input_is_uploaded_under_the_name_of_its_content(
    comfy: ComfyUI, double: VendorDouble, folder: Path
) -> None:
    use(folder, "restyle masked")
    idle(double)
    answers(
        double, {"/upload/image": {"name": "f.png", "subfolder": "in", "type": "input"}}, "POST"
    )
    path = folder / "input"
    path.write_bytes(media("png"))
    files = (
        InputFile(path, "image/png", "ab" * 32, "image", "image"),
        InputFile(path, "image/png", "cd" * 32, "mask"),
    )
    await comfy.submit(order("restyle_masked", inputs=files))
    uploads = [a.sent() for a in double.asked if a.path == "/upload/image"]
    assert [u["image"] for u in uploads] == [f"flexura-{'ab' * 12}.png", f"flexura-{'cd' * 12}.png"]
    graph = posted(double)[0]["prompt"]
    assert graph["1"]["inputs"]["image"] == "in/f.png" == graph["2"]["inputs"]["image"]


async def test_a_refused_graph_names_node_input_and_reason(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    idle(double)
    double.exchanges.insert(
        0, {"method": "POST", "path": "/prompt", "answer": SAMPLE["refusals"][0]["answer"]}
    )
    with pytest.raises(ProviderError) as refused:
        await comfy.submit(order("a.safetensors"))
    assert "EmptyImage (node 1), width: Value -5 smaller than min of 1" in refused.value.message
    assert (
        "node 1), height:" in refused.value.message
        and refused.value.details["upstream_status"] == 400
    )


async def test_outputs_that_are_left_out_become_warnings(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    idle(double)
    errors = SAMPLE["refusals"][0]["answer"]["json"]["node_errors"]
    answers(double, {"/prompt": {"prompt_id": "p1", "number": 1, "node_errors": errors}}, "POST")
    operation = json.loads(json.dumps(await comfy.submit(order("a.safetensors"))))
    done = await ended(
        comfy, double, {"images": [{"filename": "a.png", "type": "output"}]}, operation
    )
    assert isinstance(done, Done) and "EmptyImage (node 1), width" in done.warnings[0].message


async def ended(
    comfy: ComfyUI,
    double: VendorDouble,
    outputs: dict[str, Any],
    operation: dict[str, Any] | None = None,
    **changes: Any,
) -> Done | Failed | Pending:
    told = {
        "outputs": {"9": outputs},
        "status": {"status_str": "success", "completed": True, "messages": []},
    }
    answers(double, {"/history/p1": {"p1": told}})
    return await comfy.poll(operation or {"id": "p1"}, order("a.safetensors", **changes))


async def test_the_place_in_the_queue_is_told(comfy: ComfyUI, double: VendorDouble) -> None:
    waiting = [[9, "last", {}, {}, []], [5, "p1", {}, {}, []], [3, "first", {}, {}, []]]
    answers(
        double,
        {
            "/history/p1": {},
            "/queue": {"queue_running": [[1, "x", {}, {}, []]], "queue_pending": waiting},
        },
    )
    pending = await comfy.poll({"id": "p1"}, order("a.safetensors"))
    assert isinstance(pending, Pending) and pending.note.startswith("2 before it")
    answers(double, {"/queue": {"queue_running": [[5, "p1", {}, {}, []]], "queue_pending": []}})
    pending = await comfy.poll({"id": "p1"}, order("a.safetensors"))
    assert isinstance(pending, Pending) and "working" in pending.note


async def test_work_that_the_server_forgot_can_be_ordered_again(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    answers(double, {"/history/p1": {}, "/queue": EMPTY})
    lost = await comfy.poll({"id": "p1"}, order("a.safetensors"))
    assert isinstance(lost, Failed) and (lost.code, lost.retryable) == ("result_expired", True)


async def test_work_that_ends_between_two_questions_is_not_lost(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    answers(double, {"/queue": EMPTY})
    done = {"outputs": {"9": {"images": [{"filename": "a.png", "type": "output"}]}}, "status": None}
    double.exchanges += [
        {"method": "GET", "path": "/history/p1", "answer": {"status": 200, "json": told}}
        for told in ({}, {"p1": done})
    ]
    assert isinstance(await comfy.poll({"id": "p1"}, order("a.safetensors")), Done)


@pytest.mark.parametrize(("running", "interrupted"), [("p1", True), ("somebody_elses", False)])
async def test_a_cancel_interrupts_only_what_is_ours(
    comfy: ComfyUI, double: VendorDouble, running: str, interrupted: bool
) -> None:
    answers(double, {"/queue": {"queue_running": [[1, running, {}, {}, []]], "queue_pending": []}})
    answers(double, {"/queue": None, "/interrupt": None}, "POST")
    await comfy.cancel({"id": "p1"}, order("a.safetensors"))
    sent = [(a.path, a.sent()) for a in double.asked if a.method == "POST"]
    wanted = [("/queue", {"delete": ["p1"]})] + [("/interrupt", {"prompt_id": "p1"})] * interrupted
    assert sent == wanted


async def test_a_cancel_of_a_server_that_is_gone_is_no_error(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    double.trouble["other POST /queue"] = [{"fault": "reset"}]
    answers(double, {"/queue": None}, "POST")
    await comfy.cancel({"id": "p1"}, order("a.safetensors"))


async def test_a_server_behind_a_password_is_told_as_such(
    comfy: ComfyUI, double: VendorDouble
) -> None:
    double.exchanges.insert(0, {"path": "/object_info", "answer": {"status": 401, "text": "no"}})
    with pytest.raises(ProviderError) as locked:
        await comfy.models()
    assert "COMFYUI_BASE_URL" in locked.value.message and locked.value.next_step
