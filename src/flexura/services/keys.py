"""API keys: made, shown once, checked, revoked."""

from __future__ import annotations

from functools import lru_cache

from flexura.domain.errors import InvalidApiKey, NotFound
from flexura.domain.ids import new_id
from flexura.domain.workspace import SCOPES, ApiKey, Workspace, digest, new_secret, well_formed
from flexura.ports.records import Records, Tx
from flexura.services.clock import now_ms

_NEXT = "Make a new key with `flexura keys create` on the gateway's machine and set MEDIA_GATEWAY_API_KEY."
DEFAULT_WORKSPACE = "default"


@lru_cache(maxsize=512)
def _digest_if_well_formed(secret: str) -> str:
    """SHA-256 of a key; empty if its checksum is wrong. The same few keys come with every request."""
    return digest(secret) if well_formed(secret) else ""


class Keys:
    """The keys of all workspaces."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._used: set[str] = set()

    async def workspace(self, name: str = DEFAULT_WORKSPACE) -> Workspace:
        """The workspace of that name. Raises NotFound naming the known ones."""
        known = await self._records.workspaces()
        for workspace in known:
            if workspace.name == name:
                return workspace
        names = ", ".join(w.name for w in known) or "none"
        raise NotFound(f"There is no workspace {name!r}.", next_step=f"Known workspaces: {names}.")

    async def first_start(self) -> str:
        """Make the default workspace and its first key if there is none; the key, or empty."""
        if await self._records.workspaces():
            return ""
        workspace = Workspace(new_id("ws"), DEFAULT_WORKSPACE, now_ms())
        secret, key = self._new(workspace.id, "first key", SCOPES)

        def work(tx: Tx) -> None:
            tx.insert_workspace(workspace)
            tx.insert_key(key)

        await self._records.transact(work)
        return secret

    async def create(
        self, name: str, scopes: frozenset[str] = SCOPES, workspace: str = DEFAULT_WORKSPACE
    ) -> tuple[str, ApiKey]:
        """A new key: the secret, which is kept nowhere, and its record."""
        secret, key = self._new((await self.workspace(workspace)).id, name, scopes)
        await self._records.transact(lambda tx: tx.insert_key(key))
        return secret, key

    @staticmethod
    def _new(workspace_id: str, name: str, scopes: frozenset[str]) -> tuple[str, ApiKey]:
        secret = new_secret()
        key = ApiKey(
            id=new_id("key"),
            workspace_id=workspace_id,
            name=name,
            prefix=secret[:16],
            sha256=digest(secret),
            scopes=scopes,
            created_at=now_ms(),
        )
        return secret, key

    async def list(self, workspace: str = DEFAULT_WORKSPACE) -> list[ApiKey]:
        """All keys of a workspace, revoked ones too."""
        return await self._records.keys((await self.workspace(workspace)).id)

    async def revoke(self, which: str, workspace: str = DEFAULT_WORKSPACE) -> ApiKey:
        """Revoke a key by its id or the start of its secret. Raises NotFound."""
        keys = await self.list(workspace)
        named = [k for k in keys if k.id == which or (len(which) >= 12 and k.prefix == which[:16])]
        if len(named) != 1 or named[0].revoked_at:
            known = ", ".join(k.id for k in keys if not k.revoked_at) or "none"
            raise NotFound(
                f"No active key is named {which[:20]!r}.", next_step=f"Active keys: {known}."
            )
        await self._records.transact(lambda tx: tx.revoke_key(named[0].id, now_ms()))
        return named[0]

    async def known(self, secret: str) -> bool:
        """Whether this is a good key."""
        try:
            await self.check(secret)
        except InvalidApiKey:
            return False
        return True

    async def check(self, secret: str) -> ApiKey:
        """The record of a good key. Raises InvalidApiKey."""
        sha256 = _digest_if_well_formed(secret)
        if not sha256:
            raise InvalidApiKey("The API key is mistyped: its checksum is wrong.", next_step=_NEXT)
        key = await self._records.key_by_digest(sha256)
        if key is None:
            raise InvalidApiKey("The API key is unknown to this gateway.", next_step=_NEXT)
        if key.revoked_at:
            raise InvalidApiKey("The API key was revoked.", next_step=_NEXT)
        if key.expires_at and key.expires_at < now_ms():
            raise InvalidApiKey("The API key has expired.", next_step=_NEXT)
        self._used.add(key.id)
        return key

    async def note_used(self) -> None:
        """Write down which keys were used since the last call; called now and then, not per request."""
        used, self._used = sorted(self._used), set()
        if used:
            await self._records.transact(lambda tx: tx.touch_keys(used, now_ms()))
