"""Signing in with an API key or a one-time code, and out again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from flexura.domain.errors import FlexuraError
from flexura.gateway.auth import address
from flexura.gateway.dashboard.render import guarded, html, theme_of
from flexura.gateway.dashboard.visit import (
    COOKIE,
    SIGN_IN,
    TOKEN_FIELD,
    check_own_page,
    keep_session,
    read_form,
)
from flexura.gateway.errors import STATUS
from flexura.gateway.rest.requests import base_url, services

_BEFORE = "flexura_sign_in"
"""The cookie that the form goes with, before there is a session."""
HOME = "/dashboard"


async def form(request: Request) -> Response:
    """The form. A code in the fragment of the URL, which no server sees, is filled in by the page itself."""
    return _form(request, request.query_params.get("next", ""))


async def send(request: Request) -> Response:
    """Open a session, or show the form again with what is wrong."""
    fields = dict(await read_form(request))
    check_own_page(request, request.cookies.get(_BEFORE, ""), fields.get(TOKEN_FIELD, ""))
    wanted = fields.get("next", "")
    try:
        opened = await services(request).sessions.sign_in(
            fields.get("secret", "").strip()[:500], address(request.scope)
        )
    except FlexuraError as refusal:
        return _form(request, wanted, refusal)
    response = guarded(RedirectResponse(own_path(wanted), status_code=303))
    keep_session(request, response, opened)
    response.delete_cookie(_BEFORE, path=SIGN_IN)
    return response


async def leave(request: Request) -> Response:
    """Sign out."""
    fields = dict(await read_form(request))
    cookie = request.cookies.get(COOKIE, "")
    check_own_page(request, cookie, fields.get(TOKEN_FIELD, ""))
    await services(request).sessions.end(cookie)
    response = guarded(RedirectResponse(SIGN_IN, status_code=303))
    response.delete_cookie(COOKIE, path=HOME)
    return response


def own_path(wanted: str) -> str:
    """Where to go after signing in: a page of the dashboard, whatever somebody put into the link."""
    good = wanted == HOME or wanted.startswith((HOME + "/", HOME + "?"))
    if not good or wanted.startswith(SIGN_IN) or "\\" in wanted or not wanted.isprintable():
        return HOME
    return wanted


def _form(request: Request, wanted: str, refusal: FlexuraError | None = None) -> Response:
    found = services(request)
    cookie = found.forms.cookie()
    shown = html(
        "sign_in.html",
        next=own_path(wanted),
        token=found.forms.token(cookie),
        refusal=refusal,
        sign_up=found.sign_ups.open,
        theme=theme_of(request),
    )
    response = guarded(HTMLResponse(shown, status_code=STATUS[refusal.code] if refusal else 200))
    if refusal is not None and "retry_after" in refusal.details:
        response.headers["Retry-After"] = str(round(float(refusal.details["retry_after"])))
    secure = base_url(request).startswith("https:")
    response.set_cookie(
        _BEFORE, cookie, max_age=3600, path=SIGN_IN, secure=secure, httponly=True, samesite="strict"
    )
    return response
