"""Clients that show pages (MCP Apps, `io.modelcontextprotocol/ui`) are told that there are some.

Others are not: a client that hears of resources gives its model tools to read them, which cost tokens.
"""

from __future__ import annotations

from flexura.local.json_shape import is_list, is_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

EXTENSION = "io.modelcontextprotocol/ui"
MIME = "text/html;profile=mcp-app"
# Where the snapshot has the capabilities for those clients.
PAGES = "pages"


def told(greeting: dict[str, Any], answers: dict[str, Any], capabilities: object) -> dict[str, Any]:
    """The answer to `initialize` or `server/discover`, with resources and the extension for who asked."""
    if PAGES not in answers or not _shows_pages(capabilities):
        return greeting
    return {**greeting, "capabilities": answers[PAGES]}


def _shows_pages(capabilities: object) -> bool:
    extensions = capabilities.get("extensions") if is_object(capabilities) else None
    settings = extensions.get(EXTENSION) if is_object(extensions) else None
    kinds = settings.get("mimeTypes") if is_object(settings) else None
    return is_list(kinds) and MIME in kinds
