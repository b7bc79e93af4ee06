"""Budgets of a workspace that is not the operator's: its own admin may tighten them, and lift none."""

from __future__ import annotations

from typing import Any

import pytest

from flexura.runtime.stores import open_credits
from gateway_house import House
from tenants_house import Person, code, tenant

pytestmark = pytest.mark.anyio


async def put(person: Person, credits: float, **more: Any) -> Any:
    sent = {"period": "day", "credits": credits, **more}
    return await person.http.post("/api/v1/budgets", json=sent)


async def test_a_tenant_cannot_lift_the_budget_that_the_operator_set(house: House) -> None:
    async with tenant(house, "acme") as them:
        async with open_credits(house.settings) as (credits, _):
            workspace = await credits.workspace("acme")
            made = await credits.set_budget(workspace.id, "day", 5_000_000)
        assert code(await put(them, 500)) == (403, "forbidden")
        gone = await them.http.delete(f"/api/v1/budgets/{made.budget.id}")
        assert code(gone) == (403, "forbidden")
        assert (await put(them, 4)).json()["most"] == 4


async def test_a_tenant_changes_the_budgets_of_its_keys_as_it_likes(house: House) -> None:
    async with tenant(house, "acme") as them:
        key = (await them.http.get("/api/v1/keys")).json()["keys"][0]["id"]
        for credits in (5, 500):
            assert (await put(them, credits, key_id=key)).status_code == 201
        made = (await put(them, 6, key_id=key)).json()
        assert (await them.http.delete(f"/api/v1/budgets/{made['id']}")).status_code == 204
