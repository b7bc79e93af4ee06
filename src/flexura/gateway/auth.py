"""From a request's headers to its caller."""

from __future__ import annotations

from flexura.domain.errors import Forbidden, Unauthorized
from flexura.domain.job import Caller
from flexura.services.keys import Keys

_NEXT = "Send `Authorization: Bearer $MEDIA_GATEWAY_API_KEY`; `flexura keys create` makes a key."

Headers = dict[bytes, bytes]


def text(headers: Headers, name: bytes, limit: int = 200) -> str:
    """A header's value, cut; empty if it is not there."""
    return headers.get(name, b"").decode("latin-1")[:limit]


async def authenticate(headers: Headers, keys: Keys) -> Caller:
    """The caller behind a bearer key. Raises Unauthorized or InvalidApiKey."""
    scheme, _, secret = text(headers, b"authorization", 500).partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthorized(next_step=_NEXT)
    key = await keys.check(secret.strip())
    client = text(headers, b"flexura-client")
    return Caller(
        workspace_id=key.workspace_id,
        key_id=key.id,
        scopes=key.scopes,
        # Who names no session is one session for each key.
        session=text(headers, b"flexura-session") or key.id,
        project=text(headers, b"flexura-project"),
        client=client,
        bridged=client.startswith("bridge/"),
    )


def require(caller: Caller, scope: str) -> None:
    """Raises Forbidden if the caller's key lacks the scope."""
    if scope not in caller.scopes:
        raise Forbidden(
            f"This API key lacks the scope {scope}.",
            next_step=f"Use a key with that scope: `flexura keys create --scope {scope}`.",
        )
