"""Files that the gateway keeps elsewhere: it answers with a link, which is followed with nothing of ours."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flexura.bridge.errand import Errand
from flexura.bridge.http_gateway import HttpGateway
from flexura.bridge.seam import NotConnected, Reply, Request
from flexura.local.errors import GatewayUnavailable

_DIGEST = re.compile(r'"([0-9a-f]{64})"')
_LATER = "job_status with the job_id tries it again; with a gateway of a team, ask whoever runs it."


def followed(reply: Reply, errand: Errand) -> tuple[Reply, str]:
    """The answer of where a redirect leads, and the SHA-256 that the file must have; else the answer itself.

    The other place gets neither key nor session. What comes is only good with the digest that the gateway
    tells along with the link, so no link brings anything but the file. Raises LocalError, TimeoutError,
    Cancelled.
    """
    if reply.status != 307:
        return reply, ""
    reply.close()
    digest = _DIGEST.fullmatch(reply.headers.get("etag", ""))
    origin, path = _address(reply.headers.get("location", ""))
    if digest is None or not origin:
        raise GatewayUnavailable("The gateway's link to the file cannot be used.", next_step=_LATER)
    try:
        place = HttpGateway(origin, None, is_local=False)
        answer = place.exchange(Request("GET", path), errand.call, errand.deadline)
    except NotConnected:
        raise GatewayUnavailable(
            f"{origin}, where the gateway keeps its files, cannot be reached.", next_step=_LATER
        ) from None
    if answer.status != 200:
        answer.close()
        raise GatewayUnavailable(
            f"{origin}, where the gateway keeps its files, answered {answer.status}.",
            next_step=_LATER,
        )
    return answer, digest[1]


def check(found: str, wanted: str) -> None:
    """Raises GatewayUnavailable for a file that came from elsewhere and is another one."""
    if wanted and found != wanted:
        raise GatewayUnavailable("The file arrived damaged.", next_step=_LATER)


def _address(url: str) -> tuple[str, str]:
    """Origin, and path with query; both empty for what is no plain web address."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "", ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc:
        return "", ""
    return f"{parts.scheme}://{host}{port}", (parts.path or "/") + (
        parts.query and f"?{parts.query}"
    )
