"""docs/api.md, from the OpenAPI document."""

from __future__ import annotations

from docs_build.table import table
from flexura.gateway.openapi import document
from flexura.gateway.reference import Answer, Chapter, Entry, Field, chapters

TEXT = """\
# The API

A key is `Authorization: Bearer fx_live_…`; a link that the gateway signed needs none. Every gateway serves
this page as `/docs` and, with every schema and example, as `/openapi.json`. Errors are explained in
[errors](errors.md); beside the listed ones every route can answer 500. `Prefer: wait=N` (or `?wait=N`) holds
the answer of a job until it ends, at most 60 seconds. Fields with a star are required.
"""


def page() -> str:
    """The whole page."""
    found = chapters(document())
    overview = "\n".join(f"- [{c.title}](#{_anchor(c.title)}): {c.about}" for c in found)
    return f"{TEXT}\n{overview}\n\n{''.join(map(_chapter, found)).rstrip()}\n"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _chapter(chapter: Chapter) -> str:
    rows = [
        (e.method, f"`{e.path}`", e.summary, "yes" if e.needs_key else "no")
        for e in chapter.entries
    ]
    listed = table(("Method", "Path", "Does", "Key"), rows)
    return f"## {chapter.title}\n\n{listed}\n\n{''.join(map(_entry, chapter.entries))}"


def _entry(entry: Entry) -> str:
    parts = [f"### {entry.method} {entry.path}\n\n{entry.summary}.\n"]
    if entry.parameters:
        parts.append(_fields(entry.parameters))
    if entry.body_kinds:
        parts.append(f"Body, {', '.join(f'`{kind}`' for kind in entry.body_kinds)}:\n")
        if entry.body:
            parts.append(_fields(entry.body))
    if entry.body_example:
        parts.append(f"```json\n{entry.body_example}\n```\n")
    parts += map(_answer, entry.answers)
    if entry.errors:
        told = "; ".join(f"{s}: {', '.join(f'`{c}`' for c in codes)}" for s, codes in entry.errors)
        parts.append(f"Errors: {told}.\n")
    return "\n".join(parts) + "\n"


def _answer(answer: Answer) -> str:
    kinds = f", `{'`, `'.join(answer.kinds[:3])}`" if answer.kinds else ""
    names = ", ".join(f"`{f.name}`" for f in answer.fields if "." not in f.name)
    return f"{answer.status} {answer.about}{kinds}{': ' + names if names else ''}.\n"


def _fields(fields: tuple[Field, ...]) -> str:
    rows = [
        (f"`{f.name}`{'*' if f.required else ''}", f.type, f.about.replace("|", "\\|"))
        for f in fields
    ]
    return table(("Field", "Type", "Meaning"), rows) + "\n"
