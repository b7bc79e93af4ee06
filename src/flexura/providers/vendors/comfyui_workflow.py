"""An operator's ComfyUI workflow as a model: which of its nodes' inputs an order may fill.

A workflow file is what ComfyUI writes with "Export (API)": JSON of nodes by id. A node takes part by its
title, which a user changes in ComfyUI (double click on it) before the export:

    flexura:prompt                      the node's text is the prompt
    flexura:seed,steps,guidance=cfg     three inputs of one node; `name=input` where the names differ
    flexura:image                       a Load Image node that takes the order's input file

The names become the properties of the model's schema. Those of the canonical words (prompt, negative_prompt,
width, height, n, seed, steps, guidance, seconds, num_frames, fps, language, voice, image, mask, first_frame,
last_frame, reference_image, video, audio) are filled as for any other model; every other name is an option of
its own. One name on several nodes fills them all.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexura.providers.vendor_json import fields, rows

MAX_FILES = 200
MAX_BYTES = 4_000_000
_TITLE = re.compile(r"^\s*flexura\s*:\s*(.*)$", re.I | re.S)
_ITEM = re.compile(r"^([A-Za-z]\w{0,59})(?:\s*=\s*(\S+))?$")
_PICTURE = ("image", "value")
# The input that a name means where the node has none of that name and the title names none.
_USUAL_INPUTS: Mapping[str, tuple[str, ...]] = {
    "prompt": ("text", "string", "value", "positive", "tags", "caption"),
    "negative_prompt": ("text", "string", "value", "negative"),
    "seed": ("noise_seed", "value"),
    "n": ("batch_size", "amount", "value"),
    "guidance": ("cfg", "guidance_scale", "value"),
    "fps": ("frame_rate", "value"),
    "seconds": ("duration", "value"),
    "mask": _PICTURE,
    "first_frame": _PICTURE,
    "last_frame": _PICTURE,
    "reference_image": _PICTURE,
    "video": ("file", "value"),
    "audio": ("audio_file", "file", "value"),
}
_EXPORT = "Open it in ComfyUI and export it with Workflow > Export (API)."


def id_of(name: str) -> str:
    """The name of a file (a workflow, a checkpoint) as a model id can have it: without blanks."""
    return re.sub(r"\s+", "_", name.strip())


def is_link(value: Any) -> bool:
    """Whether an input's value is another node's output: `["4", 0]`."""
    pair = rows(value)
    return len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], int)


@dataclass(frozen=True)
class Slot:
    """One input of one node that an order fills under `name`."""

    name: str
    node: str
    input: str


@dataclass(frozen=True)
class Workflow:
    """A graph in ComfyUI's API format. `problems` say, in words, why it cannot be used as it stands."""

    name: str
    graph: Mapping[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    slots: tuple[Slot, ...] = ()
    problems: tuple[str, ...] = ()

    def literal(self, slot: Slot) -> Any:
        """What the file itself has in that place."""
        return fields(self.graph[slot.node].get("inputs")).get(slot.input)

    def filled(self, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The graph with the values in the slots of their names; names without a slot are left out."""
        graph = copy.deepcopy(dict(self.graph))
        for slot in self.slots:
            if slot.name in values:
                graph[slot.node]["inputs"][slot.input] = values[slot.name]
        return graph


def workflows_in(folder: Path) -> dict[str, Workflow]:
    """Every `*.json` of the operator's folder, by model id; a file that cannot be read says so itself."""
    if not folder.is_dir():
        return {}
    files = sorted(path for path in folder.glob("*.json") if path.is_file())
    return {id_of(path.stem): _read(path) for path in files[:MAX_FILES]}


def _read(path: Path) -> Workflow:
    try:
        if path.stat().st_size > MAX_BYTES:
            return Workflow(path.stem, problems=(f"The file is over {MAX_BYTES} bytes.",))
        return parsed(path.stem, path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return Workflow(path.stem, problems=(f"The file cannot be read ({type(error).__name__}).",))


def parsed(name: str, text: str) -> Workflow:
    """The workflow in a file's text."""
    try:
        found = fields(json.loads(text))
    except (ValueError, RecursionError):
        return Workflow(name, problems=(f"The file is not JSON. {_EXPORT}",))
    return from_graph(name, fields(found.get("prompt")) or found)


def from_graph(name: str, graph: Mapping[str, Any]) -> Workflow:
    """The workflow of a graph, with its slots found by the titles of its nodes."""
    nodes = {key: fields(node) for key, node in graph.items()}
    if not nodes or not all(isinstance(node.get("class_type"), str) for node in nodes.values()):
        return Workflow(name, problems=(f"The file is not in ComfyUI's API format. {_EXPORT}",))
    for node in nodes.values():
        node["inputs"] = fields(node.get("inputs"))
    slots: list[Slot] = []
    problems: list[str] = []
    for key, node in nodes.items():
        _slots_of(key, node, slots, problems)
    if not slots and not problems:
        problems.append(
            "No node has a title such as flexura:prompt, so an order can change nothing."
        )
    return Workflow(name, nodes, tuple(slots), tuple(problems))


def _slots_of(key: str, node: dict[str, Any], slots: list[Slot], problems: list[str]) -> None:
    title = _TITLE.match(str(fields(node.get("_meta")).get("title", "")))
    if title is None:
        return
    for item in title[1].split(","):
        named = _ITEM.match(item.strip())
        place = _input_of(node, named[1], named[2] or "") if named else ""
        if named is None or not place:
            inputs = ", ".join(_literals(node)) or "none"
            problems.append(
                f"The title of node {key} ({node['class_type']}) cannot be used: {item.strip()[:60]!r}."
                f" Write flexura:<name>=<input>; its inputs are: {inputs}."
            )
        else:
            slots.append(Slot(named[1], key, place))


def _literals(node: Mapping[str, Any]) -> list[str]:
    inputs = fields(node.get("inputs"))
    return [name for name, value in inputs.items() if not is_link(value)]


def _input_of(node: Mapping[str, Any], name: str, told: str) -> str:
    """The input that a title's name means; empty where it cannot be told."""
    literals = _literals(node)
    if told:
        return told if told in literals else ""
    wanted: Iterable[str] = (name, *_USUAL_INPUTS.get(name, ()))
    found = next((candidate for candidate in wanted if candidate in literals), "")
    return found or (literals[0] if len(literals) == 1 else "")


def _node(kind: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": title}}


def text_to_image(checkpoint: str) -> Workflow:
    """The graph that ComfyUI itself opens with, for a server whose operator has exported none."""
    sampler = "flexura:seed,steps,guidance=cfg,sampler_name,scheduler"
    settings: dict[str, Any] = {
        "seed": 0, "steps": 20, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
    }  # fmt: skip
    model, positive, negative, latent = ["4", 0], ["6", 0], ["7", 0], ["5", 0]
    graph = {
        "4": _node("CheckpointLoaderSimple", ckpt_name=checkpoint),
        "6": _node("CLIPTextEncode", "flexura:prompt", text="", clip=["4", 1]),
        "7": _node("CLIPTextEncode", "flexura:negative_prompt", text="", clip=["4", 1]),
        "5": _node("EmptyLatentImage", "flexura:width,height,n", width=512, height=512, batch_size=1),
        "3": _node(
            "KSampler", sampler, **settings,
            model=model, positive=positive, negative=negative, latent_image=latent,
        ),
        "8": _node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": _node("SaveImage", images=["8", 0], filename_prefix="flexura"),
    }  # fmt: skip
    return from_graph(checkpoint, graph)
