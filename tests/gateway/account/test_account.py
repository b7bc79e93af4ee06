"""The account over HTTP: what a workspace has, what it may spend, and who may change that."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider, model
from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import MICRO, Account, BudgetUse, CreditEntry
from flexura.settings import Settings
from flexura.storage.sqlite import SqliteRecords
from gateway_house import House, opened

pytestmark = pytest.mark.anyio
PRICE = 2
"""Credits that one picture of the fake provider costs."""


async def account(house: House) -> dict[str, Any]:
    answer = await house.http.get("/api/v1/account")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def grant(house: House, credits: float, **more: Any) -> None:
    sent = {"workspace": "default", "credits": credits, **more}
    answer = await house.http.post("/api/v1/credits/grants", json=sent)
    assert answer.status_code == 201, answer.text


async def budget(house: House, credits: float, **more: Any) -> dict[str, Any]:
    sent = {"period": "day", "credits": credits, **more}
    answer = await house.http.post("/api/v1/budgets", json=sent)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def image(house: House, **body: Any) -> Any:
    sent = {"prompt": "a fox", "model": "fake:one", **body}
    return await house.http.post("/api/generate/image", json=sent)


async def test_a_local_workspace_is_unlimited_and_its_spend_is_counted(house: House) -> None:
    await house.ended(await house.order())
    found = await account(house)
    assert (found["name"], found["plan"]) == ("default", "operate")
    assert (found["credits"]["metered"], found["credits"]["available"]) == (False, None)
    assert (found["credits"]["spent"], found["today"], found["month"]) == (PRICE, PRICE, PRICE)
    assert found["credits"]["credit_usd"] == 0.01


async def test_an_order_is_deducted_at_once_and_settled_at_the_end(house: House) -> None:
    await grant(house, 10)
    house.fake.gate.clear()
    job_id = await house.order(n=3)
    held = (await account(house))["credits"]
    assert (held["available"], held["reserved"], held["spent"]) == (4, 6, 0)
    house.fake.gate.set()
    await house.ended(job_id)
    settled = (await account(house))["credits"]
    assert (settled["available"], settled["reserved"], settled["spent"]) == (4, 0, 6)


async def test_a_refused_picture_is_given_back(house: House) -> None:
    await grant(house, 10)
    assert (await house.ended(await house.order("fail")))["status"] == "failed"
    assert (await account(house))["credits"]["available"] == 10


async def test_a_canceled_order_is_given_back(house: House) -> None:
    await grant(house, 10)
    house.fake.gate.clear()
    job_id = await house.order()
    await house.http.delete(f"/api/jobs/{job_id}")
    house.fake.gate.set()
    await house.ended(job_id)
    assert (await account(house))["credits"]["available"] == 10


async def test_without_credits_the_answer_is_402_with_both_amounts(house: House) -> None:
    await grant(house, 3)
    answer = await image(house, n=2)
    assert answer.status_code == 402
    error = answer.json()["error"]
    assert (error["code"], error["required"], error["available"]) == ("insufficient_credits", 4, 3)
    assert error["next_step"]
    assert house.fake.submitted == []


async def test_a_budget_is_shown_with_what_is_left(house: House) -> None:
    made = await budget(house, 5)
    await house.ended(await house.order())
    (shown,) = (await account(house))["budgets"]
    assert shown == (await house.http.get("/api/v1/budgets")).json()["budgets"][0]
    assert (shown["id"], shown["most"], shown["spent"], shown["left"]) == (made["id"], 5, 2, 3)
    assert shown["renews_at"].endswith("T00:00:00Z")
    refused = await image(house, n=2)
    assert refused.status_code == 402
    assert refused.json()["error"]["code"] == "budget_exceeded"
    assert refused.json()["error"]["available"] == 3
    assert (await house.http.delete(f"/api/v1/budgets/{made['id']}")).status_code == 204
    assert (await house.http.delete(f"/api/v1/budgets/{made['id']}")).status_code == 404
    assert (await image(house, n=2)).status_code == 202


async def test_the_ledger_is_read_page_by_page(house: House) -> None:
    await grant(house, 10, note="invoice 17")
    job_id = await house.order()
    await house.ended(job_id)
    kinds: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (
            await house.http.get("/api/v1/credits/entries", params={"limit": 1, "cursor": cursor})
        ).json()
        (entry,) = page["entries"]
        kinds.append(entry["kind"])
        assert entry["job_id"] in (job_id, None)
        cursor = page["next_cursor"]
    assert sorted(kinds) == ["grant", "reserve", "settle"]
    assert kinds[0] == "settle"


async def test_a_grant_with_a_key_is_given_once(house: House) -> None:
    sent = {"workspace": "default", "credits": 7}
    for replayed in (None, "true"):
        answer = await house.http.post(
            "/api/v1/credits/grants", json=sent, headers={"Idempotency-Key": "k"}
        )
        assert answer.status_code == 201
        assert answer.headers.get("Idempotent-Replayed") == replayed
        assert answer.json()["credits"]["available"] == 7
    assert (await account(house))["credits"]["granted"] == 7


@pytest.mark.parametrize(
    "body",
    [
        {"workspace": "default"},
        {"workspace": "default", "credits": "5"},
        {"workspace": "default", "credits": True},
        {"workspace": "default", "credits": 0},
        {"workspace": "default", "credits": 2e9},
        {"workspace": "default", "credits": 5, "to": "me"},
    ],
)
async def test_a_grant_that_makes_no_sense_is_told(house: House, body: dict[str, Any]) -> None:
    answer = await house.http.post("/api/v1/credits/grants", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["next_step"]


async def test_a_grant_to_nobody_is_404(house: House) -> None:
    sent = {"workspace": "nobody", "credits": 5}
    answer = await house.http.post("/api/v1/credits/grants", json=sent)
    assert answer.status_code == 404
    assert "default" in answer.json()["error"]["next_step"]


async def test_a_workspace_cannot_grant_itself_credits_nor_see_anothers(house: House) -> None:
    made = (await house.http.post("/api/v1/workspaces", json={"name": "acme"})).json()
    theirs = {"Authorization": f"Bearer {made['key']}"}
    sent = {"workspace": "acme", "credits": 500}
    refused = await house.http.post("/api/v1/credits/grants", json=sent, headers=theirs)
    assert refused.status_code == 403
    mine = await budget(house, 5)
    gone = await house.http.delete(f"/api/v1/budgets/{mine['id']}", headers=theirs)
    assert gone.status_code == 404
    seen = (await house.http.get("/api/v1/account", headers=theirs)).json()
    assert (seen["name"], seen["budgets"]) == ("acme", [])


async def test_a_finished_job_says_what_is_left_only_where_something_limits_it(
    house: House,
) -> None:
    job_id = await house.order()
    assert "budget" not in await house.ended(job_id)
    await budget(house, 500)
    assert (await house.ended(job_id))["budget"] == "$5.00 of $5.00 left today"
    await house.ended(await house.order())
    assert (await house.ended(job_id))["budget"] == "$4.98 of $5.00 left today"


async def test_200_orders_at_once_against_a_budget_for_10_make_10(house: House) -> None:
    await budget(house, 10 * PRICE)
    answers = await asyncio.gather(*(image(house, prompt=f"fox {i}") for i in range(200)))
    assert Counter(answer.status_code for answer in answers) == {202: 10, 402: 190}
    for answer in answers:
        if answer.status_code == 202:
            await house.ended(answer.json()["job_id"])
    assert len(house.fake.submitted) == 10
    (shown,) = (await account(house))["budgets"]
    assert (shown["spent"], shown["reserved"], shown["left"]) == (10 * PRICE, 0, 0)
    assert (await account(house))["credits"]["spent"] == 10 * PRICE


async def test_above_the_limit_an_order_is_confirmed_with_its_token(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(gateway_settings, credits=CreditRules(confirm_above=0.05))
    async with opened(settings, FakeProvider(tmp_path)) as house:
        assert (await image(house, n=2)).status_code == 202
        shown = (await image(house, n=3, dry_run=True)).json()
        assert shown["confirm_needed"] is True
        refused = await image(house, n=3)
        assert refused.status_code == 402
        token = refused.json()["error"]["confirm"]
        assert (await image(house, n=4, options={"confirm": token})).status_code == 402
        assert (await image(house, n=3, options={"confirm": token})).status_code == 202
        assert (await image(house, n=3, options={"confirm": "yes"})).status_code == 400


async def test_an_unknown_price_is_refused_once_credits_count(house: House) -> None:
    house.fake.offered = [model("one", price=None)]
    assert (await image(house)).status_code == 202
    await grant(house, 50)
    refused = await image(house)
    assert refused.status_code == 402
    assert "unknown" in refused.json()["error"]["message"]


async def test_after_a_restart_the_books_are_the_sum_of_the_ledger(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    fake = FakeProvider(tmp_path)
    fake.gate.clear()
    async with opened(gateway_settings, fake) as house:
        await grant(house, 50)
        await budget(house, 40)
        job_ids = [await house.order(f"fox {i}") for i in range(5)]
    fake.gate.set()
    async with opened(gateway_settings, fake) as house:
        for job_id in job_ids:
            await house.ended(job_id)
    records = SqliteRecords(gateway_settings.database)
    (found,) = await records.find(Account)
    entries = await records.find(CreditEntry)
    uses = await records.find(BudgetUse)
    await records.aclose()
    assert (found.granted, found.reserved, found.spent) == (50 * MICRO, 0, 10 * MICRO)
    assert sum(entry.spent for entry in entries) == found.spent
    assert {use.spent for use in uses} == {10 * MICRO}
