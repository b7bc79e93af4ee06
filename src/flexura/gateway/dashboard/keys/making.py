"""A new key: its form, and the page that shows it once."""

from __future__ import annotations

import math
from typing import Any

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import FlexuraError, InvalidRequest
from flexura.domain.workspace import ApiKey
from flexura.gateway.dashboard.commands import hand_over
from flexura.gateway.dashboard.keys.rows import KEYS
from flexura.gateway.dashboard.once import fresh, made_once, shown_once
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import go, page
from flexura.gateway.dashboard.visit import Form, Visit
from flexura.gateway.errors import STATUS, validated
from flexura.gateway.rest.requests import services
from flexura.gateway.rest.tenants.bodies import CreateKey
from flexura.gateway.rest.tenants.keys import terms_of
from flexura.services.keys import NewKey
from flexura.services.untrusted import clean

MEANING = {
    "read": "look at jobs, files, models and spend",
    "generate": "order images, video and audio, and cancel them",
    "search": "search the web",
    "admin": "manage keys, webhooks and budgets of this workspace",
}
"""What each scope allows, in the order in which they are offered."""
LIFETIMES = (
    ("", "Never"),
    ("7d", "In a week"),
    ("30d", "In 30 days"),
    ("90d", "In 90 days"),
    ("365d", "In a year"),
)
PERIODS = (("day", "a day"), ("month", "a month"), ("total", "in total"))
_OFFERED = ("read", "generate", "search")


async def form(request: Request, visit: Visit) -> Response:
    """The form of a new key."""
    return _form(request, visit)


async def create(request: Request, visit: Visit) -> Response:
    """Make a key and show it, once."""
    found = services(request)
    try:
        asked = validated(CreateKey, _asked(visit.form))
        terms = terms_of(asked, visit.caller, found)
        name = clean(asked.name, 100) or "key"
        made = await made_once(
            request,
            visit,
            "keys",
            lambda note: found.keys.issue(
                visit.workspace.id, name, terms, lambda tx, new: note(tx)
            ),
        )
    except FlexuraError as refusal:
        return _form(request, visit, refusal)
    return shown(request, visit, made)


def _asked(form: Form) -> dict[str, Any]:
    """The form as the body that the API takes. Raises InvalidRequest for no scope, and for no number."""
    if not form.getlist("scopes"):
        raise InvalidRequest(
            "A key that may do nothing is of no use.",
            field="scopes",
            next_step="Choose at least one thing that it may do.",
        )
    body: dict[str, Any] = {
        "name": form.get("name", "").strip(),
        "scopes": form.getlist("scopes"),
        "expires": form.get("expires") or None,
        "requests_per_minute": number_of(form, "requests_per_minute"),
    }
    if (credits := number_of(form, "credits")) is not None:
        body["budget"] = {"credits": credits, "period": form.get("period", "day")}
    return body


def number_of(form: Form, name: str) -> int | float | None:
    """A number of the form; None for an empty field. Raises InvalidRequest for what is none."""
    text = form.get(name, "").strip().replace(",", "")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidRequest(
            f"{text[:40]!r} is no number.", field=name, next_step="Write one, such as 500."
        )
    return int(number) if number.is_integer() else number


def _form(request: Request, visit: Visit, refusal: FlexuraError | None = None) -> Response:
    found = services(request)
    sent = bool(visit.form)
    return page(
        request,
        visit,
        "keys/new.html",
        STATUS[refusal.code] if refusal else 200,
        form=visit.form if sent else ImmutableMultiDict[str, str]([]),
        refusal=refusal,
        # What this key lacks it cannot hand on.
        scopes=[(name, MEANING[name]) for name in MEANING if visit.may(name)],
        checked=visit.form.getlist("scopes") if sent else _OFFERED,
        lifetimes=LIFETIMES,
        periods=PERIODS,
        credit_usd=found.credits.rules.credit_usd,
        most_per_minute=found.admission.requests_per_minute(visit.workspace),
        nonce=fresh(),
    )


def shown(
    request: Request,
    visit: Visit,
    made: NewKey | None,
    replaces: ApiKey | None = None,
    *,
    own: bool = False,
) -> Response:
    """The page with a key that was made just now."""
    if made is None:
        # The page with the key was loaded again: nothing was made, and nothing is shown a second time.
        return go(request, KEYS)
    answer = page(
        request,
        visit,
        "keys/made.html",
        201,
        made=made,
        replaces=replaces,
        own=own,
        hand_over=hand_over(request, made.secret),
    )
    return shown_once(answer, KEYS)


PAGES: tuple[Page, ...] = (
    Page("POST", KEYS, create, "admin"),
    Page("GET", f"{KEYS}/new", form, "admin"),
)
