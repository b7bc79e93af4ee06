"""One vendor's HTTP API: where it is, which key opens it, and what its refusals mean.

The key goes to the configured origin and to the vendor's own named hosts over https, never to a URL that
stands in an answer and leads elsewhere.
"""

from __future__ import annotations

import json
import secrets
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexura.domain.errors import (
    FlexuraError,
    InvalidRequest,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    ResultExpired,
)
from flexura.outbound.answer import Answer, BodyTooLarge, Unreachable
from flexura.outbound.client import Guard, origin
from flexura.ports.provider import Failed
from flexura.providers.vendor_errors import refusal

ASK_SECONDS = 30.0
BUY_SECONDS = 300.0
"""Vendors that answer with the finished media keep the line open while they work."""
DOWNLOAD_SECONDS = 600.0
_SLOW_LINE = 200_000
"""Bytes per second."""
LIST_BYTES = 64_000_000
MEDIA_BYTES = 256_000_000

Part = tuple[str, str, str, bytes]
"""One part of a form: its name, file name (empty = a plain field), media type, content."""


@dataclass(frozen=True)
class Api:
    """Asks one vendor. `label` is its name in messages, `variable` the setting that holds its key.

    `trusted` are further hosts of the vendor (`api.example.com`, or `.example.com` for all below it) that may
    see the key. `explain` may recognise the vendor's own way to refuse; None = judge by the status.
    """

    label: str
    base: str
    guard: Guard
    access: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    variable: str = ""
    trusted: tuple[str, ...] = ()
    explain: Callable[[Answer], FlexuraError | None] | None = None

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON behind a path or a URL of the vendor. Raises as `ask`; junk is ProviderUnavailable."""
        answer = await self.ask("GET", path, query=query)
        try:
            return answer.json()
        except ProviderError as junk:
            raise ProviderUnavailable(
                f"{self.label} answered with something that is not JSON."
            ) from junk

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Sequence[Part] = (),
        headers: Mapping[str, str] | None = None,
        max_bytes: int = LIST_BYTES,
    ) -> Answer:
        """A request that costs nothing (list, look, upload, cancel), so that it may be repeated.

        Raises ProviderUnavailable or RateLimited (ask again), ContentPolicy or ProviderError (with
        `upstream_status` among its details).
        """
        # An upload takes as long as its bytes on a slow line.
        seconds = ASK_SECONDS + sum(len(part[3]) for part in form) / _SLOW_LINE
        try:
            answer = await self._send(
                method, path, query, json, form, headers, seconds=seconds, max_bytes=max_bytes
            )
        except Unreachable as lost:
            # Nothing was bought, wherever the request got to.
            raise ProviderUnavailable(lost.message) from lost
        if problem := self._problem(answer, paid=False):
            raise problem
        return answer

    async def buy(
        self,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Sequence[Part] = (),
        headers: Mapping[str, str] | None = None,
        seconds: float = BUY_SECONDS,
    ) -> Answer:
        """POST an order that may cost money; one try.

        Raises Unreachable with `sent=False` or RateLimited (nothing was bought), OutcomeUnknown (nobody
        knows), ContentPolicy or ProviderError (refused).
        """
        try:
            answer = await self._send(
                "POST", path, query, json, form, headers, seconds=seconds, max_bytes=MEDIA_BYTES
            )
        except Unreachable as lost:
            if not lost.sent:
                raise
            raise self.unknown(lost.message) from lost
        except BodyTooLarge as large:
            raise self.unknown(large.message) from large
        except ProviderError as broken:
            raise self.unknown(broken.message) from broken
        if problem := self._problem(answer, paid=True):
            raise problem
        return answer

    def bought(self, answer: Answer) -> Any:
        """The JSON of an order that was taken. Raises OutcomeUnknown where it cannot be read."""
        try:
            return answer.json()
        except ProviderError as junk:
            raise self.unknown("Its answer cannot be read.") from junk

    def unknown(self, why: str) -> OutcomeUnknown:
        """Nobody knows whether the order was taken."""
        return OutcomeUnknown(
            f"{self.label} may have taken this order and charged for it: {why}",
            next_step=f"Look at your account at {self.label} before ordering again.",
        )

    def forgotten(
        self, error: ProviderError, what: str = "order", statuses: tuple[int, ...] = (404,)
    ) -> Failed:
        """The end of an order that the vendor no longer knows. Raises `error` when it says something else."""
        if error.details.get("upstream_status") not in statuses:
            raise error
        return Failed("result_expired", f"{self.label} no longer knows this {what}.")

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        """Write a finished file to `to`; see the port. `url` may be a path of this API."""
        target = self.url(url)
        headers = dict(self.access) if self.is_ours(target) else {}
        try:
            answer = await self.guard.save(
                target, to, headers=headers, timeout=DOWNLOAD_SECONDS, max_bytes=max_bytes
            )
        except BodyTooLarge as large:
            raise ProviderError(
                f"The file of {self.label} is larger than {max_bytes} bytes."
            ) from large
        except InvalidRequest as refused:
            raise ProviderError(
                f"{self.label} gave an address that is refused. {refused.message}"
            ) from refused
        if answer.status in (403, 404, 410):
            raise ResultExpired(f"{self.label} no longer has the file ({answer.status}).")
        if answer.status != 200:
            raise ProviderUnavailable(
                f"{self.label} answers the download with status {answer.status}."
            )

    def url(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        """The full URL of a path below `base`; a URL stays what it is. None values are left out."""
        whole = path if "://" in path else f"{self.base.rstrip('/')}/{path.lstrip('/')}"
        given = {k: v for k, v in (query or {}).items() if v is not None}
        if not given:
            return whole
        return f"{whole}{'&' if '?' in whole else '?'}{urllib.parse.urlencode(given, doseq=True)}"

    def is_ours(self, url: str) -> bool:
        """Whether the key may go there: our origin, or https at one of the vendor's named hosts."""
        try:
            if origin(url) == origin(self.base):
                return True
        except InvalidRequest:
            return False
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
        named = any(host == t or (t.startswith(".") and host.endswith(t)) for t in self.trusted)
        return parts.scheme == "https" and named

    async def aclose(self) -> None:
        """Close every connection."""
        await self.guard.aclose()

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        form: Sequence[Part],
        headers: Mapping[str, str] | None,
        **limits: float,
    ) -> Answer:
        url = self.url(path, query)
        if not self.is_ours(url):
            host = urllib.parse.urlsplit(url).hostname
            raise ProviderError(
                f"{self.label} sends us to {str(host)[:80]}, which is not its own address."
            )
        content, kind = _content(body, form)
        sent = {"accept": "application/json", **self.access, **kind, **(headers or {})}
        try:
            return await self.guard.request(
                method,
                url,
                headers=sent,
                content=content,
                timeout=limits["seconds"],
                max_bytes=int(limits["max_bytes"]),
            )
        except InvalidRequest as refused:
            raise ProviderError(
                f"The address of {self.label} cannot be used. {refused.message}",
                next_step="Correct its base URL in the settings.",
            ) from refused

    def _problem(self, answer: Answer, *, paid: bool) -> FlexuraError | None:
        if self.explain is not None and (known := self.explain(answer)):
            return known
        if 200 <= answer.status < 300:
            return None
        return refusal(self.label, self.variable, answer, paid=paid)


def _content(body: Any, form: Sequence[Part]) -> tuple[bytes | None, dict[str, str]]:
    if form:
        return _multipart(form)
    if body is None:
        return None, {}
    if isinstance(body, bytes):
        return body, {"content-type": "application/octet-stream"}  # a file as it is
    return json.dumps(body, ensure_ascii=False).encode(), {"content-type": "application/json"}


def _multipart(form: Sequence[Part]) -> tuple[bytes, dict[str, str]]:
    """RFC 7578. Written here because the guard sends bytes: the body of a checked request never streams."""
    edge = secrets.token_hex(16)
    body = bytearray()
    for name, filename, mime, data in form:
        file = f'; filename="{filename}"\r\nContent-Type: {mime}' if filename else ""
        body += f'--{edge}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        body += data + b"\r\n"
    body += f"--{edge}--\r\n".encode()
    return bytes(body), {"content-type": f"multipart/form-data; boundary={edge}"}
