"""The key of this machine's own user, kept in their credentials file."""

from __future__ import annotations

from flexura.local import keys as local_keys
from flexura.runtime import open_keys
from flexura.settings import Settings


async def own_key(settings: Settings) -> tuple[str, bool]:
    """The key, made if need be; and whether it is new.

    A team's gateways make none but the very first of their store: each start of each replica would make one.
    """
    async with open_keys(settings) as (keys, first):
        if settings.database_url:
            return first, bool(first)
        kept = local_keys.kept(local_keys.LOCAL)
        if first:
            secret = first
        elif kept and await keys.known(kept):
            return kept, False
        else:
            secret, _ = await keys.create("this machine's user")
        local_keys.keep(local_keys.LOCAL, secret)
        return secret, True
