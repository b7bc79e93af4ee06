"""What a database finds wrong in itself when it is asked to look at everything."""

from __future__ import annotations

import asyncio

from flexura.settings import Settings
from flexura.storage.integrity import integrity


async def database_problems(settings: Settings) -> list[str]:
    """What the database says is wrong with it; empty = it is sound.

    SQLite is checked page by page. PostgreSQL checks what it reads (checksums, constraints) and is asked
    nothing more here.
    """
    if settings.database_url:
        return []
    return await asyncio.to_thread(integrity, settings.database)
