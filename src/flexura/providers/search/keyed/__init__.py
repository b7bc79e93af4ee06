"""Brave, Exa, Firecrawl, Perplexity, Serper and You.com: one row of data each, one adapter for all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flexura.domain.errors import (
    FlexuraError,
    InvalidRequest,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.search import SearchRequest
from flexura.outbound.answer import Answer
from flexura.outbound.client import Guard, origin
from flexura.ports.search_engine import Hits, Rate
from flexura.providers.api import Api
from flexura.providers.search.keyed.rows import ROWS, Reads, Row
from flexura.providers.search.keyed.wire import hits_of, sent
from flexura.providers.vendor_errors import said

_YES = ("1", "true", "yes")
# Some refuse a bad key with 400 or 422, and an empty account with 400 or 403.
_BAD_KEY = re.compile(r"(?i)TOKEN_INVALID|(?:invalid|missing|unknown)[^\"]{0,20}(?:api.?key|token)")
_SPENT = re.compile(
    r"(?i)(?:not enough|insufficient|no more|out of|exhausted)[ _](?:your )?(?:credit|balance|quota|fund)"
)


@dataclass(frozen=True)
class Adapter:
    """What the registry asks of an engine, from its row."""

    row: Row
    PROVEN: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # What a module says of itself in its docstring.
        object.__setattr__(self, "__doc__", self.row.about)

    @property
    def NAME(self) -> str:
        return self.row.name

    @property
    def RANK(self) -> int:
        return self.row.rank

    @property
    def DOCS(self) -> str:
        return self.row.docs

    @property
    def VARIABLES(self) -> dict[str, str]:
        row = self.row
        free = {row.free[0]: f"1 = ask {row.label} without a key"} if row.free else {}
        own = {self._base: f"another address of its API (default {row.base})"}
        return {row.variable: f"a key of {row.label}", **free, **own}

    @property
    def _base(self) -> str:
        return f"{self.row.name.upper()}_BASE_URL"

    def configured(self, env: Mapping[str, str]) -> bool:
        """Whether there is a key, or leave to ask without one."""
        return bool(_set(env, self.row.variable)) or self.keyless(env)

    def keyless(self, env: Mapping[str, str]) -> bool:
        """Whether it is to be asked without a key."""
        free = self.row.free is not None and _set(env, self.row.free[0]).lower() in _YES
        return free and not _set(env, self.row.variable)

    def origins(self, env: Mapping[str, str]) -> list[str]:
        """Another address of the API, where the operator names one."""
        return [url] if (url := _set(env, self._base)) else []

    def make(self, env: Mapping[str, str], guard: Guard) -> KeyedEngine:
        """The engine with its key, or without where that is allowed."""
        key = _set(env, self.row.variable)
        row = self.row.free[1] if self.row.free and not key else self.row
        return KeyedEngine(row, key, _set(env, self._base) or row.base, self._base, guard)


ADAPTERS = tuple(Adapter(row) for row in ROWS)


class KeyedEngine:
    """Asks one of the rows."""

    def __init__(self, row: Row, key: str, base: str, base_variable: str, guard: Guard) -> None:
        self.name = row.name
        self.rate: Rate | None = row.rate
        self._row = row
        self._key = key
        self._base_variable = base_variable
        header, prefix = row.auth
        access = {header: f"{prefix}{key}"} if key else {}
        self._api = Api(row.label, base, guard, access, row.variable, explain=self._explained)

    async def search(self, request: SearchRequest) -> Hits:
        """Ask it. Raises RateLimited, ProviderUnavailable or ProviderError."""
        self._check_base()
        reads, warnings = self._reads(request)
        fields, more = sent(self._row, reads, request)
        where = {"query" if self._row.method == "GET" else "json": fields}
        answer = await self._api.ask(
            self._row.method, reads.path, headers=self._row.headers, **cast("Any", where)
        )
        return Hits(tuple(hits_of(self._row, reads, answer)), (*warnings, *more))

    def _check_base(self) -> None:
        try:
            origin(self._api.base)
        except InvalidRequest as refused:
            raise ProviderUnavailable(
                f"{self._base_variable} cannot be used. {refused.message}",
                next_step=f"Correct {self._base_variable}, or unset it to use its own address.",
            ) from refused

    def _reads(self, request: SearchRequest) -> tuple[Reads, list[str]]:
        if (reads := self._row.reads.get(request.kind)) is not None:
            return reads, []
        if request.kind == "news":
            return self._row.reads["web"], ["it has no news of its own, so pages were searched"]
        raise ProviderUnavailable(f"It does not search for {request.kind}.")

    def _explained(self, answer: Answer) -> FlexuraError | None:
        if 200 <= answer.status < 300:
            return None
        row, words = self._row, said(answer)
        tail = f" It says: {words}" if words else ""
        told = answer.body[:2000].decode("utf-8", "replace")
        if answer.status == 429:
            known: dict[str, Any] = {} if (wait := _wait(answer)) is None else {"retry_after": wait}
            step = "Ask less often, or raise the limit of your plan there."
            return RateLimited(
                f"It was asked too often.{tail}",
                next_step=step if self._key else f"Set {row.variable} for a limit of your own.",
                **known,
            )
        if not self._key and answer.status in (401, 402, 403):
            return ProviderError(
                f"It refused a search without a key.{tail}", next_step=f"Set {row.variable}."
            )
        if answer.status == 402 or (answer.status in (400, 403) and _SPENT.search(told)):
            return ProviderError(
                f"The credit of the key in {row.variable} is used up.{tail}",
                next_step=f"Add credit there, or `flexura providers remove {row.variable}`.",
            )
        if answer.status in (401, 403) or (answer.status in (400, 422) and _BAD_KEY.search(told)):
            return ProviderError(
                f"It refused the key in {row.variable}.{tail}",
                next_step=f"Set a valid one: `flexura providers add {row.variable}`.",
            )
        if answer.status >= 500 or answer.status == 408:
            return ProviderUnavailable(f"It answers with status {answer.status}.{tail}")
        return ProviderError(f"It refused the search (status {answer.status}).{tail}")


def _set(env: Mapping[str, str], name: str) -> str:
    return env.get(name, "").strip()


def _wait(answer: Answer) -> float | None:
    """`Retry-After`; else, as Brave tells it, the longest reset among the windows that have nothing left."""
    if (seconds := answer.retry_after()) is not None:
        return seconds
    left, resets = (
        [part.strip() for part in answer.headers.get(name, "").split(",")]
        for name in ("x-ratelimit-remaining", "x-ratelimit-reset")
    )
    waits = [float(r) for n, r in zip(left, resets, strict=False) if n == "0" and r.isdecimal()]
    return max(waits, default=None)
