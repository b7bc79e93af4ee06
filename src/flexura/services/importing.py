"""Takes over what another store exported: through the port, in batches, as often as one likes.

Every record is looked for first, in the transaction that adds it, so an import that was interrupted goes on
where it was and a second one adds nothing. The ledger is taken over entry by entry: accounts and budgets are
moved by the entry in the transaction that adds it, so they stay the sums of their entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Account, Budget, CreditEntry, window_of
from flexura.domain.errors import Conflict
from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.domain.publication import Publication
from flexura.domain.template import Template
from flexura.domain.webhook import Endpoint, SigningSecret
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.portable import Carried, CarriedJob, CarriedKey
from flexura.ports.records import NO_LIMIT, Records, Tx

BATCH = 250
_MOST_TOLD = 100
Fate = Literal["added", "there", "kept", "absent"]
"""Added now; there already; another one is there in its place, which was kept; (in a check) not there."""


@dataclass
class Importer:
    """Brings records into a store. Workspaces come first: they say whose everything else becomes."""

    records: Records
    workspace: str = ""
    """The name of the workspace that everything goes into; empty = those of the same names."""
    fates: dict[str, Counter[Fate]] = field(default_factory=dict[str, Counter[Fate]])
    kept: list[str] = field(default_factory=list[str])
    """What was not taken over, since something else is there in its place, at most 100 in words."""
    _ids: dict[str, str] = field(default_factory=dict[str, str])
    """A workspace's id there to its id here."""

    async def add(self, kind: str, batch: Sequence[Carried]) -> None:
        """Take over a batch of one kind. Raises Conflict, DiskFull."""

        def work(tx: Tx) -> list[Fate]:
            return [self._add(tx, one) for one in batch]

        fates = await self.records.transact(work)
        self.fates.setdefault(kind, Counter()).update(fates)

    async def look_for(self, kind: str, batch: Sequence[Carried]) -> None:
        """Count what of a batch is in the store now."""

        def work(tx: Tx) -> list[Fate]:
            return [self._fate(tx, self._ours(one)) for one in batch]

        fates = await self.records.transact(work)
        self.fates.setdefault(kind, Counter()).update(fates)

    def _add(self, tx: Tx, theirs: Carried) -> Fate:
        if isinstance(theirs, Workspace):
            return self._add_workspace(tx, theirs)
        ours = self._ours(theirs)
        fate = self._fate(tx, ours)
        if fate == "absent":
            _write(tx, ours)
            return "added"
        return fate

    def _add_workspace(self, tx: Tx, theirs: Workspace) -> Fate:
        name = self.workspace or theirs.name
        for found in tx.find(Workspace, name=name):
            self._ids[theirs.id] = found.id
            return "there"
        taken = bool(self.workspace) or tx.get(Workspace, theirs.id) is not None
        ours = replace(theirs, id=new_id("ws") if taken else theirs.id, name=name)
        tx.insert(ours)
        self._ids[theirs.id] = ours.id
        return "added"

    def _ours(self, theirs: Carried) -> Carried:
        """The same, of the workspace that it belongs to here. Raises Conflict for one of no workspace."""
        if isinstance(theirs, Workspace):
            return theirs
        if isinstance(theirs, CarriedJob):
            return replace(
                theirs, job=theirs.job.evolve(workspace_id=self._id(theirs.job.workspace_id))
            )
        return replace(theirs, workspace_id=self._id(theirs.workspace_id))

    def _id(self, theirs: str) -> str:
        if not theirs:
            return ""  # ships with flexura, for every workspace
        if theirs not in self._ids:
            raise Conflict(
                f"The export speaks of a workspace that it does not hold ({theirs[:40]!r}).",
                next_step="Export again with this version of flexura.",
            )
        return self._ids[theirs]

    def _fate(self, tx: Tx, ours: Carried) -> Fate:
        if isinstance(ours, Workspace):
            found = tx.find(Workspace, name=self.workspace or ours.name)
            return "there" if found else "absent"
        if isinstance(ours, CarriedJob):
            return "there" if tx.job(ours.job.id) else "absent"
        if isinstance(ours, CarriedKey):
            return "there" if tx.idempotency(ours.workspace_id, ours.route, ours.key) else "absent"
        if isinstance(ours, Account):
            return "there" if tx.get(Account, ours.workspace_id) else "absent"
        if tx.get(type(ours), ours.id) is not None:
            return "there"
        if place := _place_taken(tx, ours):
            if len(self.kept) < _MOST_TOLD and place not in self.kept:
                self.kept.append(place)
            return "kept"
        return "absent"


