"""Sending webhook messages: at least once, with patience, and no slow receiver in the way of the others.

A message is claimed for a while before it is sent, so that a crash between sending and noting sends it again
with the same `webhook-id`. The schedule of retries is the one that Standard Webhooks suggests.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flexura.domain.errors import DiskFull, FlexuraError
from flexura.domain.webhook import LONGEST_WAIT_MS, Delivery, Endpoint
from flexura.outbound.answer import Answer, BodyTooLarge
from flexura.outbound.client import REDIRECTS, Guard
from flexura.outbound.signature import sign
from flexura.ports.records import Records, Tx
from flexura.ports.tracing import checked, span
from flexura.ports.tracing import on as tracing_on
from flexura.services import telling
from flexura.services.clock import now_ms
from flexura.services.events import Events
from flexura.services.lanes import Lanes
from flexura.services.signing import active_secrets
from flexura.services.untrusted import clean

log = logging.getLogger(__name__)
RETRY_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)
"""Waits after failed tries: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h, so the last try is 27.6 h after the
first."""
TRY_SECONDS = 15.0
_JITTER = 0.1
_LONGEST_RETRY_AFTER = 43_200.0
_LEASE_MS = 120_000
_SURE_MS = 30_000
"""So long before its lease ends a message is begun at the latest."""
_LOOK_AGAIN = 30.0
_TROUBLE_SECONDS = 5.0
_GATHER_SECONDS = 0.05
_MOST_CLAIMED = 256
"""A claim runs on the event loop, so it is kept to some milliseconds."""
_CLOSING_SECONDS = 3.0
_MOST_BODY = 1000
_MOST_ERROR = 200


@dataclass(frozen=True)
class Due:
    """A message that this process may send until `until` (ms), and the secrets that sign it."""

    delivery: Delivery
    secrets: tuple[str, ...] = field(repr=False)
    until: int
    trace: str = ""
    """The trace of the job that it tells of, where traces are made."""


@dataclass(frozen=True)
class Outcome:
    """What came of one try."""

    status: int | None
    error: str = ""
    retry_after: float | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver said that it has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def word(self) -> str:
        """What figures say of it."""
        if self.delivered:
            return "delivered"
        return "unreachable" if self.status is None else "refused"


class Deliverer:
    """Sends what is due; several processes on one store share the work."""

    def __init__(
        self,
        records: Records,
        events: Events,
        guard: Guard,
        *,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._records = records
        self._events = events
        self._guard = guard
        self._clock = clock
        self._lanes = Lanes[Due](self._deliver)
        self._noting: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._disk_is_full = False

    async def run(self) -> None:
        """Send until cancelled; what is claimed and not begun then is given back."""
        self._records.on_commit(self._wake.set)
        self._lanes.on_room(self._wake.set)
        try:
            while True:
                try:
                    await self._step()
                except Exception:
                    # Whatever it was, the next messages are sent all the same.
                    log.exception("Looking for webhooks to send failed.")
                    await asyncio.sleep(_TROUBLE_SECONDS)
        finally:
            await self._close()

    async def _step(self) -> None:
        """Claim what is due, or wait until something is."""
        self._wake.clear()
        due = await self._records.next_delivery()
        now, room = self._clock(), self._lanes.room
        if due is None or room == 0:
            await self._rest(_LOOK_AGAIN)
        elif now < due <= now + LONGEST_WAIT_MS:
            await self._rest(min(_LOOK_AGAIN, (due - now) / 1000))
        elif not await self._claim(now, min(room, _MOST_CLAIMED)):
            await asyncio.sleep(_TROUBLE_SECONDS)
        else:
            # What becomes due one after the other is claimed together: each claim is a commit.
            await asyncio.sleep(_GATHER_SECONDS)

    @property
    def idle(self) -> bool:
        """Whether nothing is being sent or about to be."""
        return self._lanes.idle and not self._noting

    def look(self) -> None:
        """Look at once whether something is due, as after a change of the clock."""
        self._wake.set()

    async def _rest(self, seconds: float) -> None:
        """Until something changed in the store, a message was sent, or time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _claim(self, now: int, room: int) -> bool:
        """Take what is due into the lanes; False where the disk is full."""
        try:
            found = await self._records.transact(lambda tx: self._claimed(tx, now, room))
            self._disk_is_full = False
        except DiskFull as error:
            if not self._disk_is_full:
                log.error("No webhook is sent for now: %s %s", error.message, error.next_step)
            self._disk_is_full = True
            return False
        late = [
            (due.delivery.id, seconds)
            for due in found
            if (seconds := self._lanes.put(_host(due.delivery.url), due.delivery.id, due)) > 0
        ]
        if late:
            # Their host has as much to do as it can: meanwhile others get their turn.
            await self._put_back({name: now + int(seconds * 1000) for name, seconds in late})
        return True

    @staticmethod
    def _claimed(tx: Tx, now: int, most: int) -> list[Due]:
        until, found = now + _LEASE_MS, list[Due]()
        endpoints = dict[str, Endpoint | None]()
        secrets = dict[str, tuple[str, ...]]()
        for delivery in tx.claim_deliveries(now, until, most):
            name, workspace = delivery.endpoint_id, delivery.workspace_id
            if name and name not in endpoints:
                endpoints[name] = tx.get(Endpoint, name)
            if problem := _not_wanted(delivery, endpoints.get(name)):
                tx.change(Delivery, delivery.id, state="failed", error=problem)
                continue
            if workspace not in secrets:
                active = active_secrets(tx, workspace, now)
                secrets[workspace] = tuple(secret.secret for secret in active)
            endpoint = endpoints.get(name)
            if endpoint is not None and endpoint.url != delivery.url:
                delivery = tx.change(Delivery, delivery.id, url=endpoint.url) or delivery
            found.append(Due(delivery, secrets[workspace], until, _trace_of(tx, delivery)))
        return found

    async def _put_back(self, times: dict[str, int]) -> None:
        def work(tx: Tx) -> None:
            for name, at in times.items():
                tx.change(Delivery, name, next_at=at)

        with contextlib.suppress(DiskFull):  # the lease runs out, and they are due again
            await self._records.transact(work)

    async def _close(self) -> None:
        waiting = await self._lanes.close(_CLOSING_SECONDS)
        if self._noting:
            await asyncio.wait(self._noting)
        now = self._clock()
        await self._put_back({due.delivery.id: now for due in waiting})

    async def _deliver(self, due: Due) -> None:
        """One try. Its outcome is noted beside it: the lane does not wait for the disk."""
        if self._clock() > due.until - _SURE_MS:
            return  # it waited too long: whoever claims it next sends it
        began = time.perf_counter()
        try:
            with span("deliver webhook", "client", parent=due.trace):
                outcome = await self._send(due)
        except Exception:
            # Noted as a failed try, so that it is not tried for ever.
            log.exception("The webhook message %s cannot be sent.", due.delivery.id)
            outcome = Outcome(None, "The gateway failed to send it; its log says why.")
        took, host = time.perf_counter() - began, _host(due.delivery.url)
        telling.delivery(outcome.word, took, host, outcome.error)
        task = asyncio.create_task(self._noted(due, outcome))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _noted(self, due: Due, outcome: Outcome) -> None:
        with contextlib.suppress(DiskFull):  # not noted is sent again
            await self._records.transact(lambda tx: self._note(tx, due, outcome))

    async def _send(self, due: Due) -> Outcome:
        delivery = due.delivery
        body = delivery.payload.encode()
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            **sign(due.secrets, delivery.id, self._clock() // 1000, body),
        }
        try:
            answer = await self._guard.request(
                "POST",
                delivery.url,
                headers=headers,
                content=body,
                timeout=TRY_SECONDS,
                max_bytes=_MOST_BODY,
            )
        except BodyTooLarge as cut:
            return _outcome(cut.answer)
        except FlexuraError as problem:
            return Outcome(None, clean(problem.message, _MOST_ERROR, markup=False))
        return _outcome(answer)

    def _note(self, tx: Tx, due: Due, outcome: Outcome) -> None:
        now, delivery = self._clock(), due.delivery
        current = tx.get(Delivery, delivery.id)
        if current is None or current.next_at != due.until:
            return  # somebody wants it sent once more, and has just said so
        attempts = delivery.attempts + 1
        changes: dict[str, Any] = {
            "attempts": attempts,
            "status": outcome.status,
            "error": outcome.error,
        }
        if outcome.delivered:
            changes |= {"state": "delivered", "delivered_at": now}
        elif outcome.status == 410 or attempts > len(RETRY_SECONDS):
            changes |= {"state": "failed"}
            self._given_up(tx, delivery, outcome, now)
        else:
            changes |= {"next_at": now + int(_wait(attempts, outcome) * 1000)}
        tx.change(Delivery, delivery.id, **changes)

    def _given_up(self, tx: Tx, delivery: Delivery, outcome: Outcome, now: int) -> None:
        """Turn an endpoint off that is gone (410), or that took nothing since this message was made."""
        endpoint = tx.get(Endpoint, delivery.endpoint_id) if delivery.endpoint_id else None
        if endpoint is None or endpoint.disabled_at is not None:
            return
        reason = "It answered 410 (gone)."
        if outcome.status != 410:
            last = tx.find(
                Delivery,
                limit=1,
                newest_first=True,
                workspace_id=delivery.workspace_id,
                endpoint_id=endpoint.id,
                state="delivered",
            )
            if last and (last[0].delivered_at or 0) > delivery.created_at:
                return
            hours = (now - delivery.created_at) / 3_600_000
            reason = f"Nothing arrived for {hours:.0f} hours; last: {outcome.error}"
        tx.change(Endpoint, endpoint.id, disabled_at=now, disabled_reason=reason)
        self._events.forget(delivery.workspace_id)


