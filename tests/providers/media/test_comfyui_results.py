"""What became of a prompt, read from ComfyUI's history."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Any

import pytest

from flexura.domain.model import Kind
from flexura.ports.provider import Done, Failed
from flexura.providers.vendors.comfyui_results import extension_of, outcome


def address(place: Mapping[str, str]) -> str:
    return f"http://comfy/view?{urllib.parse.urlencode(place)}"


def told(outputs: dict[str, Any]) -> dict[str, Any]:
    status = {"status_str": "success", "completed": True, "messages": []}
    return {"outputs": {"9": {**outputs, "text": ["words"]}, "10": None}, "status": status}


def failed(*messages: Any) -> dict[str, Any]:
    return {"outputs": {}, "status": {"status_str": "error", "messages": list(messages)}}


@pytest.mark.parametrize(
    ("outputs", "kind", "found"),
    [
        ({"images": [{"filename": "p.png", "type": "temp"},
                     {"filename": "a b.png", "subfolder": "x", "type": "output"}]},
         "image", [("image/png", "main", "a+b.png&subfolder=x&type=output")]),
        ({"images": [{"filename": "p.png", "subfolder": "", "type": "temp"}]},
         "image", [("image/png", "main", "type=temp")]),
        ({"images": [{"filename": "c.mp4", "subfolder": "video", "type": "output"}], "animated": [True]},
         "video", [("video/mp4", "main", "filename=c.mp4&subfolder=video")]),
        ({"images": [{"filename": "a.png", "type": "output"}],
          "gifs": [{"filename": "c.webm", "type": "output"}]},
         "video", [("video/webm", "main", "c.webm"), ("image/png", "extra", "a.png")]),
        ({"audio": [{"filename": "s.flac", "type": "output"}]}, "audio", [("audio/flac", "main", "s.flac")]),
        ({"images": [{"filename": "m.gif", "type": "output"}]}, "video", [("image/gif", "main", "m.gif")]),
    ],
)  # fmt: skip
def test_files_are_found_wherever_nodes_put_them(
    outputs: dict[str, Any], kind: Kind, found: list[tuple[str, str, str]]
) -> None:
    done = outcome(told(outputs), kind, address)
    assert isinstance(done, Done)
    assert [(o.mime, o.role) for o in done.outputs] == [(mime, role) for mime, role, _ in found]
    assert all(query in o.url for o, (_, _, query) in zip(done.outputs, found, strict=True))


@pytest.mark.parametrize("outputs", [{}, {"images": [{"filename": "x.latent"}, 7, None]}])
def test_work_that_saved_nothing_says_what_the_workflow_needs(outputs: dict[str, Any]) -> None:
    found = outcome(told(outputs), "image", address)
    assert isinstance(found, Failed) and "saves its result" in found.next_step


@pytest.mark.parametrize(
    ("error", "step"),
    [
        ({"exception_message": "Allocation: out of memory.\n"}, "smaller size"),
        ({"exception_message": "no", "exception_type": "torch.OutOfMemoryError"}, "smaller size"),
        ({"exception_message": "mat1 and mat2 cannot be multiplied"}, "correct that node"),
        ({}, "correct that node"),
    ],
)
def test_a_node_that_failed_is_told_in_its_own_words(error: dict[str, Any], step: str) -> None:
    message = ["execution_error", {"node_id": "3", "node_type": "KSampler", **error}]
    found = outcome(failed(["execution_start", {}], message), "image", address)
    assert isinstance(found, Failed) and found.code == "provider_error"
    assert found.message.startswith("ComfyUI's KSampler (node 3) failed: ")
    assert error.get("exception_message", "does not say").strip(".\n") in found.message
    assert step in found.next_step


@pytest.mark.parametrize("messages", [[], [None], [["execution_start"]], [[[1], 2]]])
def test_an_error_without_a_reason_is_a_failure_all_the_same(messages: list[Any]) -> None:
    found = outcome(failed(*messages), "image", address)
    assert isinstance(found, Failed) and found.message and found.next_step


def test_an_interruption_on_the_server_is_a_cancellation() -> None:
    found = outcome(failed(["execution_interrupted", {"node_id": "3"}]), "image", address)
    assert isinstance(found, Failed) and found.code == "canceled"


def test_a_file_is_named_by_its_media_type() -> None:
    assert (extension_of("image/jpeg"), extension_of("text/plain")) == ("jpg", "bin")
