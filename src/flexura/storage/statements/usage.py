"""What was ordered in a time, and what the ledger charged for it: one walk over the orders of that time.

The walk is summed up by everything at once, and these sums once more for each way to look at them. A job has
one entry at most that charges it.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    CTE,
    BigInteger,
    ClauseElement,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from flexura.ports.usage import DAY_MS
from flexura.storage.statements.compiling import Sql, words
from flexura.storage.statements.jobs import ORDERED
from flexura.storage.tables import credit_entries, jobs, workspaces

_p = bindparam
_DAY = jobs.c.created_at // literal_column(str(DAY_MS), BigInteger)


def _cells(owned: ColumnElement[bool], *charged: ColumnElement[bool]) -> CTE:
    """The orders of the time, by everything that they can be told apart by."""
    settled = and_(
        credit_entries.c.job_id == jobs.c.id,
        credit_entries.c.kind == words("settle")[0],
        *charged,
    )
    kinds = (_DAY, jobs.c.model_id, jobs.c.key_id, jobs.c.project, jobs.c.workspace_id)
    return (
        select(
            _DAY.label("day"),
            *kinds[1:],
            func.count().label("jobs"),
            func.count().filter(jobs.c.state == words("failed")[0]).label("failed"),
            func.count().filter(credit_entries.c.spent > literal_column("0")).label("paid"),
            func.coalesce(func.sum(credit_entries.c.spent), literal_column("0")).label("spent"),
        )
        .select_from(jobs.outerjoin(credit_entries, settled))
        .where(
            ORDERED,
            owned,
            jobs.c.created_at >= _p("since"),
            jobs.c.created_at < _p("until"),
        )
        .group_by(*kinds)
        .cte("cells")
    )


def _seen_by(cells: CTE, by: str, column: str) -> Select[str, str, int, int, int, int]:
    """The sums of one way to look at it, the dearest first and no more than `most` of them."""
    name = cells.c[column]
    spent = func.sum(cells.c.spent)
    found = (
        select(
            words(by)[0].label("by"),
            cast(name, Text).label("name"),
            func.sum(cells.c.jobs).label("jobs"),
            func.sum(cells.c.failed).label("failed"),
            func.sum(cells.c.paid).label("paid"),
            spent.label("spent"),
        )
        .group_by(name)
        .order_by(spent.desc(), func.sum(cells.c.jobs).desc(), name)
        .limit(_p("most"))
        .subquery()
    )
    return select(found)


_LOOKS = (("day", "day"), ("model", "model_id"), ("key", "key_id"), ("project", "project"))


def _usage(
    whose: Callable[[ColumnElement[str]], ColumnElement[bool]], *more: tuple[str, str]
) -> Sql:
    def looked_at(cells: CTE) -> ClauseElement:
        return union_all(*(_seen_by(cells, *look) for look in (*_LOOKS, *more)))

    owned = whose(jobs.c.workspace_id)
    # PostgreSQL may read the ledger by itself and join it then: of that, too, no more than the time. SQLite
    # looks up each order's entries, and would take the wrong index if it were told.
    charged = whose(credit_entries.c.workspace_id), credit_entries.c.at >= _p("charged_since")
    return Sql(looked_at(_cells(owned)), looked_at(_cells(owned, *charged)))


OF_WORKSPACE = _usage(lambda column: column == _p("workspace_id"))
OF_ALL = _usage(lambda column: column.in_(select(workspaces.c.id)), ("workspace", "workspace_id"))
"""Named by the table of workspaces, so that each is a walk along the index of its orders."""
