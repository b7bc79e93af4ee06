"""One signed-in request: who it is, their form, and the proof that our own page sent it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flexura.domain.errors import Forbidden, InvalidRequest, Unauthorized, UnsupportedMediaType
from flexura.domain.job import Caller
from flexura.domain.workspace import ApiKey, Workspace
from flexura.gateway.auth import QUOTA, held_by
from flexura.gateway.rest.requests import base_url, raw_body, services
from flexura.services import logs
from flexura.services.sessions import SESSION_SECONDS, Opened, Visitor

SIGN_IN = "/dashboard/sign-in"
COOKIE = "flexura_session"
TOKEN_FIELD, TOKEN_HEADER = "token", "X-Flexura-Token"
FORM = "application/x-www-form-urlencoded"
MOST_FORM = 256 * 1024
_MOST_FIELDS = 2000
Form = ImmutableMultiDict[str, str]


def _nothing_sent() -> Form:
    return ImmutableMultiDict([])


@dataclass(frozen=True)
class Visit:
    """A request of somebody who is signed in."""

    caller: Caller
    key: ApiKey
    workspace: Workspace
    token: str
    """What forms and htmx send back, as a proof that this page of ours sent them."""
    form: Form = field(default_factory=_nothing_sent)
    """What was sent; its token is checked and taken out."""

    def may(self, scope: str) -> bool:
        """Whether the key of this session has a scope; for showing what can be done."""
        return scope in self.caller.scopes

    @property
    def operator(self) -> bool:
        """Whether this is somebody who runs the gateway."""
        return self.may("admin") and self.workspace.operator


View = Callable[[Request, Visit], Awaitable[Response]]


async def visit_of(request: Request) -> Visit:
    """Who is signed in, counted against the limits of their key.

    Raises Unauthorized, AccessDenied, Forbidden, RateLimited.
    """
    found = services(request)
    cookie = request.cookies.get(COOKIE, "")
    who = await found.sessions.visitor(cookie)
    if (held := held_by(request.scope)) is not None:
        held.by(who.key.id)
    if QUOTA not in request.scope:
        quota = request.scope[QUOTA] = found.admission.count(who.key, who.workspace)
        if quota is not None:
            quota.check()
    logs.also(workspace=who.workspace.id)
    return Visit(_caller(who), who.key, who.workspace, found.forms.token(cookie))


def _caller(who: Visitor) -> Caller:
    return Caller(
        workspace_id=who.workspace.id,
        key_id=who.key.id,
        scopes=who.key.scopes,
        session=f"dashboard {who.session.id[:16]}",
        client="dashboard",
        priority=int(who.key.limits.get("priority", 0)),
        workspace=who.workspace,
    )


async def with_form(request: Request, visit: Visit) -> Visit:
    """The visit with the form that was sent. Raises Forbidden for one that is not from our own page."""
    fields = await read_form(request)
    tokens = [value for name, value in fields if name == TOKEN_FIELD]
    token = request.headers.get(TOKEN_HEADER) or (tokens[0] if tokens else "")
    check_own_page(request, request.cookies.get(COOKIE, ""), token)
    return replace(
        visit, form=ImmutableMultiDict([pair for pair in fields if pair[0] != TOKEN_FIELD])
    )


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form, in their order. Raises InvalidRequest, UnsupportedMediaType, PayloadTooLarge."""
    body = await raw_body(request, MOST_FORM)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != FORM:
        raise UnsupportedMediaType(
            "That is not a form of this page.", next_step="Load the page again and send its form."
        )
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise InvalidRequest("The form has too many fields.", next_step="Load it again.") from None


def check_own_page(request: Request, cookie: str, token: str) -> None:
    """Raises Forbidden unless a page of ours sent this.

    The cookie is SameSite=Strict, but to a browser every port of localhost is the same site: hence the token,
    and what the browser itself says of the page.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    ours = site == "same-origin" and _is_our_origin(request)
    if not ours or not services(request).forms.valid(cookie, token):
        raise Forbidden(
            "This form came from another page, or from before you signed in.",
            next_step="Load the page again and send it once more.",
        )


def _is_our_origin(request: Request) -> bool:
    """Whether the page that sent this is of this very port, for browsers that tell no `Sec-Fetch-Site`.

    Which names may ask at all was looked at before; a name that the operator listed may stand for a proxy.
    """
    told = request.headers.get("origin")
    if told is None:
        return True
    try:
        origin = urlsplit(told)
        name, _ = origin.hostname, origin.port
    except ValueError:
        return False
    here = request.headers.get("host", "").lower()
    known = (here, urlsplit(base_url(request)).netloc.lower())
    return origin.netloc.lower() in known or name not in ("localhost", "127.0.0.1", "::1", None)


def check_header(request: Request) -> None:
    """The same for a body that is no form: the token is a header. Raises Forbidden."""
    token = request.headers.get(TOKEN_HEADER, "")
    check_own_page(request, request.cookies.get(COOKIE, ""), token)


def keep_session(request: Request, response: Response, opened: Opened) -> None:
    """Set the cookie of a session that was opened just now."""
    response.set_cookie(
        COOKIE,
        opened.cookie,
        max_age=SESSION_SECONDS,
        path="/dashboard",
        secure=base_url(request).startswith("https:"),
        httponly=True,
        samesite="strict",
    )


def to_sign_in(request: Request, problem: Unauthorized) -> Response:
    """Where somebody goes who is not signed in; they come back to where they were."""
    wanted = request.url.path
    if request.method == "GET" and request.url.query:
        wanted = f"{wanted}?{request.url.query}"
    shown = request.headers.get("hx-current-url") if is_htmx(request) else None
    if shown:
        wanted = "/" + shown.partition("://")[2].partition("/")[2]
    target = f"{SIGN_IN}?next={quote(wanted, safe='')}"
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, status_code=303)


def is_htmx(request: Request) -> bool:
    """Whether a part of a page is asked for, not a page."""
    return request.headers.get("hx-request") == "true"
