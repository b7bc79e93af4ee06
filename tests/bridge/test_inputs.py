"""Local files in a call are uploaded and replaced by ids; the gateway never sees a path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bridge.agent import Agent
from bridge.fake_gateway import PICTURE, FakeGateway
from flexura.bridge.uploads import ROLES
from flexura.domain.generation import ROLE_MEDIA


@pytest.fixture
def cat(project: Path) -> Path:
    path = project / "art" / "Kätzchen.png"
    path.parent.mkdir()
    path.write_bytes(PICTURE)
    return path


def sent(gateway: FakeGateway) -> Any:
    return gateway.calls[-1]["arguments"]


def test_a_file_of_the_project_is_uploaded_and_replaced_by_its_id(
    agent: Agent, gateway: FakeGateway, cat: Path
) -> None:
    agent.call("generate_image", prompt="x", images=["art/Kätzchen.png"])
    headers, body = gateway.uploads[0]
    assert body == PICTURE
    assert headers["content-type"] == "image/png"
    assert headers["x-filename"] == "K%C3%A4tzchen.png"
    assert sent(gateway)["images"] == ["art_1"]


def test_it_may_be_named_in_every_usual_way(agent: Agent, gateway: FakeGateway, cat: Path) -> None:
    names = [str(cat), cat.as_uri(), "./art/Kätzchen.png", "art/../art/Kätzchen.png"]
    agent.call("generate_image", prompt="x", images=names)
    assert sent(gateway)["images"] == ["art_1"] * 4


def test_a_role_stays_before_the_id_of_the_file(
    agent: Agent, gateway: FakeGateway, cat: Path
) -> None:
    images = [f"{role}=art/Kätzchen.png" for role in ROLES]
    images += [f"mask={cat.as_uri()}", "mask=art_01ABC", "reference=https://example.com/a.png"]
    agent.call(
        "generate_image", prompt="x", images=images, options={"inputs": [f"mask={cat.as_uri()}"]}
    )
    assert sent(gateway)["images"] == [
        *(f"{role}=art_1" for role in ROLES),
        *("mask=art_1", "mask=art_01ABC", "reference=https://example.com/a.png"),
    ]
    assert sent(gateway)["options"]["inputs"] == ["mask=art_1"]
    assert {*ROLES} == {*ROLE_MEDIA}


def test_a_path_that_merely_contains_an_equals_sign_is_a_path(
    agent: Agent, gateway: FakeGateway, cat: Path
) -> None:
    cat.rename(cat.parent / "size=large.png")
    agent.call(
        "generate_image", prompt="x", images=["art/size=large.png", "mask=art/size=large.png"]
    )
    assert sent(gateway)["images"] == ["art_1", "mask=art_1"]


def test_the_same_content_is_uploaded_once(agent: Agent, gateway: FakeGateway, cat: Path) -> None:
    (cat.parent / "copy.png").write_bytes(PICTURE)
    for name in ("art/Kätzchen.png", "art/copy.png"):
        agent.call("generate_image", prompt="x", images=[name])
    assert len(gateway.uploads) == 1
    cat.write_bytes(b"changed")
    agent.call("generate_image", prompt="x", images=["art/Kätzchen.png"])
    assert sent(gateway)["images"] == ["art_2"]


def test_what_the_gateway_understands_is_passed_on(agent: Agent, gateway: FakeGateway) -> None:
    images = [
        "https://example.com/a.png",
        "data:image/png;base64,AA==",
        "art_01ABC",
        "job_01ABC",
        "a1b2c3",
    ]
    agent.call("generate_image", prompt="x", images=images)
    assert sent(gateway)["images"] == images
    assert gateway.uploads == []


def test_inputs_of_a_template_are_uploaded_and_its_texts_are_not(
    agent: Agent, gateway: FakeGateway, cat: Path
) -> None:
    inputs = [
        {"id": "photo", "type": "image", "value": "art/Kätzchen.png"},
        {"id": "title", "type": "text", "value": "art/Kätzchen.png"},
        cat.as_uri(),
        "art/Kätzchen.png",
    ]
    agent.call("generate_image", prompt="x", options={"inputs": inputs, "seed": 1})
    values = [i["value"] if isinstance(i, dict) else i for i in sent(gateway)["options"]["inputs"]]
    assert values == ["art_1", "art/Kätzchen.png", "art_1", "art/Kätzchen.png"]
    assert sent(gateway)["options"]["seed"] == 1


def test_files_among_the_named_inputs_of_a_template_are_uploaded_and_its_texts_are_not(
    agent: Agent, gateway: FakeGateway, cat: Path
) -> None:
    inputs = {
        "photo": "art/Kätzchen.png",
        "clips": [str(cat), cat.as_uri(), "https://example.com/a.mp4", "art_01ABC"],
        "mask": "mask=./art/Kätzchen.png",
        "title": "A cat, as in art/Kätzchen.png",
        "caption": "missing.png",
        "tale": "once " * 2_000 + ".png",
        "folder": "art",
        "odd": "nul\0.png",
        "count": 3,
        "nested": {"path": "art/Kätzchen.png"},
    }
    options = {"inputs": inputs, "seed": 1}
    agent.call("generate_video", prompt="x", model="template:film", options=options)
    assert sent(gateway)["options"] == {
        "inputs": {
            **inputs,
            "photo": "art_1",
            "clips": ["art_1", "art_1", "https://example.com/a.mp4", "art_01ABC"],
            "mask": "mask=art_1",
        },
        "seed": 1,
    }
    assert len(gateway.uploads) == 1


@pytest.mark.parametrize("named", ["../outside.png", "link.png", "file:///etc/passwd", "empty.png"])
def test_a_named_input_of_a_template_is_held_to_the_same_rules(
    agent: Agent, gateway: FakeGateway, project: Path, named: str
) -> None:
    (project.parent / "outside.png").write_bytes(PICTURE)
    (project / "link.png").symlink_to("../outside.png")
    (project / "empty.png").touch()
    options = {"inputs": {"photos": [named]}}
    result = agent.call("generate_image", prompt="x", model="template:film", options=options)
    assert result["isError"] is True
    assert "is refused" in result["structuredContent"]["error"]["message"]
    assert (gateway.uploads, gateway.calls) == ([], [])


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("missing.png", "no such file"),
        ("../outside.png", "outside the project"),
        ("/etc/hostname.png", "outside the project"),
        ("mask=../outside.png", "outside the project"),
        ("mask=file:///etc/passwd", "outside the project"),
        ("file:///etc/passwd", "outside the project"),
        ("file://server/share/x.png", "not a file of this machine"),
        ("~/x.png", "outside the project"),
        ("link.png", "outside the project"),
        ("linked/outside.png", "outside the project"),
        ("secret.env", "does not end like"),
        ("./.env", "does not end like"),
        ("folder.png", "not a regular file"),
        ("pipe.png", "not a regular file"),
        ("empty.png", "empty"),
        ("huge.png", "100 MB"),
        ("nul\0.png", "NUL"),
    ],
)
def test_what_may_not_leave_the_machine_is_refused_before_anything_is_ordered(
    agent: Agent, gateway: FakeGateway, project: Path, named: str, why: str
) -> None:
    (project.parent / "outside.png").write_bytes(PICTURE)
    (project / "link.png").symlink_to("../outside.png")
    (project / "linked").symlink_to("..")
    (project / "folder.png").mkdir()
    os.mkfifo(project / "pipe.png")
    for name in ("secret.env", ".env"):
        (project / name).write_text("KEY=1")
    (project / "empty.png").touch()
    with (project / "huge.png").open("wb") as huge:
        huge.truncate(101 << 20)
    result = agent.call("generate_image", prompt="x", images=[named])
    assert result["isError"] is True
    assert why in result["structuredContent"]["error"]["message"]
    assert gateway.uploads == []
    assert gateway.calls == []


def test_an_id_that_the_gateway_refused_is_not_used_again(
    agent: Agent, gateway: FakeGateway, cat: Path
) -> None:
    from bridge.fake_gateway import told

    async def expired(*_: Any) -> Any:
        return told({"error": {"code": "artifact_expired", "message": "Gone."}}, is_error=True)

    picture = gateway.tools["generate_image"]
    gateway.tools["generate_image"] = expired
    agent.call("generate_image", prompt="x", images=["art/Kätzchen.png"])
    gateway.tools["generate_image"] = picture
    agent.call("generate_image", prompt="x", images=["art/Kätzchen.png"])
    assert sent(gateway)["images"] == ["art_2"]
