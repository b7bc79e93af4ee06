"""Fitting an answer into its budget of characters, counted as JSON: snippets give way first, then texts."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flexura.domain.search import SearchAnswer, SearchResult
from flexura.services.untrusted import cut

_SHORTEST_SNIPPET = 80
_LEFT_OUT = "budget: {} more results are left out; ask for more with max_chars."


def within_budget(answer: SearchAnswer, max_chars: int) -> SearchAnswer:
    """The answer with shorter texts, and with fewer results only where that is not enough.

    The first result is always kept, so a long query with a tiny budget may be answered with more.
    """
    empty = answer.model_copy(update={"results": ()})
    room = max_chars - _length(empty)
    if sum(map(_cost_of_result, answer.results)) <= room:
        return answer
    kept = _that_fit(answer.results, room)
    if len(kept) < len(answer.results):
        note = _LEFT_OUT.format(len(answer.results) - len(kept))
        room -= _cost(note) + 3
        kept = _that_fit(kept, room)
        note = _LEFT_OUT.format(len(answer.results) - len(kept))
        answer = answer.model_copy(update={"warnings": (*answer.warnings, note)})
    return answer.model_copy(update={"results": tuple(_shortened(kept, room))})


def _that_fit(results: Sequence[SearchResult], room: int) -> Sequence[SearchResult]:
    """The first results whose frames fit, each with a little of its snippet."""
    used = 0
    for count, result in enumerate(results):
        used += _frame(result) + min(_SHORTEST_SNIPPET, _cost(result.snippet))
        if used > room and count > 0:
            return results[:count]
    return results


def _shortened(results: Sequence[SearchResult], room: int) -> list[SearchResult]:
    room -= sum(map(_frame, results))
    snippets = [_cost(result.snippet) for result in results]
    texts = [_cost(result.text or "") for result in results]
    shortest = sum(min(_SHORTEST_SNIPPET, snippet) for snippet in snippets)
    for_snippets = shares(snippets, max(shortest, room - sum(texts)))
    for_texts = shares(texts, room - sum(for_snippets))
    return [
        result.model_copy(
            update={
                "snippet": _fitted(result.snippet, snippet),
                "text": _fitted(result.text, text) if result.text else None,
            }
        )
        for result, snippet, text in zip(results, for_snippets, for_texts, strict=True)
    ]


def shares(wanted: Sequence[int], room: int) -> list[int]:
    """Room for each: whoever wants less than an even share leaves the rest to the others."""
    given = [0] * len(wanted)
    left = max(0, room)
    for done, index in enumerate(sorted(range(len(wanted)), key=lambda i: wanted[i])):
        given[index] = min(wanted[index], left // (len(wanted) - done))
        left -= given[index]
    return given


def _fitted(text: str, room: int) -> str:
    """The beginning of a text whose JSON, with its escapes, takes at most `room` characters."""
    limit = room
    while _cost(shorter := cut(text, limit)) > room:
        limit -= _cost(shorter) - room
    return shorter


def _cost(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False)) - 2


def _frame(result: SearchResult) -> int:
    """What a result costs without its snippet and the words of its text."""
    without = {"snippet": "", "text": None if result.text is None else ""}
    return _length(result.model_copy(update=without)) + 1


def _cost_of_result(result: SearchResult) -> int:
    return _length(result) + 1


def _length(part: SearchAnswer | SearchResult) -> int:
    return len(part.model_dump_json(exclude_none=True))