def _of_another(tx: Tx, ours: Artifact) -> bool:
    job = tx.job(ours.job_id) if ours.job_id else None
    return job is not None and job.workspace_id != ours.workspace_id


def _place_taken(tx: Tx, ours: Carried) -> str:
    """Why a record cannot stand beside what is there, in words; empty if it can."""
    where: dict[str, Any]
    match ours:
        case Artifact() if _of_another(tx, ours):
            return f"the file {ours.name}, which names a job of another workspace"
        case ApiKey():
            where = {"sha256": ours.sha256}
            return f"the key {ours.name} ({ours.prefix}…)" if tx.find(ApiKey, **where) else ""
        case Template():
            where = {"workspace_id": ours.workspace_id, "slug": ours.slug, "version": ours.version}
            return f"the template {ours.pinned}" if tx.find(Template, **where) else ""
        case Budget():
            where = {
                "workspace_id": ours.workspace_id,
                "key_id": ours.key_id,
                "period": ours.period,
            }
            whose = ours.key_id or "the workspace"
            return f"the budget of {whose} by {ours.period}" if tx.find(Budget, **where) else ""
        case _:
            return ""


def _write(tx: Tx, ours: Carried) -> None:
    match ours:
        case CarriedJob():
            _write_job(tx, ours)
        case CarriedKey():
            tx.insert_idempotency(ours.workspace_id, ours.route, ours.key, ours.used, ours.at)
        case Account():
            # Its amounts come with the entries.
            tx.insert(Account(ours.workspace_id, ours.metered))
        case CreditEntry():
            _write_entry(tx, ours)
        case ApiKey() | Budget() | Template() | Publication() | Endpoint() | SigningSecret():
            tx.insert(ours)
        case Artifact():
            tx.insert_artifact(ours)
        case Workspace():
            raise AssertionError("workspaces are added by name")


def _write_job(tx: Tx, ours: CarriedJob) -> None:
    # It ended, so nobody holds it.
    tx.insert_job(ours.job.evolve(lease_owner="", lease_until=0))
    for session, delivered_at in ours.calls:
        if delivered_at is None:
            tx.add_call(ours.job.id, session)
        else:
            tx.mark_delivered(ours.job.id, session, delivered_at)


def _write_entry(tx: Tx, entry: CreditEntry) -> None:
    """An entry, and the account and the budgets that it moves."""
    account = tx.get(Account, entry.workspace_id)
    if account is None:
        account = Account(entry.workspace_id)
        tx.insert(account)
    if account.metered:
        # What happened, happened: also where less than nothing is left for a moment.
        tx.change(Account, entry.workspace_id, metered=False)
    tx.move_account(
        entry.workspace_id,
        granted=entry.granted,
        reserved=entry.reserved,
        spent=entry.spent,
    )
    if account.metered:
        tx.change(Account, entry.workspace_id, metered=True)
    job = tx.job(entry.job_id) if entry.job_id else None
    if job is not None:
        _move_budgets(tx, entry, job)
    tx.insert(entry)


def _move_budgets(tx: Tx, entry: CreditEntry, job: Job) -> None:
    for budget_id in entry.budgets:
        budget = tx.get(Budget, budget_id)
        if budget is None or budget.workspace_id != entry.workspace_id:
            continue
        if entry.reserved or entry.spent:
            window = window_of(budget.period, job.created_at)
            tx.move_budget(budget_id, window, NO_LIMIT, reserved=entry.reserved, spent=entry.spent)
    for period in ("day", "month"):
        if entry.spent:
            window = window_of(period, job.created_at)
            tx.move_budget(entry.workspace_id, window, NO_LIMIT, reserved=0, spent=entry.spent)
