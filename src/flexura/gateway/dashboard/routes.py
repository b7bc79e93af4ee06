"""The pages of the dashboard, and the way to them: signed in, allowed, with a form of our own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from flexura.domain.errors import MethodNotAllowed, NotFound, Unauthorized
from flexura.gateway import observing
from flexura.gateway.auth import require
from flexura.gateway.dashboard import (
    agents,
    assets,
    gallery,
    jobs,
    keys,
    model_try,
    models,
    overview,
    providers,
    review,
    sign_in,
    template_page,
    template_run,
    usage,
    webhooks,
    workspaces,
)
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import guarded
from flexura.gateway.dashboard.visit import check_header, to_sign_in, visit_of, with_form

PAGES: tuple[Page, ...] = (
    *overview.PAGES,
    *gallery.PAGES,
    *review.PAGES,
    *jobs.PAGES,
    *template_page.PAGES,
    *template_run.PAGES,
    *models.PAGES,
    *model_try.PAGES,
    *usage.PAGES,
    *keys.PAGES,
    *webhooks.PAGES,
    *providers.PAGES,
    *agents.PAGES,
    *workspaces.PAGES,
)
"""Every page behind the sign-in."""
Endpoint = Callable[[Request], Awaitable[Response]]
_OPEN: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/dashboard/sign-in", sign_in.form),
    ("POST", "/dashboard/sign-in", sign_in.send),
    ("POST", "/dashboard/sign-out", sign_in.leave),
    ("GET", "/dashboard/static/{name}", assets.static),
)


def _behind_sign_in(page: Page) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            visit = await visit_of(request)
        except Unauthorized as problem:
            return to_sign_in(request, problem)
        require(visit.caller, page.scope)
        if page.raw:
            check_header(request)
        elif page.method != "GET":
            visit = await with_form(request, visit)
        return await page.view(request, visit)

    return endpoint


class _ByMethod:
    def __init__(self, path: str, endpoints: dict[str, Endpoint]) -> None:
        self._template = observing.template(path)
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[observing.ROUTE] = self._template
        endpoint = self._endpoints.get("GET" if scope["method"] == "HEAD" else scope["method"])
        if endpoint is None:
            raise MethodNotAllowed(
                "This page does not take that.",
                next_step=f"Allowed: {', '.join(sorted(self._endpoints))}.",
                allow=", ".join(sorted(self._endpoints)),
            )
        response = guarded(await endpoint(Request(scope, receive, send)))
        await response(scope, receive, send)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotFound("There is no such page.", next_step="Go to /dashboard and look from there.")


def router() -> Router:
    """All of it as one ASGI application."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for method, path, endpoint in _OPEN:
        by_path.setdefault(path, {})[method] = endpoint
    for page in PAGES:
        by_path.setdefault(page.path, {})[page.method] = _behind_sign_in(page)
    made = Router(
        [Route(path, _ByMethod(path, endpoints)) for path, endpoints in by_path.items()],
        default=_not_found,
    )
    made.redirect_slashes = False
    return made
