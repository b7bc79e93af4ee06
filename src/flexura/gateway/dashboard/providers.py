"""Providers: every adapter there is, how it does, and how it gets its key."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.provider import Role
from flexura.gateway.auth import require_operator
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import page, part
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import services
from flexura.services.vendors import Standing

PROVIDERS = "/dashboard/providers"
_TITLES: tuple[tuple[Role, str], ...] = (("media", "Images, video and audio"), ("search", "Search"))


@dataclass(frozen=True)
class Group:
    """The providers of one role: those that are set up, and those that could be."""

    role: Role
    title: str
    on: list[Standing]
    off: list[Standing]


async def listed(request: Request, visit: Visit) -> Response:
    """What is known of every provider now."""
    return page(request, visit, "providers/list.html", groups=await _groups(request))


async def check(request: Request, visit: Visit) -> Response:
    """Ask every vendor again, where that costs nothing. Raises Forbidden for all but the operator."""
    require_operator(visit.caller)
    groups = await _groups(request, check=True)
    return part("providers/_groups.html", visit, toast="Every provider was asked.", groups=groups)


async def _groups(request: Request, *, check: bool = False) -> list[Group]:
    standings = await services(request).vendors.standings(check=check)
    return [
        Group(
            role,
            title,
            [one for one in standings if one.facts.role == role and one.facts.configured],
            [one for one in standings if one.facts.role == role and not one.facts.configured],
        )
        for role, title in _TITLES
    ]


PAGES: tuple[Page, ...] = (
    Page("GET", PROVIDERS, listed),
    Page("POST", f"{PROVIDERS}/check", check, "admin"),
)
