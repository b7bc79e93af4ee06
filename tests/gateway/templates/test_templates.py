"""Templates and their views over REST."""

from __future__ import annotations

from typing import Any

import pytest

from gateway_house import House
from template_house import DOCUMENT, document

pytestmark = pytest.mark.anyio
YAML = """
slug: poster
views: [technique]
inputs:
  - {id: input_image, type: IMAGE_URL, description: A photo.}
  - {id: style, type: CHOICE, choices: [calm, wild], default: calm}
steps:
  - id: change
    uses: transform
    prompt: "{{ inputs.style }}"
    inputs: ["{{ inputs.input_image }}"]
    options: {size: 16:9}
"""


async def post(house: House, path: str, body: Any, **headers: str) -> Any:
    """POST JSON, or YAML where the body is text."""
    if isinstance(body, str):
        headers["Content-Type"] = "application/yaml"
        return await house.http.post(f"/api/v1/{path}", content=body, headers=headers)
    return await house.http.post(f"/api/v1/{path}", json=body, headers=headers)


async def get(house: House, path: str) -> dict[str, Any]:
    answer = await house.http.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def stranger(house: House) -> dict[str, str]:
    """The headers of somebody in another workspace."""
    answer = await house.http.post("/api/v1/workspaces", json={"name": "they"})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['key']}"}


async def test_a_template_is_saved_shown_changed_and_deleted(house: House) -> None:
    saved = await post(house, "templates", DOCUMENT)
    assert saved.status_code == 201, saved.text
    record = saved.json()
    assert record["id"].startswith("tpl_") and (record["slug"], record["version"]) == ("hero", 1)
    assert await get(house, "templates/hero") == record
    assert await get(house, f"templates/{record['id']}") == record
    assert (await post(house, "templates", DOCUMENT)).json() == record
    changed = (await post(house, "templates", document(name="Other"))).json()
    assert (changed["version"], changed["name"]) == (2, "Other")
    assert await get(house, "templates/hero@1") == record
    listed = {t["slug"]: t for t in (await get(house, "templates"))["templates"]}
    assert listed["hero"]["id"] == changed["id"] and listed["social-set"]["shipped"]
    assert (await house.http.delete("/api/v1/templates/hero")).status_code == 204
    assert (await house.http.get("/api/v1/templates/hero")).status_code == 404
    assert (await house.http.delete("/api/v1/templates/hero")).status_code == 404


async def test_yaml_is_taken_as_json_is(house: House) -> None:
    saved = await post(house, "templates", YAML)
    assert saved.status_code == 201, saved.text
    assert saved.json()["steps"][0]["options"] == {"size": "16:9"}
    refused = await post(house, "templates", "slug: [")
    assert refused.status_code == 400 and "in line" in refused.json()["error"]["message"]
    odd = await house.http.post(
        "/api/v1/templates", content=b"x", headers={"Content-Type": "text/plain"}
    )
    assert odd.status_code == 415
    large = await post(house, "templates", f"slug: {'x' * 600_000}")
    assert large.status_code == 413


async def test_a_mistake_names_its_place(house: House) -> None:
    answer = await post(house, "templates", document(steps__0__prompt="{{ inputs.subjct }}"))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_request")
    assert error["field"] == "steps[0].prompt"
    assert "Did you mean subject?" in error["next_step"]


async def test_what_ships_is_listed_and_cannot_be_deleted(house: House) -> None:
    answer = await house.http.delete("/api/v1/templates/text-to-image-basic")
    assert answer.status_code == 409
    assert "your own under the same slug" in answer.json()["error"]["next_step"]


async def test_views_are_one_list_seen_four_ways(house: House) -> None:
    await post(house, "templates", document(views=["template", "pipeline"]))
    assert "hero" in {p["id"] for p in (await get(house, "pipelines"))["pipelines"]}
    assert "hero" not in {t["slug"] for t in (await get(house, "techniques"))["techniques"]}
    found = await get(house, "templates?view=pipeline")
    assert all("pipeline" in t["views"] for t in found["templates"])
    assert (await house.http.get("/api/v1/templates?view=odd")).status_code == 400


