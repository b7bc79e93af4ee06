"""The last look, when every fault is over and every job has ended: files, books, messages, purchases."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import Any

from flexura.domain.artifact import Artifact
from flexura.domain.credits import CreditEntry
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.domain.webhook import Delivery
from flexura.storage.files import FileBlobs
from flexura.storage.sqlite_tx import SqliteTx
from simulation.vendor import sold_of
from simulation.world import World

_LAST = ("job.completed", "job.failed", "job.canceled")


class Verdict:
    """Everything that must be true of the whole, asked of the store and of the upstream."""

    def __init__(self, world: World, *, listens: bool) -> None:
        self._world = world
        self._listens = listens
        self._blobs = FileBlobs(world.folder / "artifacts")
        tx = SqliteTx(world.audit.reader)
        found = [tx.job(job_id) for job_id in world.audit.seen]
        self._jobs = {job.id: job for job in found if job is not None}
        self._entries = defaultdict[str, list[CreditEntry]](list)
        for entry in tx.find(CreditEntry, limit=100_000):
            self._entries[entry.job_id].append(entry)
        self._files = defaultdict[str, list[Artifact]](list)
        for artifact in tx.find(Artifact, limit=100_000):
            self._files[artifact.job_id].append(artifact)
        self._told = defaultdict[str, Counter[str]](Counter)
        for delivery in tx.find(Delivery, limit=100_000):
            self._told[delivery.job_id][delivery.event] += 1

    def given(self) -> None:
        """Raise the first thing that is wrong as the schedule's violation."""
        for job in self._jobs.values():
            if not job.final:
                self._wrong(job, "never ended")
                continue
            self._bought(job)
            self._paid(job)
            self._made(job)
            self._messages(job)
            self._happened(job)

    def _happened(self, job: Job) -> None:
        ended = f"{'run' if job.provider == TEMPLATE_PROVIDER else 'job'} {job.state}"
        self._world.happened[ended] += 1
        if job.error_code == "outcome_unknown":
            self._world.happened["outcome unknown"] += 1

    def _wrong(self, job: Job, told: str) -> None:
        self._world.wrong(
            f"{job.id} ({job.prompt}, {job.state} {job.error_code}, attempt {job.attempt}): {told}"
        )

    def _bought(self, job: Job) -> None:
        """Nothing twice; what was bought and has no handle is told as such."""
        sold = sold_of(self._world.vendor, job.id)
        for key, times in sold.items():
            if times > 1:
                self._wrong(job, f"{key} was bought {times} times")
        if job.provider == TEMPLATE_PROVIDER:
            steps = [j.step for j in self._jobs.values() if j.parent_id == job.id]
            if len(steps) != len({*steps}):
                self._wrong(job, f"steps were ordered twice: {steps}")
            return
        saved = {str(operation["ticket"]) for operation in (job.operation or {}).get("rounds", ())}
        adrift = sorted({*sold} - saved)
        told = [job.error_code, *(warning.code for warning in job.warnings)]
        if adrift and "outcome_unknown" not in told:
            self._wrong(job, f"{adrift} were bought, and nobody is told: {told}")
        if saved - {*sold}:
            self._wrong(job, f"handles of what was never bought: {saved}")

    def _paid(self, job: Job) -> None:
        """By what the upstream sold, not by what the job says of itself."""
        mine = self._entries[job.id]
        kinds = Counter(entry.kind for entry in mine)
        paid, held = sum(e.spent for e in mine), sum(e.reserved for e in mine)
        most = sum(e.reserved for e in mine if e.reserved > 0)
        told = f"entries {dict(kinds)}, paid {paid} of {most}"
        if job.parent_id:
            if mine:
                self._wrong(job, f"a step moved credits: {told}")
            return
        if held or job.reserved:
            self._wrong(job, f"still holds {held}: {told}")
        # What holds nothing has nothing to give back.
        closed = kinds["settle"] + kinds["refund"]
        if mine and closed != 1 and (most or closed):
            self._wrong(job, f"not settled once: {told}")
        if job.provider == TEMPLATE_PROVIDER:
            parts = [j for j in self._jobs.values() if j.parent_id == job.id]
        else:
            parts = [job]
        good = [key for part in parts for key in self._charged(part)]
        unknown = any(part.error_code == "outcome_unknown" for part in parts)
        if good and most and not paid:
            self._wrong(job, f"{good} were bought, and nothing is paid: {told}")
        sold = [key for part in parts for key in sold_of(self._world.vendor, part.id)]
        if not sold and not unknown and paid:
            self._wrong(job, f"nothing was bought, and it is paid: {told}")

    def _charged(self, part: Job) -> list[str]:
        """What the upstream sold and did not take back."""
        vendor = self._world.vendor
        said_no = part.error_code == "content_policy"
        return [] if said_no else [k for k in sold_of(vendor, part.id) if k not in vendor.failed]

    def _made(self, job: Job) -> None:
        """The files of a job are there once, whole, in order; those of one that made nothing are not."""
        files = sorted(self._files[job.id], key=lambda a: a.position)
        if [a.position for a in files] != [*range(len(files))]:
            self._wrong(job, f"positions {[a.position for a in files]}")
        if job.succeeded != bool(files):
            self._wrong(job, f"{len(files)} files")
        digests = [a.metadata.get("copy_of", a.sha256) for a in files]
        if len(digests) != len({*digests}):
            self._wrong(job, "a file twice")
        if job.succeeded and job.provider != TEMPLATE_PROVIDER:
            most = job.call["n"] * job.call["rounds"]
            if len(files) > most or (len(files) < most and not job.warnings):
                self._wrong(job, f"{len(files)} files, {most} were ordered")
        for artifact in files:
            place = self._blobs._place(artifact.sha256)
            if not place.exists() or _digest(place.read_bytes()) != artifact.sha256:
                self._wrong(job, f"the file {artifact.id} is not whole")

    def _messages(self, job: Job) -> None:
        told: Any = self._told[job.id]
        wanted = int(self._listens and not job.parent_id)
        last = sum(told[event] for event in _LAST)
        if (told["job.queued"], last) != (wanted, wanted) or told["job.running"] > wanted:
            self._wrong(job, f"messages: {dict(told)}")
        if wanted and job.attempt and not told["job.running"] and job.succeeded:
            self._wrong(job, f"nobody heard that it began: {dict(told)}")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
