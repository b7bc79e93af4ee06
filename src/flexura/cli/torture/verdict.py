"""The verdict: what was lost, doubled or left in doubt.

Three books that know nothing of each other are compared: what the clients were promised, what the store says,
and what the upstream sold.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from flexura.cli.torture.account import Account, Sale, sha256_of
from flexura.cli.torture.clients import Accepted
from flexura.cli.torture.evidence import Evidence
from flexura.cli.torture.plan import KEYED, Ordering
from flexura.domain.artifact import Artifact
from flexura.domain.credit_rules import CreditRules
from flexura.domain.job import TEMPLATE_PROVIDER, Job
from flexura.services.charging import bought, may_be_charged, share_bought

_MOST_SHOWN = 20
_SAID_BY_UPSTREAM = "content_policy"
_UNKNOWN = "outcome_unknown"


@dataclass
class Verdict:
    """What was found. Every list is empty where all is well; each line says what is wrong."""

    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    unaccounted: list[str] = field(default_factory=list[str])
    ledger: list[str] = field(default_factory=list[str])
    torn: list[str] = field(default_factory=list[str])
    integrity: list[str] = field(default_factory=list[str])
    processes: list[str] = field(default_factory=list[str])
    """Processes that ended in a way that nobody asked for."""
    ended: dict[str, int] = field(default_factory=dict[str, int])
    """How the jobs ended: state or error code to count, steps too."""
    purchases: int = 0
    unknown: dict[str, int] = field(
        default_factory=lambda: {"total": 0, "charged": 0, "not_charged": 0}
    )

    @property
    def findings(self) -> dict[str, list[str]]:
        """Every kind of damage, with what was found of it."""
        return {
            "lost": self.lost,
            "doubled": self.doubled,
            "unaccounted": self.unaccounted,
            "ledger": self.ledger,
            "torn": self.torn,
            "integrity": self.integrity,
            "processes": self.processes,
        }

    @property
    def ok(self) -> bool:
        """Whether nothing at all was found."""
        return not any(self.findings.values())


def judge(
    orders: list[Ordering],
    accepted: Accepted,
    account: Account,
    evidence: Evidence,
    *,
    broken_off: bool = False,
) -> Verdict:
    """Compare the three books; where the run was broken off, jobs that have not ended are no loss."""
    case = _Case(orders, accepted, account, evidence)
    case.may_be_open = broken_off
    found = Verdict(
        lost=case.lost(),
        doubled=case.doubled(),
        unaccounted=case.unaccounted(),
        ledger=case.ledger(),
        torn=case.torn(),
        integrity=list(evidence.integrity),
        purchases=len(account.sales),
        ended=dict(Counter(job.error_code or job.state for job in evidence.jobs.values())),
    )
    found.unknown = case.unknown()
    return found


class _Case:
    def __init__(
        self, orders: list[Ordering], accepted: Accepted, account: Account, evidence: Evidence
    ) -> None:
        self.orders, self.accepted, self.account, self.evidence = (
            orders,
            accepted,
            account,
            evidence,
        )
        self.may_be_open = False
        self.jobs = evidence.jobs
        self.sales: dict[str, list[Sale]] = defaultdict(list)
        for sale in account.sales.values():
            self.sales[sale.job].append(sale)
        self.by_prompt: dict[str, list[Job]] = defaultdict(list)
        for job in self.jobs.values():
            if not job.parent_id:
                self.by_prompt[_words(job)].append(job)

    def lost(self) -> list[str]:
        """Promises that were not kept: not there, not ended, or ended without a true reason."""
        found = [*self.accepted.refused, *self.accepted.changed_minds]
        for number, job_id in self.accepted.jobs.items():
            if job_id not in self.jobs:
                found.append(f"{job_id} was promised for order {number} and is not there")
        for job in self.jobs.values():
            if why := self._untrue(job):
                found.append(why)
        return found

    def _untrue(self, job: Job) -> str:
        said = f"{job.id} ({job.provider}, phase {job.phase}, attempt {job.attempt})"
        if not job.final:
            return "" if self.may_be_open else f"{said} never ended: it is {job.state}"
        if job.state == "completed":
            return ""
        if job.state == "canceled":
            return "" if self._unwanted(job) else f"{said} is canceled, and nobody canceled it"
        if _is_run(job) and self._step_failed(job):
            return ""
        if job.error_code == _UNKNOWN:
            unsure = job.provider != KEYED or self._unwanted(job)
            return (
                "" if unsure else f"{said} is in doubt, though its upstream knows a repeated order"
            )
        if job.error_code == _SAID_BY_UPSTREAM:
            refused = any(sale.fails for sale in self.sales[job.id])
            return "" if refused else f"{said} was refused, and the upstream refused nothing"
        return f"{said} ended as {job.state} {job.error_code}: {job.error_message[:200]}"

    def _step_failed(self, job: Job) -> bool:
        """A run fails as its steps do; those are judged by themselves."""
        return any(step.parent_id == job.id and not step.succeeded for step in self.jobs.values())

    def _unwanted(self, job: Job) -> bool:
        """Whether it, or the run that it is a step of, was canceled, or another step made it useless."""
        parent = self.jobs.get(job.parent_id)
        ids = {job.id, job.parent_id}
        return bool(ids & self.accepted.canceled) or (parent is not None and not parent.succeeded)

    def doubled(self) -> list[str]:
        """What was bought twice, and orders with a key that became two jobs."""
        found = [f"{order} was bought more than once" for order in self.account.bought_twice()]
        for order in self.orders:
            # An agent's call has no key: one that was never answered may have been meant once more.
            jobs = self.by_prompt[order.prompt] if order.way != "mcp" else []
            if len(jobs) > 1:
                found.append(f"order {order.number} became {len(jobs)} jobs: {jobs[0].id} …")
        return found

    def unaccounted(self) -> list[str]:
        """Purchases that no job knows of, though it does not say that it is in doubt."""
        found: list[str] = []
        for sale in self.account.sales.values():
            job = self.jobs.get(sale.job)
            if job is None:
                found.append(f"{sale.id} was sold to {sale.job}, which is not there")
            elif not job.final and self.may_be_open:
                continue
            elif sale.id not in _handles(job) and not (in_doubt(job) or self._unwanted(job)):
                found.append(
                    f"{sale.id} was sold to {job.id}, which ended as {job.state} without it"
                )
        for job in self.jobs.values():
            strange = _handles(job) - self.account.sales.keys()
            found += [f"{job.id} names {name}, which was never sold" for name in strange]
        return found

    def ledger(self) -> list[str]:
        """Sums that do not add up, and jobs that did not cost what they should."""
        found = list(self.evidence.ledger)
        ended = [job for job in self.jobs.values() if job.final]
        expected = sum(charge(job) for job in ended if not job.parent_id)
        if self.evidence.spent != expected:
            found.append(f"{self.evidence.spent} microcredits are spent; the jobs cost {expected}")
        if self.evidence.reserved and len(ended) == len(self.jobs):
            found.append(f"{self.evidence.reserved} microcredits are still held, and nothing runs")
        return found

    def torn(self) -> list[str]:
        """Files that are missing, changed, or not what the upstream gave."""
        found: list[str] = []
        for job in self.jobs.values():
            files = self.evidence.files.get(job.id, [])
            if job.succeeded and not files and job.provider != TEMPLATE_PROVIDER:
                found.append(f"{job.id} is completed and has no file")
            found += [why for file in files if (why := self._damage(job, file))]
        return found

    def _damage(self, job: Job, file: Artifact) -> str:
        has = self.evidence.digests.get(file.sha256, "")
        if has != file.sha256:
            return f"{file.id} of {job.id}: {'its bytes have changed' if has else 'its bytes are gone'}"
        given = {sha256_of(name) for name in _handles(job)}
        if given and self.evidence.given.get(file.sha256, "") not in given:
            return f"{file.id} of {job.id} is not what the upstream gave for it"
        return ""

    def unknown(self) -> dict[str, int]:
        """How many jobs are in doubt, and what the upstream knows of them."""
        jobs = [
            job for job in self.jobs.values() if job.error_code == _UNKNOWN and not _is_run(job)
        ]
        charged = sum(any(s.id not in _handles(job) for s in self.sales[job.id]) for job in jobs)
        return {"total": len(jobs), "charged": charged, "not_charged": len(jobs) - charged}


def in_doubt(job: Job) -> bool:
    """Whether a job says itself that something may have been bought for it that it does not know of."""
    return job.error_code == _UNKNOWN or any(w.code == _UNKNOWN for w in job.warnings)


def charge(job: Job) -> int:
    """What an ended job costs its workspace, in microcredits."""
    cost = CreditRules().micro(job.cost) or 0
    if job.succeeded or _is_run(job):
        return cost
    return math.ceil(cost * share_bought(job)) if may_be_charged(job) else 0


def _is_run(job: Job) -> bool:
    return job.provider == TEMPLATE_PROVIDER


def _handles(job: Job) -> set[str]:
    """The purchases that a job knows of."""
    return set() if _is_run(job) else {str(handle.get("id")) for handle in bought(job)}


def _words(job: Job) -> str:
    """What a client ordered it with."""
    inputs = job.request.get("inputs")
    if _is_run(job) and isinstance(inputs, dict):
        return str(inputs.get("subject", job.prompt))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    return job.prompt


def shortened(lines: list[str]) -> list[str]:
    """The first lines, and how many there are more."""
    more = len(lines) - _MOST_SHOWN
    return lines if more <= 0 else [*lines[:_MOST_SHOWN], f"… and {more} more"]
