"""The budget of characters of a search answer."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flexura.domain.search import SearchAnswer, SearchResult
from flexura.services.answer_budget import shares, within_budget


def result(number: int, snippet: str = "", text: str | None = None) -> SearchResult:
    return SearchResult(
        id=str(number),
        title="Title",
        url=f"https://example.org/{number}",
        snippet=snippet,
        source="example.org via tavily",
        text=text,
    )


def answer(*results: SearchResult) -> SearchAnswer:
    return SearchAnswer(query="x", results=results)


def length(found: SearchAnswer) -> int:
    return len(found.model_dump_json(exclude_none=True))


def test_what_fits_is_left_as_it_is() -> None:
    found = answer(result(1, "words", "text"))
    assert within_budget(found, length(found) + 1) is found


def test_snippets_give_way_before_texts() -> None:
    text = "text " * 100
    found = answer(*(result(n, "snippet " * 50, text) for n in (1, 2)))
    cut = within_budget(found, length(found) - 300)
    assert all(r.text == text for r in cut.results)
    assert all(80 <= len(r.snippet) < 400 for r in cut.results)


def test_texts_give_way_when_snippets_are_as_short_as_they_get() -> None:
    found = answer(*(result(n, "snippet " * 50, "text " * 400) for n in (1, 2)))
    cut = within_budget(found, 2000)
    assert [len(r.snippet) > 60 for r in cut.results] == [True, True]
    lengths = [len(r.text or "") for r in cut.results]
    assert min(lengths) > 500 and max(lengths) - min(lengths) < 10
    assert length(cut) <= 2000


def test_a_short_text_leaves_its_room_to_the_long_ones() -> None:
    found = answer(result(1, "", "short"), result(2, "", "long " * 1000))
    cut = within_budget(found, 2000)
    assert cut.results[0].text == "short"
    assert len(cut.results[1].text or "") > 1400


def test_results_are_left_out_only_when_nothing_else_helps_and_it_is_said() -> None:
    found = answer(*(result(n, "snippet " * 20) for n in range(1, 21)))
    cut = within_budget(found, 1000)
    assert 0 < len(cut.results) < 20
    assert cut.warnings == (
        f"budget: {20 - len(cut.results)} more results are left out; ask for more with max_chars.",
    )
    assert length(cut) <= 1000


def test_the_first_result_is_kept_whatever_the_budget() -> None:
    assert len(within_budget(answer(result(1, "words " * 100)), 10).results) == 1


def test_an_even_share_is_filled_up_by_what_others_leave() -> None:
    assert shares([10, 1000, 1000], 210) == [10, 100, 100]
    assert shares([1, 2, 3], 100) == [1, 2, 3]
    assert shares([5, 5], 0) == [0, 0]
    assert shares([], 10) == []


TEXT = st.text(st.sampled_from('word "\\\n\täß€😀'), max_size=900)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, st.none() | TEXT), min_size=1, max_size=20), st.integers(500, 9000))
def test_the_whole_answer_keeps_to_its_budget(
    texts: list[tuple[str, str | None]], budget: int
) -> None:
    found = answer(*(result(n, snippet, text) for n, (snippet, text) in enumerate(texts, 1)))
    cut = within_budget(found, budget)
    assert length(cut) <= budget
    assert [r.id for r in cut.results] == [str(n) for n in range(1, len(cut.results) + 1)]
