"""What is provable stays provable, although the store takes nothing for a while."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flexura.domain.errors import Overloaded, ProviderUnavailable
from flexura.ports.provider import Operation, Order
from flexura.services.breaker import Breakers
from flexura.services.buying import Buying, Patience
from scripted_provider import Scripted

pytestmark = pytest.mark.anyio
ORDER = Order("job_1", "image", "one", "a fox", 1, 7, {})


async def test_a_refusal_is_noted_as_soon_as_the_store_is_back(tmp_path: Path) -> None:
    provider = Scripted(tmp_path)
    provider.submits = [ProviderUnavailable("Nobody is there.", next_step="Wait."), {"ticket": 1}]
    said: list[Any] = []
    away = [Overloaded("The database is away.", next_step="Wait.") for _ in range(2)]

    async def begin() -> float:
        said.append("submitting")
        return 0.0

    async def keep(operation: Operation) -> None:
        said.append(operation)

    async def again(seconds: float, note: str, unknown: bool) -> None:
        if away:
            raise away.pop()
        said.append(("queued", unknown))

    async def busy(seconds: float) -> None:
        raise AssertionError("it is not busy")

    patience = Patience(pace=0.001)
    await Buying(provider, Breakers(), patience, begin, keep, again, busy).buy(ORDER)
    assert said == ["submitting", ("queued", False), "submitting", {"ticket": 1}]
