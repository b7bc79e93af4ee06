"""How every connection to PostgreSQL is made."""

from __future__ import annotations

from typing import Any

APPLICATION = "flexura"
"""The name of the connections that hold transactions, in `pg_stat_activity`."""
LIVELY: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A database whose machine is gone without a word is noticed within 15 s; by itself the system would wait
for a quarter of an hour, and so would every thread here."""
