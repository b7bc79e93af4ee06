"""Signing up, where the operator opens that door: JSON, and a page whose form needs no script.

The page belongs to the dashboard; its templates are loaded when somebody first looks at it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from flexura.domain.errors import (
    FlexuraError,
    Forbidden,
    InvalidRequest,
    NotFound,
    UnsupportedMediaType,
)
from flexura.gateway.auth import address
from flexura.gateway.errors import STATUS, validated
from flexura.gateway.rest.requests import base_url, json_object, raw_body, services
from flexura.gateway.rest.tenants import words
from flexura.gateway.rest.tenants.bodies import SignUp
from flexura.services.untrusted import clean
from flexura.services.workspaces import NewWorkspace

PATH = "/dashboard/signup"
FORM = "application/x-www-form-urlencoded"
_COOKIE = "flexura_signup"
_MOST_FORM = 16 * 1024


async def sign_up(request: Request) -> Response:
    """Make a workspace with a key, which is shown in this answer and never again."""
    services(request).sign_ups.check_open()
    made = await _made(request, validated(SignUp, await json_object(request)))
    headers = {"Cache-Control": "no-store"}
    return JSONResponse(words.new_workspace(made), status_code=201, headers=headers)


async def signup_page(request: Request) -> Response:
    """The form."""
    services(request).sign_ups.check_open()
    return _form(request, {})


async def send_signup_page(request: Request) -> Response:
    """The form as somebody filled it in: the key, shown once, or the form again with what is wrong."""
    services(request).sign_ups.check_open()
    fields: dict[str, str] = {}
    try:
        fields = await _fields(request)
        made = await _made(request, validated(SignUp, dict(fields)))
    except FlexuraError as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _form(request, fields, refusal)
    from flexura.gateway.dashboard.commands import hand_over

    commands = hand_over(request, made.first.secret)
    return _page(request, "signup/done.html", 201, made=made, hand_over=commands)


async def _made(request: Request, asked: SignUp) -> NewWorkspace:
    return await services(request).sign_ups.sign_up(
        clean(asked.name, 100),
        asked.workspace,
        asked.invite.strip(),
        address(request.scope),
    )


async def _fields(request: Request) -> dict[str, str]:
    """The fields of the form, without its token. Raises Forbidden for a form that is not ours."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise UnsupportedMediaType(
            "That is not the form of this page.", next_step="Use POST /api/v1/signup for JSON."
        )
    text = (await raw_body(request, _MOST_FORM)).decode("utf-8", "replace")
    try:
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=10))
    except ValueError:
        raise InvalidRequest("The form has too many fields.", next_step="Load it again.") from None
    token = fields.pop("token", "")
    if not services(request).forms.valid(request.cookies.get(_COOKIE, ""), token):
        raise Forbidden(
            "This form was open for too long, or it came from another page.",
            next_step="Send it once more; cookies must be allowed for this page.",
        )
    return fields


def _form(
    request: Request, fields: dict[str, str], refusal: FlexuraError | None = None
) -> Response:
    found = services(request)
    cookie = found.forms.cookie()
    response = _page(
        request,
        "signup/form.html",
        STATUS[refusal.code] if refusal else 200,
        form=fields,
        token=found.forms.token(cookie),
        refusal=refusal,
        invited_only=found.sign_ups.invited_only,
        action=PATH,
    )
    if refusal is not None and "retry_after" in refusal.details:
        response.headers["Retry-After"] = str(refusal.details["retry_after"])
    secure = base_url(request).startswith("https:")
    response.set_cookie(
        _COOKIE, cookie, max_age=3600, path=PATH, secure=secure, httponly=True, samesite="strict"
    )
    return response


def _page(request: Request, template: str, status: int, **values: Any) -> Response:
    from flexura.gateway.dashboard.render import guarded, html, theme_of

    shown = html(template, theme=theme_of(request), **values)
    return guarded(HTMLResponse(shown, status_code=status))
