"""The routes of webhooks."""

from __future__ import annotations

import pytest

from flexura.domain.webhook import EVENTS

from .conftest import Hooked

pytestmark = pytest.mark.anyio
BASE = "/api/v1/webhooks"


async def test_a_webhook_is_registered_read_changed_and_removed(hooked: Hooked) -> None:
    http = hooked.house.http
    made = (await http.post(BASE, json={"url": "https://hooks.invalid/hook"})).json()
    assert (made["url"], made["events"], made["enabled"]) == (
        "https://hooks.invalid/hook",
        [],
        True,
    )
    assert (await http.get(f"{BASE}/{made['id']}")).json() == made
    assert (await http.get(BASE)).json() == {"webhooks": [made]}
    changes = {"events": ["job.failed"], "enabled": False, "description": "night shift"}
    changed = (await http.patch(f"{BASE}/{made['id']}", json=changes)).json()
    assert changed["events"] == ["job.failed"]
    assert (changed["enabled"], changed["description"]) == (False, "night shift")
    assert changed["disabled_at"] and changed["disabled_reason"]
    again = (await http.patch(f"{BASE}/{made['id']}", json={"enabled": True})).json()
    assert (again["enabled"], again["disabled_at"], again["disabled_reason"]) == (True, None, "")
    assert (await http.delete(f"{BASE}/{made['id']}")).status_code == 204
    assert (await http.get(f"{BASE}/{made['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": 7}, "url"),
        ({"url": "http://example.org"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://user:pw@example.org/"}, "url"),
        ({"url": "https://hooks.invalid:22/"}, "url"),
        ({"url": "https://hooks.invalid/" + "x" * 2000}, "url"),
        ({"url": "https://hooks.invalid", "events": ["job.exploded"]}, "events.0"),
        ({"url": "https://hooks.invalid", "description": "x" * 201}, "description"),
        ({"url": "https://hooks.invalid", "colour": "red"}, "colour"),
        ({"url": "https://hooks.invalid", "events": None}, "events"),
    ],
)
async def test_what_does_not_fit_is_refused_naming_the_field(
    hooked: Hooked, body: dict[str, object], field: str
) -> None:
    answer = await hooked.house.http.post(BASE, json=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert answer.json()["error"]["next_step"]
    assert "pw" not in answer.text


async def test_a_workspace_has_at_most_twenty(hooked: Hooked) -> None:
    for number in range(20):
        url = f"https://hooks.invalid/{number}"
        assert (await hooked.house.http.post(BASE, json={"url": url})).status_code == 201
    answer = await hooked.house.http.post(BASE, json={"url": "https://hooks.invalid/20"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


async def test_a_test_message_arrives_signed_and_is_in_the_log(hooked: Hooked) -> None:
    webhook = await hooked.listen("job.failed")
    sent = (await hooked.house.http.post(f"{BASE}/{webhook}/test")).json()
    [request] = await hooked.receiver.until(1)
    message = request.verified_by(await hooked.secret())
    assert (message["type"], message["data"]) == ("webhook.test", {"webhook_id": webhook})
    assert request.id == sent["id"]


async def test_a_test_of_one_that_is_off_says_what_to_do(hooked: Hooked) -> None:
    webhook = await hooked.listen()
    await hooked.house.http.patch(f"{BASE}/{webhook}", json={"enabled": False})
    answer = await hooked.house.http.post(f"{BASE}/{webhook}/test")
    assert answer.status_code == 409
    assert "enabled" in answer.json()["error"]["next_step"]


async def test_the_log_is_paged_filtered_and_shows_payloads(hooked: Hooked) -> None:
    http = hooked.house.http
    webhook = await hooked.listen("job.completed")
    for _ in range(5):
        await hooked.house.ended(await hooked.house.order())
    await hooked.receiver.until(5)
    first = (await http.get(f"{BASE}/deliveries?limit=3")).json()
    cursor = first["next_cursor"]
    second = (await http.get(f"{BASE}/deliveries?limit=3&cursor={cursor}")).json()
    ids = [one["id"] for page in (first, second) for one in page["deliveries"]]
    assert len(ids) == len(set(ids)) == 5
    assert second["next_cursor"] is None
    of_it = (await http.get(f"{BASE}/deliveries?endpoint_id={webhook}")).json()["deliveries"]
    assert len(of_it) == 5
    none = (await http.get(f"{BASE}/deliveries?endpoint_id=wh_none&state=failed")).json()
    assert none["deliveries"] == []
    one = (await http.get(f"{BASE}/deliveries/{ids[0]}")).json()
    assert '"job.completed"' in one["payload"]


async def test_a_delivery_is_sent_again_with_the_same_id(hooked: Hooked) -> None:
    await hooked.listen("job.completed")
    await hooked.house.ended(await hooked.house.order())
    [request] = await hooked.receiver.until(1)
    path = f"{BASE}/deliveries/{request.id}/redeliver"
    answer = await hooked.house.http.post(path)
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    await hooked.receiver.until(2)
    assert hooked.receiver.ids == {request.id: 2}
    assert (
        await hooked.house.http.post(f"{BASE}/deliveries/msg_none/redeliver")
    ).status_code == 404


async def test_a_rotation_shows_both_secrets_and_a_repeat_makes_no_third(hooked: Hooked) -> None:
    http = hooked.house.http
    old = await hooked.secret()
    headers = {"Idempotency-Key": "rotate-1"}
    first = await http.post(f"{BASE}/secret/rotate", json={"overlap_hours": 2}, headers=headers)
    again = await http.post(f"{BASE}/secret/rotate", json={"overlap_hours": 2.0}, headers=headers)
    secrets = [one["secret"] for one in first.json()["secrets"]]
    assert secrets == [first.json()["secret"], old]
    assert first.json()["secrets"][0]["expires_at"] is None
    assert first.json()["secrets"][1]["expires_at"]
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert await hooked.secret() == secrets[0]


async def test_secrets_never_stand_in_records_of_idempotency(hooked: Hooked) -> None:
    body, headers = {"overlap_hours": 0}, {"Idempotency-Key": "rotate-2"}
    await hooked.house.http.post(f"{BASE}/secret/rotate", json=body, headers=headers)
    services = hooked.house.app.services
    assert services is not None
    [workspace] = await services.records.workspaces()
    used = await services.records.transact(
        lambda tx: tx.idempotency(workspace.id, "webhooks/secret/rotate", "rotate-2")
    )
    assert used is not None and "whsec" not in used.answer


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "state=gone", "cursor=%00", "cursor=abc"])
async def test_a_query_that_does_not_fit_is_refused(hooked: Hooked, query: str) -> None:
    answer = await hooked.house.http.get(f"{BASE}/deliveries?{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize("hours", [-1, 169, "24", None, True, 1e400])
async def test_an_overlap_out_of_range_is_refused(hooked: Hooked, hours: object) -> None:
    text = '{"overlap_hours": 1e400}' if hours == 1e400 else None
    answer = await hooked.house.http.post(
        f"{BASE}/secret/rotate",
        content=text,
        json=None if text else {"overlap_hours": hours},
        headers={"Content-Type": "application/json"} if text else {},
    )
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "overlap_hours")


async def test_every_event_can_be_asked_for(hooked: Hooked) -> None:
    body = {"url": "https://hooks.invalid/", "events": list(EVENTS)}
    assert (await hooked.house.http.post(BASE, json=body)).json()["events"] == list(EVENTS)
