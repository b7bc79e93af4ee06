"""docs/limits.md, from the bounds as the code has them."""

from __future__ import annotations

from docs_build.table import table
from flexura.cli import connections
from flexura.domain import load_limits
from flexura.domain.access_rules import AccessRules
from flexura.domain.generation import MAX_MODELS
from flexura.gateway.dashboard import visit
from flexura.gateway.mcp import endpoint
from flexura.gateway.rest import requests
from flexura.ports import contact
from flexura.providers import making, render_preview
from flexura.services import lanes, pages, sessions, trash, uploads
from flexura.storage import writer

MIB = load_limits.MIB
TEXT = """\
# Limits

Everything that can grow with load is bounded, and what comes beyond a bound is refused at once instead of
waiting without end: **429** `rate_limited` where one key does too much of something, **503** `overloaded`
where the gateway as a whole is full. Both carry `Retry-After` in seconds and a next step. On MCP they are
tool results with the same code and `retry_after`. `/healthz`, `/healthz/ready` and `/metrics` are never
refused, and are answered before other requests that came with them.

Each process has these bounds for itself; two replicas take twice as much. What a setting can change stands in
`config.toml` below `[limits]`.

## At once

"""
WAITING = """
Who waits is whoever uses `?wait=`, `Prefer: wait=`, `/events`, or a tool with `wait`. A waiter costs some 20
KB and no work until its job changes. **An order is never refused because its caller cannot wait**: it is
accepted, and the answer is the one that an order without `wait` gets. When a caller hangs up, its place is
free at once.

## Sizes and times

"""
RATES = """
## Rates and queues

"""
END = """
The process raises its soft limit of open files (`RLIMIT_NOFILE`) at the start to what these connections need,
as far as the hard limit allows; `ulimit -Hn` should be at least {files}. What is remembered to be faster
(jobs, keys, rendered answers, rate limits, page texts, catalogs) is bounded too, and the oldest of it is
forgotten.

`scripts/bench waiters` measures the waiters on your machine, `scripts/soak 30` whether a gateway grows in
half an hour of mixed load.
"""


def page() -> str:
    """The whole page."""
    return "".join(
        [
            TEXT,
            table(("What", "At most", "Setting", "Beyond it"), _at_once()),
            "\n",
            WAITING,
            table(("What", "At most", "Beyond it"), _sizes()),
            "\n",
            RATES,
            table(("What", "At most", "Setting", "Beyond it"), _rates()),
            "\n",
            END.format(files=connections.MOST_CONNECTIONS + connections.SPARE_FILES),
        ]
    )


def _at_once() -> list[tuple[str, ...]]:
    rows = [
        (
            what,
            f"{most // MIB} MiB" if most >= MIB else str(most),
            f"`{name}`" if name in load_limits.SETTINGS else "",
            beyond,
        )
        for name, most, what, beyond in load_limits.described()
    ]
    return [
        *rows,
        ("Connections", str(connections.MOST_CONNECTIONS), "", "503, and the connection is closed"),
        ("Pages read for searches", str(pages.MOST_AT_ONCE), "", "in turn; a search tells which it left out"),
        ("Previews and other formats being made", str(render_preview.MOST_WAITING), "", "503; tools: none"),
        ("Contact sheets being drawn", str(making.MOST), "", "503"),
        ("Unfinished uploads in parts of a workspace", str(uploads.MOST_OPEN), "", "409"),
        ("Writes that wait for the disk", str(writer.MOST_WAITING), "", "503"),
        ("Webhook messages held in memory", str(lanes.MOST_HELD), "", "the others wait in the store"),
        ("Webhook messages being sent", str(lanes.AT_ONCE), "", "they take turns, few of one host"),
    ]  # fmt: skip


def _sizes() -> list[tuple[str, ...]]:
    return [
        ("A JSON body", f"{requests.MAX_JSON // MIB} MiB, {requests.MAX_DEPTH} deep", "413, 400"),
        ("An MCP body", f"{endpoint.MAX_BODY // MIB} MiB", "413"),
        ("A JSON or MCP body on its way", f"{requests.BODY_SECONDS:g} s", "400"),
        ("A file that comes in", f"{uploads.MAX_UPLOAD // MIB} MiB; it goes to the disk", "413"),
        ("The head of a request", f"{connections.HEAD_BYTES // 1024} KiB", "400"),
        (
            "The head of a request on its way",
            f"{connections.HEAD_SECONDS:g} s",
            "the connection is closed",
        ),
        ("A form of the dashboard", f"{visit.MOST_FORM // 1024} KiB", "413"),
        (
            "Files on one contact sheet",
            f"{contact.MOST_CELLS}, {contact.SHEET_BYTES:,} bytes",
            "400",
        ),
        ("Models in one order", str(MAX_MODELS), "400"),
        (
            "A session of the dashboard",
            f"{sessions.SESSION_SECONDS // 3600} h; {sessions.MOST_OF_A_KEY} of one key",
            "signed out; the oldest",
        ),
        ("The link of `flexura open`", f"{sessions.CODE_SECONDS // 60} min, once", "401"),
        ("A file in the trash", f"{trash.TRASH_DAYS} days", "gone, like an expired one"),
        ("One wait", f"{requests.MAX_WAIT:g} s", "longer ones are cut to it"),
    ]


def _rates() -> list[tuple[str, ...]]:
    rules = AccessRules()
    wrong = rules.failed_keys_per_minute
    return [
        ("Requests of one key", f"{rules.requests_per_minute} a minute", "`requests_per_minute`", "429"),
        ("Wrong keys from one address", f"{wrong} a minute", "`failed_keys_per_minute`", "429"),
        ("Jobs of one workspace that wait to begin", str(rules.most_queued), "`most_queued`", "503"),
    ]  # fmt: skip