async def test_a_technique_shows_its_typed_inputs_in_their_order(house: House) -> None:
    saved = await post(house, "techniques", YAML.replace("views: [technique]\n", ""))
    assert saved.status_code == 201, saved.text
    found = await get(house, "techniques/poster")
    assert found["inputs"] == [
        {"id": "input_image", "type": "IMAGE_URL", "required": True, "description": "A photo."},
        {
            "id": "style",
            "type": "CHOICE",
            "required": False,
            "description": "",
            "default": "calm",
            "choices": ["calm", "wild"],
        },
    ]
    # Saved there, it is a template too.
    assert (await get(house, "templates/poster"))["views"] == ["template", "technique"]
    await post(house, "templates", DOCUMENT)
    for method in ("GET", "DELETE"):
        answer = await house.http.request(method, "/api/v1/techniques/hero")
        assert answer.status_code == 404, answer.text
    assert (await house.http.delete("/api/v1/techniques/poster")).status_code == 204
    assert (await house.http.get("/api/v1/templates/poster")).status_code == 404


async def test_the_documented_pipelines_are_there_as_printed(house: House) -> None:
    found = (await get(house, "pipelines"))["pipelines"]
    assert [list(p)[:3] for p in found] == [["id", "type", "status"]] * len(found)
    assert [{n: p[n] for n in ("id", "type", "status")} for p in found[:3]] == [
        {"id": "text-to-image-basic", "type": "image", "status": "active"},
        {"id": "image-transform-standard", "type": "image", "status": "active"},
        {"id": "review-batch-a", "type": "batch", "status": "limited"},
    ]
    assert {"text-to-image", "text-to-video", "text-to-music"} <= {p["id"] for p in found}


async def test_a_pipeline_is_saved_and_deleted_and_a_task_s_is_the_catalog_s(house: House) -> None:
    saved = await post(house, "pipelines", document(slug="mine"))
    assert saved.status_code == 201, saved.text
    assert saved.json() == await get(house, "pipelines/mine")
    assert (await house.http.delete("/api/v1/pipelines/mine")).status_code == 204
    assert (await house.http.get("/api/v1/pipelines/mine")).status_code == 404
    for name in ("text-to-image", "text-to-image-basic"):
        answer = await house.http.delete(f"/api/v1/pipelines/{name}")
        assert answer.status_code == 409, answer.text


async def test_a_preset_is_saved_in_short_or_in_full(house: House) -> None:
    short = {"name": "Cinematic Wide", "model": "policy:best", "options": {"size": "21:9"}}
    saved = await post(house, "presets", short)
    assert saved.status_code == 201, saved.text
    assert saved.json()["name"] == "cinematic-wide"
    full = {"slug": "full", "steps": [{"id": "make", "uses": "video", "options": {"seconds": 3}}]}
    assert (await post(house, "presets", full)).json()["kind"] == "video"
    listed = {p["name"]: p for p in (await get(house, "presets"))["presets"]}
    assert listed["cinematic-wide"]["options"] == {"size": "21:9"}
    assert listed["quick"]["configured"] and not listed["full"]["configured"]
    assert (await house.http.delete("/api/v1/presets/full")).status_code == 204
    assert (await house.http.delete("/api/v1/presets/full")).status_code == 404
    assert (await house.http.delete("/api/v1/presets/quick")).status_code == 409
    assert (await house.http.delete("/api/v1/presets/social-set")).status_code in (404, 409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "!!!"}, "slug"),
        ({"name": "x", "model": "vendor:model"}, "model"),
        ({"name": "x", "option": {}}, "option"),
        ({"name": "x", "kind": "picture"}, "kind"),
        ({"slug": "x", "views": ["pipeline"], "steps": [{"id": "a", "uses": "image"}]}, "views"),
    ],
)
async def test_a_wrong_preset_is_told_in_the_words_that_were_sent(
    house: House, body: dict[str, Any], field: str
) -> None:
    answer = await post(house, "presets", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("templates", DOCUMENT),
        ("techniques", DOCUMENT),
        ("pipelines", DOCUMENT),
        ("presets", {"name": "wide"}),
    ],
)
async def test_a_repeat_with_its_key_gets_the_first_answer(
    house: House, path: str, body: dict[str, Any]
) -> None:
    key = {"Idempotency-Key": "once"}
    first = await post(house, path, body, **key)
    again = await post(house, path, body, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await post(house, path, {**body, "description": "else"}, **key)
    assert other.status_code == 422


async def test_another_workspace_sees_none_of_it(house: House) -> None:
    saved = (await post(house, "templates", document(views=["template", "technique"]))).json()
    they = await stranger(house)
    for path in ("templates/hero", f"templates/{saved['id']}", "techniques/hero", "pipelines/hero"):
        for method in ("GET", "DELETE"):
            answer = await house.http.request(method, f"/api/v1/{path}", headers=they)
            assert answer.status_code == 404, (method, path, answer.text)
    listed = (await house.http.get("/api/v1/templates", headers=they)).json()["templates"]
    assert "hero" not in {t["slug"] for t in listed}
