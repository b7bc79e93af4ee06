"""Templates to answers: pages, parts of pages, and what is told in passing."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from flexura.gateway.dashboard import phrases
from flexura.gateway.dashboard.assets import static_url
from flexura.gateway.dashboard.page import SECTIONS, active
from flexura.gateway.dashboard.visit import TOKEN_HEADER, Visit, is_htmx

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; manifest-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""The Content-Security-Policy: nothing from elsewhere, no inline script, no inline style."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    # With `no-referrer` browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
Tone = Literal["good", "bad", "info"]


def guarded(response: Response) -> Response:
    """An answer with the headers that every answer of the dashboard has."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates: escaped without exception, undefined names are errors."""
    # Whoever never looks at a page does not wait for it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("flexura.gateway.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=200,
        auto_reload=False,
    )
    made.filters.update(phrases.FILTERS)
    shared: dict[str, Any] = {"static": static_url, "SECTIONS": SECTIONS}
    cast("dict[str, Any]", made.globals).update(shared)
    return made


def html(template: str, **values: Any) -> str:
    """A template, or a part of a page, as text."""
    return environment().get_template(template).render(values)


def page(
    request: Request, visit: Visit, template: str, status: int = 200, **values: Any
) -> Response:
    """A whole page for somebody who is signed in."""
    return guarded(
        HTMLResponse(
            html(
                template,
                visit=visit,
                request=request,
                active=active(request.url.path),
                theme=theme_of(request),
                htmx_headers=json.dumps({TOKEN_HEADER: visit.token}),
                **values,
            ),
            status_code=status,
        )
    )


def part(template: str, visit: Visit, *, toast: str = "", **values: Any) -> Response:
    """A part of a page for htmx, and a line to tell in passing."""
    response = HTMLResponse(html(template, visit=visit, **values))
    return told(response, toast) if toast else guarded(response)


def told(response: Response, text: str, tone: Tone = "good") -> Response:
    """The answer, with a line that the page shows for a while."""
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": text, "tone": tone}})
    return guarded(response)


def go(request: Request, path: str) -> Response:
    """Another page, after something was done."""
    if is_htmx(request):
        return guarded(Response(status_code=204, headers={"HX-Redirect": path}))
    return guarded(RedirectResponse(path, status_code=303))


def theme_of(request: Request) -> str:
    """What the person chose: `light`, `dark`, or nothing, which is what their system says."""
    chosen = request.cookies.get("flexura_theme", "")
    return chosen if chosen in ("light", "dark") else ""
