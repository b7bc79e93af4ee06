"""JSON that can be parsed and not be worked with: refused at the door, on every surface."""

from __future__ import annotations

import json

import pytest

from gateway_house import House

pytestmark = pytest.mark.anyio
ORDERS = [
    ("/api/generate/image", {"prompt": "x", "model": "fake:one", "options": {"mood": "@"}}),
    ("/api/v1/templates/image-to-film-with-music/runs", {"inputs": {}, "options": {"mood": "@"}}),
    ("/v1/jobs", {"prompt": "x", "options": {"mood": "@"}}),
    ("/api/v1/templates", {"slug": "a", "name": "A", "steps": "@"}),
]
DEEP = [200, 300, 500, 2000]


@pytest.mark.parametrize(("path", "order"), ORDERS)
@pytest.mark.parametrize(
    "value",
    [b'"\\ud800"', b'["\\uD83D"]', b'"\xed\xa0\x80"', *(b"[" * n + b"]" * n for n in DEEP)],
)
async def test_what_cannot_be_stored_is_refused(
    house: House, path: str, order: object, value: bytes
) -> None:
    body = json.dumps(order).encode().replace(b'"@"', value)
    sent = {"content-type": "application/json"}
    answer = await house.http.post(path, content=body, headers=sent)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in ("invalid_json", "invalid_request")


async def test_a_surrogate_pair_is_a_character(house: House) -> None:
    body = b'{"prompt": "a fox \\ud83e\\udd8a", "model": "fake:one"}'
    sent = {"content-type": "application/json"}
    answer = await house.http.post("/api/generate/image", content=body, headers=sent)
    assert answer.status_code == 202
