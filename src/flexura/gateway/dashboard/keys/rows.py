"""Keys as the pages show them: what state they are in, what is left of their budgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request

from flexura.domain.errors import NotFound
from flexura.domain.workspace import ApiKey
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import services
from flexura.services.clock import now_ms
from flexura.services.credits import BudgetNow

KEYS = "/dashboard/keys"
State = Literal["active", "rotated", "expired", "revoked"]


@dataclass(frozen=True)
class Row:
    """A key as the page shows it."""

    key: ApiKey
    state: State
    budgets: tuple[BudgetNow, ...]
    own: bool
    """Whether this browser is signed in with it."""

    @property
    def ended(self) -> bool:
        """Whether it opens nothing any more."""
        return self.state in ("expired", "revoked")


async def rows_of(request: Request, visit: Visit) -> list[Row]:
    """Every key of the workspace, the newest first."""
    found, now = services(request), now_ms()
    keys = await found.keys.list(visit.workspace.id)
    budgets = await found.credits.budgets(visit.workspace.id)
    return [
        Row(
            key,
            state_of(key, now),
            tuple(one for one in budgets if one.budget.key_id == key.id),
            own=key.id == visit.key.id,
        )
        for key in sorted(keys, key=lambda key: key.created_at, reverse=True)
    ]


async def row_of(request: Request, visit: Visit) -> Row:
    """The key that the path names. Raises NotFound."""
    wanted = request.path_params["key_id"]
    for row in await rows_of(request, visit):
        if row.key.id == wanted:
            return row
    raise NotFound("There is no such key in this workspace.", next_step="Look at /dashboard/keys.")


def state_of(key: ApiKey, now: int) -> State:
    """Whether a key opens anything still, and whether another follows it."""
    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= now:
        return "expired"
    return "rotated" if key.replaced_by else "active"
