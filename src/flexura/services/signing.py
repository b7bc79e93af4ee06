"""The secrets that sign a workspace's webhooks.

A message is signed by every secret that is active: whoever receives it may change from the old one to the
new one at any time before the old one ends.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable

from flexura.domain.ids import new_id
from flexura.domain.webhook import SigningSecret
from flexura.outbound.signature import PREFIX
from flexura.ports.records import Records, Tx
from flexura.services.clock import now_ms

SECRET_BYTES = 32
OVERLAP_HOURS = 24.0
MAX_OVERLAP_HOURS = 168.0
_MOST_ACTIVE = 5
_HOUR = 3_600_000


def active_secrets(tx: Tx, workspace_id: str, now: int) -> list[SigningSecret]:
    """The secrets that sign now, newest first; a workspace without one gets its first."""
    found = tx.find(SigningSecret, workspace_id=workspace_id)
    active = [s for s in found if s.expires_at is None or s.expires_at > now]
    if not any(s.expires_at is None for s in active):
        fresh = _fresh(workspace_id, now)
        tx.insert(fresh)
        active.append(fresh)
    return sorted(active, key=lambda s: (s.expires_at is None, s.created_at, s.id), reverse=True)


def _fresh(workspace_id: str, now: int) -> SigningSecret:
    value = PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return SigningSecret(new_id("sec"), workspace_id, value, now)


class SigningSecrets:
    """The signing secrets of workspaces."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def active(self, workspace_id: str) -> list[SigningSecret]:
        """What signs now, newest first."""
        return await self._records.transact(lambda tx: active_secrets(tx, workspace_id, now_ms()))

    async def rotate(
        self,
        workspace_id: str,
        overlap_hours: float = OVERLAP_HOURS,
        remember: Callable[[Tx, SigningSecret], None] = lambda tx, made: None,
    ) -> list[SigningSecret]:
        """Make a new secret; the one before goes on signing beside it for so many hours.

        What ended is removed. Beyond five at once the oldest ends now.
        """
        now = now_ms()
        until = now + int(overlap_hours * _HOUR)

        def work(tx: Tx) -> list[SigningSecret]:
            before = active_secrets(tx, workspace_id, now)
            for old in tx.find(SigningSecret, workspace_id=workspace_id):
                if old not in before[: _MOST_ACTIVE - 1]:
                    tx.remove(SigningSecret, old.id)
                elif old.expires_at is None or old.expires_at > until:
                    tx.change(SigningSecret, old.id, expires_at=until)
            fresh = _fresh(workspace_id, now)
            tx.insert(fresh)
            remember(tx, fresh)
            return active_secrets(tx, workspace_id, now)

        return await self._records.transact(work)
