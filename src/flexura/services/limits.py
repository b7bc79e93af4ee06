"""How often a key, or an address that tries keys, may ask: token buckets in memory, no I/O.

A process counts for itself. The fields follow draft-ietf-httpapi-ratelimit-headers-11.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from flexura.domain.errors import RateLimited
from flexura.ports.search_engine import Rate
from flexura.services.token_bucket import TokenBucket

WINDOW = 60
"""Seconds in which a key's limit counts."""
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Quota:
    """What a key may still ask."""

    limit: int
    window: int
    remaining: int
    resets_in: int
    """Seconds until all of it is there again."""
    retry_after: int = 0
    """Seconds until one more request is taken; 0 = this one was."""

    def check(self) -> None:
        """Raises RateLimited with `retry_after` if there was nothing left."""
        if self.retry_after:
            raise RateLimited(
                f"This API key may send {self.limit} requests a minute, and has sent them.",
                next_step=f"Wait {self.retry_after} s; use `?wait=` instead of asking often.",
                retry_after=self.retry_after,
            )


class Limiter:
    """A bucket for each name; the ones used longest ago are forgotten beyond a bound."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, most: int = _MOST_REMEMBERED
    ) -> None:
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[str, tuple[Rate, TokenBucket]] = OrderedDict()

    def take(self, name: str, rate: Rate) -> Quota:
        """Count one request of `name`, which may be one too many."""
        bucket = self._bucket(name, rate)
        short = 0 if bucket.take() is not None else max(1, math.ceil(bucket.wait()))
        missing = math.ceil(bucket.missing() * rate.seconds / rate.requests)
        return Quota(rate.requests, int(rate.seconds), bucket.left(), missing, short)

    def wait(self, name: str) -> int:
        """Seconds until `name` may ask again; 0 = now. Nothing is counted."""
        found = self._buckets.get(name)
        wait = found[1].wait() if found else 0.0
        return max(1, math.ceil(wait)) if wait > 0 else 0

    def _bucket(self, name: str, rate: Rate) -> TokenBucket:
        found = self._buckets.get(name)
        if found is not None and found[0] == rate:
            self._buckets.move_to_end(name)
            return found[1]
        bucket = TokenBucket(rate, self._clock)
        self._buckets[name] = rate, bucket
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket


def network_of(address: str) -> str:
    """Who an address belongs to, as far as limits go: an IPv6 customer has a whole /64."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network(f"{found}/64", strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