def _trace_of(tx: Tx, delivery: Delivery) -> str:
    """The trace of the job that a message is about."""
    job = tx.job(delivery.job_id) if tracing_on() and delivery.job_id else None
    return checked(job.trace) if job else ""


def _not_wanted(delivery: Delivery, endpoint: Endpoint | None) -> str:
    """Why a message is not to be sent any more; empty where it is."""
    if not delivery.endpoint_id:
        return ""
    if endpoint is None:
        return "The webhook was removed."
    return f"The webhook is off: {endpoint.disabled_reason}" if endpoint.disabled_at else ""


def _outcome(answer: Answer) -> Outcome:
    if 200 <= answer.status < 300:
        return Outcome(answer.status)
    if answer.status in REDIRECTS:
        return Outcome(answer.status, f"It answered {answer.status}: redirects are not followed.")
    text = clean(answer.body.decode("utf-8", "replace"), _MOST_ERROR)
    said = f"It answered {answer.status}" + (f": {text}" if text else ".")
    return Outcome(answer.status, said[:_MOST_ERROR], answer.retry_after())


def _wait(attempts: int, outcome: Outcome) -> float:
    """Seconds until the next try: the schedule with some jitter, or what the receiver asks for."""
    planned = RETRY_SECONDS[attempts - 1]
    asked = outcome.retry_after
    if asked is not None and outcome.status in (429, 503):
        return min(max(asked, float(RETRY_SECONDS[0])), _LONGEST_RETRY_AFTER)
    return planned * random.uniform(1 - _JITTER, 1 + _JITTER)


def _host(url: str) -> str:
    return url.split("/", 3)[2].lower() if url.count("/") >= 2 else url


async def due_soon(records: Records, now: int, seconds: float = 300.0) -> bool:
    """Whether a message is to be sent within so many seconds: a quiet gateway waits for it."""
    due = await records.next_delivery()
    return due is not None and due - now <= seconds * 1000
