"""From a search to the fields of an engine's request, and from its answer to hits, by its row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from flexura.domain.errors import ProviderError
from flexura.domain.search import SearchRequest
from flexura.outbound.answer import Answer
from flexura.ports.search_engine import Hit
from flexura.providers.search.keyed.rows import Reads, Row
from flexura.providers.vendor_errors import said

_MOST = 100
"""More results than anybody may ask for are not read."""


def sent(row: Row, reads: Reads, request: SearchRequest) -> tuple[dict[str, Any], list[str]]:
    """The fields of the request, and what of it had to be left out."""
    only = [site for site in request.sites if not site.startswith("-")]
    without = [site[1:] for site in request.sites if site.startswith("-")]
    sent: dict[str, Any] = {row.count: request.max_results, **reads.fixed}
    suffix = ""
    if row.only:
        # Either list, not both: what is on an unwanted site is dropped from the results anyway. A site with a
        # path is no domain; its domain is searched, and the results are narrowed to the path.
        if only:
            sent[row.only] = list(dict.fromkeys(site.partition("/")[0] for site in only))
        elif domains := [site for site in without if "/" not in site]:
            sent[row.without] = domains
    elif request.sites:
        suffix = _operators(only, without, row.characters // 2)
    query, warnings = _query(row, request.query, suffix)
    if request.recency and row.recency[0]:
        if reads.dated:
            sent[row.recency[0]] = row.recency[1][request.recency]
        else:
            warnings.append(f"{request.kind} cannot be narrowed by time")
    sent = {row.query: query, **sent}
    return (row.odd(sent, request) if row.odd else sent), warnings


def _operators(only: list[str], without: list[str], room: int) -> str:
    """Sites in the words of a query, as many as there is room for; the results are narrowed anyway."""
    wanted = _that_fit([f"site:{site}" for site in only], " OR ", room)
    unwanted = _that_fit([f"-site:{site}" for site in without], " ", room - len(wanted))
    either = f"({wanted})" if " OR " in wanted else wanted
    return " ".join(filter(None, [either, unwanted]))


def _that_fit(terms: Iterable[str], joint: str, room: int) -> str:
    text = ""
    for term in terms:
        longer = f"{text}{joint}{term}" if text else term
        if len(longer) > room:
            break
        text = longer
    return text


def _query(row: Row, query: str, suffix: str) -> tuple[str, list[str]]:
    """The query with its suffix, cut to what the engine takes."""
    tail = f" {suffix}" if suffix else ""
    words = query.split()[: row.words - len(tail.split())]
    kept = " ".join(words)[: row.characters - len(tail)].rstrip()
    cut = [f"only the first {len(kept)} characters were searched"] if kept != query else []
    return kept + tail, cut


def hits_of(row: Row, reads: Reads, answer: Answer) -> list[Hit]:
    """The results of an answer. Raises ProviderError where it is not the answer of that engine."""
    body = answer.json()
    found: Any = _at(body, reads.at)
    known = isinstance(body, dict) and any(name in body for name in row.signed)
    if not known or not isinstance(found, list | None):
        told = words if (words := said(answer)) and not known else ""
        tail = f" It says: {told}" if told else ""
        raise ProviderError(f"It did not answer with a list of results.{tail}")
    listed = cast("list[Any]", found or [])[:_MOST]
    return [_hit(reads, result) for result in listed if isinstance(result, dict)]


def _hit(reads: Reads, result: Any) -> Hit:
    snippets = [*_texts(result, reads.snippet)]
    if reads.page and (page := _text(result, reads.page)):
        snippets.append(f"found on {page}")
    return Hit(
        title=_text(result, "title"),
        url=_text(result, reads.url),
        snippet=(" - " if reads.page else " … ").join(snippets),
        published_at=next(_texts(result, reads.date), None),
        text=(_text(result, reads.text) or None) if reads.text else None,
    )


def _texts(result: Any, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        value = _at(result, name)
        for text in cast("list[Any]", value) if isinstance(value, list) else [value]:
            if isinstance(text, str) and text.strip():
                yield text.strip()


def _text(result: Any, name: str) -> str:
    """A field of theirs; it may be missing, null or of another type."""
    value = _at(result, name)
    return value.strip() if isinstance(value, str) else ""


def _at(found: Any, path: str) -> Any:
    for name in path.split("."):
        found = cast("dict[str, Any]", found).get(name) if isinstance(found, dict) else None
    return found
