"""What strangers depend on, written down: the schemas of the tools, and the OpenAPI document.

`python -m tests.acceptance.snapshots` writes both again, from the root of the repository; look at the
difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flexura.gateway.mcp.tools import TOOLS
from flexura.gateway.openapi import document

COMMAND = "python -m tests.acceptance.snapshots"
FOLDER = Path(__file__).parents[1] / "snapshots"


def taken() -> dict[str, Any]:
    """What they are now, by file name."""
    tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in TOOLS]
    return {"tools.json": tools, "openapi.json": document()}


def kept(name: str) -> Any:
    """What they were when somebody last looked."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, value in taken().items():
        text = json.dumps(value, indent=2, ensure_ascii=False)
        (FOLDER / file).write_text(text + "\n", encoding="utf-8")
