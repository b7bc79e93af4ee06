"""One order for several models: one job, priced as a whole; one that fails leaves the others alone."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp_types import CallToolResult, ImageContent

from files_house import opened as decoded
from flexura.domain.credit_rules import CreditRules
from flexura.domain.errors import ProviderUnavailable
from flexura.domain.generation import models_in
from flexura.services.breaker import Breakers
from flexura.settings import Settings
from gateway.compare.compare_house import DEAR, Studio, compared, ordered, studio
from gateway.test_mcp import client, facts
from gateway_house import House, opened

pytestmark = pytest.mark.anyio
TWO = "fake:one,fake:two"


async def refused(house: House, **body: Any) -> dict[str, Any]:
    sent = {"prompt": "a fox", **body}
    answer = await house.http.post("/api/generate/image", json=sent)
    assert answer.status_code >= 400, answer.text
    assert studio(house).asked == [], "nothing was bought"
    return answer.json()["error"]


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("", ()),
        ("a:b", ("a:b",)),
        (" a, b ,,a ", ("a", "b")),
        ("policy:cheapest,provider=x", ("policy:cheapest,provider=x",)),
        (
            "policy:best, task=text-to-image,provider=x,b",
            ("policy:best,task=text-to-image,provider=x", "b"),
        ),
        ("a,provider=x", ("a", "provider=x")),
    ],
)
def test_models_are_parted_by_commas(text: str, models: tuple[str, ...]) -> None:
    assert models_in(text) == models


async def test_each_model_makes_it_in_one_job(house: House) -> None:
    job = await ordered(house, "fake:one", "fake:three", n=2, options={"mood": "wild", "seed": 7})
    assert job["status"] == "completed" and job["model"] == "fake:one,fake:three"
    assert [(a["model"], a["seed"]) for a in job["assets"]] == [
        ("fake:one", 7),
        ("fake:one", 8),
        ("fake:three", 7),
        ("fake:three", 8),
    ]
    assert job["cost"]["amount"] == pytest.approx(2 * 0.02 + 2 * DEAR)
    assert sorted((m, n, o["mood"]) for m, n, o in studio(house).asked) == [
        ("one", 2, "wild"),
        ("three", 2, "wild"),
    ]
    cells = (await compared(house, jobs=job["job_id"]))["cells"]
    assert [c["cost"]["amount"] for c in cells] == [0.02, 0.02, DEAR, DEAR]
    assert {name for c in cells for name in c["differs"]} == set()


async def test_it_is_one_job_in_every_list(house: House) -> None:
    job = await ordered(house, "fake:one", "fake:two")
    listed = (await house.http.get("/api/v1/jobs")).json()["jobs"]
    assert [one["job_id"] for one in listed] == [job["job_id"]]
    steps = (await house.http.get(f"/api/v1/jobs/{job['job_id']}/steps")).json()
    assert steps["template"] is None and len(steps["steps"][0]["jobs"]) == 2


async def test_the_same_model_twice_is_ordered_once(house: House) -> None:
    job = await ordered(house, "fake:one", "nvidia-flux", "fake:one", "fake:two")
    assert job["model"] == "fake:one,fake:two" and len(job["assets"]) == 2
    alone = await ordered(house, "fake:one", "nvidia-flux")
    assert alone["model"] == "fake:one" and "model" not in alone["assets"][0]


@pytest.mark.parametrize("body", [{"model": TWO}, {"models": ["fake:one", "fake:two"]}])
async def test_a_dry_run_tells_each_model_and_the_sum(house: House, body: dict[str, Any]) -> None:
    sent = {"prompt": "a fox", "n": 3, "dry_run": True, **body}
    shown = (await house.http.post("/api/generate/image", json=sent)).json()
    assert (shown["model"], shown["cost"]["amount"]) == (TWO, pytest.approx(0.12))
    assert [(m["model"], m["cost"]["amount"]) for m in shown["models"]] == [
        ("fake:one", pytest.approx(0.06)),
        ("fake:two", pytest.approx(0.06)),
    ]
    assert shown["request"]["prompt"] == "a fox" and studio(house).asked == []


async def test_max_cost_holds_over_the_sum(house: House) -> None:
    names = ["fake:one", "fake:two", "fake:three"]
    error = await refused(house, models=names, max_cost=0.53)
    assert error["code"] == "budget_exceeded" and "0.54" in error["message"]
    job = await ordered(house, *names, max_cost=0.55)
    assert job["status"] == "completed"


async def test_what_cannot_be_ordered_is_refused_before_anything_is_bought(house: House) -> None:
    unknown = await refused(house, models=["fake:one", "fake:tow"])
    assert unknown["code"] == "model_not_found" and "fake:two" in unknown["nearest"]
    both = await refused(house, model="fake:one", models=["fake:two"])
    assert both["field"] == "models"
    mixed = await refused(house, models=["fake:one", "template:poster"])
    assert "template:poster" in mixed["message"]
    many = await refused(house, model=",".join(f"fake:{n}" for n in range(9)))
    assert "at most 8" in many["next_step"]
    assert (await refused(house, models=[f"fake:{n}" for n in range(9)]))["field"] == "models"
    odd = await refused(house, models=["fake:one", "fake:two"], options={"flavour": "mint"})
    assert "flavour" in odd["message"] and "fake:one" in odd["message"]


async def test_a_text_among_the_options_is_never_an_expression(house: House) -> None:
    wild = "{{ inputs.prompt }} {{ steps.x.outputs }} {{"
    job = await ordered(house, "fake:one", "fake:two", prompt=wild)
    assert job["status"] == "completed" and job["prompt"] == wild


async def test_one_model_that_fails_leaves_the_others(house: House) -> None:
    studio(house).failing = {"two"}
    job = await ordered(house, "fake:one", "fake:two")
    assert job["status"] == "completed" and [a["model"] for a in job["assets"]] == ["fake:one"]
    assert any(w["message"].startswith("fake:two: ") for w in job["warnings"])
    studio(house).failing = {"one", "two"}
    lost = await ordered(house, "fake:one", "fake:two")
    assert (lost["status"], lost["error_code"]) == ("failed", "content_policy")
    cells = (await compared(house, jobs=lost["job_id"]))["cells"]
    assert [c["model"] for c in cells] == ["fake:one", "fake:two"]
    assert (await house.http.get(f"/api/v1/jobs/{lost['job_id']}/sheet")).status_code == 200


async def test_a_model_whose_vendor_is_away_holds_nobody_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Breakers, provider: str) -> None:
        if provider == "fake":
            raise ProviderUnavailable("The provider fake is left alone.", next_step="Try later.")

    monkeypatch.setattr(Breakers, "check", away)
    job = await ordered(house, "fake:one", "embedded:canvas", options={"size": "64x64"})
    assert job["status"] == "completed" and [a["model"] for a in job["assets"]] == [
        "embedded:canvas"
    ]
    cells = (await compared(house, jobs=job["job_id"]))["cells"]
    assert {(c["number"], c["model"]) for c in cells} == {
        (None, "fake:one"),
        (1, "embedded:canvas"),
    }
    assert any("left alone" in c["why"] for c in cells)


async def test_an_option_that_one_model_lacks_is_a_warning_of_that_model(house: House) -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    house.fake.offered[1] = house.fake.offered[1].model_copy(update={"input_schema": schema})
    job = await ordered(house, "fake:one", "fake:two", options={"size": "512x512"})
    assert job["status"] == "completed" and len(job["assets"]) == 2
    (warning,) = job["warnings"]
    assert warning["message"].startswith("fake:two: ")


async def test_the_same_idempotency_key_orders_once(house: House) -> None:
    sent = {"prompt": "a fox", "model": TWO}
    headers = {"Idempotency-Key": "once"}
    first = await house.http.post("/api/generate/image", json=sent, headers=headers)
    again = await house.http.post("/api/generate/image", json=sent, headers=headers)
    assert first.json()["job_id"] == again.json()["job_id"]
    await house.ended(first.json()["job_id"])
    assert len(studio(house).asked) == 2


async def test_an_expensive_comparison_is_confirmed_as_a_whole(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(gateway_settings, credits=CreditRules(confirm_above=0.03))
    async with opened(settings, Studio(tmp_path)) as house:
        error = await refused(house, model=TWO)
        assert "0.04 USD" in error["message"]
        job = await ordered(house, "fake:one", "fake:two", options={"confirm": error["confirm"]})
        assert job["status"] == "completed"
        other = {"prompt": "a cat", "model": TWO, "options": {"confirm": error["confirm"]}}
        assert (await house.http.post("/api/generate/image", json=other)).status_code == 402


async def test_an_agent_sees_one_sheet_and_picks_by_number(house: House) -> None:
    async with client(house) as mcp:
        arguments = {"prompt": "a fox", "model": "fake:one, fake:two", "preview": True}
        made = await mcp.call_tool("generate_image", arguments)
        record = facts(made)
        picked = facts(
            await mcp.call_tool("job_status", {"job_ids": [record["job_id"]], "action": "pick:2"})
        )
    assert [(f["number"], f["model"]) for f in record["files"]] == [
        (1, "fake:one"),
        (2, "fake:two"),
    ]
    assert all("seed" in f for f in record["files"]) and "pick:N" in record["next"]
    (sheet,) = pictures(made)
    assert len(sheet.data) <= 256_000 and max(decoded(base64.b64decode(sheet.data)).size) > 500
    assert [f["number"] for f in picked["files"]] == [2] and picked["next"] == ""
    review = (await house.http.get(f"/api/v1/jobs/{record['job_id']}/review")).json()
    assert [v["review"] for v in review["variants"]] == ["archived", "selected"]


async def test_the_same_call_again_while_it_runs_joins_it(house: House) -> None:
    house.fake.gate.clear()
    async with client(house) as mcp:
        arguments = {"prompt": "a fox", "model": TWO, "wait": 0}
        first = facts(await mcp.call_tool("generate_image", arguments))
        again = facts(await mcp.call_tool("generate_image", arguments))
    assert first["job_id"] == again["job_id"] and again["deduplicated"] is True
    house.fake.gate.set()
    await house.ended(first["job_id"])


async def test_variants_of_one_model_are_a_sheet_and_a_single_one_is_itself(house: House) -> None:
    async with client(house) as mcp:
        arguments = {"prompt": "a fox", "model": "fake:one", "preview": True}
        (single,) = pictures(await mcp.call_tool("generate_image", arguments))
        made = await mcp.call_tool("generate_image", {**arguments, "n": 4})
    assert decoded(base64.b64decode(single.data)).size == (512, 512)
    (sheet,) = pictures(made)
    assert min(decoded(base64.b64decode(sheet.data)).size) > 300
    assert [f["number"] for f in facts(made)["files"]] == [1, 2, 3, 4]


def pictures(result: CallToolResult) -> list[ImageContent]:
    return [block for block in result.content if isinstance(block, ImageContent)]
