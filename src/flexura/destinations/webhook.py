"""A signed POST to an address of the operator: the words and links to the files, as JSON.

Signed as Standard Webhooks says (github.com/standard-webhooks/standard-webhooks, specification of 2023);
`webhook-id` is the same each time that a job is published here, so that a receiver knows a repetition.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from flexura.destinations import Setup
from flexura.domain.errors import FlexuraError, InvalidRequest, ProviderError, ProviderUnavailable
from flexura.outbound.answer import Answer, BodyTooLarge
from flexura.outbound.client import Guard, is_url
from flexura.outbound.signature import PREFIX, sign
from flexura.ports.destination import Parcel
from flexura.ports.parcel import files_of

TYPE = "webhook"
SETTINGS = {
    "url": "Where to send it. The operator names it, so it may be on a private network.",
    "secret": "What signs it: `whsec_` and base64 of 24 to 64 bytes.",
    "secret_env": "Variable that holds the secret.",
}
REQUIRED = ("url",)
_SECONDS = 30.0
_ANSWER_BYTES = 64_000
_LATER = {408, 425, 429}


def make(setup: Setup) -> Webhook:
    """The webhook of a table."""
    url = setup.needed("url")
    if not is_url(url):
        raise InvalidRequest("Its url is no http(s) address.", next_step='Write url = "https://…".')
    guard = Guard(allow_origins=[url], redirects=False)
    return Webhook(setup.name, url, _checked(setup.secret("secret")), guard)


def _checked(secret: str) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        raise InvalidRequest(
            "Its secret is missing or is not `whsec_` and base64 of 24 to 64 bytes.",
            next_step="Make one: `echo whsec_$(head -c 32 /dev/urandom | base64 -w0)`.",
        )
    return secret


@dataclass(frozen=True)
class Webhook:
    """The port `Destination` on an HTTP receiver."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    guard: Guard = field(repr=False)
    platform: str = TYPE

    async def publish(self, parcel: Parcel) -> str:
        """Send the parcel; where the receiver says that it is (`{"url": …}`), if it says so."""
        body = json.dumps(_told(parcel), ensure_ascii=False).encode()
        try:
            answer = await self.guard.request(
                "POST",
                self.url,
                headers={"content-type": "application/json", **self._signed(parcel, body)},
                content=body,
                timeout=_SECONDS,
                max_bytes=_ANSWER_BYTES,
            )
        except BodyTooLarge as long:
            answer = long.answer
        except InvalidRequest as refused:
            raise ProviderError(f"Its address is refused: {refused.message}") from refused
        if 200 <= answer.status < 300:
            return _place(answer)
        raise _refusal(answer)

    def _signed(self, parcel: Parcel, body: bytes) -> dict[str, str]:
        told = hashlib.sha256(f"{self.name}/{parcel.job_id}".encode()).hexdigest()
        return sign([self.secret], f"msg_{told[:32]}", int(time.time()), body)

    async def aclose(self) -> None:
        """Close its connections."""
        await self.guard.aclose()


def _told(parcel: Parcel) -> dict[str, Any]:
    files = [{**file.entry(), "url": file.link or None} for file in files_of(parcel)]
    return {"job_id": parcel.job_id, **asdict(parcel.copy), "files": files}


def _place(answer: Answer) -> str:
    """What the receiver tells of itself is a stranger's text: an http(s) address, or nothing."""
    try:
        told: Any = answer.json()
    except ProviderError:
        return ""
    url = cast("dict[str, Any]", told).get("url") if isinstance(told, dict) else None
    return url if isinstance(url, str) and len(url) <= 2000 and is_url(url) else ""


def _refusal(answer: Answer) -> FlexuraError:
    status = answer.status
    if status >= 500 or status in _LATER:
        told = f"The receiver answered {status}."
        later = ProviderUnavailable(told, next_step="Retry this destination later.")
        if (wait := answer.retry_after()) is not None:
            later.details["retry_after"] = wait
        return later
    step = "The operator has to check the receiver; then retry this destination."
    if 300 <= status < 400:
        step = "Redirects are not followed: the operator has to set the address where it leads."
    return ProviderError(f"The receiver answered {status}.", next_step=step)
