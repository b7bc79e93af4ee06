"""Searching: who is asked, failing over, resting; an empty list only where it is true."""

from __future__ import annotations

import anyio
import pytest

from flexura.domain.errors import (
    FlexuraError,
    InvalidRequest,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from flexura.domain.search import SearchRequest
from flexura.ports.search_engine import Hits, Rate
from flexura.providers.search import deciding
from services.engines import Clock, Engine, asked, hit, service

pytestmark = pytest.mark.anyio

# Which engine answers


async def test_the_first_engine_with_results_answers_alone() -> None:
    first, second = Engine("searxng", hit()), Engine("tavily", hit())
    answer = await asked(first, second)
    assert [r.source for r in answer.results] == ["example.org via searxng"]
    assert (answer.untrusted, answer.warnings, second.asked) == (True, (), [])


@pytest.mark.parametrize(
    "error", [ProviderUnavailable("Down."), ProviderError("Broken."), RateLimited("Slow.")]
)
async def test_another_engine_takes_over_and_the_reason_is_told(error: FlexuraError) -> None:
    answer = await asked(Engine("searxng", error=error), Engine("tavily", hit()))
    assert answer.results[0].source == "example.org via tavily"
    assert answer.warnings == (f"engine_failed: searxng: {error.message}",)


async def test_another_engine_takes_over_where_one_finds_nothing() -> None:
    answer = await asked(Engine("searxng"), Engine("tavily", hit()))
    assert len(answer.results) == 1


async def test_nothing_found_is_an_empty_list_that_names_who_was_asked() -> None:
    answer = await asked(Engine("searxng"), Engine("tavily"))
    assert answer.results == ()
    assert answer.warnings == ("no_results: searxng and tavily found nothing for this query.",)


async def test_nothing_found_by_one_and_an_error_of_the_other_tells_both() -> None:
    answer = await asked(Engine("searxng", error=ProviderError("Broken.")), Engine("tavily"))
    assert answer.results == ()
    assert [w.partition(":")[0] for w in answer.warnings] == ["engine_failed", "no_results"]


async def test_nobody_reachable_is_an_error_that_names_what_to_set() -> None:
    down = Engine("tavily", error=ProviderUnavailable("api.tavily.com cannot be reached."))
    with pytest.raises(ProviderUnavailable) as failed:
        await asked(down)
    assert "api.tavily.com cannot be reached" in failed.value.message
    for variable in deciding():
        assert variable in failed.value.next_step


async def test_no_engine_at_all_is_the_same_error() -> None:
    with pytest.raises(ProviderUnavailable, match="No search engine"):
        await asked()


async def test_the_error_keeps_the_next_steps_of_the_engines() -> None:
    refused = ProviderError("Bad key.", next_step="Set TAVILY_API_KEY to a valid key.")
    with pytest.raises(ProviderUnavailable) as failed:
        await asked(Engine("tavily", error=refused))
    assert "Set TAVILY_API_KEY to a valid key." in failed.value.next_step


async def test_a_reason_is_a_strangers_text_and_is_cleaned_and_cut() -> None:
    rude = ProviderError("<b>no</b>\u202e [click](https://evil.example) " + "x" * 5000)
    answer = await asked(Engine("searxng", error=rude), Engine("tavily", hit()))
    assert answer.warnings[0].startswith("engine_failed: searxng: no click xxx")
    assert len(answer.warnings[0]) < 400


async def test_an_engine_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexura.services.search.ENGINE_SECONDS", 0.05)

    class Hanging(Engine):
        async def search(self, request: SearchRequest) -> Hits:
            await anyio.sleep_forever()
            raise AssertionError

    answer = await asked(Hanging("searxng"), Engine("tavily", hit()))
    assert "did not answer within" in answer.warnings[0]
    assert len(answer.results) == 1


async def test_what_an_engine_could_not_do_is_told() -> None:
    answer = await asked(Engine("searxng", hit(), warnings=("engines without answer: a (b)",)))
    assert answer.warnings == ("searxng: engines without answer: a (b)",)


# Being left alone


async def test_an_engine_is_not_asked_before_the_time_that_it_named() -> None:
    clock = Clock()
    limited = Engine("tavily", error=RateLimited("Slow down.", retry_after=60))
    search = service(limited, clock=clock)
    with pytest.raises(ProviderUnavailable) as failed:
        await search.search(SearchRequest(query="x"))
    assert failed.value.details["retry_after"] == 60
    assert "Wait 60 seconds." in failed.value.next_step
    limited.error = None
    limited.hits = (hit(),)
    clock.seconds += 59
    with pytest.raises(ProviderUnavailable, match="1 s more"):
        await search.search(SearchRequest(query="x"))
    assert len(limited.asked) == 1
    clock.seconds += 1
    assert (await search.search(SearchRequest(query="x"))).results
    assert len(limited.asked) == 2


async def test_without_a_named_time_an_engine_rests_a_little() -> None:
    clock = Clock()
    limited = Engine("tavily", error=RateLimited("Slow down."))
    search = service(limited, clock=clock)
    for seconds, times in [(0, 1), (29, 1), (1, 2)]:
        clock.seconds += seconds
        with pytest.raises(ProviderUnavailable):
            await search.search(SearchRequest(query="x"))
        assert len(limited.asked) == times


async def test_an_engine_cannot_take_itself_out_for_longer_than_a_day() -> None:
    clock = Clock()
    limited = Engine("tavily", error=RateLimited("Slow down.", retry_after=1e9))
    search = service(limited, clock=clock)
    for times in (1, 2):
        with pytest.raises(ProviderUnavailable):
            await search.search(SearchRequest(query="x"))
        assert len(limited.asked) == times
        clock.seconds += 24 * 3600


async def test_one_engine_resting_leaves_the_others_alone() -> None:
    clock = Clock()
    limited = Engine("searxng", error=RateLimited("Slow down.", retry_after=60))
    search = service(limited, Engine("tavily", hit()), clock=clock)
    await search.search(SearchRequest(query="x"))
    answer = await search.search(SearchRequest(query="x"))
    assert answer.results and "left alone for 60 s" in answer.warnings[0]
    assert len(limited.asked) == 1


# A documented limit


async def test_an_engine_whose_limit_is_used_up_is_passed_over_and_not_waited_for() -> None:
    clock = Clock()
    brave = Engine("brave", hit(), rate=Rate(1, 1.0))
    search = service(brave, Engine("tavily", hit()), clock=clock)
    first = await search.search(SearchRequest(query="x"))
    second = await search.search(SearchRequest(query="x"))
    assert [a.results[0].source for a in (first, second)] == [
        "example.org via brave",
        "example.org via tavily",
    ]
    assert second.warnings == ("engine_passed_over: brave: Its limit of 1 per second is used up.",)
    clock.seconds += 1
    assert (await search.search(SearchRequest(query="x"))).results[0].source.endswith("brave")
    assert clock.slept == []


async def test_the_only_engine_left_is_waited_for_where_the_wait_is_short() -> None:
    clock = Clock()
    down = Engine("tavily", error=ProviderUnavailable("Down."))
    brave = Engine("brave", hit(), rate=Rate(1, 1.0))
    search = service(brave, down, clock=clock)
    await search.search(SearchRequest(query="x"))
    answer = await search.search(SearchRequest(query="x"))
    assert clock.slept == [1.0]
    assert answer.results and answer.warnings == ("engine_failed: tavily: Down.",)


async def test_a_long_wait_is_told_instead() -> None:
    search = service(Engine("firecrawl", hit(), rate=Rate(1, 60.0)))
    await search.search(SearchRequest(query="x"))
    with pytest.raises(ProviderUnavailable, match="limit of 1 per minute is used up") as failed:
        await search.search(SearchRequest(query="x"))
    assert failed.value.details["retry_after"] == 60


async def test_several_at_once_stay_below_the_limit() -> None:
    clock = Clock()
    brave = Engine("brave", hit(), rate=Rate(1, 1.0))
    search = service(brave, clock=clock)
    answers = [await search.search(SearchRequest(query="x")) for _ in range(3)]
    assert all(answer.results for answer in answers)
    assert clock.slept == [1.0, 1.0]


async def test_a_round_in_which_nobody_answers_in_time_ends_before_all_were_asked() -> None:
    clock = Clock()

    class Late(Engine):
        async def search(self, request: SearchRequest) -> Hits:
            clock.seconds += 9
            raise ProviderUnavailable("Late.")

    engines = [Late(f"e{number}") for number in range(9)]
    with pytest.raises(ProviderUnavailable) as failed:
        await service(*engines, clock=clock).search(SearchRequest(query="x"))
    assert failed.value.message.count("Late.") == 4


# How they did


async def test_the_states_tell_how_each_engine_did_when_it_was_last_asked() -> None:
    broken, fine = Engine("brave", error=ProviderError("Broken.")), Engine("tavily", hit())
    search = service(broken, fine)
    assert [state.healthy for state in search.states()] == [None, None]
    await search.search(SearchRequest(query="x"))
    first, second = search.states()
    assert (first.name, first.healthy, first.error) == ("brave", False, "Broken.")
    assert (second.healthy, second.error, second.checked_at) == (
        True,
        "",
        "2026-11-22T12:00:00.000Z",
    )


async def test_a_check_asks_only_engines_that_can_be_asked_without_a_search() -> None:
    class Own(Engine):
        async def check(self) -> None:
            raise ProviderUnavailable("It cannot be reached.")

    own, counted = Own("searxng", hit()), Engine("brave", hit())
    first, second = await service(own, counted).check()
    assert (first.healthy, first.error, first.note) == (False, "It cannot be reached.", "")
    assert (second.healthy, second.note) == (None, "not checked: every search counts")
    assert own.asked == counted.asked == []


# The request


@pytest.mark.parametrize("query", [" ", "\n\t", "\u200b\u200b", "\x00 \x07"])
async def test_an_empty_query_is_refused_before_anybody_is_asked(query: str) -> None:
    engine = Engine("tavily", hit())
    with pytest.raises(InvalidRequest) as refused:
        await service(engine).search(SearchRequest(query=query))
    assert (refused.value.field, engine.asked) == ("query", [])


async def test_a_query_is_sent_without_what_nobody_can_see() -> None:
    engine = Engine("tavily", hit())
    answer = await service(engine).search(SearchRequest(query="  two\n\u202ewords\x00 "))
    assert engine.asked[0].query == answer.query == "two words"


async def test_sites_reach_the_engine_in_one_spelling() -> None:
    engine = Engine("tavily", hit())
    await asked(engine, sites=("https://WWW.Example.org/", "- bad.org", "*.edu"))
    assert engine.asked[0].sites == ("example.org", "-bad.org", "edu")


@pytest.mark.parametrize(
    "site", ["", "-", "a b.org", 'a.org" OR site:b.org', "ex!ample.org", "(x)"]
)
async def test_what_is_no_site_is_refused(site: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await asked(Engine("tavily", hit()), sites=(site,))
    assert refused.value.field == "sites"
