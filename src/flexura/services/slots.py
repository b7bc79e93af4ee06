"""So many things at once, of one key and of all: who comes beyond that is refused at once."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from flexura.domain.errors import Overloaded, RateLimited


class Slots:
    """Counts what is under way; in memory, for this process.

    `what` is what the places are for, as in "requests that wait"; `next_step` is what to do beyond them.
    """

    def __init__(
        self, what: str, most: int, per_key: int, *, next_step: str, retry_after: int = 5
    ) -> None:
        self.what, self.most, self.per_key = what, most, per_key
        self._step, self._retry_after = next_step, retry_after
        self._of_key: dict[str, int] = {}
        self.count = 0
        """How many are taken."""

    def of(self, key_id: str) -> int:
        """How many a key has taken."""
        return self._of_key.get(key_id, 0)

    @contextmanager
    def taken(self, key_id: str) -> Generator[None]:
        """Hold one inside this context. Raises as `take`."""
        self.take(key_id)
        try:
            yield
        finally:
            self.give_back(key_id)

    def take(self, key_id: str, amount: int = 1) -> None:
        """Take `amount`.

        Raises RateLimited where the key has enough of them, Overloaded where nobody gets one.
        """
        if self.of(key_id) + amount > self.per_key:
            raise RateLimited(
                f"This API key has as many {self.what} as it may: {self.per_key}.",
                next_step=self._step,
                retry_after=self._retry_after,
            )
        if self.count + amount > self.most:
            raise Overloaded(
                f"The gateway has as many {self.what} as it takes: {self.most}.",
                next_step=self._step,
                retry_after=self._retry_after,
            )
        self.count += amount
        self._of_key[key_id] = self.of(key_id) + amount

    def give_back(self, key_id: str, amount: int = 1) -> None:
        """Free `amount` again."""
        self.count -= amount
        left = self.of(key_id) - amount
        if left > 0:
            self._of_key[key_id] = left
        else:
            self._of_key.pop(key_id, None)
