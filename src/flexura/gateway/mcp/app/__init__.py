"""MCP Apps (`io.modelcontextprotocol/ui`, 2026-01-26): the page that shows a result in the chat itself.

One self-contained HTML document that a host puts into a sandboxed frame. It is assembled from the files
beside this module; its address carries a hash of its content, since hosts keep what they read.
Source: https://github.com/modelcontextprotocol/ext-apps/blob/main/specification/2026-01-26/apps.mdx
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any, cast
from urllib.parse import urlsplit

EXTENSION = "io.modelcontextprotocol/ui"
MIME = "text/html;profile=mcp-app"
_ADDRESS = "ui://flexura/result"
_SCRIPTS = ("host", "facts", "page", "media", "view", "flow")
_CLIENT_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"


def _read(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def _lean(text: str) -> str:
    """Without indentation and lines that are comments; nothing here spans lines where that would matter."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _assembled() -> str:
    script = "\n".join(_lean(_read(f"{name}.js")) for name in _SCRIPTS)
    page = _read("page.html").replace("/*STYLE*/", _lean(_read("style.css")))
    return page.replace("/*SCRIPT*/", f'(()=>{{"use strict";\n{script}\n}})();')


PAGE = _assembled()
URI = f"{_ADDRESS}/{hashlib.sha256(PAGE.encode()).hexdigest()[:12]}"


def is_page(uri: str) -> bool:
    """Whether this is the page, in this version or another: bridge and gateway need not be of one age."""
    return uri == _ADDRESS or uri.startswith(f"{_ADDRESS}/")


def tool_meta(name: str) -> dict[str, Any]:
    """`_meta` of a tool whose results the page shows. The page itself may look after jobs, never order."""
    visible = ["model", "app"] if name == "job_status" else ["model"]
    return {"ui": {"resourceUri": URI, "visibility": visible}}


def page_meta(*addresses: str) -> dict[str, Any]:
    """`_meta` of the page: pictures and sounds come from these addresses only, and it fetches nothing."""
    parts = [urlsplit(address) for address in addresses if address]
    origins = dict.fromkeys(f"{p.scheme}://{p.netloc}" for p in parts)
    return {
        "ui": {
            "csp": {"resourceDomains": list(origins)},
            "permissions": {"clipboardWrite": {}},
            "prefersBorder": True,
        }
    }


def declared_in(params: Mapping[str, Any] | None) -> bool:
    """Whether a client says in `initialize`, or in a request of the stateless era, that it shows pages."""
    given = params or {}
    meta = _object(given.get("_meta"))
    capabilities = _object(meta.get(_CLIENT_CAPABILITIES) or given.get("capabilities"))
    settings = _object(_object(capabilities.get("extensions")).get(EXTENSION))
    kinds = settings.get("mimeTypes")
    return isinstance(kinds, list) and MIME in kinds


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
