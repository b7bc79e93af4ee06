"""Pages of a list: `limit`, `offset` up to 10,000, and beyond that the cursor that each page ends with."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from flexura.domain.errors import InvalidRequest
from flexura.domain.job import Job
from flexura.gateway.rest.requests import page_number

MOST_OFFSET = 10_000
QUERY: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    "offset": {"type": "integer", "minimum": 0, "maximum": MOST_OFFSET, "default": 0},
    "cursor": {"type": "string", "description": "`next_cursor` of the page before."},
}
"""The parameters as the OpenAPI document has them."""
_CURSOR = re.compile(r"(\d{1,15})\.([\w-]{1,80})", re.ASCII)


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for."""

    limit: int
    offset: int
    before: tuple[int, str] | None
    """Where the page before ended: the time and the id of its last entry."""


def page_of(request: Request) -> Page:
    """The page that the query string asks for. Raises InvalidRequest naming what is allowed."""
    cursor = request.query_params.get("cursor", "")
    return Page(
        limit=page_number(request, "limit", 20, 1, 100),
        offset=page_number(request, "offset", 0, 0, MOST_OFFSET),
        before=read_cursor(cursor) if cursor else None,
    )


def cursor_of(at: int, record_id: str) -> str:
    """The cursor of a page that ends with this entry."""
    return base64.urlsafe_b64encode(f"{at}.{record_id}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[int, str]:
    """The time and the id in a cursor. Raises InvalidRequest."""
    try:
        padded = text[:200] + "=" * (-len(text[:200]) % 4)
        found = _CURSOR.fullmatch(base64.b64decode(padded, b"-_", validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        found = None
    if found is None:
        raise InvalidRequest(
            "The cursor is none of ours.",
            field="cursor",
            next_step="Send next_cursor of the page before, or leave it out for the first page.",
        )
    return int(found[1]), found[2]


def states_asked(request: Request, states_of: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The states behind `?status=`, in a surface's own words; none = any. Raises InvalidRequest."""
    status = request.query_params.get("status", "")
    if status and status not in states_of:
        raise InvalidRequest(
            f"The status {status[:30]!r} is unknown.",
            field="status",
            next_step=f"Allowed: {', '.join(states_of)}.",
        )
    return states_of.get(status, ())


def cut(jobs: Sequence[Job], page: Page) -> tuple[list[Job], str | None]:
    """The jobs of a page, of which one more was read than is shown, and the cursor of the next."""
    shown = list(jobs[: page.limit])
    more = len(jobs) > page.limit
    return shown, cursor_of(shown[-1].created_at, shown[-1].id) if more else None
