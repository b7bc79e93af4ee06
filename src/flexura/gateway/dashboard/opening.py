"""The dashboard as the gateway mounts it: loaded when somebody first looks at a page."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from flexura.domain.errors import FlexuraError

DASHBOARD = "/dashboard"
_IN_THE_API = "/dashboard/signup"
"""A page that the OpenAPI document describes, with the errors of all others there."""


class Pages:
    """The ASGI application of every page; `/` leads to the first."""

    router: Router | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/":
            await RedirectResponse(DASHBOARD, status_code=307)(scope, receive, send)
            return
        if Pages.router is None:
            from flexura.gateway.dashboard.routes import router

            Pages.router = router()
        await Pages.router(scope, receive, send)


def error_answer(scope: Scope, error: FlexuraError, request_id: str) -> Response | None:
    """An error as a page, for what asked for a page; None for everything else."""
    path = scope["path"]
    if (path != DASHBOARD and not path.startswith(DASHBOARD + "/")) or path == _IN_THE_API:
        return None
    from flexura.gateway.dashboard.errors import error_page

    return error_page(scope, error, request_id)
