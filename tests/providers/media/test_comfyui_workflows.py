"""A workflow file of ComfyUI as a model: slots by title, schema, kinds and tasks by what a server says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from flexura.providers.vendors.comfyui_nodes import Fit
from flexura.providers.vendors.comfyui_workflow import (
    from_graph,
    parsed,
    text_to_image,
    workflows_in,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"
SAMPLE = json.loads((FIXTURES / "providers" / "comfyui.json").read_text(encoding="utf-8"))
NODES = SAMPLE["listing"][0]["answer"]["json"]


def node(kind: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": title}}


def test_a_title_names_what_an_order_fills() -> None:
    found = from_graph(
        "w",
        {
            "1": node("EncodeXL", " Flexura: prompt=a, prompt=b", a="", b="", clip=["9", 0]),
            "2": node("KSampler", "flexura:seed,guidance=cfg", seed=1, cfg=8, steps=20, model=["9", 0]),
            "3": node("PrimitiveInt", "flexura:width", value=512),
            "4": node("EmptyLatentImage", "flexura:n", width=["3", 0], height=512, batch_size=1),
        },
    )  # fmt: skip
    assert not found.problems
    assert {(s.name, s.node, s.input) for s in found.slots} == {
        ("prompt", "1", "a"), ("prompt", "1", "b"), ("seed", "2", "seed"), ("guidance", "2", "cfg"),
        ("width", "3", "value"), ("n", "4", "batch_size"),
    }  # fmt: skip
    graph = found.filled({"prompt": "a fox", "n": 2, "unheard_of": 1})
    assert graph["1"]["inputs"] == {"a": "a fox", "b": "a fox", "clip": ["9", 0]}
    assert graph["4"]["inputs"]["batch_size"] == 2
    assert found.graph["4"]["inputs"]["batch_size"] == 1, "the file's own graph stays as it is"


@pytest.mark.parametrize(
    "title",
    ["flexura:", "flexura:prompt=clip", "flexura:prompt=nothing", "flexura:a b", "flexura:width"],
)
def test_a_title_that_means_nothing_is_told_with_the_inputs_there_are(title: str) -> None:
    found = from_graph("w", {"1": node("Encode", title, text="", other=1, clip=["2", 0])})
    assert not found.slots
    assert "node 1 (Encode)" in found.problems[0] and "text, other" in found.problems[0]


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"nodes": [], "links": []}', '{"1": {"inputs": {}}}']
)
def test_a_file_in_another_format_says_how_to_export_it(text: str) -> None:
    assert "Export (API)" in parsed("w", text).problems[0]


def test_a_file_may_hold_the_body_of_a_prompt_request() -> None:
    text = json.dumps(
        {"prompt": {"1": node("Encode", "flexura:prompt", text="")}, "client_id": "x"}
    )
    assert parsed("w", text).slots[0].input == "text"


def test_a_workflow_that_an_order_cannot_change_says_so() -> None:
    assert (
        "flexura:prompt" in from_graph("w", {"1": node("SaveImage", images=["2", 0])}).problems[0]
    )


def test_a_checkpoint_that_the_order_chooses_may_be_gone() -> None:
    nodes = {
        **NODES,
        "CheckpointLoaderSimple": {"input": {"required": {"ckpt_name": [["new.ckpt"]]}}},
    }
    text = (FIXTURES / "comfyui" / "portrait.json").read_text()
    fit = Fit(parsed("portrait", text), nodes)
    assert not fit.problems
    assert fit.schema["properties"]["checkpoint"] == {"enum": ["new.ckpt"]}
    assert fit.schema["required"] == ["prompt", "checkpoint"]
    nodes["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"] = [[]]
    assert "offers nothing for checkpoint" in Fit(parsed("portrait", text), nodes).problems[0]


@pytest.mark.parametrize(
    ("told", "schema"),
    [
        (["FLOAT", {"min": 0.0, "max": 1, "step": 0.1}],
         {"type": "number", "minimum": 0.0, "maximum": 1, "default": 0.5}),
        (["STRING", {"multiline": True}], {"type": "string"}),
        (["BOOLEAN", {"default": True}], {"type": "boolean"}),
        (["COMBO", {"options": ["a", 0.5]}], {"enum": ["a", 0.5], "default": 0.5}),
        (["COMBO", {"remote": {"route": "/x"}}], {"type": "string"}),
        (["COMBO", {"options": ["a"], "multiselect": True}], {"type": "array", "items": {"enum": ["a"]}}),
        (["INT", {"default": 1, "tooltip": "How\nmany."}], {"type": "integer", "description": "How many."}),
        (["*"], {"default": 0.5}),
        ([], {"default": 0.5}),
        (7, {"default": 0.5}),
    ],
)  # fmt: skip
def test_an_input_of_any_shape_becomes_a_property(told: Any, schema: dict[str, Any]) -> None:
    workflow = from_graph("w", {"1": node("Node", "flexura:amount", amount=0.5)})
    fit = Fit(workflow, {"Node": {"input": {"optional": {"amount": told}}, "output_node": False}})
    assert fit.schema["properties"]["amount"] == schema


@pytest.mark.parametrize(
    ("graph", "kinds", "tasks"),
    [
        ({"1": node("SaveVideo"), "2": node("PreviewImage")}, ("video",), ("text-to-video",)),
        ({"1": node("VHS_VideoCombine"), "2": node("SaveImage")},
         ("image", "video"), ("text-to-image", "text-to-video")),
        ({"1": node("SaveWEBM"), "2": node("LoadImage", "flexura:first_frame", image="x")},
         ("video",), ("image-to-video",)),
        ({"1": node("PreviewAudio"), "2": node("KokoroTTS")}, ("audio",), ("text-to-speech",)),
        ({"1": node("SaveAudio"), "2": node("Encode", "flexura:prompt=tags,lyrics", tags="", lyrics="")},
         ("audio",), ("text-to-music",)),
        ({"1": node("Store", clip=["2", 0])}, ("audio",), ("text-to-sound",)),
        ({"1": node("SaveLatent")}, ("image",), ("text-to-image",)),
    ],
)  # fmt: skip
def test_kinds_and_tasks_come_from_the_nodes(
    graph: dict[str, Any], kinds: tuple[str, ...], tasks: tuple[str, ...]
) -> None:
    ends = (
        "SaveVideo",
        "PreviewImage",
        "VHS_VideoCombine",
        "SaveImage",
        "SaveWEBM",
        "PreviewAudio",
        "SaveAudio",
    )
    nodes: dict[str, Any] = {
        name: {"input": {}, "output_node": True} for name in (*ends, "SaveLatent")
    }
    nodes["Store"] = {"input": {"required": {"clip": ["AUDIO"]}}, "output_node": True}
    nodes |= {"LoadImage": NODES["LoadImage"], "KokoroTTS": {"input": {}}}
    fit = Fit(from_graph("w", graph), nodes)
    assert (fit.kinds, fit.tasks) == (kinds, tasks)


def test_the_plain_graph_fits_the_nodes_of_a_server() -> None:
    nodes = {
        **NODES,
        "CheckpointLoaderSimple": {"input": {"required": {"ckpt_name": [["x.ckpt"]]}}},
    }
    fit = Fit(text_to_image("x.ckpt"), nodes)
    assert (fit.problems, fit.kinds, fit.tasks) == ([], ("image",), ("text-to-image",))


def test_a_file_that_cannot_be_read_hides_only_itself(tmp_path: Path) -> None:
    (tmp_path / "two words.json").write_bytes(b"\xff\xfe\x00")
    shutil.copy(FIXTURES / "comfyui" / "hum.json", tmp_path)
    found = workflows_in(tmp_path)
    assert set(found) == {"two_words", "hum"} and not found["hum"].problems
    assert "UnicodeDecodeError" in found["two_words"].problems[0]
    assert workflows_in(tmp_path / "nowhere") == {}
