"""From a request to its caller."""

from __future__ import annotations

from starlette.types import Scope

from flexura.domain.errors import Forbidden, Unauthorized
from flexura.domain.job import Caller
from flexura.services import logs
from flexura.services.admission import Admission
from flexura.services.load import Held

_NEXT = "Send `Authorization: Bearer $MEDIA_GATEWAY_API_KEY`; `flexura keys create` makes a key."
HELD = "flexura.held"
"""Where in the scope the request's share of the load is."""
QUOTA = "flexura.quota"
"""Where in the scope the quota of the key is, for the headers of the answer."""

Headers = dict[bytes, bytes]


def text(headers: Headers, name: bytes, limit: int = 200) -> str:
    """A header's value, cut; empty if it is not there."""
    return headers.get(name, b"").decode("latin-1")[:limit]


def address(scope: Scope) -> str:
    """The address of whoever asks; empty where there is none (a pipe)."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def held_by(scope: Scope) -> Held | None:
    """What the request holds of the load; None where nobody counts."""
    return scope.get(HELD)


async def authenticate(scope: Scope, admission: Admission) -> Caller:
    """The caller behind a bearer key, counted against the key's limit once for each request.

    Raises Unauthorized, InvalidApiKey, Forbidden, AccessDenied or RateLimited.
    """
    headers: Headers = scope["flexura.headers"]
    scheme, _, secret = text(headers, b"authorization", 500).partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthorized(next_step=_NEXT)
    key, workspace = await admission.identify(secret.strip(), address(scope))
    if (held := held_by(scope)) is not None:
        held.by(key.id)
    if QUOTA not in scope:
        quota = scope[QUOTA] = admission.count(key, workspace)
        if quota is not None:
            quota.check()
    logs.also(workspace=key.workspace_id)
    admission.check(key, workspace, text(headers, b"flexura-workspace").strip())
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
        priority=int(key.limits.get("priority", 0)),
        workspace=workspace,
    )


def require(caller: Caller, scope: str) -> None:
    """Raises Forbidden if the caller's key lacks the scope."""
    if scope not in caller.scopes:
        raise Forbidden(
            f"This API key lacks the scope {scope}.",
            next_step=f"Use a key with that scope: `flexura keys create --scope {scope}`.",
        )


def require_operator(caller: Caller) -> None:
    """Raises Forbidden unless the caller administers the whole gateway, not a workspace of it."""
    require(caller, "admin")
    if caller.workspace is None or not caller.workspace.operator:
        raise Forbidden(
            "Only whoever runs this gateway may do that.",
            next_step="Use an admin key of the workspace `default`, or the command line on its machine.",
        )
