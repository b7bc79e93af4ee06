"""API keys: made, shown once, checked, rotated, revoked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from flexura.domain.credits import Budget, Period
from flexura.domain.errors import Conflict, Forbidden, InvalidApiKey, NotFound
from flexura.domain.ids import new_id
from flexura.domain.workspace import (
    OPERATOR,
    SCOPES,
    ApiKey,
    Workspace,
    digest,
    new_secret,
    well_formed,
)
from flexura.ports.records import Records, Tx
from flexura.services.clock import now_ms

_NEXT = "Make a new key with `flexura keys create` on the gateway's machine and set MEDIA_GATEWAY_API_KEY."
DEFAULT_WORKSPACE = OPERATOR
OVERLAP_MS = 24 * 3_600_000
"""How long a rotated key goes on working unless something else is said."""
MOST_ACTIVE = 100
"""Keys that a workspace may make for itself; the operator's command line is not bound by it."""


@dataclass(frozen=True)
class KeyTerms:
    """What a new key may do, how long and how often."""

    scopes: frozenset[str] = SCOPES
    expires_at: int | None = None
    requests_per_minute: int | None = None
    priority: int = 0
    """Of what it orders: from -9 to 9, higher is begun first. Only the operator gives one."""
    budget: tuple[Period, int] | None = None
    """At most so many microcredits in each period."""
    most_active: int = 0
    """Refused when the workspace has so many active keys; 0 = not bound."""


@dataclass(frozen=True)
class NewKey:
    """A key that was made just now: the only time that its secret is there."""

    secret: str = field(repr=False)
    key: ApiKey
    budget: Budget | None = None


Note = Callable[[Tx, NewKey], None]
"""Called in the transaction that makes a key."""


def _nothing(tx: Tx, made: NewKey) -> None:
    """Nobody wants to be told."""


@lru_cache(maxsize=512)
def digest_if_well_formed(secret: str) -> str:
    """SHA-256 of a key; empty if its checksum is wrong. The same few keys come with every request."""
    return digest(secret) if well_formed(secret) else ""


def new_key(workspace_id: str, name: str, terms: KeyTerms) -> NewKey:
    """A key with a fresh secret, not stored yet."""
    secret, now = new_secret(), now_ms()
    limits: dict[str, int] = {}
    if terms.requests_per_minute is not None:
        limits["requests_per_minute"] = terms.requests_per_minute
    if terms.priority:
        limits["priority"] = terms.priority
    key = ApiKey(
        id=new_id("key"),
        workspace_id=workspace_id,
        name=name,
        prefix=secret[:16],
        sha256=digest(secret),
        scopes=terms.scopes,
        created_at=now,
        expires_at=terms.expires_at,
        limits=limits,
    )
    if terms.budget is None:
        return NewKey(secret, key)
    period, most = terms.budget
    return NewKey(secret, key, Budget(new_id("bud"), workspace_id, period, most, now, key.id))


def write(tx: Tx, made: NewKey) -> None:
    """Store a new key and its budget."""
    tx.insert_key(made.key)
    if made.budget is not None:
        tx.insert(made.budget)


