"""Webhooks on the dashboard: made, changed, tested, switched, removed; what was sent, and once more."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider
from flexura.domain.ids import new_id
from flexura.domain.webhook import Delivery
from flexura.services.clock import now_ms
from flexura.settings import Settings
from gateway.dashboard.signed_in import Person, signed_in
from gateway_house import House, opened
from tenants_house import tenant
from webhooks_house import Receiver, receiving

pytestmark = pytest.mark.anyio
WEBHOOKS = "/dashboard/webhooks"
MEAN = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@dataclass
class Hooked:
    house: House
    receiver: Receiver
    browser: Person

    async def made(self, **fields: Any) -> str:
        """A webhook by the form; its id."""
        sent = {"token": self.browser.token, "url": f"{self.receiver.url}/hook", **fields}
        answer = await self.browser.http.post(WEBHOOKS, data=sent)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].rpartition("/")[2]

    async def insert(self, **fields: Any) -> str:
        """A delivery in the log that nobody sends; its id."""
        services = self.house.app.services
        assert services is not None
        workspace = (await services.workspaces.list())[0].id
        known = {"url": "https://example.com/", "event": "job.completed", "payload": "{}", **fields}
        one = Delivery(new_id("msg"), workspace, created_at=now_ms(), **known)
        await services.records.transact(lambda tx: tx.insert(one))
        return one.id


@pytest.fixture
async def hooked(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[Hooked]:
    async with receiving() as receiver:
        settings = replace(gateway_settings, webhook_origins=(receiver.url,))
        async with opened(settings, FakeProvider(tmp_path)) as house, signed_in(house) as browser:
            yield Hooked(house, receiver, browser)


async def test_a_webhook_is_made_tested_changed_and_removed(hooked: Hooked) -> None:
    browser = hooked.browser
    assert "No webhook yet" in (await browser.get(WEBHOOKS)).text
    name = await hooked.made(events=["job.completed", "job.failed"], description="studio")
    page = (await browser.get(f"{WEBHOOKS}/{name}")).text
    assert hooked.receiver.url in page and "job.failed" in page and "studio" in page
    sent = await browser.post(f"{WEBHOOKS}/{name}/test")
    assert "A test message is on its way." in sent.headers["hx-trigger"]
    assert "webhook.test" in sent.text and 'hx-trigger="load delay:2s"' in sent.text
    (received,) = await hooked.receiver.until(1)
    assert received.json()["type"] == "webhook.test"
    form = await browser.get(f"{WEBHOOKS}/{name}/edit")
    assert re.search(r'value="job.failed" checked', form.text)
    changed = {"token": browser.token, "url": f"{hooked.receiver.url}/other", "events": []}
    assert (await browser.http.post(f"{WEBHOOKS}/{name}", data=changed)).status_code == 303
    page = (await browser.get(f"{WEBHOOKS}/{name}")).text
    assert "/other" in page and "everything" in page
    gone = await browser.post(f"{WEBHOOKS}/{name}/remove")
    assert gone.headers["hx-redirect"] == WEBHOOKS
    assert (await browser.get(f"{WEBHOOKS}/{name}")).status_code == 404


async def test_the_same_form_twice_makes_one_webhook(hooked: Hooked) -> None:
    first = await hooked.made(once="abc")
    sent = {"token": hooked.browser.token, "url": f"{hooked.receiver.url}/hook", "once": "abc"}
    again = await hooked.browser.http.post(WEBHOOKS, data=sent)
    assert again.headers["location"] == WEBHOOKS
    listed = (await hooked.house.http.get("/api/v1/webhooks")).json()["webhooks"]
    assert [one["id"] for one in listed] == [first]


async def test_one_that_is_off_says_why_and_is_turned_on_again(hooked: Hooked) -> None:
    name = await hooked.made()
    one = f"{WEBHOOKS}/{name}"
    await hooked.browser.post(f"{one}/enabled", {"enabled": "no"})
    page = (await hooked.browser.get(one)).text
    assert "Turned off by its workspace." in page and "Turn on" in page
    refused = await hooked.browser.post(f"{one}/test")
    assert (refused.status_code, refused.headers["hx-retarget"]) == (409, "#toasts")
    await hooked.browser.post(f"{one}/enabled", {"enabled": "yes"})
    assert "Turned off" not in (await hooked.browser.get(one)).text


async def test_an_address_that_is_not_public_is_refused_at_its_field(hooked: Hooked) -> None:
    for url in ("http://169.254.169.254/latest", "ftp://example.com", MEAN):
        sent = {"token": hooked.browser.token, "url": url, "description": MEAN}
        answer = await hooked.browser.http.post(WEBHOOKS, data=sent)
        assert answer.status_code == 400, answer.text
        field = re.search(r'<input id="f-url"[^>]*>', answer.text)
        assert field and 'aria-invalid="true"' in field[0]
        assert "<script>alert" not in answer.text and "<img src=x" not in answer.text


async def test_the_log_is_filtered_and_shown_in_pages(hooked: Hooked) -> None:
    browser = hooked.browser
    for number in range(30):
        await hooked.insert(state="delivered", event=f"event.{number}")
    await hooked.insert(state="failed", event="event.bad", error="It answered 500: no", attempts=8)
    page = (await browser.get(f"{WEBHOOKS}/deliveries")).text
    assert "event.bad" in page and "event.29" in page and "event.3<" not in page
    older = re.search(r'href="([^"]*cursor=[^"]*)"', page)
    assert older
    second = (await browser.get(older[1].replace("&amp;", "&"))).text
    assert "event.3<" in second and "event.29" not in second and "Newest" in second
    failed = (await browser.get(f"{WEBHOOKS}/deliveries?state=failed")).text
    assert "event.bad" in failed and "event.29" not in failed
    assert (await browser.get(f"{WEBHOOKS}/deliveries?cursor=junk")).status_code == 400


async def test_a_delivery_shows_what_the_receiver_said_as_text(hooked: Hooked) -> None:
    name = await hooked.insert(
        state="failed", payload=f'{{"prompt": "{MEAN}"}}', error=MEAN, status=500, event=MEAN
    )
    page = (await hooked.browser.get(f"{WEBHOOKS}/deliveries/{name}")).text
    assert "<script>alert" not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_one_is_sent_again_with_the_id_that_it_had(hooked: Hooked) -> None:
    hooked.receiver.reply = lambda request: 410
    endpoint = await hooked.made()
    name = await hooked.insert(
        state="failed", endpoint_id=endpoint, url=f"{hooked.receiver.url}/hook"
    )
    hooked.receiver.reply = lambda request: 204
    answer = await hooked.browser.post(f"{WEBHOOKS}/deliveries/{name}/redeliver")
    assert answer.headers["hx-redirect"] == f"{WEBHOOKS}/deliveries/{name}"
    (received,) = await hooked.receiver.until(1)
    assert received.id == name


async def test_all_that_failed_is_sent_again_but_what_is_off(hooked: Hooked) -> None:
    on, off = await hooked.made(), await hooked.made()
    url = f"{hooked.receiver.url}/hook"
    again = {await hooked.insert(state="failed", endpoint_id=on, url=url) for _ in range(3)}
    left = await hooked.insert(state="failed", endpoint_id=off, url=url)
    gone = await hooked.insert(state="failed", endpoint_id="wh_gone", url=url)
    done = await hooked.insert(state="delivered", endpoint_id=on, url=url)
    await hooked.browser.post(f"{WEBHOOKS}/{off}/enabled", {"enabled": "no"})
    answer = await hooked.browser.post(f"{WEBHOOKS}/deliveries/redeliver-failed")
    assert "3 deliveries are sent again." in answer.headers["hx-trigger"]
    received = await hooked.receiver.until(3)
    assert {one.id for one in received} == again and not again & {left, gone, done}


async def test_the_signing_secret_is_shown_when_asked_for_and_rotated(hooked: Hooked) -> None:
    browser = hooked.browser
    assert "whsec_" not in (await browser.get(WEBHOOKS)).text
    shown = re.findall(
        r"<code>(whsec_[^<]+)</code>", (await browser.post(f"{WEBHOOKS}/secret")).text
    )
    assert len(shown) == 1
    rotated = await browser.post(f"{WEBHOOKS}/secret/rotate", {"overlap_hours": "24"})
    both = re.findall(r"<code>(whsec_[^<]+)</code>", rotated.text)
    assert len(both) == 2 and both[1] == shown[0]
    assert rotated.headers["cache-control"] == "no-store"
    wrong = await browser.post(f"{WEBHOOKS}/secret/rotate", {"overlap_hours": "9999"})
    assert wrong.status_code == 400


async def test_without_admin_one_looks_only(hooked: Hooked) -> None:
    name = await hooked.made()
    failed = await hooked.insert(state="failed")
    reader = (await hooked.house.http.post("/api/v1/keys", json={"scopes": ["read"]})).json()
    async with signed_in(hooked.house, reader["key"]) as browser:
        page = (await browser.get(f"{WEBHOOKS}/{name}")).text
        listed = (await browser.get(WEBHOOKS)).text
        for word in ("Send a test", "Turn off", "Rotate", "New webhook", "Send failed again"):
            assert word not in page + listed
        for path in (
            WEBHOOKS,
            f"{WEBHOOKS}/secret",
            f"{WEBHOOKS}/secret/rotate",
            f"{WEBHOOKS}/{name}",
            f"{WEBHOOKS}/{name}/enabled",
            f"{WEBHOOKS}/{name}/test",
            f"{WEBHOOKS}/{name}/remove",
            f"{WEBHOOKS}/deliveries/redeliver-failed",
            f"{WEBHOOKS}/deliveries/{failed}/redeliver",
        ):
            assert (await browser.post(path, {"url": "https://example.com"})).status_code == 403
            assert (await hooked.browser.http.post(path)).status_code == 403, "no token, no change"


async def test_what_is_of_another_workspace_is_not_there(hooked: Hooked) -> None:
    name = await hooked.made(description="secret plan")
    failed = await hooked.insert(state="failed", event="secret.event")
    async with (
        tenant(hooked.house, "acme") as other,
        signed_in(hooked.house, other.key) as browser,
    ):
        page = (await browser.get(WEBHOOKS)).text
        assert "secret plan" not in page and "secret.event" not in page
        log = (await browser.get(f"{WEBHOOKS}/deliveries?endpoint={name}")).text
        assert hooked.receiver.url not in log
        for answer in (
            await browser.get(f"{WEBHOOKS}/{name}"),
            await browser.get(f"{WEBHOOKS}/deliveries/{failed}"),
            await browser.post(f"{WEBHOOKS}/{name}/remove"),
            await browser.post(f"{WEBHOOKS}/deliveries/{failed}/redeliver"),
        ):
            assert answer.status_code == 404
        again = await browser.post(f"{WEBHOOKS}/deliveries/redeliver-failed", {"endpoint": name})
        assert "Nothing that failed" in again.headers["hx-trigger"]
