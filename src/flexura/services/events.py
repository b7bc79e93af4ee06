"""Webhook messages about jobs, written in the transaction that changes the job."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.errors import InvalidRequest
from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.domain.webhook import Delivery, Endpoint, Event
from flexura.outbound.client import Guard, is_url
from flexura.ports.records import Records, Tx
from flexura.services.clock import iso_ms, iso_or_none, now_ms

EVENT_OF: dict[str, Event] = {
    "queued": "job.queued",
    "running": "job.running",
    "awaiting_approval": "job.awaiting_approval",
    "completed": "job.completed",
    "published": "job.completed",
    "failed": "job.failed",
    "canceled": "job.canceled",
}
"""What a job's state means to those who listen; `scheduled` and `publishing` are told by none."""
TO_CALLBACK = frozenset({"job.completed", "job.failed", "job.canceled", "job.awaiting_approval"})
_REMEMBERED_SECONDS = 1.0
_MOST_REMEMBERED = 4096


class Events:
    """Turns a change of a job into deliveries. Who listens is remembered, so that nobody costs nothing.

    A change of endpoints is seen at once in this process and within a second in another one.
    """

    def __init__(self, allow_origins: Collection[str] = ()) -> None:
        self.allowed = tuple(filter(is_url, allow_origins))
        """Origins that the operator lists; what is not a URL in that list allows nothing."""
        self._guard = Guard(allow_origins=self.allowed)
        self._known: OrderedDict[str, tuple[float, tuple[Endpoint, ...]]] = OrderedDict()

    def check_url(self, url: str, field: str) -> None:
        """Raises InvalidRequest, naming the field, for a URL that no message may be sent to.

        No name is resolved: where it leads is checked at every delivery.
        """
        try:
            self._guard.check(url)
        except InvalidRequest as refused:
            raise InvalidRequest(
                refused.message,
                field=field,
                next_step="Give a public https address on port 443 or 8443; a private one has to be "
                "listed by the gateway's operator ([webhooks] allow_origins).",
            ) from None

    def check(self, job: Job) -> None:
        """Raises InvalidRequest for a job whose callback URL could never be called."""
        if job.callback_url:
            self.check_url(job.callback_url, "callback_url")

    def note(self, tx: Tx, job: Job, artifacts: Sequence[Artifact] = ()) -> None:
        """Queue a message for every endpoint that listens to what the job's new state means."""
        event = EVENT_OF.get(job.state)
        if event is None or job.parent_id:
            return
        called = job.callback_url if event in TO_CALLBACK else ""
        listeners = [e for e in self._endpoints(tx, job.workspace_id) if _hears(e, event)]
        if not called and not listeners:
            return
        now = now_ms()
        payload = _payload(event, now, _of_job(job, _files(tx, job, artifacts)))
        for endpoint_id, url in [*((e.id, e.url) for e in listeners), ("", called)]:
            message = _message_id(event, job, endpoint_id)
            if url and not (event == "job.running" and tx.get(Delivery, message)):
                tx.insert(
                    Delivery(
                        id=message,
                        workspace_id=job.workspace_id,
                        url=url,
                        event=event,
                        payload=payload,
                        created_at=now,
                        endpoint_id=endpoint_id,
                        job_id=job.id,
                        next_at=now,
                    )
                )

    def expiring(self, tx: Tx, artifact: Artifact) -> None:
        """Queue a message for every endpoint that listens to artifacts whose bytes will go soon."""
        now, data = now_ms(), _of_artifact(artifact)
        data |= {"job_id": artifact.job_id, "expires_at": iso_or_none(artifact.expires_at)}
        payload = _payload("artifact.expiring", now, data)
        for endpoint in self._endpoints(tx, artifact.workspace_id):
            if _hears(endpoint, "artifact.expiring"):
                delivery = Delivery(
                    id=new_id("msg"),
                    workspace_id=artifact.workspace_id,
                    url=endpoint.url,
                    event="artifact.expiring",
                    payload=payload,
                    created_at=now,
                    endpoint_id=endpoint.id,
                    job_id=artifact.job_id,
                    next_at=now,
                )
                tx.insert(delivery)

    async def began(self, records: Records, job: Job) -> None:
        """Tell that a worker has begun a job: a transaction only if somebody wants to know.

        Later attempts at the same job tell it again only where the first did not come so far.
        """
        if job.parent_id or job.state != "running":
            return
        known = self._remembered(job.workspace_id)
        if known is None:
            found = await records.find(Endpoint, workspace_id=job.workspace_id, disabled_at=None)
            known = self._remember(job.workspace_id, found)
        if any(_hears(endpoint, "job.running") for endpoint in known):
            await records.transact(lambda tx: self.note(tx, job))

    def forget(self, workspace_id: str) -> None:
        """The workspace's endpoints changed: they are read again."""
        self._known.pop(workspace_id, None)

    def _endpoints(self, tx: Tx, workspace_id: str) -> tuple[Endpoint, ...]:
        known = self._remembered(workspace_id)
        if known is not None:
            return known
        found = tx.find(Endpoint, workspace_id=workspace_id, disabled_at=None)
        return self._remember(workspace_id, found)

    def _remembered(self, workspace_id: str) -> tuple[Endpoint, ...] | None:
        known = self._known.get(workspace_id)
        return known[1] if known and time.monotonic() - known[0] < _REMEMBERED_SECONDS else None

    def _remember(self, workspace_id: str, found: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
        endpoints = tuple(found)
        self._known[workspace_id] = time.monotonic(), endpoints
        if len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return endpoints


def _files(tx: Tx, job: Job, new: Sequence[Artifact]) -> list[Artifact]:
    """All files of a job: some may have been stored before its state changed."""
    if job.state in ("queued", "running"):
        return list(new)
    found = {a.id: a for a in tx.find(Artifact, job_id=job.id)} | {a.id: a for a in new}
    return sorted(found.values(), key=lambda a: (a.position, a.id))


def _hears(endpoint: Endpoint, event: Event) -> bool:
    return not endpoint.events or event in endpoint.events


def _message_id(event: Event, job: Job, endpoint_id: str) -> str:
    # A worker may begin a job more than once: one id for all of these, so that it is told once.
    if event == "job.running":
        return f"msg_{job.id.partition('_')[2]}_{endpoint_id.partition('_')[2]}_running"
    return new_id("msg")


def _payload(event: Event, at: int, data: dict[str, Any]) -> str:
    body = {"type": event, "timestamp": iso_ms(at), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _of_job(job: Job, artifacts: Sequence[Artifact]) -> dict[str, Any]:
    data: dict[str, Any] = {"job_id": job.id}
    if job.id.startswith("run_"):
        data["runId"] = job.id
    data |= {
        "status": job.state,
        "type": job.kind,
        "workspace": job.workspace_id,
        "created_at": iso_or_none(job.created_at),
        "finished_at": iso_or_none(job.finished_at),
        "cost": job.cost,
        "artifacts": [_of_artifact(artifact) for artifact in artifacts],
    }
    if job.error_code:
        data["error"] = {
            "code": job.error_code,
            "message": job.error_message,
            "next_step": job.error_next_step,
        }
    return data


def _of_artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "artifact_id": artifact.id,
        "type": artifact.mime.split("/")[0],
        "role": artifact.role,
        "width": artifact.width,
        "height": artifact.height,
        "bytes": artifact.bytes,
        "download_url": f"/api/v1/artifacts/{artifact.id}",
    }
