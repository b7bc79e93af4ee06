"""The transport under the guard: it resolves a name itself, checks every address, dials a checked one.

Checking first and letting an HTTP library resolve again is the known rebinding hole; here the address
that was checked is the address that is dialled, while Host and TLS keep the name.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable
from functools import cache, cached_property
from typing import Any, cast

import anyio
import httpcore2
import httpx2

from flexura.domain.errors import InvalidRequest
from flexura.outbound.addresses import denied
from flexura.outbound.names import Resolve, SystemNames

CONNECT_SECONDS = 10.0
MAX_CONNECTIONS = 100


class CheckedTransport(httpx2.AsyncBaseTransport):
    """Connects only to addresses on the internet, except for the exact hosts and ports in `exempt`."""

    def __init__(
        self,
        *,
        exempt: Collection[tuple[str, int]] = (),
        resolve: Resolve | None = None,
        dial: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._names = SystemNames()
        # The cast: httpcore2 offers this name in two forms, with and without anyio.
        dial = dial or cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())
        self._backend = _CheckedBackend(frozenset(exempt), resolve or self._names, dial)

    @cached_property
    def _pool(self) -> httpcore2.AsyncConnectionPool:
        return httpcore2.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=MAX_CONNECTIONS,
            network_backend=self._backend,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request. Errors are httpcore2's own, or InvalidRequest for a denied address."""
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        stream = _Stream(cast("AsyncIterable[bytes]", answer.stream))
        return httpx2.Response(answer.status, headers=answer.headers, stream=stream)

    async def aclose(self) -> None:
        """Close every connection."""
        if "_pool" in self.__dict__:
            await self._pool.aclose()
        self._names.close()


@cache
def _tls() -> ssl.SSLContext:
    # Made at the first request, and once: reading the certificates takes a while.
    return httpcore2.default_ssl_context()


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()


class _CheckedBackend(httpcore2.AsyncNetworkBackend):
    def __init__(
        self,
        exempt: frozenset[tuple[str, int]],
        resolve: Resolve,
        dial: httpcore2.AsyncNetworkBackend,
    ) -> None:
        self._exempt = exempt
        self._resolve = resolve
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        deadline = anyio.current_time() + (CONNECT_SECONDS if timeout is None else timeout)
        try:
            with anyio.fail_after(deadline - anyio.current_time()):
                addresses = await self._checked_addresses(host, port)
                return await self._first_that_answers(addresses, port, deadline)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"{host} did not answer in time") from error

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:
        raise httpcore2.ConnectError("Unix sockets are not used here")

    async def _checked_addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved") from error
        if not addresses:
            raise httpcore2.ConnectError(f"the name {host} has no address")
        if (host, port) not in self._exempt:
            _refuse_denied(host, addresses)
        return addresses

    async def _first_that_answers(
        self, addresses: list[str], port: int, deadline: float
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception = httpcore2.ConnectError("no address left to try")
        for tried, address in enumerate(addresses):
            # A dead address (often broken IPv6) takes its share of the time, not all of it.
            share = (deadline - anyio.current_time()) / (len(addresses) - tried)
            try:
                return await self._dial.connect_tcp(address, port, timeout=share)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


def _refuse_denied(host: str, addresses: list[str]) -> None:
    for why in filter(None, map(denied, addresses)):
        raise InvalidRequest(
            f"{host} is not a public address ({why}), so the gateway does not contact it.",
            next_step="Use a public https address; only the gateway's operator can allow others.",
            field="url",
        )
