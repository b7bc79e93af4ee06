"""`/docs`: the reference as one page, without scripts and without assets from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape

import flexura
from flexura.gateway.reference import Answer, Chapter, Entry, Field

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: #2f6f5e; }
@media (prefers-color-scheme: dark) { :root { --accent: #7fd1b9; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; display: grid;
  grid-template-columns: minmax(15rem, 20rem) minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.5rem 1rem 3rem 1.5rem;
  border-right: 1px solid var(--line); font-size: .88rem; }
nav h2 { font-size: .8rem; margin: 1.4rem 0 .3rem; color: var(--accent); }
nav a { display: block; padding: .14rem 0; color: inherit; text-decoration: none; }
nav a:hover, nav a:focus-visible { text-decoration: underline; }
main { padding: 2rem min(4vw, 3.5rem) 6rem; max-width: 66rem; }
h1 { font-size: 1.9rem; margin: 0 0 .5rem; }
main > section > h2 { margin: 3.5rem 0 .3rem; font-size: 1.45rem; }
article { margin: 2.2rem 0; padding-top: 1.2rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.08rem; margin: 0 0 .4rem; }
h4 { font-size: .85rem; margin: 1rem 0 .3rem; color: var(--accent); }
code, pre { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.way { overflow-wrap: anywhere; }
.way b { display: inline-block; min-width: 3.8em; color: var(--accent); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td { padding: .3rem .8rem .3rem 0; vertical-align: top; border-top: 1px solid var(--soft); }
td:first-child { width: 28%; min-width: 9rem; overflow-wrap: anywhere; }
td:nth-child(2) { width: 20%; }
article > p, details { margin: .3rem 0; }
pre { background: var(--soft); padding: .8rem 1rem; overflow-x: auto; border-radius: 6px; margin: .4rem 0; }
summary { cursor: pointer; padding: .2rem 0; }
.quiet { opacity: .75; }
@media (max-width: 52rem) { body { display: block; }
  nav { position: static; height: auto; max-height: 45vh; border-right: 0;
    border-bottom: 1px solid var(--line); }
  tr { display: flex; flex-wrap: wrap; column-gap: 1rem; padding: .4rem 0;
    border-top: 1px solid var(--soft); }
  td, td:first-child, td:nth-child(2) { width: auto; min-width: 0; padding: 0; border: 0; }
  td:nth-child(3):not(:empty) { flex: 1 1 100%; } }
"""
CSP = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src"
    f" 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)


def page(chapters: Iterable[Chapter]) -> str:
    """The whole page."""
    found = list(chapters)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>flexura API</title><style>{STYLE}</style></head><body>"
        f"<nav aria-label='Operations'><strong>flexura API {escape(flexura.__version__)}</strong>"
        f"{''.join(map(_links, found))}</nav><main><h1>The API of this gateway</h1>"
        "<p>Send <code>Authorization: Bearer fx_live_…</code> with every request, unless it says that no key"
        " is needed. Bodies are JSON. Errors have one shape, with the next step in it. The same as data:"
        ' <a href="/openapi.json">openapi.json</a>.</p>'
        f"{''.join(map(_chapter, found))}</main></body></html>\n"
    )


def _links(chapter: Chapter) -> str:
    links = "".join(
        f'<a href="#{escape(e.anchor)}">{escape(e.summary)}</a>' for e in chapter.entries
    )
    return f"<h2>{escape(chapter.title)}</h2>{links}"


def _chapter(chapter: Chapter) -> str:
    entries = "".join(map(_entry, chapter.entries))
    return (
        f"<section><h2>{escape(chapter.title)}</h2><p>{_text(chapter.about)}</p>{entries}</section>"
    )


def _entry(entry: Entry) -> str:
    parts = [
        f'<article id="{escape(entry.anchor)}"><h3>{escape(entry.summary)}</h3>',
        f'<p class="way"><code><b>{entry.method}</b> {escape(entry.path)}</code>',
        "</p>" if entry.needs_key else ' <span class="quiet">needs no key</span></p>',
        _table("Parameters", entry.parameters),
    ]
    if entry.body_kinds:
        kinds = ", ".join(map(escape, entry.body_kinds))
        parts += [_table(f"Body ({kinds})", entry.body), _example("Example", entry.body_example)]
    parts += map(_answer, entry.answers)
    if entry.errors:
        rows = "".join(
            f"<tr><td>{escape(status)}</td><td><code>{escape(', '.join(codes))}</code></td></tr>"
            for status, codes in entry.errors
        )
        parts.append(f"<details><summary>Errors</summary><table>{rows}</table></details>")
    return "".join([*parts, "</article>"])


def _answer(answer: Answer) -> str:
    title = f"{answer.status} {answer.about}"
    kinds = (
        f' <span class="quiet">{escape(", ".join(answer.kinds[:3]))}</span>' if answer.kinds else ""
    )
    inside = _table("", answer.fields) + _example("", answer.example)
    if not inside:
        return f"<p>{escape(title)}{kinds}</p>"
    return f"<details><summary>{escape(title)}{kinds}</summary>{inside}</details>"


def _table(title: str, fields: Iterable[Field]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(f.name)}</code>{' *' if f.required else ''}</td>"
        f'<td class="quiet">{escape(f.type)}</td><td>{escape(f.about)}</td></tr>'
        for f in fields
    )
    head = f"<h4>{escape(title)}</h4>" if title else ""
    return f'{head}<div class="scroll"><table>{rows}</table></div>' if rows else ""


def _example(title: str, example: str) -> str:
    head = f"<h4>{escape(title)}</h4>" if title else ""
    return f"{head}<pre>{escape(example)}</pre>" if example else ""


def _text(text: str) -> str:
    """Escaped, with what stands between backticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))
