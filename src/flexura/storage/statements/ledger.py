"""Credits and budgets: moves that are refused by the statement that makes them.

Each is one guarded statement, never a read and then a write: two at once cannot both take the last credit,
on any database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ClauseElement,
    Text,
    bindparam,
    not_,
    or_,
    select,
    update,
)

from flexura.storage.statements.compiling import Insert, compiled, upserted
from flexura.storage.tables import accounts, budget_uses

_p = bindparam


def _amount(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger())


_available = accounts.c.granted - accounts.c.spent - accounts.c.reserved
_more = _amount("granted") - _amount("spent") - _amount("reserved")
MOVE_ACCOUNT = compiled(
    update(accounts)
    .where(
        accounts.c.workspace_id == _p("workspace_id"),
        or_(not_(accounts.c.metered), _available + _more >= 0, _more >= 0),
    )
    .values(
        granted=accounts.c.granted + _amount("granted"),
        spent=accounts.c.spent + _amount("spent"),
        reserved=accounts.c.reserved + _amount("reserved"),
    )
)

ADD_TO_ACCOUNT = compiled(
    update(accounts)
    .where(accounts.c.workspace_id == _p("workspace_id"))
    .values(
        spent=accounts.c.spent + _amount("spent"),
        reserved=accounts.c.reserved + _amount("reserved"),
    )
)
"""For an account without a limit when the order was looked at: a limit that comes later finds it spent."""

_taken = _amount("reserved") + _amount("spent")
_used = budget_uses.c.reserved + budget_uses.c.spent


def _moved(insert: Insert) -> ClauseElement:
    first = insert(budget_uses).from_select(
        ["budget_id", "window", "reserved", "spent"],
        select(
            bindparam("budget_id", type_=Text()),
            bindparam("window", type_=Text()),
            _amount("reserved"),
            _amount("spent"),
        ).where(or_(_taken <= _amount("most"), _taken <= 0)),
    )
    return first.on_conflict_do_update(
        index_elements=["budget_id", "window"],
        set_={
            "reserved": budget_uses.c.reserved + first.excluded.reserved,
            "spent": budget_uses.c.spent + first.excluded.spent,
        },
        where=or_(_used + _taken <= _amount("most"), _taken <= 0),
    )


MOVE_BUDGET = upserted(_moved)
"""An order that is more than the whole budget is not inserted, so it does not reach the conflict either."""
BUDGET_USE = compiled(
    select(budget_uses.c.reserved, budget_uses.c.spent).where(
        budget_uses.c.budget_id == _p("budget_id"), budget_uses.c.window == _p("window")
    )
)
