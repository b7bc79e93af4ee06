"""Sending webhooks: signed, at least once, with patience, and no slow receiver in the way of others."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
from standardwebhooks import WebhookVerificationError

from flexura.domain.webhook import Delivery, Endpoint
from flexura.outbound.client import Guard
from flexura.services import delivering
from flexura.services.clock import now_ms
from flexura.services.delivering import RETRY_SECONDS, due_soon
from flexura.services.signing import SigningSecrets
from flexura.services.webhooks import Webhooks
from flexura.storage.sqlite import SqliteRecords
from webhooks_house import WORKSPACE, Clock, Received, failing_often, message, posting, receiving

pytestmark = pytest.mark.anyio


async def test_a_message_arrives_once_with_a_signature_that_the_reference_library_accepts(
    tmp_path: Path,
) -> None:
    async with receiving() as receiver, posting(tmp_path, receiver.url) as post:
        [sent] = await post.send(f"{receiver.url}/hook")
        await post.settled()
        delivery = await post.get(sent)
        secret = (await SigningSecrets(post.records).active(WORKSPACE))[0].secret
    [request] = receiver.received
    assert (request.path, request.id) == ("/hook", sent)
    assert request.verified_by(secret) == request.json()
    assert secret.startswith("whsec_")
    assert (delivery.state, delivery.status, delivery.attempts) == ("delivered", 204, 1)
    assert delivery.delivered_at is not None


async def test_another_secret_or_a_changed_body_does_not_verify(tmp_path: Path) -> None:
    async with receiving() as receiver, posting(tmp_path, receiver.url) as post:
        await post.send(receiver.url)
        await post.settled()
        secrets = SigningSecrets(post.records)
        own = (await secrets.active(WORKSPACE))[0].secret
        other = (await secrets.active("ws_2"))[0].secret
    [request] = receiver.received
    with pytest.raises(WebhookVerificationError):
        request.verified_by(other)
    with pytest.raises(WebhookVerificationError):
        type(request)(request.path, request.headers, request.body + b" ").verified_by(own)


async def test_after_a_rotation_both_secrets_sign_until_the_old_one_ends(tmp_path: Path) -> None:
    async with receiving() as receiver, posting(tmp_path, receiver.url) as post:
        secrets = SigningSecrets(post.records)
        old = (await secrets.active(WORKSPACE))[0].secret
        new = (await secrets.rotate(WORKSPACE, overlap_hours=1))[0].secret
        await post.send(receiver.url)
        await post.settled()
        post.clock.ahead_ms = 2 * 3_600_000
        await post.send(receiver.url)
        await post.settled()
    first, second = receiver.received
    assert old != new
    assert first.verified_by(old) == first.verified_by(new)
    [only] = second.headers["webhook-signature"].split(" ")
    assert only.startswith("v1,")


async def test_no_message_is_lost_while_secrets_rotate(tmp_path: Path) -> None:
    async with receiving() as receiver, posting(tmp_path, receiver.url) as post:
        secrets = SigningSecrets(post.records)
        known = {one.secret for one in await secrets.active(WORKSPACE)}
        sent: list[str] = []
        for _ in range(8):
            sent += await post.send(receiver.url, 10)
            known |= {one.secret for one in await secrets.rotate(WORKSPACE, overlap_hours=24)}
        await post.settled()
        last = (await secrets.active(WORKSPACE))[0].secret
        await post.send(receiver.url)
        await post.settled()
    assert set(sent) < set(receiver.ids)
    for request in receiver.received:
        assert any(_accepts(request, secret) for secret in known)
    assert _accepts(receiver.received[-1], last)


def _accepts(request: Received, secret: str) -> bool:
    try:
        request.verified_by(secret)
    except WebhookVerificationError:
        return False
    return True


async def test_a_failure_is_tried_again_with_the_same_id_and_body(tmp_path: Path) -> None:
    answers = [500, 503, 404, 204]
    async with (
        receiving(lambda request: answers.pop(0)) as receiver,
        posting(tmp_path, receiver.url) as post,
    ):
        [sent] = await post.send(receiver.url)
        await post.settled()
        delivery = await post.get(sent)
    assert receiver.ids == {sent: 4}
    assert len({request.body for request in receiver.received}) == 1
    assert (delivery.state, delivery.attempts, delivery.error) == ("delivered", 4, "")


async def test_tries_go_on_for_a_day_then_the_message_has_failed(tmp_path: Path) -> None:
    async with (
        receiving(lambda request: 500) as receiver,
        posting(tmp_path, receiver.url) as post,
    ):
        [sent] = await post.send(receiver.url)
        began = post.clock.ahead_ms
        await post.settled(jump=1.0)
        hours = (post.clock.ahead_ms - began) / 3_600_000
        delivery = await post.get(sent)
    assert (delivery.state, delivery.status) == ("failed", 500)
    assert delivery.attempts == len(RETRY_SECONDS) + 1
    assert 24 < hours < 31
    assert "500" in delivery.error


async def test_gone_turns_the_endpoint_off_at_once(tmp_path: Path) -> None:
    async with (
        receiving(lambda request: 410) as receiver,
        posting(tmp_path, receiver.url) as post,
    ):
        endpoint = await post.listen(receiver.url)
        [first] = await post.send(receiver.url, endpoint=endpoint.id)
        await post.settled()
        [second] = await post.send(receiver.url, endpoint=endpoint.id)
        await post.settled()
        found = await post.records.get(Endpoint, endpoint.id)
        states = [(await post.get(sent)).state for sent in (first, second)]
        told = (await post.get(second)).error
    assert found is not None and found.disabled_at
    assert "410" in found.disabled_reason
    assert states == ["failed", "failed"]
    assert receiver.ids == {first: 1}, "one that is off is told nothing"
    assert "off" in told


async def test_an_endpoint_that_took_nothing_for_a_day_is_turned_off_with_the_reason(
    tmp_path: Path,
) -> None:
    async with (
        receiving(lambda request: 500) as receiver,
        posting(tmp_path, receiver.url) as post,
    ):
        endpoint = await post.listen(receiver.url)
        await post.send(receiver.url, endpoint=endpoint.id)
        await post.settled(jump=1.0)
        found = await post.records.get(Endpoint, endpoint.id)
    assert found is not None and found.disabled_at
    assert found.disabled_reason.startswith("Nothing arrived for 2")


async def test_an_endpoint_that_takes_other_messages_stays_on(tmp_path: Path) -> None:
    refused = set[str]()
    async with (
        receiving(lambda request: 500 if request.id in refused else 204) as receiver,
        posting(tmp_path, receiver.url) as post,
    ):
        endpoint = await post.listen(receiver.url)
        [sent] = await post.send(receiver.url, endpoint=endpoint.id)
        refused.add(sent)
        await post.noted(sent)
        await post.send(receiver.url, endpoint=endpoint.id)
        await post.settled()
        found = await post.records.get(Endpoint, endpoint.id)
        delivery = await post.get(sent)
    assert delivery.state == "failed"
    assert found is not None and found.disabled_at is None


async def test_what_waits_goes_to_the_new_url_of_its_endpoint(tmp_path: Path) -> None:
    async with (
        receiving(lambda request: 500 if request.path == "/bad" else 204) as receiver,
        posting(tmp_path, receiver.url) as post,
    ):
        endpoint = await post.listen(f"{receiver.url}/bad")
        [sent] = await post.send(f"{receiver.url}/bad", endpoint=endpoint.id)
        await post.noted(sent)
        good = f"{receiver.url}/good"
        await post.records.transact(lambda tx: tx.change(Endpoint, endpoint.id, url=good))
        await post.settled()
        delivery = await post.get(sent)
    assert (delivery.state, delivery.url) == ("delivered", good)


async def test_retry_after_is_respected_within_bounds(tmp_path: Path) -> None:
    def reply(request: object) -> bytes:
        return b"HTTP/1.1 429 Slow\r\nRetry-After: 900\r\nContent-Length: 0\r\n\r\n"

    async with receiving(reply) as receiver, posting(tmp_path, receiver.url) as post:
        [sent] = await post.send(receiver.url)
        await receiver.until(1)
        waits = (await post.noted(sent)).next_at - post.clock()
    assert 880_000 < waits <= 900_000


async def test_a_redirect_is_a_failure_and_is_not_followed(tmp_path: Path) -> None:
    async with receiving() as elsewhere:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.url}/\r\nContent-Length: 0\r\n\r\n"
        async with (
            receiving(lambda request: moved.encode()) as receiver,
            posting(tmp_path, receiver.url, elsewhere.url) as post,
        ):
            [sent] = await post.send(receiver.url)
            await receiver.until(1)
            delivery = await post.noted(sent)
    assert (delivery.state, delivery.status) == ("pending", 302)
    assert "redirects are not followed" in delivery.error
    assert elsewhere.received == []


async def test_an_answer_is_kept_as_a_short_clean_text_only(tmp_path: Path) -> None:
    body = b"<script>alert(1)</script>no\x00\x1b[31m such thing " + b"x" * 5000
    answer = b"HTTP/1.1 400 Bad\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    async with (
        receiving(lambda request: answer) as receiver,
        posting(tmp_path, receiver.url) as post,
    ):
        [sent] = await post.send(receiver.url)
        await receiver.until(1)
        delivery = await post.noted(sent)
    assert len(delivery.error) <= 200
    assert not {"\x00", "\x1b", "<"} & set(delivery.error)
    assert "such thing" in delivery.error


async def test_a_receiver_that_does_not_answer_holds_up_nobody_else(tmp_path: Path) -> None:
    async with receiving() as slow, receiving() as quick:
        slow.gate.clear()
        async with posting(tmp_path, slow.url, quick.url) as post:
            await post.send(slow.url, 600)
            await slow.until(1)
            wanted = await post.send(quick.url, 300)
            await quick.until(300, seconds=10)
            assert set(wanted) <= set(quick.ids)
            assert slow.most_at_once <= 8
            slow.gate.set()


async def test_what_is_under_way_when_the_process_ends_is_sent_again_by_the_next(
    tmp_path: Path,
) -> None:
    clock = Clock()
    async with receiving() as receiver:
        receiver.gate.clear()
        async with posting(tmp_path, receiver.url, clock=clock) as post:
            sent = await post.send(receiver.url, 40)
            await receiver.until(8)
            # The task is cancelled while the receiver holds every answer back.
        receiver.gate.set()
        async with posting(tmp_path, receiver.url, clock=clock) as post:
            await post.settled()
            states = {(await post.get(one)).state for one in sent}
    assert states == {"delivered"}
    assert set(sent) == set(receiver.ids), "each at least once, always with its own id"


async def test_two_gateways_on_one_store_share_the_messages(tmp_path: Path) -> None:
    async with (
        receiving() as receiver,
        posting(tmp_path, receiver.url) as one,
        posting(tmp_path, receiver.url),
    ):
        sent = await one.send(receiver.url, 200)
        await one.settled(turn_clock=False)
    assert receiver.ids == dict.fromkeys(sent, 1)


async def test_a_quiet_gateway_waits_for_what_is_due_within_minutes(tmp_path: Path) -> None:
    async with (
        receiving(lambda request: 500) as receiver,
        posting(tmp_path, receiver.url) as post,
    ):
        assert not await due_soon(post.records, post.clock())
        [sent] = await post.send(receiver.url)
        await receiver.until(1)
        await post.noted(sent)
        assert await due_soon(post.records, post.clock())
        later = post.clock() + 3_600_000
        await post.records.transact(lambda tx: tx.change(Delivery, sent, next_at=later))
        assert not await due_soon(post.records, post.clock())


async def test_a_thousand_messages_with_a_third_of_the_tries_failing_all_arrive(
    tmp_path: Path,
) -> None:
    async with receiving(failing_often()) as receiver, posting(tmp_path, receiver.url) as post:
        sent = await post.send(receiver.url, 1000)
        await post.settled()
        states = {one.state for one in await post.records.find(Delivery, limit=2000)}
    assert set(receiver.ids) == set(sent)
    assert len(receiver.received) > 1250
    assert states == {"delivered"}


async def test_what_a_killed_process_had_claimed_is_sent_when_its_lease_is_over(
    tmp_path: Path,
) -> None:
    async with receiving() as receiver:
        async with posting(tmp_path, receiver.url) as post:
            pass  # only for its store
        records = SqliteRecords(tmp_path / "flexura.db")
        rows = [message(receiver.url) for _ in range(20)]
        await records.transact(lambda tx: [tx.insert(row) for row in rows])
        claimed = await records.transact(
            lambda tx: tx.claim_deliveries(now_ms(), now_ms() + 60_000, 15)
        )
        await records.aclose()
        async with posting(tmp_path, receiver.url) as post:
            await receiver.until(5)
            early = set(receiver.ids)
            await post.settled()
    assert early == {row.id for row in rows} - {one.id for one in claimed}
    assert receiver.ids == {row.id: 1 for row in rows}


async def test_a_delivery_that_is_asked_for_again_while_it_is_under_way_is_sent_again(
    tmp_path: Path,
) -> None:
    async with receiving() as receiver, posting(tmp_path, receiver.url) as post:
        receiver.gate.clear()
        [sent] = await post.send(receiver.url)
        await receiver.until(1)
        await Webhooks(post.records, post.events).redeliver(WORKSPACE, sent)
        receiver.gate.set()
        await receiver.until(2)
        await post.settled()
        delivery = await post.get(sent)
    assert receiver.ids == {sent: 2}
    assert delivery.state == "delivered"


async def test_a_removed_endpoint_is_told_nothing_more(tmp_path: Path) -> None:
    async with receiving() as receiver, posting(tmp_path, receiver.url) as post:
        [sent] = await post.send(receiver.url, endpoint="wh_gone")
        await post.settled()
        delivery = await post.get(sent)
    assert (delivery.state, delivery.error) == ("failed", "The webhook was removed.")
    assert receiver.received == []


class _Broken(Guard):
    """A client with a bug."""

    async def request(self, method: str, url: str, **more: object) -> NoReturn:  # type: ignore[override]
        raise ValueError("a bug")


async def test_a_bug_counts_as_a_failed_try_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with posting(tmp_path, guard=_Broken()) as post:
        [sent] = await post.send("https://hooks.invalid/")
        first = await post.noted(sent)
        await post.settled()
        last = await post.get(sent)
    assert (first.state, first.attempts) == ("pending", 1)
    assert last.state == "failed"
    assert "cannot be sent" in caplog.text


async def test_trouble_with_the_store_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivering, "_TROUBLE_SECONDS", 0.0)
    async with receiving() as receiver, posting(tmp_path, receiver.url) as post:
        real, troubles = post.records.next_delivery, 3

        async def troubled() -> int | None:
            nonlocal troubles
            troubles -= 1
            if troubles >= 0:
                raise OSError("the disk is away")
            return await real()

        monkeypatch.setattr(post.records, "next_delivery", troubled)
        sent = await post.send(receiver.url)
        await receiver.until(1)
    assert receiver.ids == {sent[0]: 1}
    assert "failed" in caplog.text
