"""The usage page: what was spent, by day, model, key and project; budgets; CSV."""

from __future__ import annotations

import csv
import io

import pytest

from gateway.dashboard.signed_in import signed_in
from gateway_house import House
from tenants_house import tenant

pytestmark = pytest.mark.anyio


async def made(house: House, count: int = 1) -> None:
    for number in range(count):
        await house.ended(await house.order(f"a fox {number}"))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


async def test_what_was_spent_is_told_by_day_model_key_and_project(house: House) -> None:
    await made(house, 3)
    async with signed_in(house) as person:
        page = (await person.get("/dashboard/usage")).text
        assert "$0.06" in page and "fake:one" in page and "No project" in page
        assert page.count("plot-bar") == 60
        assert "3 orders" in page
        assert "UTC" in page
        week = (await person.get("/dashboard/usage?days=7")).text
        assert week.count("plot-bar") == 14


async def test_a_workspace_sees_its_own_use_alone_and_the_operator_sees_all(house: House) -> None:
    async with tenant(house, "acme") as acme:
        await acme.order()
        await made(house)
        async with signed_in(house, acme.key) as person:
            page = (await person.get("/dashboard/usage")).text
            assert "$0.02" in page and "$0.04" not in page
            assert "All workspaces" not in page
            refused = await person.get("/dashboard/usage?of=all")
            assert refused.status_code == 403
            assert (await person.get("/dashboard/usage.csv?of=all")).status_code == 403
        async with signed_in(house) as operator:
            mine = (await operator.get("/dashboard/usage")).text
            assert "$0.04" not in mine
            every = (await operator.get("/dashboard/usage?of=all")).text
            assert "$0.04" in every and "acme" in every and "By workspace" in every


async def test_the_csv_holds_what_the_page_is_made_from(house: House) -> None:
    await made(house, 2)
    async with signed_in(house) as person:
        answer = await person.get("/dashboard/usage.csv?days=7")
        assert answer.headers["content-type"].startswith("text/csv")
        assert 'attachment; filename="flexura-usage-' in answer.headers["content-disposition"]
        found = rows(answer.text)
        assert [one["by"] for one in found].count("day") == 7
        model = next(one for one in found if one["by"] == "model")
        assert (model["name"], model["orders"], model["spent_usd"]) == ("fake:one", "2", "0.040000")
        assert model["mean_usd"] == "0.020000"


async def test_no_cell_of_the_csv_is_a_formula(house: House) -> None:
    project = {"Flexura-Project": "=HYPERLINK(1)"}
    sent = {"prompt": "a fox", "model": "fake:one"}
    answer = await house.http.post("/api/generate/image?wait=30", json=sent, headers=project)
    assert answer.status_code in (200, 400), answer.text
    async with signed_in(house) as person:
        for row in rows((await person.get("/dashboard/usage.csv")).text):
            assert not row["name"].startswith(("=", "+", "-", "@"))


async def test_an_empty_time_says_what_to_do_and_a_strange_one_is_refused(house: House) -> None:
    async with signed_in(house) as person:
        page = (await person.get("/dashboard/usage")).text
        assert "Nothing was ordered in these days" in page
        strange = await person.get("/dashboard/usage?days=1e9")
        assert strange.status_code == 400
        assert "7, 30, 90" in strange.text


async def test_budgets_and_credits_are_shown_as_what_is_left(house: House) -> None:
    async with tenant(house, "acme", credits=500) as acme:
        sent = {"period": "month", "credits": 100}
        assert (await acme.http.post("/api/v1/budgets", json=sent)).is_success
        await acme.order()
        async with signed_in(house, acme.key) as person:
            page = (await person.get("/dashboard/usage")).text
            assert "498" in page and "left of 500" in page
            assert page.count("<progress") == 2
            assert "$0.98" in page and "left of $1.00" in page and "Monthly budget" in page
