"""Whether a request may come in: its key, its workspace, the operator's rules, how often it asks."""

from __future__ import annotations

from collections import OrderedDict

from flexura.domain.access_rules import PER_MINUTE, AccessRules
from flexura.domain.errors import AccessDenied, Forbidden, InvalidApiKey, RateLimited
from flexura.domain.workspace import ApiKey, Workspace
from flexura.ports.records import Records
from flexura.ports.search_engine import Rate
from flexura.services.keys import Keys, digest_if_well_formed
from flexura.services.limits import Limiter, Quota, network_of

_MOST_PROVEN = 10_000


class Admission:
    """Decides on every request that shows a key. A change of key or workspace holds at once."""

    def __init__(self, records: Records, keys: Keys, rules: AccessRules, limiter: Limiter) -> None:
        self.rules = rules
        self._records = records
        self._keys = keys
        self._limiter = limiter
        self._failures = Limiter()
        self._proven: OrderedDict[str, None] = OrderedDict()
        """Digests of keys that were good: whoever has one is not guessing."""

    async def identify(self, secret: str, address: str) -> tuple[ApiKey, Workspace]:
        """The key and its workspace.

        Raises InvalidApiKey, and RateLimited for an address that tried too many wrong keys; a key that was
        good before still comes in from there.
        """
        sha256 = digest_if_well_formed(secret)
        if sha256 not in self._proven:
            self.check_address(address)
        try:
            key = await self._keys.check(secret)
        except InvalidApiKey:
            self._proven.pop(sha256, None)
            self.note_failure(address)
            raise
        if sha256 not in self._proven:
            self._proven[sha256] = None
            if len(self._proven) > _MOST_PROVEN:
                self._proven.popitem(last=False)
        workspace = await self._records.get(Workspace, key.workspace_id)
        if workspace is None:
            raise InvalidApiKey("The workspace of this API key is gone.")
        return key, workspace

    def count(self, key: ApiKey, workspace: Workspace) -> Quota | None:
        """Count one request of a key; None = it may ask as often as it likes."""
        most = self.requests_per_minute(workspace, key)
        if not most:
            return None
        # A rotated key and the one that follows it share one limit.
        return self._limiter.take(key.replaced_by or key.id, Rate(most, PER_MINUTE))

    def requests_per_minute(self, workspace: Workspace, key: ApiKey | None = None) -> int:
        """What a key may ask in a minute: its own limit, which the workspace's policy caps; 0 = no limit."""
        policy = workspace.policy.get("requests_per_minute")
        ceiling = int(self.rules.requests_per_minute if policy is None else policy)
        own = key.limits.get("requests_per_minute") if key else None
        if own is None:
            return ceiling
        return int(own) if policy is None or not ceiling else min(int(own), ceiling)

    def check(self, key: ApiKey, workspace: Workspace, named: str) -> None:
        """Raises Forbidden (another workspace is `named`, or the plan has no API) or AccessDenied."""
        if named and named not in (workspace.id, workspace.name):
            raise Forbidden(
                "This API key belongs to another workspace than the one that is named.",
                field="Flexura-Workspace",
                next_step="Leave the header out, or use a key of that workspace.",
            )
        if self.rules.closed and not workspace.approved:
            raise AccessDenied(
                f"{self.rules.environment.replace('-', ' ')} environment",
                next_step="Ask the operator for approval: `flexura workspaces approve "
                f"{workspace.name}`.",
            )
        if workspace.plan in self.rules.plans_without_api:
            raise Forbidden(
                f"The plan {workspace.plan} has no API access.",
                next_step="Ask the operator for another plan: `flexura workspaces set "
                f"{workspace.name} --plan …`.",
            )

    def check_address(self, address: str) -> None:
        """Raises RateLimited for an address that tried too many wrong keys."""
        if wait := self._failures.wait(network_of(address)):
            raise RateLimited(
                "Too many wrong API keys came from this address.",
                next_step=f"Wait {wait} s and send the right key.",
                retry_after=wait,
            )

    def note_failure(self, address: str) -> None:
        """A wrong key came from there."""
        if most := self.rules.failed_keys_per_minute:
            self._failures.take(network_of(address), Rate(most, PER_MINUTE))
