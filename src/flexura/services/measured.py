"""A provider as everybody else sees it: each question to it is timed, counted and traced."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from flexura.domain.errors import FlexuraError
from flexura.domain.model import Model
from flexura.ports import measures
from flexura.ports.provider import Done, Failed, Operation, Order, Pending, Provider
from flexura.ports.tracing import Value, past, span

_MOST_ID = 120


def measured(provider: Provider) -> Provider:
    """The provider, with every question to it timed, counted and traced."""
    return cast("Provider", _Measured(provider))


class _Measured:
    """What an adapter has beside the port stays reachable, and may be changed while it runs."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    async def models(self) -> Sequence[Model]:
        with self._asked("models"):
            return await self._provider.models()

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        with self._asked("model"):
            return await self._provider.model(upstream_id, listed)

    async def submit(self, order: Order) -> Operation:
        with self._asked("submit", **_of(order)):
            return await self._provider.submit(order)

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        """Asked again and again: only the last one, which has news, is worth a span."""
        at, code, over = time.time_ns(), "", False
        try:
            with counted(self._provider.name, "poll") as told:
                outcome = await self._provider.poll(operation, order)
                over = not isinstance(outcome, Pending)
                if isinstance(outcome, Failed):
                    code = outcome.code
                    told.append(code)
                return outcome
        except Exception as problem:
            over, code = True, code_of(problem)
            raise
        finally:
            if over:
                facts = _facts(self._provider.name, "poll") | _of(order)
                past(f"poll {self._provider.name}", "client", at, facts, code)

    async def cancel(self, operation: Operation, order: Order) -> None:
        with self._asked("cancel", **_of(order)):
            await self._provider.cancel(operation, order)

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        with self._asked("download"):
            await self._provider.download(url, to, max_bytes)

    async def aclose(self) -> None:
        await self._provider.aclose()

    @contextmanager
    def _asked(self, operation: str, **attributes: Value) -> Generator[None]:
        """Around one question."""
        name = self._provider.name
        facts = _facts(name, operation) | attributes
        with (
            counted(name, operation),
            span(f"{operation} {name}", "client", inside=True, attributes=facts),
        ):
            yield


@contextmanager
def counted(name: str, operation: str) -> Generator[list[str]]:
    """Around one question. What is put into the list is the code of an error that is no exception."""
    began, told, outcome = time.perf_counter(), list[str](), "ok"
    try:
        yield told
        outcome = told[0] if told else "ok"
    except BaseException as problem:
        outcome = code_of(problem)
        raise
    finally:
        measures.PROVIDER_CALLS.add(name, operation, outcome)
        measures.PROVIDER_SECONDS.note(time.perf_counter() - began, name, operation)


def code_of(problem: BaseException) -> str:
    """The code that figures and spans tell of an exception."""
    if isinstance(problem, FlexuraError):
        return problem.code
    return "internal_error" if isinstance(problem, Exception) else "cut_off"


def _facts(name: str, operation: str) -> dict[str, Value]:
    return {"gen_ai.provider.name": name, "flexura.operation": operation}


def _of(order: Order) -> dict[str, Value]:
    """What a span says of an order: not what it asks for."""
    return {
        "gen_ai.operation.name": f"generate_{order.kind}",
        "gen_ai.request.model": order.upstream_id[:_MOST_ID],
        "flexura.outputs": order.n,
    }
