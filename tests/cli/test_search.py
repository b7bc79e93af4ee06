"""`flexura search`."""

from __future__ import annotations

from cli_house import Terminal
from flexura.domain.search import SearchRequest
from search_double import ROWS, SearchDouble


def test_results_are_lines_and_the_warning_is_on_stderr(terminal: Terminal) -> None:
    result = terminal.run("search", "httpx", "retries")
    assert result.exit_code == 0
    assert ROWS[0]["title"] in result.stdout
    assert ROWS[0]["url"] in result.stdout
    assert ROWS[0]["content"] in result.stdout
    assert "written by strangers" in result.stderr


def test_json_is_the_answer_of_the_gateway(terminal: Terminal) -> None:
    found = terminal.json("search", "httpx retries")
    assert found["query"] == "httpx retries"
    assert found["untrusted"] is True
    assert found["results"][0]["url"] == ROWS[0]["url"]


def test_flags_reach_the_engine(terminal: Terminal, search_engine: SearchDouble) -> None:
    terminal.run(
        "search", "news", "--site", "example.org", "--site", "example.com", "--recency", "week"
    )
    asked = search_engine.asked[-1]
    assert asked["include_domains"] == ["example.org", "example.com"]
    assert asked["time_range"] == "week"


def test_no_engine_is_an_error_with_a_next_step_and_never_an_empty_list(terminal: Terminal) -> None:
    error = terminal.json("search", "broken", code=1)["error"]
    assert error["code"] == "provider_unavailable"
    assert "SEARXNG_BASE_URL" in error["next_step"]


def test_every_field_of_a_search_is_a_flag(alone: Terminal) -> None:
    told = alone.run("search", "--help").stdout
    assert sum(f"--{word}" in told for word in ("max-results", "recency", "site", "kind")) == 4
    flags = set(SearchRequest.model_fields) - {"query"}
    assert told.count("\n  --") == len(flags) + 1, "one for each field, and --json"


def test_a_wrong_value_is_refused_before_anybody_is_asked(
    terminal: Terminal, search_engine: SearchDouble
) -> None:
    asked = len(search_engine.asked)
    assert terminal.run("search", "x", "--fetch", "99").exit_code == 2
    assert terminal.run("search", "x", "--recency", "decade").exit_code == 2
    assert len(search_engine.asked) == asked
