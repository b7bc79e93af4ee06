"""What was spent: by day, model, key and project; budgets and credits; the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from flexura.domain.errors import Forbidden, InvalidRequest
from flexura.gateway.dashboard.chart import Chart, Day, chart, short_date, usd, whole
from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.render import guarded, page
from flexura.gateway.dashboard.visit import Visit
from flexura.gateway.rest.requests import services
from flexura.services.usage import SPANS, Report, Spent

_SHOWN = 8
"""Lines of a panel; what is beyond them is one more."""
_USUAL = 30
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a table program would take for a formula at the start of a cell."""


@dataclass(frozen=True)
class Line:
    """One line of a panel."""

    name: str
    title: str
    href: str
    spent: Spent
    share: float
    """Percent of what was spent in all (of the orders, where nothing was)."""


@dataclass(frozen=True)
class Panel:
    """What was spent, by one thing."""

    by: str
    title: str
    lines: tuple[Line, ...]


async def usage(request: Request, visit: Visit) -> Response:
    """The page."""
    days, everyone = _asked(request, visit)
    found = services(request)
    report = await found.usage.report("" if everyone else visit.workspace.id, days)
    return page(
        request,
        visit,
        "usage/usage.html",
        report=report,
        days=days,
        spans=SPANS,
        everyone=everyone,
        charts=_charts(report),
        panels=await _panels(request, visit, report, everyone),
        overview=await found.credits.overview(visit.workspace.id),
        rules=found.credits.rules,
        key_names=await found.usage.key_names(visit.workspace.id),
        usd=usd,
        whole=whole,
        short_date=short_date,
    )


async def usage_csv(request: Request, visit: Visit) -> Response:
    """Everything that the page is made from, as a table for other programs."""
    days, everyone = _asked(request, visit)
    report = await services(request).usage.report("" if everyone else visit.workspace.id, days)
    groups = {
        "day": report.days,
        "model": report.models,
        "key": report.keys,
        "project": report.projects,
        "workspace": report.workspaces,
    }
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(("by", "name", "orders", "failed", "charged", "spent_usd", "mean_usd"))
    for by, lines in groups.items():
        for one in lines:
            mean = "" if one.mean is None else f"{one.mean:.6f}"
            amounts = (one.jobs, one.failed, one.paid, f"{one.usd:.6f}", mean)
            rows.writerow((by, _cell(one.name), *amounts))
    name = f"flexura-usage-{report.days[-1].name}-{days}d.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return guarded(Response(text.getvalue(), media_type="text/csv", headers=headers))


def _cell(name: str) -> str:
    return f"'{name}" if name.startswith(_FORMULA) else name


def _asked(request: Request, visit: Visit) -> tuple[int, bool]:
    """How many days, and whether of all workspaces. Raises InvalidRequest, Forbidden."""
    asked = request.query_params.get("days", str(_USUAL))
    if asked not in map(str, SPANS):
        raise InvalidRequest(
            "That is not a number of days that can be shown.",
            field="days",
            next_step=f"Allowed: {', '.join(map(str, SPANS))}.",
        )
    everyone = request.query_params.get("of") == "all"
    if everyone and not visit.operator:
        raise Forbidden(
            "Only whoever runs this gateway sees what other workspaces use.",
            next_step="Look at your own: /dashboard/usage.",
        )
    return int(asked), everyone


def _charts(report: Report) -> tuple[Chart, Chart]:
    money = [
        Day(d.name, d.usd, 0, f"{short_date(d.name)}: {usd(d.usd)}, {_orders(d)}")
        for d in report.days
    ]
    orders = [
        Day(d.name, d.jobs, d.failed, f"{short_date(d.name)}: {_orders(d)}") for d in report.days
    ]
    total = report.total
    return (
        chart("Spent by day", money, usd, f"{usd(total.usd)} in {len(money)} days"),
        chart("Orders by day", orders, whole, f"{_orders(total)} in {len(orders)} days"),
    )


def _orders(spent: Spent) -> str:
    words = f"{spent.jobs:,} order{'' if spent.jobs == 1 else 's'}"
    return f"{words}, {spent.failed:,} failed" if spent.failed else words


async def _panels(
    request: Request, visit: Visit, report: Report, everyone: bool
) -> tuple[Panel, ...]:
    found = services(request)
    models = (await found.catalog.listing()).by_id
    panels = [
        Panel("model", "By model", _lines(report, report.models, {}, models)),
        Panel(
            "key",
            "By key",
            _lines(
                report,
                report.keys,
                {} if everyone else await found.usage.key_names(visit.workspace.id),
            ),
        ),
        Panel("project", "By project", _lines(report, report.projects, {"": "No project"})),
    ]
    if everyone:
        names = {one.id: one.name for one in await found.workspaces.list()}
        panels.insert(
            0, Panel("workspace", "By workspace", _lines(report, report.workspaces, names))
        )
    return tuple(panels)


def _lines(
    report: Report,
    spent: Sequence[Spent],
    names: Mapping[str, str],
    models: Mapping[str, object] | None = None,
) -> tuple[Line, ...]:
    """The dearest, and all others as one line."""
    shown = spent[: _SHOWN if len(spent) > _SHOWN + 1 else _SHOWN + 1]
    lines = [
        Line(
            names.get(one.name) or one.name or "No key",
            one.name,
            one.name if models and one.name in models else "",
            one,
            _share(one, report.total),
        )
        for one in shown
    ]
    rest = _rest(report.total, shown)
    if rest.jobs:
        lines.append(Line("All others", "", "", rest, _share(rest, report.total)))
    return tuple(lines)


def _rest(total: Spent, shown: Sequence[Spent]) -> Spent:
    return Spent(
        "",
        total.jobs - sum(one.jobs for one in shown),
        total.failed - sum(one.failed for one in shown),
        total.paid - sum(one.paid for one in shown),
        max(0.0, total.usd - sum(one.usd for one in shown)),
    )


def _share(one: Spent, total: Spent) -> float:
    part, whole_ = (one.usd, total.usd) if total.usd else (one.jobs, total.jobs)
    return round(100 * part / whole_, 1) if whole_ else 0.0


PAGES: tuple[Page, ...] = (
    Page("GET", "/dashboard/usage", usage),
    Page("GET", "/dashboard/usage.csv", usage_csv),
)
