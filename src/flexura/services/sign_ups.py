"""Sign-up: strangers make a workspace of their own, where the operator opens that door."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flexura.domain.access_rules import AccessRules
from flexura.domain.errors import Forbidden, NotFound, RateLimited
from flexura.domain.ids import new_id
from flexura.domain.workspace import Invite, digest
from flexura.ports.records import Records, Tx
from flexura.ports.search_engine import Rate
from flexura.services import workspaces
from flexura.services.clock import now_ms
from flexura.services.limits import Limiter, network_of
from flexura.services.workspaces import NewWorkspace, WorkspaceTerms, micro_of, new_workspace

PREFIX = "fx_invite_"
VALID_MS = 14 * 86_400_000
_AS_THE_SETTINGS_SAY = -1
_HOUR = 3600.0
_ASK = "Ask whoever runs this gateway for an invitation: `flexura workspaces invite`."


class SignUps:
    """Takes sign-ups and makes the codes that allow one each."""

    def __init__(
        self, records: Records, rules: AccessRules, limiter: Limiter | None = None
    ) -> None:
        self._records = records
        self._rules = rules
        self._limiter = limiter or Limiter()

    @property
    def open(self) -> bool:
        """Whether there is a door at all."""
        return self._rules.signup.mode != "off"

    @property
    def invited_only(self) -> bool:
        """Whether a code is needed."""
        return self._rules.signup.mode == "invite"

    def check_open(self) -> None:
        """Raises NotFound where nobody can sign up."""
        if not self.open:
            raise NotFound(
                "Nobody can sign up at this gateway.",
                next_step="Its operator makes workspaces: `flexura workspaces create NAME`, or sets "
                "FLEXURA_SIGNUP to invite or open.",
            )

    async def invite(
        self,
        micro: int | None = None,
        valid_ms: int = VALID_MS,
        note: Callable[[Tx, Invite], None] = lambda tx, made: None,
    ) -> tuple[str, Invite]:
        """A code for one sign-up, kept as a hash alone, and its record.

        `micro` are the microcredits that the workspace begins with; None = as the settings say. `note` is
        called in the transaction that keeps it.
        """
        code, now = PREFIX + secrets.token_urlsafe(24), now_ms()
        credits = _AS_THE_SETTINGS_SAY if micro is None else micro
        made = Invite(new_id("inv"), digest(code), now, now + valid_ms, credits)

        def work(tx: Tx) -> None:
            tx.insert(made)
            note(tx, made)

        await self._records.transact(work)
        return code, made

    async def sign_up(self, name: str, workspace: str, code: str, address: str) -> NewWorkspace:
        """A workspace with a metered account and a key called `name`.

        Raises NotFound (no sign-up here), RateLimited, Forbidden (the code), InvalidRequest or Conflict.
        """
        self.check_open()
        workspaces.check_name(workspace)
        self._count(address)
        rules = self._rules.signup
        # An invitation is an approval; who comes uninvited to a closed environment waits for one.
        terms = WorkspaceTerms(
            plan=rules.plan,
            approved=bool(code) or not self._rules.closed,
            metered=True,
            credits=micro_of(rules.credits),
        )
        key_name = name or "first key"

        def work(tx: Tx) -> NewWorkspace:
            invite = self._invited(tx, code)
            granted = terms
            if invite is not None and invite.credits != _AS_THE_SETTINGS_SAY:
                granted = WorkspaceTerms(
                    plan=terms.plan,
                    approved=terms.approved,
                    metered=True,
                    credits=invite.credits,
                )
            made = new_workspace(workspace, granted, key_name)
            workspaces.write(tx, made)
            if invite is not None:
                tx.change(Invite, invite.id, used_at=now_ms(), workspace_id=made.workspace.id)
            return made

        return await self._records.transact(work)

    def _count(self, address: str) -> None:
        most = self._rules.signup.attempts_per_hour
        quota = self._limiter.take(network_of(address), Rate(most, _HOUR)) if most else None
        if quota is not None and quota.retry_after:
            raise RateLimited(
                "Too many sign-ups came from this address.",
                next_step=f"Try again in {quota.retry_after // 60 + 1} minutes.",
                retry_after=quota.retry_after,
            )

    def _invited(self, tx: Tx, code: str) -> Invite | None:
        """The invitation behind a code, still unused; None where none is needed and none was given."""
        if not code and not self.invited_only:
            return None
        if not code:
            raise Forbidden("A code is needed to sign up here.", field="invite", next_step=_ASK)
        found = tx.find(Invite, sha256=digest(code), limit=1)
        if not found or found[0].used_at or found[0].expires_at <= now_ms():
            raise Forbidden(
                "That code is unknown, was used before, or is too old.",
                field="invite",
                next_step=_ASK,
            )
        return found[0]
