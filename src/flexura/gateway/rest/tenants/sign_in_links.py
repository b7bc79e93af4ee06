"""Links that sign a browser in to the dashboard, for `flexura open`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexura.gateway.rest.requests import base_url, caller, services
from flexura.services.clock import iso


async def create_sign_in_link(request: Request) -> Response:
    """Make a link that is good once, for five minutes; the session may do what the key may.

    The code is in the fragment, which no browser sends: it is in no log of a server or a proxy.
    """
    who = await caller(request, "read")
    code, until = await services(request).sessions.code(who.key_id, who.workspace_id)
    url = f"{base_url(request)}/dashboard/sign-in#code={code}"
    headers = {"Cache-Control": "no-store"}
    return JSONResponse({"url": url, "expires_at": iso(until)}, status_code=201, headers=headers)