class Keys:
    """The keys of all workspaces."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._used: set[str] = set()

    async def workspace(self, name: str = DEFAULT_WORKSPACE) -> Workspace:
        """The workspace of that name or id. Raises NotFound naming the known ones."""
        known = await self._records.workspaces()
        for workspace in known:
            if name in (workspace.name, workspace.id):
                return workspace
        names = ", ".join(w.name for w in known[:20]) or "none"
        raise NotFound(
            f"There is no workspace {name[:60]!r}.", next_step=f"Known workspaces: {names}."
        )

    async def first_start(self) -> str:
        """Make the default workspace and its first key if there is none; the key, or empty."""
        if await self._records.workspaces():
            return ""
        workspace = Workspace(new_id("ws"), DEFAULT_WORKSPACE, now_ms())
        made = new_key(workspace.id, "first key", KeyTerms())

        def work(tx: Tx) -> str:
            if tx.find(Workspace, limit=1):
                return ""  # another process, which started at the same time
            tx.insert_workspace(workspace)
            write(tx, made)
            return made.secret

        return await self._records.transact(work)

    async def create(
        self, name: str, scopes: frozenset[str] = SCOPES, workspace: str = DEFAULT_WORKSPACE
    ) -> tuple[str, ApiKey]:
        """A new key without a limit of its own: the secret, which is kept nowhere, and its record."""
        found = await self.workspace(workspace)
        made = await self.issue(found.id, name, KeyTerms(scopes))
        return made.secret, made.key

    async def issue(
        self, workspace_id: str, name: str, terms: KeyTerms, note: Note = _nothing
    ) -> NewKey:
        """A new key on these terms. Raises Conflict when the workspace has too many."""
        made = new_key(workspace_id, name, terms)

        def work(tx: Tx) -> None:
            if terms.most_active:
                _check_room(tx, workspace_id, terms.most_active)
            write(tx, made)
            note(tx, made)

        await self._records.transact(work)
        return made

    async def list(self, workspace: str = DEFAULT_WORKSPACE) -> list[ApiKey]:
        """All keys of a workspace, revoked ones too."""
        return await self._records.keys((await self.workspace(workspace)).id)

    async def find(self, which: str, workspace: str = DEFAULT_WORKSPACE) -> ApiKey:
        """The key of that id, or whose secret begins so, that is not revoked. Raises NotFound."""
        keys = await self.list(workspace)
        named = [k for k in keys if k.id == which or (len(which) >= 12 and k.prefix == which[:16])]
        if len(named) != 1 or named[0].revoked_at:
            known = ", ".join(k.id for k in keys if not k.revoked_at) or "none"
            raise NotFound(
                f"No active key is named {which[:20]!r}.", next_step=f"Active keys: {known}."
            )
        return named[0]

    async def revoke(self, which: str, workspace: str = DEFAULT_WORKSPACE) -> ApiKey:
        """Revoke a key by its id or the start of its secret. Raises NotFound."""
        key, now = await self.find(which, workspace), now_ms()
        await self._records.transact(lambda tx: tx.revoke_key(key.id, now))
        return replace(key, revoked_at=now)

    async def rotate(
        self,
        which: str,
        workspace: str = DEFAULT_WORKSPACE,
        *,
        overlap_ms: int = OVERLAP_MS,
        held: frozenset[str] = SCOPES,
        note: Note = _nothing,
    ) -> tuple[NewKey, ApiKey]:
        """A new key in the place of another, and that other one, which works until the overlap is over.

        Name, scopes, expiry and limits stay, and budgets follow. `held` are the scopes of whoever asks.
        Raises NotFound, Conflict for a key that was rotated before or has expired, Forbidden when it would
        hand out a scope that is not held.
        """
        old = await self.find(which, workspace)
        if beyond := old.scopes - held:
            raise _more_than_held(beyond)
        terms = KeyTerms(old.scopes, old.expires_at)
        made = new_key(old.workspace_id, old.name, terms)
        made = replace(made, key=replace(made.key, limits=old.limits))

        def work(tx: Tx) -> ApiKey:
            now = now_ms()
            _check_rotatable(tx.get(ApiKey, old.id), now)
            until = now + overlap_ms if old.expires_at is None else old.expires_at
            write(tx, made)
            changed = tx.change(
                ApiKey,
                old.id,
                expires_at=min(until, now + overlap_ms),
                replaced_by=made.key.id,
            )
            # Keys that this one followed lead straight to the newest, so one look finds it.
            for earlier in tx.find(ApiKey, replaced_by=old.id):
                tx.change(ApiKey, earlier.id, replaced_by=made.key.id)
            for budget in tx.find(Budget, key_id=old.id):
                tx.change(Budget, budget.id, key_id=made.key.id)
            note(tx, made)
            assert changed is not None, "it was found in this transaction"
            return changed

        return made, await self._records.transact(work)

    async def known(self, secret: str) -> bool:
        """Whether this is a good key."""
        try:
            await self.check(secret)
        except InvalidApiKey:
            return False
        return True

    async def check(self, secret: str) -> ApiKey:
        """The record of a good key. Raises InvalidApiKey."""
        sha256 = digest_if_well_formed(secret)
        if not sha256:
            raise InvalidApiKey("The API key is mistyped: its checksum is wrong.", next_step=_NEXT)
        key = await self._records.key_by_digest(sha256)
        if key is None:
            raise InvalidApiKey("The API key is unknown to this gateway.", next_step=_NEXT)
        if key.revoked_at:
            raise InvalidApiKey("The API key was revoked.", next_step=_NEXT)
        if key.expires_at and key.expires_at <= now_ms():
            raise InvalidApiKey("The API key has expired.", next_step=_NEXT)
        self._used.add(key.id)
        return key

    async def note_used(self) -> None:
        """Write down which keys were used since the last call; called now and then, not per request."""
        if used := sorted(self._used):
            await self._records.transact(lambda tx: tx.touch_keys(used, now_ms()))
            self._used.difference_update(used)


def check_scopes(wanted: frozenset[str], held: frozenset[str]) -> None:
    """Raises Forbidden when a key would get a scope that its maker lacks."""
    if beyond := wanted - held:
        raise _more_than_held(beyond)


def _more_than_held(beyond: frozenset[str]) -> Forbidden:
    named = ", ".join(sorted(beyond))
    return Forbidden(
        f"Your own key lacks what the new one would have: {named}.",
        field="scopes",
        next_step="Name fewer scopes, or use a key that has them.",
    )


def _check_room(tx: Tx, workspace_id: str, most: int) -> None:
    now = now_ms()
    unrevoked = tx.find(ApiKey, workspace_id=workspace_id, revoked_at=None)
    if sum(1 for key in unrevoked if not key.expires_at or key.expires_at > now) >= most:
        raise Conflict(
            f"This workspace has {most} active keys already.",
            next_step="Revoke one that is not used: GET /api/v1/keys tells when each was used last.",
        )


def _check_rotatable(key: ApiKey | None, now: int) -> None:
    if key is None or key.revoked_at:
        raise NotFound("That key was revoked.", next_step="Make a new one.")
    if key.replaced_by:
        raise Conflict(
            f"That key was rotated before; {key.replaced_by} follows it.",
            next_step=f"Rotate {key.replaced_by}, or make a new key.",
        )
    if key.expires_at and key.expires_at <= now:
        raise Conflict("That key has expired.", next_step="Make a new key.")
