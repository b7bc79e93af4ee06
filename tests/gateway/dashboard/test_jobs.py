"""The pages of jobs, without a browser: what they show, what they do, what they refuse."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from flexura.domain.credit_rules import CreditRules
from flexura.gateway.dashboard import live
from flexura.gateway.dashboard.jobs import list_page
from flexura.services.workspaces import WorkspaceTerms
from gateway.dashboard.signed_in import Person, signed_in
from gateway_house import House, opened
from runs_house import SIDE_BY_SIDE, VARIANTS, Atelier, with_press

pytestmark = pytest.mark.anyio
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}${7*7}",
    "'-alert(1)-'",
    "</textarea><svg onload=alert(1)>",
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(with_press(tmp_path), Atelier(tmp_path)) as found:
        for document in (VARIANTS, SIDE_BY_SIDE):
            assert (await found.http.post("/api/v1/templates", json=document)).status_code == 201
        yield found


@pytest.fixture
async def me(house: House) -> AsyncIterator[Person]:
    async with signed_in(house) as person:
        yield person


async def run(house: House, name: str = "variants", **body: Any) -> str:
    sent = {"inputs": {"subject": "a fox"}, "wait": 30, **body}
    answer = await house.http.post(f"/api/v1/templates/{name}/runs", json=sent)
    assert answer.status_code == 200, answer.text
    return answer.json()["job_id"]


async def state(house: House, job_id: str) -> str:
    return (await found(house, job_id)).state


async def found(house: House, job_id: str) -> Any:
    services = house.app.services
    assert services is not None
    workspace = (await services.records.workspaces())[0].id
    return await services.jobs.get(workspace, job_id)


async def reader(house: House) -> str:
    services = house.app.services
    assert services is not None
    scopes = frozenset({"read"})
    return (await services.keys.create("reader", scopes))[0]


def hidden(html: str, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert match, html
    return match[1]


def sent_to(answer: httpx2.Response) -> str:
    assert answer.status_code == 204, answer.text
    return answer.headers["HX-Redirect"]


async def test_the_list_shows_state_cost_and_picture_of_each_job(house: House, me: Person) -> None:
    job_id = await house.order("a fox in the snow")
    await house.ended(job_id)
    page = (await me.get("/dashboard/jobs")).text
    row = page[page.index(f'<tr id="{job_id}"') :].partition("</tr>")[0]
    assert "a fox in the snow" in row and "Completed" in row and "$0.02" in row
    assert "format=webp" in row and "fake:one" in row
    picture = re.search(r'<img src="([^"]+)"', row)
    assert picture
    answer = await me.get(picture[1].replace("&amp;", "&"))
    assert answer.headers["content-type"] == "image/webp"


async def test_tabs_and_projects_filter_and_older_jobs_are_a_cursor_away(
    house: House, me: Person
) -> None:
    for number in range(27):
        await house.ended(await house.order(f"picture {number:02}"))
    await house.ended(await house.order("fail"))
    page = (await me.get("/dashboard/jobs?tab=done")).text
    assert "picture 26" in page and "picture 01" not in page and "was refused" not in page
    older = re.search(r'href="([^"]+cursor=[^"]+)"', page)
    assert older
    page = (await me.get(older[1].replace("&amp;", "&"))).text
    assert "picture 01" in page and "picture 05" not in page and "Newest" in page
    page = (await me.get("/dashboard/jobs?tab=failed")).text
    assert "was refused" in page and "picture 26" not in page
    assert "Nothing fits" in (await me.get("/dashboard/jobs?project=elsewhere")).text
    assert (await me.get("/dashboard/jobs?cursor=!!")).status_code == 400


async def test_the_page_of_a_job_tells_all_of_it(house: House, me: Person) -> None:
    job_id = await house.order("it's a fox", n=2, options={"mood": "wild", "seed": 7})
    await house.ended(job_id)
    page = (await me.get(f"/dashboard/jobs/{job_id}")).text
    for told in ("Completed", "Result 2", "wild", "$0.04", "fake:one", job_id, "Order again"):
        assert told in page, told
    assert "flexura image" in page and "--n 2 --option mood=wild --seed 7" in page
    assert "curl -X POST" in page and house.key not in page
    assert 'href="/dashboard/gallery/art_' in page


async def test_the_stream_of_a_finished_job_tells_what_is_not_shown_yet_and_ends(
    house: House, me: Person
) -> None:
    job_id = await house.order("a fox")
    await house.ended(job_id)
    page = (await me.get(f"/dashboard/jobs/{job_id}")).text
    shown = dict(re.findall(r'id="(job-[a-z]+)" data-version="(\w+)"', page))
    assert len(shown) == 6
    stream = await me.get(f"/dashboard/jobs/{job_id}/live")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.text.count("event: part") == 6 and stream.text.endswith(
        "event: end\ndata: end\n\n"
    )
    del shown["job-state"]
    seen = ",".join(f"{name}:{token}" for name, token in shown.items())
    stream = await me.get(f"/dashboard/jobs/{job_id}/live?seen={seen}")
    assert stream.text.count("event: part") == 1 and 'id="job-state"' in stream.text


async def test_a_failed_job_says_why_and_the_next_step(house: House, me: Person) -> None:
    job_id = await house.order("fail")
    await house.ended(job_id)
    page = (await me.get(f"/dashboard/jobs/{job_id}")).text
    assert "The picture was refused." in page and "Change the prompt." in page
    assert "content_policy" in page


async def test_a_running_job_is_canceled(house: House, me: Person) -> None:
    house.fake.gate.clear()
    job_id = await house.order()
    await house.fake.polled.wait()
    assert f'hx-post="/dashboard/jobs/{job_id}/cancel"' in (await me.get("/dashboard/jobs")).text
    answer = await me.post(f"/dashboard/jobs/{job_id}/cancel")
    assert answer.status_code == 204 and "toast" in answer.headers["HX-Trigger"]
    assert (await house.ended(job_id))["status"] == "failed"
    assert await state(house, job_id) == "canceled"
    again = await me.post(f"/dashboard/jobs/{job_id}/cancel")
    assert again.status_code == 409 and again.headers["HX-Retarget"] == "#toasts"


async def test_candidates_are_shown_picked_and_the_run_goes_on(house: House, me: Person) -> None:
    job_id = await run(house)
    page = (await me.get(f"/dashboard/jobs/{job_id}")).text
    assert page.count('name="pick"') == 4 and "Which of these goes on?" in page
    none = await me.post(f"/dashboard/jobs/{job_id}/approve", {"which": "picked"})
    assert none.status_code == 400 and "No candidate is picked." in none.text
    for wrong in ("x", "99"):
        answer = await me.post(f"/dashboard/jobs/{job_id}/approve", {"pick": wrong})
        assert answer.status_code == 400, answer.text
    answer = await me.post(f"/dashboard/jobs/{job_id}/approve", {"which": "picked", "pick": "2"})
    assert answer.status_code == 204, answer.text
    assert (await house.ended(job_id))["status"] == "completed"
    page = (await me.get(f"/dashboard/jobs/{job_id}")).text
    assert "polish" in page and 'class="step done"' in page and 'name="pick"' not in page


async def test_what_awaits_approval_is_rejected(house: House, me: Person) -> None:
    job_id = await run(house)
    assert "Reject all candidates?" in (await me.get(f"/dashboard/jobs/{job_id}")).text
    await me.post(f"/dashboard/jobs/{job_id}/cancel")
    assert await state(house, job_id) == "canceled"


async def test_the_same_is_ordered_again_once_after_its_price(house: House, me: Person) -> None:
    job_id = await house.order("a fox", options={"mood": "wild"})
    await house.ended(job_id)
    made = await found(house, job_id)
    question = (await me.get(f"/dashboard/jobs/{job_id}/again")).text
    assert "$0.02" in question and str(made.seed) in question
    fields = {"once": hidden(question, "once"), "seed": "same"}
    first = sent_to(await me.post(f"/dashboard/jobs/{job_id}/again", fields))
    assert sent_to(await me.post(f"/dashboard/jobs/{job_id}/again", fields)) == first
    again = await found(house, first.rpartition("/")[2])
    assert again.id != job_id and again.seed == made.seed
    assert again.call["options"]["mood"] == "wild" and again.tool == "dashboard"
    fields = {"once": hidden((await me.get(f"/dashboard/jobs/{job_id}/again")).text, "once")}
    fresh = sent_to(await me.post(f"/dashboard/jobs/{job_id}/again", fields))
    assert (await found(house, fresh.rpartition("/")[2])).seed != made.seed


async def test_a_run_is_ordered_again_with_its_values_and_count(house: House, me: Person) -> None:
    job_id = await run(house, n=2)
    assert (await me.get(f"/dashboard/jobs/{job_id}/again")).status_code == 409
    await me.post(f"/dashboard/jobs/{job_id}/cancel")
    question = (await me.get(f"/dashboard/jobs/{job_id}/again")).text
    fields = {"once": hidden(question, "once")}
    path = sent_to(await me.post(f"/dashboard/jobs/{job_id}/again", fields))
    again = await found(house, path.rpartition("/")[2])
    assert (again.template, again.prompt, again.request["n"]) == ("variants@1", "a fox", 2)


async def test_a_dear_order_is_confirmed_before_it_is_repeated(tmp_path: Path) -> None:
    settings = with_press(tmp_path)
    rules = replace(settings.credits, confirm_above=0.01)
    assert isinstance(rules, CreditRules)
    async with (
        opened(replace(settings, credits=rules), Atelier(tmp_path)) as house,
        signed_in(house) as me,
    ):
        sent = {"prompt": "a fox", "model": "fake:one"}
        refused = await house.http.post("/api/generate/image", json=sent)
        token = refused.json()["error"]["confirm"]
        sent["options"] = {"confirm": token}  # type: ignore[assignment]
        answer = await house.http.post("/api/generate/image", json=sent)
        job_id = answer.json()["job_id"]
        await house.ended(job_id)
        question = (await me.get(f"/dashboard/jobs/{job_id}/again")).text
        assert "asked once more" in question
        fields = {"once": hidden(question, "once")}
        asked = await me.post(f"/dashboard/jobs/{job_id}/again", fields)
        assert asked.status_code == 200 and "Yes, order for $0.02" in asked.text
        fields = {n: hidden(asked.text, n) for n in ("once", "confirm")}
        assert sent_to(await me.post(f"/dashboard/jobs/{job_id}/again", fields))


async def test_a_publish_time_is_set_taken_back_and_now(house: House, me: Person) -> None:
    sent = {"publish": ["press"], "publish_at": "2040-05-01T09:00:00Z"}
    job_id = await run(house, "side-by-side", **sent)
    path = f"/dashboard/jobs/{job_id}/schedule"
    assert "Change the publish time" in (await me.get(f"/dashboard/jobs/{job_id}")).text
    for fields, code in (
        ({"when": "at", "at": ""}, 400),
        ({"when": "at", "at": "soon"}, 400),
        ({"when": "at", "at": "2041-05-01T09:00"}, 204),
        ({"when": "at", "at": "x", "at_exact": "2042-05-01T09:00:00.000Z"}, 204),
        ({"when": "never"}, 204),
    ):
        answer = await me.post(path, fields)
        assert answer.status_code == code, answer.text
    assert "Publish now" in (await me.get(f"/dashboard/jobs/{job_id}")).text
    await me.post(path, {"when": "now"})
    assert (await house.ended(job_id))["status"] == "completed"
    page = (await me.get(f"/dashboard/jobs/{job_id}")).text
    assert "Published" in page and "press" in page


async def test_a_result_is_published_later_as_a_job_of_its_own(
    house: House, me: Person, tmp_path: Path
) -> None:
    job_id = await house.order("a fox")
    await house.ended(job_id)
    path = f"/dashboard/jobs/{job_id}/publish"
    form = (await me.get(path)).text
    assert 'value="press"' in form
    nothing = await me.post(path, {"destination": "press"})
    assert nothing.status_code == 400 and "No file is chosen" in nothing.text
    fields = {n: hidden(form, n) for n in ("once", "file")}
    foreign = await me.post(path, {**fields, "file": "art_other", "destination": "press"})
    assert foreign.status_code == 400
    assert (await me.post(path, {**fields, "destination": "nowhere"})).status_code == 400
    made = sent_to(await me.post(path, {**fields, "destination": "press"}))
    new = made.rpartition("/")[2]
    assert (await house.ended(new))["status"] == "completed"
    assert (await found(house, new)).state == "published"
    assert list((tmp_path / "press").rglob("*.png"))


async def test_a_destination_that_failed_is_tried_again(house: House, me: Person) -> None:
    services = house.app.services
    assert services is not None

    async def at_once(seconds: float) -> None:
        return None

    services.publishing.rest = at_once
    job_id = await run(house, "side-by-side", publish=["gone", "press"])
    page = (await me.get(f"/dashboard/jobs/{job_id}")).text
    assert f"/dashboard/jobs/{job_id}/publications/gone" in page
    answer = await me.post(f"/dashboard/jobs/{job_id}/publications/gone")
    assert answer.status_code == 204 and "refused it again" in answer.headers["HX-Trigger"]
    assert (await me.post(f"/dashboard/jobs/{job_id}/publications/x")).status_code == 404


async def test_an_order_is_kept_as_a_template(house: House, me: Person) -> None:
    start = await house.order("start")
    await house.ended(start)
    job_id = await house.order("a fox", n=2, options={"mood": "wild"}, inputs=[start])
    await house.ended(job_id)
    form = (await me.get(f"/dashboard/jobs/{job_id}/keep")).text
    assert 'value="a-fox"' in form
    for fields in ({"name": "", "slug": ""}, {"name": "Fox", "slug": "No Slug"}):
        refused = await me.post(f"/dashboard/jobs/{job_id}/keep", fields)
        assert 'aria-invalid="true"' in refused.text
    sent = {"name": "Wild fox", "slug": ""}
    assert sent_to(await me.post(f"/dashboard/jobs/{job_id}/keep", sent)).endswith("/wild-fox")
    kept = (await house.http.get("/api/v1/templates/wild-fox")).json()
    assert [i["id"] for i in kept["inputs"]] == ["prompt", "image_1"]
    assert kept["steps"][0]["n"] == 2 and kept["steps"][0]["options"] == {"mood": "wild"}


async def test_texts_of_strangers_are_shown_as_text(house: House, me: Person) -> None:
    for payload in PAYLOADS:
        job_id = await house.order(payload)
        await house.ended(job_id)
        for path in ("/dashboard/jobs", f"/dashboard/jobs/{job_id}", "/dashboard"):
            page = (await me.get(path)).text
            assert payload not in page or payload == PAYLOADS[2], path
            assert "<script>alert" not in page and "<svg onload" not in page
        assert payload not in (await me.get(f"/dashboard/jobs/{job_id}/again")).text or (
            payload == PAYLOADS[2]
        )
    assert "{{ 7 * 7 }}" in (await me.get("/dashboard/jobs")).text


async def test_a_key_that_may_only_look_sees_no_buttons_and_is_refused(house: House) -> None:
    job_id = await run(house)
    done = await house.order()
    await house.ended(done)
    async with signed_in(house, await reader(house)) as me:
        for path in ("/dashboard/jobs", f"/dashboard/jobs/{job_id}", f"/dashboard/jobs/{done}"):
            page = (await me.get(path)).text
            assert "/cancel" not in page and "/approve" not in page and "/again" not in page
        for path in ("cancel", "approve", "schedule", "again", "publish", "keep"):
            answer = await me.post(f"/dashboard/jobs/{job_id}/{path}")
            assert answer.status_code == 403, path
    assert await state(house, job_id) == "awaiting_approval"


async def test_another_workspace_sees_none_of_it(house: House) -> None:
    job_id = await run(house)
    services = house.app.services
    assert services is not None
    other = await services.workspaces.create("other", WorkspaceTerms())
    async with signed_in(house, other.first.secret) as me:
        assert job_id not in (await me.get("/dashboard/jobs")).text
        for path in ("", "/live", "/again", "/publish", "/keep"):
            assert (await me.get(f"/dashboard/jobs/{job_id}{path}")).status_code == 404, path
        for path in ("cancel", "approve", "again", "publish", "keep"):
            assert (await me.post(f"/dashboard/jobs/{job_id}/{path}")).status_code == 404, path
        sent = {"when": "now"}
        assert (await me.post(f"/dashboard/jobs/{job_id}/schedule", sent)).status_code == 404


async def test_a_form_of_another_page_is_refused(house: House, me: Person) -> None:
    job_id = await run(house)
    wrong = {"X-Flexura-Token": "wrong"}
    for path in ("cancel", "approve", "schedule", "again", "publish", "keep"):
        answer = await me.post(f"/dashboard/jobs/{job_id}/{path}", None, **wrong)
        assert answer.status_code == 403, path
    away = {"Sec-Fetch-Site": "same-site"}
    assert (await me.post(f"/dashboard/jobs/{job_id}/cancel", None, **away)).status_code == 403
    assert await state(house, job_id) == "awaiting_approval"


async def test_a_stream_ends_with_the_key_of_who_looks(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_ASKED_AGAIN", 0.0)
    monkeypatch.setattr(list_page, "KEEP_ALIVE", 0.05)
    made = (await house.http.post("/api/v1/keys", json={"name": "second"})).json()
    async with signed_in(house, made["key"]) as person, asyncio.timeout(20):
        looking = asyncio.create_task(person.get("/dashboard/jobs/live"))
        await asyncio.wait([looking], timeout=0.3)
        assert not looking.done()
        assert (await house.http.delete(f"/api/v1/keys/{made['id']}")).status_code < 300
        assert (await looking).text.startswith("retry: ")
