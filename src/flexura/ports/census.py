"""What the store holds at one moment, for figures and probes; the same in every process on one store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Census:
    """Counted by a few queries over indexes, whose size is that of what is unfinished. Times are ms."""

    jobs: Mapping[tuple[str, str], int]
    """Unfinished jobs by state and provider."""
    queued_since: Mapping[str, int]
    """Provider → when the oldest job that waits to be begun is (or was) due."""
    messages: int
    """Webhook messages that are still to be delivered."""
    next_message: int | None
    """When the first of them is (or was) due."""
    uploads: int
    """Files that are being uploaded in parts."""
    granted: int
    """Microcredits over all accounts, as the next two."""
    reserved: int
    spent: int
    spenders: Mapping[str, int] = field(default_factory=dict[str, int])
    """Workspace id → microcredits; only those that spent most."""
    schema: str = ""
    """The revision of the store's schema."""
    bytes: int = 0
    """Size of the database."""
    log_bytes: int = 0
    """Size of what is written and not yet in the database file (SQLite's WAL)."""
