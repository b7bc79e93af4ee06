"""Looking something up on the way to an order: whatever goes wrong then, nothing was bought."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from flexura.domain.errors import OutcomeUnknown, ProviderUnavailable
from flexura.outbound.answer import Unreachable

Found = TypeVar("Found")


async def unsent(look: Awaitable[Found]) -> Found:
    """What a free request finds. Raises Unreachable with `sent=False` where nobody answers: try again."""
    try:
        return await look
    except (ProviderUnavailable, OutcomeUnknown) as lost:
        raise Unreachable(lost.message, sent=False) from lost
