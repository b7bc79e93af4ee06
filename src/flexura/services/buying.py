"""Buying: an order is sent until it is taken, and never again once it may have been.

Sent again only where the provider says that nothing was bought (it was unreachable before the request left,
or asked us to wait), or where it recognises a repeated order. Everything ambiguous ends as OutcomeUnknown.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flexura.domain.errors import (
    ContentPolicy,
    DiskFull,
    FlexuraError,
    OutcomeUnknown,
    Overloaded,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.outbound.answer import Unreachable
from flexura.ports.provider import Operation, Order, Provider
from flexura.services.breaker import Breakers
from flexura.services.telling import bought, retried

LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class Patience:
    """How long the worker keeps trying, in seconds. `pace` shortens every wait; tests set it."""

    submit: float = 120.0
    """For an order that was provably not taken."""
    poll: float = 900.0
    """Without one usable answer about work that is paid for."""
    job: float = 6 * 3600.0
    """For one job as a whole: an upstream that never ends must not hold a place for ever."""
    downloads: int = 6
    pace: float = 1.0

    def wait(self, tries: int, asked: FlexuraError | None = None) -> float:
        """Seconds before the next try: what the vendor asked for, else 1, 2, 4 … up to 30."""
        told = asked.details.get("retry_after") if asked else None
        seconds = float(told) if isinstance(told, int | float) else min(2.0**tries, 30.0)
        return min(max(seconds, 0.1), LONGEST_WAIT) * self.pace


@dataclass(frozen=True)
class _Pause:
    seconds: float


@dataclass(frozen=True)
class Buying:
    """One order of one job. The three steps are the worker's: each is durable when it returns."""

    provider: Provider
    breakers: Breakers
    patience: Patience
    begin: Callable[[], Awaitable[float]]
    """Note that the order is about to leave: 0.0, or the seconds for which the vendor is not to be asked."""
    keep: Callable[[Operation], Awaitable[None]]
    """Save the handle of what was bought."""
    again: Callable[[float, str, bool], Awaitable[None]]
    """Note that it is sent again, and whether it may have been bought; then wait so many seconds. Raises when
    the job is no longer wanted."""
    busy: Callable[[float], Awaitable[None]]
    """Note that the vendor takes nothing for so many seconds, from nobody."""
    unknown: OutcomeUnknown | None = None
    """Why it may have been bought already, by a provider that recognises a repeated order."""

    async def buy(self, order: Order) -> None:
        """Send the order until it is taken. Raises OutcomeUnknown, or why it was not taken."""
        tries, waited, unknown = 0, 0.0, self.unknown
        while True:
            try:
                refused = await self._uncut(order)
                if isinstance(refused, _Pause):
                    # Its own turn is waited for as long as it takes.
                    note = f"{self.provider.name} gets its orders at the pace that it allows."
                    await self._once_more(
                        min(refused.seconds, LONGEST_WAIT), note, unknown is not None
                    )
                    continue
            except FlexuraError as final:
                if unknown is not None and not _tells_of_the_order(final):
                    raise unknown from final
                raise
            if refused is None:
                return
            unknown = refused if isinstance(refused, OutcomeUnknown) else unknown
            wait = self.patience.wait(tries, refused)
            tries, waited = tries + 1, waited + wait
            if waited > self.patience.submit * self.patience.pace:
                raise unknown or refused
            note = f"{refused.message} Trying again in {wait:.0f} s."
            retried(self.provider.name, "submit")
            if isinstance(refused, RateLimited):
                await self.busy(wait)
            await self._once_more(wait, note, unknown is not None)

    async def _once_more(self, seconds: float, note: str, unknown: bool) -> None:
        """`again`, until the store takes it: what it says last is that the order is about to leave."""
        tries = 0
        while True:
            try:
                await self.again(seconds, note, unknown)
                return
            except (DiskFull, Overloaded):
                await asyncio.sleep(self.patience.wait(tries))
            tries += 1

    async def _uncut(self, order: Order) -> FlexuraError | _Pause | None:
        """One try that a cancellation of this task does not cut in two: nobody would know what was bought."""
        trying = asyncio.ensure_future(self._try(order))
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:
            while not trying.done():
                # Whoever asks a second time waits as well.
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([trying])
            if not trying.cancelled():
                # Looked at, so that nobody reports it as forgotten: the store says how far the order came.
                trying.exception()
            raise

    async def _try(self, order: Order) -> FlexuraError | _Pause | None:
        """None when it was taken; why not, when it may be sent again: nobody has it, or a repeat is known.

        Or for how long it may not even be sent.
        """
        name = self.provider.name
        if (pause := await self.begin()) > 0:
            return _Pause(pause)
        try:
            operation = await self.provider.submit(order)
        except RateLimited as busy:
            self.breakers.succeeded(name)
            return busy
        except ProviderUnavailable as away:
            self.breakers.failed(name, away.message)
            if not (isinstance(away, Unreachable) and away.sent):
                return away
            unknown = OutcomeUnknown(
                f"{away.message} The order had left: {name} may have taken it and charged.",
                next_step=f"Look at the {name} account before ordering again.",
            )
            if not self.provider.deduplicates:
                raise unknown from away
            return unknown
        except OutcomeUnknown as unknown:
            self.breakers.failed(name, unknown.message)
            if not self.provider.deduplicates:
                raise
            return unknown
        except ProviderError as refused:
            self._note(refused)
            raise
        self.breakers.succeeded(name)
        await self._kept(operation)
        bought(name)
        return None

    async def _kept(self, operation: Operation) -> None:
        """Save the handle; while the store takes nothing, it is tried again: what it names is paid for."""
        tries = 0
        while True:
            try:
                await self.keep(operation)
                return
            except FlexuraError:
                await asyncio.sleep(self.patience.wait(tries))
            tries += 1

    def _note(self, refused: ProviderError) -> None:
        """A vendor that breaks down is not well; one that says no is."""
        status = refused.details.get("upstream_status", 0)
        if isinstance(status, int) and status >= 500:
            self.breakers.failed(self.provider.name, refused.message)
        else:
            self.breakers.succeeded(self.provider.name)


def _tells_of_the_order(refused: FlexuraError) -> bool:
    """Whether a refusal is the upstream's verdict on the order itself, by which it was not taken before.

    One that broke down, or refuses our key, has not looked whether it knows the order.
    """
    if isinstance(refused, ContentPolicy | OutcomeUnknown):
        return True
    return refused.details.get("upstream_status") in (400, 413, 415, 422)
