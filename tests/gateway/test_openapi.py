"""The OpenAPI document, and the reference page that is made from it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from flexura.domain.errors import FlexuraError, tree
from flexura.gateway.openapi import document
from flexura.gateway.rest.operations import OPERATIONS, SURFACES
from flexura.gateway.rest.schemas import components
from gateway_house import House

pytestmark = pytest.mark.anyio
DOCUMENTED = (
    "/api/search",
    "/api/generate/image",
    "/api/generate/video",
    "/api/generate/audio",
    "/api/jobs/{job_id}",
    "/api/agent/models",
    "/api/assets/{name}",
    "/api/install/flexura-skill",
    "/api/v1/status",
    "/api/v1/auth",
    "/api/v1/pipelines",
    "/api/v1/jobs",
    "/api/v1/jobs/{job_id}",
    "/api/v1/jobs/{job_id}/outputs",
    "/api/v1/artifacts/{artifact_id}",
    "/api/v1/techniques/{slug}/runs",
    "/api/v1/techniques/{slug}/runs/{run_id}",
    "/v1/jobs",
    "/v1/jobs/{job_id}",
    "/v1/jobs/{job_id}/result",
    "/v1/jobs/{job_id}/approve-publish",
    "/v1/jobs/{job_id}/schedule",
    "/v1/upload",
    "/v1/templates",
    "/v1/templates/{template_id}",
    "/v1/account",
)


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for answer in operation["responses"].values():
        yield from answer.get("content", {}).values()


async def test_the_document_is_valid_openapi_3_1_and_names_every_documented_path(
    house: House,
) -> None:
    served = (await house.http.get("/openapi.json")).json()
    validate(served)
    assert served["openapi"].startswith("3.1")
    assert [path for path in DOCUMENTED if path not in served["paths"]] == []


def test_every_operation_has_an_id_of_its_own_a_summary_and_a_surface() -> None:
    found = [op for methods in document()["paths"].values() for op in methods.values()]
    ids = [operation["operationId"] for operation in found]
    assert len(ids) == len(set(ids)) == len(OPERATIONS)
    assert all(operation["summary"] and len(operation["tags"]) == 1 for operation in found)


def test_every_schema_has_a_name_of_its_own_and_is_used() -> None:
    named = [name for surface in SURFACES for table in surface.tables for name in table.SCHEMAS]
    named += components()
    assert [name for name, times in Counter(named).items() if times > 1] == []
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document())))
    assert used == set(named)


def test_a_job_that_one_surface_makes_leads_to_the_reads_of_all() -> None:
    paths = document()["paths"]
    makers = (
        "/api/generate/image",
        "/api/v1/jobs",
        "/api/v1/templates/{template}/runs",
        "/v1/jobs",
    )
    for maker in makers:
        links = paths[maker]["post"]["responses"]["202"]["links"]
        for reader in ("get_job", "get_v1_job", "job_steps", "get_video_job", "get_video_result"):
            told = links[reader]["parameters"]["job_id"]
            assert told in ("$response.body#/job_id", "$response.body#/jobId")
    run = paths["/api/v1/techniques/{slug}/runs"]["post"]["responses"]["200"]["links"]
    assert run["get_run"]["parameters"] == {
        "slug": "$request.path.slug",
        "run_id": "$response.body#/runId",
    }
    assert run["get_job"]["parameters"] == {"job_id": "$response.body#/runId"}


def test_every_link_leads_to_an_operation_and_fills_its_path() -> None:
    found = [op for methods in document()["paths"].values() for op in methods.values()]
    wanted = {
        op["operationId"]: {p["name"] for p in op.get("parameters", ()) if p["in"] == "path"}
        for op in found
    }
    links = [
        link
        for op in found
        for answer in op["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert links
    assert all(link["parameters"].keys() == wanted[link["operationId"]] for link in links)


def test_only_uploads_in_parts_come_without_the_body_that_they_describe() -> None:
    optional = {
        op["operationId"]
        for methods in document()["paths"].values()
        for op in methods.values()
        if not op.get("requestBody", {"required": True})["required"]
    }
    assert optional == {"upload_file", "append_to_upload"}


def test_every_example_fits_its_schema() -> None:
    made = document()
    checked = 0
    for path, methods in made["paths"].items():
        for operation in methods.values():
            for content in contents(operation):
                if "example" in content:
                    schema = {**content["schema"], "components": made["components"]}
                    jsonschema.validate(content["example"], schema)
                    checked += 1
            assert path
    assert checked > 60


def test_every_json_body_and_answer_has_an_example() -> None:
    without = [
        (path, method)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        for content in [operation.get("requestBody", {}).get("content", {})]
        if "application/json" in content and "example" not in content["application/json"]
    ]
    assert without == []


def test_every_error_code_that_a_route_can_give_is_shown_with_its_status() -> None:
    shown = {
        code
        for answer in document()["components"]["responses"].values()
        for code in answer["content"]["application/json"]["examples"]
    }
    never_sent = {"internal_error", "method_not_allowed"}
    assert {e.code for e in tree() if e is not FlexuraError} - never_sent == shown


async def test_the_reference_page_shows_every_operation_and_loads_nothing(house: House) -> None:
    del house.http.headers["authorization"]
    answer = await house.http.get("/docs")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    text = answer.text
    for operation in OPERATIONS:
        assert f"<b>{operation.method}</b> {operation.path}" in text
    assert "<script" not in text and "@import" not in text
    assert re.findall(r'(?:src|href)="(?!#|/openapi\.json)', text) == []


async def test_the_pages_style_is_the_one_that_its_policy_allows(house: House) -> None:
    import base64
    import hashlib

    answer = await house.http.get("/docs")
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
