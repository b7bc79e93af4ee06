"""docs/providers.md, from the folders that are the registries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import flexura
from docs_build.table import table

FOLDER = Path(flexura.__file__).parent / "providers"
TEXT = """\
# Providers

One upstream, one file; the folder is the registry. Which models a provider has is asked, never written
down: `flexura models`. What each needs to be set is in [settings](settings.md), how to add one in
[CONTRIBUTING](../CONTRIBUTING.md#add-a-provider).
"""


def page() -> str:
    """The whole page."""
    sections = [("Who makes media", "media"), ("Who searches", "search")]
    parts = [f"## {title}\n\n{table(('Name', 'What it is'), _rows(f))}\n" for title, f in sections]
    return "\n".join([TEXT, *parts])


def _rows(folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted((FOLDER / folder).glob("[a-z]*.py")):
        about = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        yield f"`{path.stem}`", about.split("\n\n")[0]
