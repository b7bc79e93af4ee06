"""Inputs with roles, from the request to the vendor's slots; pictures that are too large are refused."""

from __future__ import annotations

import base64
import struct

import pytest

from doubles import model, png
from gateway_house import House

pytestmark = pytest.mark.anyio
EDIT = {
    "properties": {
        "prompt": {"type": "string"},
        "image_url": {"type": "string"},
        "mask_url": {"type": "string"},
    }
}


def uri(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


async def test_an_upload_answers_its_width_and_height(house: House) -> None:
    answer = await house.http.post("/api/v1/uploads", content=png(3, 2))
    assert (answer.json()["width"], answer.json()["height"]) == (3, 2)


@pytest.mark.parametrize("size", [(8000, 5001), (1, 201), (402, 2)])
async def test_a_picture_that_is_too_large_or_too_narrow_is_refused(
    house: House, size: tuple[int, int]
) -> None:
    head = png()
    claimed = head[:16] + struct.pack(">II", *size) + head[24:]
    answer = await house.http.post("/api/v1/uploads", content=claimed)
    assert answer.status_code == 400
    assert f"{size[0]}x{size[1]}" in answer.json()["error"]["message"]
    assert "40 megapixels" in answer.json()["error"]["next_step"]
    body = {"prompt": "x", "inputs": [f"mask={uri(claimed)}"]}
    error = (await house.http.post("/api/generate/image", json=body)).json()["error"]
    assert error["code"] == "invalid_request"


async def test_roles_reach_the_job_as_slots_of_the_models_schema(house: House) -> None:
    house.fake.offered.append(model("edit", tasks=("image-to-image",), input_schema=EDIT))
    stored = (await house.http.post("/api/v1/uploads", content=png(4, 4))).json()["artifact_id"]
    first = await house.order()
    await house.ended(first)
    body = {
        "prompt": "make it grey",
        "model": "fake:edit",
        "inputs": [f"mask={stored}", f"image={first}"],
        "dry_run": True,
    }
    plan = (await house.http.post("/api/generate/image", json=body)).json()
    placed = plan["request"]["inputs"]
    assert [(p["role"], p["slot"]) for p in placed] == [
        ("mask", "mask_url"),
        ("image", "image_url"),
    ]
    assert placed[0]["artifact"] == stored
    assert plan["request"]["options"] == {"prompt": "make it grey"}
    assert plan["cost"]["unit"] == "image" and plan["cost"]["quantity"] == 1
    assert "names it" in plan["why"]
    job = await house.ended(await house.order(**{k: v for k, v in body.items() if k != "dry_run"}))
    assert job["status"] == "completed"


async def test_the_same_file_in_another_role_is_another_order(house: House) -> None:
    offered = model("edit", tasks=("image-to-image",), input_schema=EDIT)
    house.fake.offered.append(offered)
    made = [
        await house.order(model="fake:edit", inputs=[f"{role}{uri(png())}"])
        for role in ("image=", "mask=")
    ]
    assert len({*made}) == 2


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("video=", "The input for video is image/png"),
        ("audio=", "The input for audio is image/png"),
    ],
)
async def test_a_file_of_another_medium_than_its_role_is_refused(
    house: House, source: str, message: str
) -> None:
    body = {"prompt": "x", "inputs": [source + uri(png())]}
    error = (await house.http.post("/api/generate/image", json=body)).json()["error"]
    assert message in error["message"] and error["field"] == "inputs[0]"


async def test_a_role_does_not_open_a_path_of_the_gateway(house: House) -> None:
    for source in ("mask=/etc/passwd", "mask=file:///etc/passwd", "image="):
        body = {"prompt": "x", "model": "fake:one", "inputs": [source]}
        error = (await house.http.post("/api/generate/image", json=body)).json()["error"]
        assert error["field"] == "inputs[0]" and "uploads" in error["next_step"]


async def test_a_model_that_takes_no_picture_says_so(house: House) -> None:
    body = {"prompt": "x", "model": "fake:one", "inputs": [uri(png())]}
    error = (await house.http.post("/api/generate/image", json=body)).json()["error"]
    assert error["message"] == "fake:one takes no input of the role image."
