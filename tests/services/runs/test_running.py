"""A run: its steps side by side and one after the other, its result, what fails, and what is published."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.credit_rules import CreditRules
from flexura.domain.credits import MICRO
from flexura.domain.errors import (
    BudgetExceeded,
    InputValidationError,
    InsufficientCredits,
    InvalidRequest,
)
from flexura.ports.records import JobFilter
from flexura.services.clock import now_ms
from flexura.services.runs.progress import finished_order, steps_of
from flexura.services.runs.start import Wishes
from runs_house import BATCH, FILM, SIDE_BY_SIDE, VARIANTS, Desk, desk

pytestmark = pytest.mark.anyio
PRESS = Wishes(publish=("press",))


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as found:
        yield found


async def test_each_step_starts_from_what_the_one_before_made(at: Desk) -> None:
    job = await at.ran(FILM)
    assert (job.state, job.error_message) == ("completed", "")
    assert await at.files(job) == ["audio/wav"]
    assert finished_order(job) == ["draw", "move", "sound"]
    assert [len(order.inputs) for order in at.provider.orders] == [0, 1, 1]
    assert [order.inputs[0].mime for order in at.provider.orders[1:]] == ["image/png", "video/mp4"]
    assert job.cost is not None
    assert job.cost["amount"] == 0.06
    assert (job.progress, job.kind, job.model_id) == (1.0, "audio", "template:film")


async def test_its_steps_are_jobs_that_no_list_shows(at: Desk) -> None:
    job = await at.ran(FILM)
    children = await at.services.records.children(job.id)
    assert [child.step for child in children] == ["draw", "move", "sound"]
    assert [step["jobs"] for step in steps_of(job)] == [[child.id] for child in children]
    listed = await at.services.jobs.list(JobFilter(at.who.workspace_id))
    assert [found.id for found in listed] == [job.id]


async def test_steps_that_need_nothing_of_each_other_run_side_by_side(at: Desk) -> None:
    at.provider.gate.clear()
    job = await at.started(SIDE_BY_SIDE)
    async with asyncio.timeout(20):
        while at.provider.most_at_once < 2:
            at.provider.submitting.clear()
            await at.provider.submitting.wait()
    at.provider.gate.set()
    job = await at.rested(job)
    assert job.state == "completed"
    assert len(await at.files(job)) == 2


async def test_a_template_of_one_step_is_a_plain_job(at: Desk) -> None:
    one = {**SIDE_BY_SIDE, "slug": "one", "steps": SIDE_BY_SIDE["steps"][:1], "outputs": ["wide"]}
    job = await at.ran(one, Wishes(id_prefix="run", count=2, pipeline="p"))
    assert job.id.startswith("run_")
    assert (job.provider, job.template, job.pipeline, job.parent_id) == ("fake", "one@1", "p", "")
    assert len(await at.files(job)) == 2
    assert await at.services.records.children(job.id) == []
    assert [step["id"] for step in steps_of(job)] == ["wide"]


async def test_a_step_runs_once_for_each_item(at: Desk) -> None:
    job = await at.ran(BATCH, items=["a fox", "a cat", "an owl"])
    assert job.state == "completed"
    assert len(await at.files(job)) == 3
    children = await at.services.records.children(job.id)
    assert [(c.step, c.prompt) for c in children] == [
        ("draw.0", "a fox"),
        ("draw.1", "a cat"),
        ("draw.2", "an owl"),
    ]


async def test_items_that_fail_are_warnings_as_long_as_one_works(at: Desk) -> None:
    job = await at.ran(BATCH, items=["fail", "a cat"])
    assert job.state == "completed"
    assert [w.code for w in job.warnings] == ["content_policy"]
    assert "draw.0" in job.warnings[0].message
    assert job.cost is not None
    assert job.cost["amount"] == 0.02, "what failed is not paid"
    job = await at.ran(BATCH, items=["fail", "fail"])
    assert (job.state, job.error_code, job.error_next_step) == (
        "failed",
        "content_policy",
        "Change the prompt.",
    )


async def test_a_failed_step_fails_the_run_and_what_was_bought_stays_in_its_cost(at: Desk) -> None:
    broken: dict[str, Any] = {**FILM, "slug": "broken"}
    broken["steps"] = [FILM["steps"][0], {**FILM["steps"][1], "prompt": "fail"}, FILM["steps"][2]]  # type: ignore[index]
    job = await at.ran(broken)
    assert (job.state, job.error_code) == ("failed", "content_policy")
    assert at.statuses(job) == {"draw": "done", "move": "failed", "sound": "waiting"}
    assert job.cost is not None
    assert job.cost["amount"] == 0.02


async def test_a_failed_step_that_nobody_needs_is_a_warning(at: Desk) -> None:
    spare = {**SIDE_BY_SIDE, "slug": "spare", "outputs": ["wide"]}
    spare["steps"] = [spare["steps"][0], {**spare["steps"][1], "prompt": "fail"}]  # type: ignore[index]
    job = await at.ran(spare)
    assert job.state == "completed"
    assert [w.code for w in job.warnings] == ["content_policy"]


async def test_values_are_never_read_as_expressions(at: Desk) -> None:
    job = await at.ran(FILM, subject="{{steps.draw.outputs}} {{inputs.subject}}")
    assert job.state == "completed"
    assert at.provider.orders[0].prompt == "{{steps.draw.outputs}} {{inputs.subject}}"


async def test_a_canceled_run_cancels_what_is_being_made(at: Desk) -> None:
    at.provider.gate.clear()
    job = await at.started(SIDE_BY_SIDE)
    async with asyncio.timeout(20):
        while at.provider.most_at_once < 2:
            at.provider.submitting.clear()
            await at.provider.submitting.wait()
    await at.services.jobs.cancel(at.who.workspace_id, job.id)
    job = await at.rested(job)
    assert (job.state, job.error_code) == ("canceled", "canceled")
    assert {c.state for c in await at.services.records.children(job.id)} == {"canceled"}
    assert len(at.provider.canceled) == 2
    # Both were bought, and their vendor may charge for what it began.
    assert job.cost is not None
    assert job.cost["amount"] == 0.04


async def test_progress_and_states_never_go_back(at: Desk) -> None:
    job = await at.started(FILM)
    seen = [
        (found.progress, found.state)
        async for found in at.services.jobs.follow(at.who.workspace_id, job.id, 0, 30.0)
        if found is not None
    ]
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    order = ["queued", "running", "completed"]
    places = [order.index(state) for _, state in seen]
    assert places == sorted(places)


class TestBeforeTheStart:
    async def test_everything_is_refused_before_anything_is_bought(self, at: Desk) -> None:
        for wishes, values, error in (
            (Wishes(publish=("nowhere",)), {"subject": "x"}, InvalidRequest),
            (Wishes(max_cost=0.05), {"subject": "x"}, BudgetExceeded),
            (Wishes(preset="none"), {"subject": "x"}, InvalidRequest),
            (Wishes(count=99), {"subject": "x"}, InvalidRequest),
            (Wishes(), {"subjekt": "x"}, InputValidationError),
            (Wishes(publish_at=1), {"subject": "x"}, InvalidRequest),
        ):
            with pytest.raises(error):
                await at.started(FILM, wishes, **values)
        assert at.provider.orders == []

    async def test_a_preview_tells_steps_models_and_the_price_of_the_whole(self, at: Desk) -> None:
        template = await at.saved(VARIANTS)
        plan = await at.services.runs.plan(template, {"subject": "x"}, at.who, Wishes(count=2))
        shown = plan.preview()
        assert [step["id"] for step in shown["steps"]] == ["draw", "pick", "polish", "send"]
        assert shown["steps"][0]["n"] == 2
        assert shown["steps"][2]["model"] == "fake:one"
        assert shown["cost"]["amount"] == pytest.approx(0.06)
        assert at.provider.orders == []

    async def test_a_price_that_is_unknown_stays_unknown_beside_the_known_part(
        self, at: Desk
    ) -> None:
        offered = at.provider.offered
        at.provider.offered = [
            m.model_copy(update={"price": None}) if "video" in m.kinds else m for m in offered
        ]
        plan = await at.services.runs.plan(await at.saved(FILM), {"subject": "x"}, at.who, Wishes())
        shown = plan.preview()
        assert plan.estimate is None
        assert (shown["cost"], shown["unknown_costs"]) == (None, 1)
        assert shown["known_cost"]["amount"] == 0.04
        with pytest.raises(BudgetExceeded, match="unknown"):
            await at.started(FILM, Wishes(max_cost=1))
        job = await at.ran(FILM)
        assert job.cost == {
            "amount": 0.04,
            "currency": "USD",
            "source": "sum of its steps",
            "partial": True,
        }
        assert [w.code for w in job.warnings] == ["cost_unknown"]

    async def test_prices_that_rose_since_the_start_stop_the_run(self, at: Desk) -> None:
        at.provider.gate.clear()
        job = await at.started(FILM, Wishes(max_cost=0.07))
        await at.provider.submitting.wait()
        await at.price(9.0)
        at.provider.gate.set()
        job = await at.rested(job)
        assert (job.state, job.error_code) == ("failed", "budget_exceeded")
        assert len(at.provider.orders) == 1


class TestApproval:
    async def test_a_reviewer_picks_and_the_run_goes_on_with_that(self, at: Desk) -> None:
        job = await at.ran(VARIANTS, PRESS)
        assert (job.state, job.phase) == ("awaiting_approval", "steps")
        assert len(await at.files(job)) == 4
        assert not list(at.press.iterdir())
        await at.services.review.approve(at.who.workspace_id, job.id, (3,))
        job = await at.rested(job)
        assert job.state == "published"
        assert await at.files(job) == ["image/png"]
        kept = (await at.services.records.artifacts_of([job.id]))[job.id]
        reviews = [a.review for a in kept if a.role == "candidate"]
        assert reviews == ["archived", "archived", "selected", "archived"]
        assert len(at.provider.orders[1].inputs) == 1
        assert sorted(p.suffix for p in at.press.iterdir()) == [".json", ".png"]

    async def test_a_number_that_no_candidate_has_is_refused(self, at: Desk) -> None:
        job = await at.ran(VARIANTS)
        with pytest.raises(InvalidRequest, match="no candidate 5"):
            await at.services.review.approve(at.who.workspace_id, job.id, (5,))

    async def test_staging_asks_before_it_publishes(self, at: Desk) -> None:
        job = await at.ran(FILM, Wishes(publish=("press",), staging=True))
        assert job.state == "awaiting_approval"
        assert await at.files(job) == ["audio/wav"]
        approved = await at.services.review.approve(at.who.workspace_id, job.id)
        assert approved.state == "publishing", "nothing is left to make"
        job = await at.rested(approved)
        assert job.state == "published"
        assert await at.files(job) == ["audio/wav"]

    async def test_a_run_that_waits_can_be_canceled_and_its_cost_stays(self, at: Desk) -> None:
        job = await at.ran(VARIANTS)
        job = await at.services.jobs.cancel(at.who.workspace_id, job.id)
        assert job.state == "canceled"
        assert job.cost is not None
        assert job.cost["amount"] == 0.08


class TestPublishing:
    async def test_one_destination_of_two_is_enough(self, at: Desk) -> None:
        job = await at.ran(SIDE_BY_SIDE, Wishes(publish=("press", "gone")))
        assert job.state == "published"
        assert [w.code for w in job.warnings] == ["publish_failed"]
        assert job.warnings[0].message.startswith("gone: ")
        outcomes = await at.services.publishing.outcomes(job.id)
        assert {o.destination: o.state for o in outcomes} == {
            "press": "published",
            "gone": "failed",
        }

    async def test_a_result_that_no_destination_takes_is_completed(self, at: Desk) -> None:
        job = await at.ran(SIDE_BY_SIDE, Wishes(publish=("gone",)))
        assert (job.state, [w.code for w in job.warnings]) == ("completed", ["publish_failed"])
        assert len(await at.files(job)) == 2

    async def test_without_a_destination_the_step_is_left_out(self, at: Desk) -> None:
        job = await at.ran(VARIANTS)
        await at.services.review.approve(at.who.workspace_id, job.id, (1,))
        job = await at.rested(job)
        assert job.state == "completed"
        assert at.statuses(job)["send"] == "skipped"

    async def test_it_waits_for_its_time_and_can_be_timed_again(self, at: Desk) -> None:
        later = now_ms() + 3_600_000
        job = await at.ran(SIDE_BY_SIDE, Wishes(publish=("press",), publish_at=later))
        assert (job.state, job.run_at) == ("scheduled", later)
        assert len(await at.files(job)) == 2
        assert not list(at.press.iterdir())
        workspace, review = at.who.workspace_id, at.services.review
        untimed = await review.schedule(workspace, job.id, None)
        assert (untimed.state, untimed.publish_at) == ("scheduled", 0)
        assert untimed.run_at > later
        timed = await review.schedule(workspace, job.id, later + 5)
        assert (timed.publish_at, timed.run_at) == (later + 5, later + 5)
        job = await at.rested(await review.schedule(workspace, job.id, 1))
        assert job.state == "published"
        assert list(at.press.iterdir())

    async def test_a_schedule_that_was_taken_back_while_it_ran_publishes_nothing(
        self, at: Desk
    ) -> None:
        at.provider.gate.clear()
        later = now_ms() + 3_600_000
        job = await at.started(SIDE_BY_SIDE, Wishes(publish=("press",), publish_at=later))
        await at.provider.submitting.wait()
        await at.services.review.schedule(at.who.workspace_id, job.id, None)
        at.provider.gate.set()
        job = await at.rested(job)
        assert (job.state, job.publish_at) == ("scheduled", 0)
        assert not list(at.press.iterdir())
        job = await at.rested(await at.services.review.approve(at.who.workspace_id, job.id))
        assert job.state == "published"


class TestMoney:
    async def test_the_whole_is_held_and_what_it_cost_is_settled(self, at: Desk) -> None:
        workspace = at.who.workspace_id
        await at.services.credits.grant(workspace, 10 * MICRO)
        at.provider.gate.clear()
        job = await at.started(FILM)
        account = await at.services.credits.account(workspace)
        assert (account.reserved, job.reserved) == (6 * MICRO, 6 * MICRO)
        at.provider.gate.set()
        await at.rested(job)
        account = await at.services.credits.account(workspace)
        assert (account.reserved, account.spent) == (0, 6 * MICRO)
        with pytest.raises(InsufficientCredits):
            await at.started(FILM)

    async def test_steps_that_were_bought_before_a_failure_are_paid(self, at: Desk) -> None:
        workspace = at.who.workspace_id
        await at.services.credits.grant(workspace, 10 * MICRO)
        steps = [FILM["steps"][0], {**FILM["steps"][1], "prompt": "fail"}]
        job = await at.ran({**FILM, "slug": "broken", "steps": steps})
        assert job.state == "failed"
        account = await at.services.credits.account(workspace)
        assert (account.reserved, account.spent) == (0, 2 * MICRO)

    async def test_a_price_that_rises_beyond_the_credits_stops_the_run(self, at: Desk) -> None:
        workspace = at.who.workspace_id
        await at.services.credits.grant(workspace, 7 * MICRO)
        at.provider.gate.clear()
        job = await at.started(FILM)
        await at.provider.submitting.wait()
        await at.price(0.04)
        at.provider.gate.set()
        job = await at.rested(job)
        assert (job.state, job.error_code) == ("failed", "budget_exceeded")
        account = await at.services.credits.account(workspace)
        assert (account.reserved, account.spent) == (0, 6 * MICRO), "0.02 and 0.04 were bought"

    async def test_an_expensive_run_is_confirmed_first(self, tmp_path: Path) -> None:
        home = tmp_path / "careful"
        home.mkdir()
        async with desk(home, credits=CreditRules(confirm_above=0.05)) as at:
            with pytest.raises(BudgetExceeded) as refused:
                await at.started(FILM)
            token = refused.value.details["confirm"]
            with pytest.raises(BudgetExceeded):
                await at.started(VARIANTS, Wishes(confirm=token))
            job = await at.ran(FILM, Wishes(options={"confirm": token}))
            assert job.state == "completed"
