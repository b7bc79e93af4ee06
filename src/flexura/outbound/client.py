"""The guarded HTTP client: every request that a stranger's URL or a provider can cause goes through it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpcore2
import httpx2

from flexura import __version__
from flexura.domain.errors import InvalidRequest, ProviderError
from flexura.outbound.addresses import private_host
from flexura.outbound.answer import Answer, BodyTooLarge, Unreachable
from flexura.outbound.body import ACCEPTED_ENCODINGS, read_at_most, save_at_most
from flexura.outbound.transport import CONNECT_SECONDS, CheckedTransport

TOTAL_SECONDS = 60.0
MAX_BYTES = 8_000_000
MAX_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HTTPS_PORTS = (443, 8443)
# What another origin may see of a request; everything else could be somebody's key.
_FOR_STRANGERS = {"accept", "accept-encoding", "accept-language", "user-agent"}
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_NETWORK = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpx2.TransportError,
)


def origin(url: str) -> str:
    """`scheme://host:port` of a URL, in one spelling. Raises InvalidRequest for what is not a URL."""
    return _origin(_parsed(url))


def is_url(text: str) -> bool:
    """Whether this is an http(s) URL that a guard could be told to allow."""
    try:
        return bool(origin(text))
    except InvalidRequest:
        return False


@dataclass
class _Exchange:
    """One call of `Guard.request`, over all its redirects."""

    max_bytes: int
    timeout: float
    sent: bool = False
    to: Path | None = None

    async def note(self, event: str, _details: Mapping[str, Any]) -> None:
        """A trace of httpcore: from the first header on, the request may have arrived."""
        if event.endswith("send_request_headers.started"):
            self.sent = True


class Guard:
    """Asks the internet and nothing else, except the exact origins that the operator configured.

    Plain http is refused unless `plain_http` (for public pages, on port 80). Without `redirects` a redirect
    is an answer like any other. One Guard per purpose: an origin that is allowed for an engine must not be
    reachable by a page address that a stranger wrote.
    """

    def __init__(
        self,
        *,
        allow_origins: Collection[str] = (),
        plain_http: bool = False,
        redirects: bool = True,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        allowed = [_parsed(url) for url in allow_origins]
        self._allowed = frozenset(map(_origin, allowed))
        self._plain_http = plain_http
        self._redirects = redirects
        self._transport = transport or CheckedTransport(exempt={_host_port(u) for u in allowed})

    def check(self, url: str) -> None:
        """Refuse a URL by its looks, before anybody contacts it; no name is resolved.

        Raises InvalidRequest for what `request` would refuse, and for a host that is a private address in
        any spelling, or a name that only a private network has.
        """
        parsed = self._checked(_parsed(url), before=None)
        if _origin(parsed) not in self._allowed and (why := private_host(_host_port(parsed)[0])):
            raise _refused(f"its host is not public ({why})")

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        timeout: float = TOTAL_SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """Send a request and read the answer, whatever its status, following at most five redirects.

        Raises InvalidRequest for a URL that is refused, Unreachable (a ProviderUnavailable) where nobody
        answers, BodyTooLarge or ProviderError where the answer is no use.
        """
        request = self._request(method, url, headers, json=json, content=content)
        return await self._exchange(request, self._begun(max_bytes, timeout))

    async def save(
        self,
        url: str,
        to: Path,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float,
        max_bytes: int,
    ) -> Answer:
        """GET a file: a 200 answer is written to `to` and has an empty body. Raises as `request`."""
        request = self._request("GET", url, headers)
        return await self._exchange(request, self._begun(max_bytes, timeout, to))

    def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        *,
        json: Any = None,
        content: bytes | None = None,
    ) -> httpx2.Request:
        ours = {"accept-encoding": ACCEPTED_ENCODINGS, "user-agent": f"flexura/{__version__}"}
        return httpx2.Request(
            method,
            self._checked(_parsed(url), before=None),
            headers={**ours, **(headers or {})},
            json=json,
            content=content,
        )

    def _begun(self, max_bytes: int, timeout: float, to: Path | None = None) -> _Exchange:
        # A transport that tells nothing about its progress may have sent the request.
        traced = isinstance(self._transport, CheckedTransport)
        return _Exchange(max_bytes, timeout, sent=not traced, to=to)

    async def _exchange(self, request: httpx2.Request, exchange: _Exchange) -> Answer:
        try:
            with anyio.fail_after(exchange.timeout):
                return await self._follow(request, exchange)
        except TimeoutError as error:
            message = f"{request.url.host} did not answer within {exchange.timeout:g} seconds."
            raise Unreachable(message, sent=exchange.sent) from error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def _follow(self, request: httpx2.Request, exchange: _Exchange) -> Answer:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._once(request, exchange)
            if isinstance(answer, Answer):
                return answer
            request = self._redirected(request, *answer)
        raise ProviderError(f"{request.url.host} redirects more than {MAX_REDIRECTS} times.")

    async def _once(self, request: httpx2.Request, exchange: _Exchange) -> Answer | tuple[int, str]:
        """The answer, or the status and the target of a redirect."""
        seconds = exchange.timeout
        limits = {"connect": min(seconds, CONNECT_SECONDS), "pool": seconds}
        request.extensions |= {
            "timeout": {**limits, "read": seconds, "write": seconds},
            "trace": exchange.note,
        }
        try:
            response = await self._transport.handle_async_request(request)
            try:
                target = response.headers.get("location", "")
                if self._redirects and response.status_code in REDIRECTS and target:
                    return response.status_code, target
                body, cut = await _read(response, exchange)
            finally:
                await response.aclose()
        except _NETWORK as error:
            raise _unreachable(request, error, exchange) from error
        answer = Answer(response.status_code, response.headers, body, str(request.url))
        if cut:
            message = f"{request.url.host} answered with more than {exchange.max_bytes} bytes."
            raise BodyTooLarge(message, answer=answer)
        return answer

    def _redirected(self, request: httpx2.Request, status: int, target: str) -> httpx2.Request:
        url = self._checked(_parsed(_tidy(target), request.url), before=request.url)
        same_origin = _origin(url) == _origin(request.url)
        keeps_body = status in (307, 308) or request.method in ("GET", "HEAD")
        content = request.content if keeps_body else b""
        if content and not same_origin:
            raise ProviderError(f"{request.url.host} redirects the request to {url.host}.")
        headers = {
            name: value
            for name, value in request.headers.items()
            if name != "host"
            and (same_origin or name in _FOR_STRANGERS)
            and (keeps_body or not name.startswith(("content-", "transfer-")))
        }
        method = request.method if keeps_body else "GET"
        return httpx2.Request(method, url, headers=headers, content=content or None)

    def _checked(self, url: httpx2.URL, before: httpx2.URL | None) -> httpx2.URL:
        if _origin(url) in self._allowed:
            if before is None or _origin(before) == _origin(url):
                return url
            raise _refused("a redirect may not lead to a service of the operator")
        port = _host_port(url)[1]
        if (url.scheme == "https" and port in _HTTPS_PORTS) or (
            self._plain_http and url.scheme == "http" and port == 80
        ):
            return url
        allowed = "https, or http on port 80" if self._plain_http else "https"
        raise _refused(f"only {allowed} is allowed, with ports 443 and 8443")


async def _read(response: httpx2.Response, exchange: _Exchange) -> tuple[bytes, bool]:
    if exchange.to is None:
        return await read_at_most(response, exchange.max_bytes)
    if response.status_code == 200:
        return b"", await save_at_most(response, exchange.max_bytes, exchange.to)
    # The page of an error is not what the room was for.
    return await read_at_most(response, min(MAX_BYTES, exchange.max_bytes))


def _parsed(url: str, base: httpx2.URL | None = None) -> httpx2.URL:
    if _NOT_IN_A_URL.search(url):
        raise _refused("it contains a space, a control character or a backslash")
    try:
        parsed = httpx2.URL(url) if base is None else base.join(url)
    except (httpx2.InvalidURL, ValueError) as error:
        raise _refused("it cannot be read") from error
    if parsed.userinfo:
        raise _refused("it contains a user name or a password")
    if parsed.scheme not in _DEFAULT_PORTS or not parsed.host or "%" in parsed.host:
        raise _refused("it has no http(s) scheme or no proper host")
    return parsed


def _tidy(location: str) -> str:
    # Spaces in a Location header are wrong, frequent and harmless; other controls stay refused.
    return location.strip(" ").replace(" ", "%20")


def _host_port(url: httpx2.URL) -> tuple[str, int]:
    port = _DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    return url.raw_host.decode("ascii"), port


def _origin(url: httpx2.URL) -> str:
    host, port = _host_port(url)
    return f"{url.scheme}://{host}:{port}"


def _refused(why: str) -> InvalidRequest:
    return InvalidRequest(
        f"This URL is refused: {why}.", next_step="Give a public https address.", field="url"
    )


def _unreachable(request: httpx2.Request, error: Exception, exchange: _Exchange) -> Unreachable:
    never_left = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
    what = "did not answer in time" if "Timeout" in type(error).__name__ else "cannot be reached"
    reason = f": {error}" if isinstance(error, httpcore2.ConnectError) and str(error) else ""
    return Unreachable(f"{request.url.host} {what}{reason}.", sent=exchange.sent and not never_left)
