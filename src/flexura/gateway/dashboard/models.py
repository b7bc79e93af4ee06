"""The live catalog to look through: filters, prices, how fast and how reliable each model was here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import InvalidRequest
from flexura.domain.model import KINDS, STATUSES, Model, ModelStats, Price
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import page, part
from flexura.gateway.dashboard.visit import Visit, is_htmx
from flexura.gateway.rest.requests import services
from flexura.services.model_query import Wanted, read
from flexura.services.model_search import Found

PER_PAGE = 50
_SORTS = {
    "": "Best match",
    "price": "Price",
    "speed": "Speed",
    "name": "Name",
}
_FILTERS = ("kind", "task", "provider", "status", "sort")
_CARRIED = ("prompt", "input")
"""What somebody wants to try, on the way from another page to the form."""
_LONGEST = 2000
_MOST_PAGE = 1000


@dataclass(frozen=True)
class Row:
    """One model of the list."""

    model: Model
    stats: ModelStats | None
    href: str


async def models(request: Request, visit: Visit) -> Response:
    """The list, or the part of it that htmx asks for when a filter changes."""
    params = request.query_params
    asked = {name: params.get(name, "")[:200] for name in (*_FILTERS, "priced")}
    query, number = params.get("q", "")[:200], _page_number(params.get("page", "1"))
    problem: InvalidRequest | None = None
    try:
        wanted = _wanted(query, asked)
    except InvalidRequest as error:
        wanted, problem = Wanted(), error
    found = await services(request).models.search(wanted, known=True)
    positions = _positions(found, asked)
    shown = positions[(number - 1) * PER_PAGE : number * PER_PAGE]
    carried = carried_of(request)
    values: dict[str, Any] = {
        "rows": [_row(found, i, carried) for i in shown],
        "total": len(positions),
        "number": number,
        "pages": max(1, -(-len(positions) // PER_PAGE)),
        "link": _linker({"q": query, **asked}, request),
        "problem": problem,
        "price_words": price_words,
    }
    if is_htmx(request) and request.headers.get("hx-target") == "models":
        return part("models/_list.html", visit, **values)
    listing = found.listing
    return page(
        request,
        visit,
        "models/models.html",
        **values,
        query=query,
        asked=asked,
        carried=[(name, value) for name in _CARRIED for value in params.getlist(name)],
        kinds=KINDS,
        statuses=STATUSES,
        sorts=_SORTS,
        tasks=sorted({task for model in listing.models for task in model.tasks}),
        providers=sorted({model.provider for model in listing.models}),
        states=[s for s in listing.states if s.status != "ok"],
        known=len(listing.models),
        aliases=found.aliases,
        model_path=model_path,
        rest=carried,
    )


def _wanted(query: str, asked: Mapping[str, str]) -> Wanted:
    given = {name: asked[name] for name in ("kind", "task", "provider", "status") if asked[name]}
    sort = asked["sort"]
    if sort not in _SORTS:
        raise InvalidRequest(
            "Models cannot be sorted by that.", field="sort", next_step="Choose one of the list."
        )
    return read(query, given | ({"sort": sort} if sort in ("price", "speed") else {}))


def _positions(found: Found, asked: Mapping[str, str]) -> Sequence[int]:
    """Where in the listing, with what only this page knows to ask for."""
    listing, positions = found.listing, found.positions
    if asked["priced"]:
        positions = [i for i in positions if listing.costs[i] is not None]
    if asked["sort"] == "name":
        positions = sorted(positions, key=lambda i: listing.models[i].name.casefold())
    return positions


def _row(found: Found, position: int, carried: str) -> Row:
    model = found.listing.models[position]
    return Row(model, found.stats.get(model.id), model_path(model.id) + carried)


def model_path(model_id: str) -> str:
    """The page of a model; its id may hold slashes and colons, which stay readable."""
    return f"/dashboard/models/{quote(model_id, safe='/:@')}"


def carried_of(request: Request) -> str:
    """The query string that a form is opened with, out of this page's own."""
    params = request.query_params
    kept = [(name, value[:_LONGEST]) for name in _CARRIED for value in params.getlist(name)[:8]]
    return f"?{urlencode(kept)}" if kept else ""


class _linker:
    """Links to other pages of the same list."""

    def __init__(self, asked: Mapping[str, str], request: Request) -> None:
        params = request.query_params
        self._kept = [(name, value) for name, value in asked.items() if value]
        self._kept += [(n, v[:_LONGEST]) for n in _CARRIED for v in params.getlist(n)[:8]]

    def __call__(self, number: int) -> str:
        return f"/dashboard/models?{urlencode([*self._kept, ('page', str(number))])}"


def _page_number(told: str) -> int:
    return (
        min(max(1, int(told)), _MOST_PAGE)
        if told.isascii() and told.isdecimal() and len(told) < 6
        else 1
    )


def price_words(price: Price | None) -> str:
    """A price as people say it."""
    if price is None:
        return "Unknown"
    if not price.amount:
        return "Free"
    digits = f"{price.amount:,.6f}".rstrip("0")
    digits = digits + "0" * (2 - len(digits.partition(".")[2])) if "." in digits else digits
    amount = f"${digits}" if price.currency == "USD" else f"{digits} {price.currency}"
    unit = price.unit.replace("_", " ")
    return f"{amount} {unit}" if unit.startswith("per ") else f"{amount} per {unit}"


PAGES: tuple[Page, ...] = (Page("GET", "/dashboard/models", models),)
