"""docs/providers.md, from the adapters themselves."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path

import flexura
from docs_build.table import table
from flexura.providers import search
from flexura.providers.media import Adapter, adapters

FOLDER = Path(flexura.__file__).parent / "providers"
TEXT = """\
# Providers

One upstream, one file; the folder is the registry, and installed packages add to it through the entry point
group `flexura.providers`. Which models a provider has is asked of the vendor, never written down:
`flexura models`. Give keys to your gateway with `flexura providers add`, see what is connected with
`flexura providers`; how to add a provider stands in [CONTRIBUTING](../CONTRIBUTING.md#add-a-provider).

**No live vendor was ever reached from where this was built.** "Met" names the programs of third parties that
an adapter is run against on every change; *unproven* means that it met samples of the vendor's documented
answers and nothing else.
"""


def page() -> str:
    """The whole page."""
    media = table(("Name", "What it is", "Set", "Met", "Vendor's page"), _media())
    engines = table(("Name", "What it is", "Set", "Met", "Engine's page"), _engines())
    return f"{TEXT}\n## Who makes media\n\n{media}\n\n## Who searches\n\n{engines}\n"


def _media() -> Iterator[tuple[str, str, str, str, str]]:
    embedded = (FOLDER / "media" / "embedded.py").read_text(encoding="utf-8")
    yield "`embedded`", _first(ast.get_docstring(ast.parse(embedded))), "nothing", "itself", ""
    for adapter in adapters():
        met = "; ".join(adapter.PROVEN) or "*unproven*"
        about = _first(inspect.getdoc(adapter))
        yield f"`{adapter.NAME}`", about, _variables(adapter), met, f"[page]({adapter.DOCS})"


def _variables(adapter: Adapter) -> str:
    return _listed(adapter.VARIABLES)


def _engines() -> Iterator[tuple[str, str, str, str, str]]:
    for adapter in search.adapters():
        met = "; ".join(adapter.PROVEN) or "*unproven*"
        about = _first(inspect.getdoc(adapter))
        yield f"`{adapter.NAME}`", about, _listed(adapter.VARIABLES), met, f"[page]({adapter.DOCS})"


def _listed(variables: Mapping[str, str]) -> str:
    return "; ".join(f"`{name}`: {what}" for name, what in variables.items())


def _first(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())
