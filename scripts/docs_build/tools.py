"""docs/tools.md, from the MCP tool table."""

from __future__ import annotations

from typing import Any

from docs_build.table import table
from flexura.gateway.mcp.tools import TOOLS

TEXT = """\
# The MCP tools

Served by the gateway at `/mcp` (streamable HTTP) and by `flexura mcp` (stdio), which also brings the
files into the project. Every tool answers with the same record as text and as `structuredContent`:

```json
{"job_id": "…", "status": "completed", "model": "…", "cost": null,
 "files": [{"path": "…", "url": "…", "mime": "…", "w": 0, "h": 0, "seconds": 0, "bytes": 0}], "next": "…"}
```

and with a `resource_link` for each file. `path` is there when the bridge saved the file. An error is a
result with `isError`, complete in its text: [errors](errors.md). What the parameters of the three
`generate_…` tools mean stands in [requests](requests.md).
"""


def page() -> str:
    """The whole page."""
    sections = [_section(t.name, t.description or "", t.input_schema) for t in TOOLS]
    return "\n".join([TEXT, *sections])


def _section(name: str, description: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (
            f"`{parameter}`",
            _type(told),
            "yes" if parameter in required else "",
            told.get("description", ""),
        )
        for parameter, told in schema["properties"].items()
    ]
    return f"## {name}\n\n{description}\n\n{table(('Parameter', 'Type', 'Needed', ''), rows)}\n"


def _type(schema: dict[str, Any]) -> str:
    return f"list of {schema['items']['type']}" if schema["type"] == "array" else schema["type"]
