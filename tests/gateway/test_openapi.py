"""The OpenAPI document."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from gateway_house import House


@pytest.mark.anyio
async def test_the_document_is_valid_openapi_3_1_and_names_every_documented_path(
    house: House,
) -> None:
    document = (await house.http.get("/openapi.json")).json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    for path in (
        "/api/search",
        "/api/generate/image",
        "/api/generate/video",
        "/api/generate/audio",
        "/api/jobs/{job_id}",
        "/api/agent/models",
        "/api/assets/{name}",
        "/api/install/flexura-skill",
    ):
        assert path in document["paths"]
