"""docs/rest.md, from the table of REST operations."""

from __future__ import annotations

from docs_build.table import table
from flexura.gateway.rest.operations import OPERATIONS, Operation

TEXT = """\
# The REST routes

`GET /openapi.json` describes every body. A key is `Authorization: Bearer fx_live_…`; a link that the
gateway signed needs none. Beside the listed answers every route can answer 500: [errors](errors.md).
`Prefer: wait=N` (or `?wait=N`) holds the answer until the job ends, at most 60 seconds.
"""


def page() -> str:
    """The whole page."""
    rows = map(_row, OPERATIONS)
    return f"{TEXT}\n{table(('Method', 'Path', 'Does', 'Key', 'Answers'), rows)}\n"


def _row(operation: Operation) -> tuple[str, ...]:
    answers = ", ".join(str(status) for status in sorted({*operation.answers, *operation.errors}))
    key = "yes" if operation.key else "no"
    return operation.method, f"`{operation.path}`", operation.summary, key, answers
