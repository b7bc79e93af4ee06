"""docs/errors.md, from the error tree."""

from __future__ import annotations

from docs_build.table import table
from flexura.domain.errors import FlexuraError, tree
from flexura.gateway.errors import STATUS

TEXT = """\
# Errors

Every error says what happened, why, and what to do next. Over HTTP it is

```json
{"error": {"code": "…", "message": "…", "next_step": "…", "field": "…", "request_id": "…"}}
```

where `next_step` and `field` are left out when there is nothing to say. A failed job on
`GET /api/jobs/{id}` carries the message in `error`, with `error_code` and `next_step` beside it. Over
MCP the same words stand in a tool result with `isError`. The command line prints them on stderr.

"Again" says whether the same request may succeed later without a change.
"""


def page() -> str:
    """The whole page."""
    return TEXT + "\n" + table(("Code", "HTTP", "Meaning", "Again"), map(_row, _classes())) + "\n"


def _classes() -> list[type[FlexuraError]]:
    return [c for c in tree() if c is not FlexuraError]


def _row(error: type[FlexuraError]) -> tuple[str, str, str, str]:
    meaning = (error.__doc__ or "").strip().splitlines()[0]
    return f"`{error.code}`", str(STATUS[error.code]), meaning, "yes" if error.retryable else "no"
