"""Signing in to the dashboard, with an API key or a one-time code; sessions and their end."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from flexura.domain.errors import InvalidApiKey, Unauthorized
from flexura.domain.session import Session, SignInCode
from flexura.domain.workspace import PREFIX, ApiKey, Workspace
from flexura.ports.records import Records, Tx
from flexura.services.admission import Admission
from flexura.services.clock import now_ms

SESSION_SECONDS = 12 * 3600
CODE_SECONDS = 5 * 60
_CODE_PREFIX = "fx_code_"
MOST_OF_A_KEY = 50
"""Browsers that are signed in with one key at once; the oldest is signed out by the next."""
_NEXT = "Run `flexura open` on the machine that has the key, or paste an API key."


@dataclass(frozen=True)
class Opened:
    """A session that was opened just now: the only time that its cookie is there."""

    cookie: str = field(repr=False)
    session: Session


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in."""

    session: Session
    key: ApiKey
    workspace: Workspace


class Sessions:
    """A session may do what its key may, no longer than its key lives."""

    def __init__(self, records: Records, admission: Admission) -> None:
        self._records = records
        self._admission = admission

    async def code(self, key_id: str, workspace_id: str) -> tuple[str, int]:
        """A code that signs a browser in once, and until when (ms)."""
        secret, now = _CODE_PREFIX + secrets.token_urlsafe(24), now_ms()
        code = SignInCode(_digest(secret), workspace_id, key_id, now, now + CODE_SECONDS * 1000)

        def work(tx: Tx) -> None:
            for old in tx.find(SignInCode, key_id=key_id):
                if old.expires_at <= now:
                    tx.remove(SignInCode, old.id)
            tx.insert(code)

        await self._records.transact(work)
        return secret, code.expires_at

    async def sign_in(self, secret: str, address: str) -> Opened:
        """Open a session with an API key or a one-time code, which is used up by it.

        Raises InvalidApiKey, AccessDenied, Forbidden, and RateLimited after too many wrong tries.
        """
        if secret.startswith(PREFIX):
            key, workspace = await self._admission.identify(secret, address)
            self._admission.check(key, workspace, "")
            return await self._records.transact(lambda tx: _opened(tx, key.id, key.workspace_id))
        self._admission.check_address(address)

        def work(tx: Tx) -> Opened | None:
            code = tx.get(SignInCode, _digest(secret))
            if code is None or code.expires_at <= now_ms() or not tx.remove(SignInCode, code.id):
                return None
            return _opened(tx, code.key_id, code.workspace_id)

        opened = await self._records.transact(work)
        if opened is None:
            self._admission.note_failure(address)
            raise InvalidApiKey(
                "That is neither an API key nor a code that is still good.", next_step=_NEXT
            )
        return opened

    async def visitor(self, cookie: str) -> Visitor:
        """Who comes with this cookie. Raises Unauthorized, AccessDenied, Forbidden."""
        session = await self._records.get(Session, _digest(cookie)) if cookie else None
        now = now_ms()
        if session is None or session.expires_at <= now:
            raise Unauthorized("Nobody is signed in here.", next_step=_NEXT)
        key = await self._records.get(ApiKey, session.key_id)
        workspace = await self._records.get(Workspace, session.workspace_id)
        if key is None or workspace is None or key.revoked_at or 0 < (key.expires_at or 0) <= now:
            raise Unauthorized(
                "The API key of this session was revoked or has expired.", next_step=_NEXT
            )
        self._admission.check(key, workspace, "")
        return Visitor(session, key, workspace)

    async def sweep(self) -> None:
        """Forget the oldest of those that are over; called now and then."""

        def work(tx: Tx) -> None:
            now = now_ms()
            for kind in (Session, SignInCode):
                for one in tx.find(kind):
                    if one.expires_at <= now:
                        tx.remove(kind, one.id)

        await self._records.transact(work)

    async def end(self, cookie: str) -> None:
        """Sign out; the cookie is worth nothing from now on."""
        digest = _digest(cookie)
        await self._records.transact(lambda tx: tx.remove(Session, digest))


def _opened(tx: Tx, key_id: str, workspace_id: str) -> Opened:
    now, cookie = now_ms(), secrets.token_urlsafe(32)
    known = tx.find(Session, key_id=key_id)
    over = [one for one in known if one.expires_at <= now]
    kept = [one for one in known if one.expires_at > now]
    for old in (*over, *kept[: max(0, len(kept) - MOST_OF_A_KEY + 1)]):
        tx.remove(Session, old.id)
    session = Session(_digest(cookie), workspace_id, key_id, now, now + SESSION_SECONDS * 1000)
    tx.insert(session)
    return Opened(cookie, session)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
