"""An order in several purchases that is given up half way: what was bought of it is paid, the rest is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from credits_house import WORKSPACE, job_of, till
from flexura.domain.credits import MICRO
from flexura.services.runs.costs import spent

pytestmark = pytest.mark.anyio
FOUR = {"rounds": 4}
ONE = {"rounds": [{"ticket": 1}]}


async def test_one_purchase_of_four_is_a_quarter(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        await desk.credits.grant(WORKSPACE, 8 * MICRO)
        job = await desk.order(8, call=FOUR, operation=ONE)
        await desk.end(job, "canceled", error_code="canceled")
        account = await desk.account()
    assert (account.spent, account.reserved, account.available) == (2 * MICRO, 0, 6 * MICRO)


async def test_what_the_vendor_said_no_to_is_given_back(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        job = await desk.order(8, operation=ONE)
        await desk.end(job, "failed", error_code="content_policy")
        assert (await desk.account()).spent == 0


def test_a_step_counts_as_far_as_it_was_bought() -> None:
    ended = {"state": "canceled", "error_code": "canceled", "parent_id": "job_1"}
    steps = [job_of(8, call=FOUR, operation=ONE, **ended), job_of(8, **ended)]
    found = spent(steps)
    assert found is not None
    assert found["amount"] == 0.02
