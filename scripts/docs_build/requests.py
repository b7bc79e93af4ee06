"""docs/requests.md, from the one table of what a caller may ask for."""

from __future__ import annotations

from docs_build.table import table
from flexura.domain.generation import FIELDS, RequestField
from flexura.domain.model import KINDS

TEXT = """\
# What a request may say

One table, from which the REST body, the MCP tools' parameters and the command-line flags are made.
"body" is a member of the JSON body, "options" one of its `options`. A model's own options, as its
schema in the catalog lists them, are sent in `options` too. An option that the chosen model does not
have is a warning when it stands in this table, and an error when it stands in neither.
"""


def page() -> str:
    """The whole page."""
    head = ("Name", "REST", "MCP", "Command line", "For", "Type", "Meaning")
    return TEXT + "\n" + table(head, map(_row, FIELDS)) + "\n"


def _row(field: RequestField) -> tuple[str, ...]:
    kinds = "all" if set(field.kinds) == set(KINDS) else ", ".join(field.kinds)
    names = (_code(field.mcp), _code(field.cli))
    return (_code(field.name), field.place, *names, kinds, _type(field.schema), field.doc)


def _code(name: str) -> str:
    return f"`{name}`" if name else ""


def _type(schema: dict) -> str:
    kind = schema["type"]
    words = " or ".join(kind) if isinstance(kind, list) else kind
    if "enum" in schema:
        words = ", ".join(value or "(empty)" for value in schema["enum"])
    if "maximum" in schema:
        words += f" {schema['minimum']} to {schema['maximum']}"
    return words
