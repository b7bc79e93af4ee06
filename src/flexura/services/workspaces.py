"""Workspaces: made with an account and a first key, approved, given rules of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from flexura.domain.credits import MICRO, Account, CreditEntry
from flexura.domain.errors import Conflict, InvalidRequest, NotFound
from flexura.domain.ids import new_id
from flexura.domain.workspace import Workspace
from flexura.ports.records import Records, Tx
from flexura.services import keys
from flexura.services.clock import now_ms
from flexura.services.keys import KeyTerms, NewKey

NAME = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
"""As a JSON Schema pattern."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
PLAN = r"^[a-z0-9][a-z0-9-]{0,39}$"
_PLAN = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
MOST_LISTED = 1000


@dataclass(frozen=True)
class WorkspaceTerms:
    """What a new workspace begins with."""

    plan: str = "operate"
    approved: bool = True
    policy: dict[str, Any] = field(default_factory=dict[str, Any])
    metered: bool = False
    """Whether it pays for what it orders; one with granted credits does in any case."""
    credits: int = 0
    """Microcredits that are granted at once."""


@dataclass(frozen=True)
class NewWorkspace:
    """A workspace that was made just now, with its first key."""

    workspace: Workspace
    account: Account
    first: NewKey


Note = Callable[[Tx, NewWorkspace], None]
"""Called in the transaction that makes a workspace."""


def _nothing(tx: Tx, made: NewWorkspace) -> None:
    """Nobody wants to be told."""


def new_workspace(name: str, terms: WorkspaceTerms, key_name: str = "first key") -> NewWorkspace:
    """A workspace, its account and its first key, not stored yet. Raises InvalidRequest for a bad name."""
    name, now = check_name(name), now_ms()
    workspace = Workspace(
        new_id("ws"), name, now, check_plan(terms.plan), terms.approved, dict(terms.policy)
    )
    metered = terms.metered or terms.credits > 0
    account = Account(workspace.id, metered, granted=terms.credits)
    return NewWorkspace(workspace, account, keys.new_key(workspace.id, key_name, KeyTerms()))


def write(tx: Tx, made: NewWorkspace) -> None:
    """Store a new workspace with all that belongs to it. Raises Conflict for a name that is taken."""
    name = made.workspace.name
    if tx.find(Workspace, name=name):
        raise Conflict(
            f"There is a workspace {name!r} already.",
            field="name",
            next_step="Choose another name.",
        )
    tx.insert_workspace(made.workspace)
    tx.insert(made.account)
    if made.account.granted:
        # The ledger holds every credit: an account is the sum of its entries.
        tx.insert(
            CreditEntry(
                new_id("cr"),
                made.workspace.id,
                "grant",
                made.workspace.created_at,
                granted=made.account.granted,
                note="with the workspace",
            )
        )
    keys.write(tx, made.first)


class Workspaces:
    """Every workspace of this gateway."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def create(
        self,
        name: str,
        terms: WorkspaceTerms,
        key_name: str = "first key",
        note: Note = _nothing,
    ) -> NewWorkspace:
        """A new workspace with its first key. Raises InvalidRequest, or Conflict for a name that is taken."""
        made = new_workspace(name, terms, key_name)

        def work(tx: Tx) -> None:
            write(tx, made)
            note(tx, made)

        await self._records.transact(work)
        return made

    async def list(self) -> list[Workspace]:
        """All of them, the oldest first."""
        return await self._records.workspaces()

    async def get(self, which: str) -> Workspace:
        """The workspace of that name or id. Raises NotFound naming the known ones."""
        known = await self._records.workspaces()
        for workspace in known:
            if which in (workspace.id, workspace.name):
                return workspace
        names = ", ".join(w.name for w in known[:20]) or "none"
        raise NotFound(
            f"There is no workspace {which[:60]!r}.", next_step=f"Known workspaces: {names}."
        )

    async def change(
        self,
        which: str,
        *,
        plan: str | None = None,
        approved: bool | None = None,
        policy: dict[str, Any] | None = None,
    ) -> Workspace:
        """Change what is given; a policy of None takes that rule back. Holds from the next request on.

        Raises NotFound or InvalidRequest.
        """
        found = await self.get(which)
        columns: dict[str, Any] = {}
        if plan is not None:
            columns["plan"] = check_plan(plan)
        if approved is not None:
            columns["approved"] = approved

        def work(tx: Tx) -> Workspace | None:
            # Written as it is, which locks it: another process may be setting another rule of it.
            now = tx.change(Workspace, found.id, name=found.name)
            if policy and now is not None:
                rules = {**now.policy, **policy}
                columns["policy"] = {k: v for k, v in rules.items() if v is not None}
            return tx.change(Workspace, found.id, **columns) if columns else now

        return await self._records.transact(work) or replace(found, **columns)


def check_name(name: str) -> str:
    """The name. Raises InvalidRequest telling what a name is made of."""
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            f"{name[:60]!r} is no name for a workspace.",
            field="name",
            next_step="Use 1 to 40 small letters, digits and hyphens, not at the ends: acme-studio.",
        )
    return name


def check_plan(plan: str) -> str:
    """The plan. Raises InvalidRequest telling what its name is made of."""
    plan = plan.strip()
    if not _PLAN.fullmatch(plan):
        raise InvalidRequest(
            f"{plan[:60]!r} is no name for a plan.",
            field="plan",
            next_step="Use 1 to 40 small letters, digits and hyphens: operate.",
        )
    return plan


def micro_of(credits: float) -> int:
    """Microcredits of a number of credits."""
    return round(credits * MICRO)
