"""An error as a page, or, for htmx, as a line that the page shows."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from flexura.domain.errors import FlexuraError
from flexura.gateway.dashboard.render import guarded, html, theme_of
from flexura.gateway.dashboard.visit import is_htmx
from flexura.gateway.errors import STATUS


def error_page(scope: Scope, error: FlexuraError, request_id: str) -> Response:
    """What happened, why, and the next step, for people."""
    request = Request(scope)
    status = STATUS[error.code]
    values = {"error": error, "request_id": request_id, "status": status}
    if is_htmx(request):
        response = HTMLResponse(html("parts/error_toast.html", **values), status_code=status)
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "beforeend"
    else:
        shown = html("error.html", theme=theme_of(request), **values)
        response = HTMLResponse(shown, status_code=status)
    if "retry_after" in error.details:
        response.headers["Retry-After"] = str(round(float(error.details["retry_after"])))
    response.headers["Flexura-Request-Id"] = request_id
    return guarded(response)
