"""Results of a search: numbered, dated, cleaned, filtered, each page once."""

from __future__ import annotations

import pytest

from services.engines import Engine, asked, hit

pytestmark = pytest.mark.anyio


async def test_results_are_numbered_dated_and_sourced() -> None:
    answer = await asked(
        Engine(
            "tavily",
            hit("https://www.example.org/a", published_at="Mon, 02 Nov 2026 11:00:00 +0200"),
            hit("https://blog.example.org/b", published_at="nonsense"),
        )
    )
    assert [(r.id, r.source, r.published_at) for r in answer.results] == [
        ("1", "example.org via tavily", "2026-11-02T09:00:00Z"),
        ("2", "blog.example.org via tavily", None),
    ]


@pytest.mark.parametrize(
    "double",
    [
        "https://example.org/a/",
        "http://example.org/a",
        "https://www.example.org/a",
        "https://EXAMPLE.org/a#part",
        "https://example.org:443/a?utm_source=x&fbclid=y",
    ],
)
async def test_the_same_page_comes_once(double: str) -> None:
    answer = await asked(Engine("tavily", hit("https://example.org/a"), hit(double)))
    assert [r.url for r in answer.results] == ["https://example.org/a"]


@pytest.mark.parametrize(
    "other",
    ["https://example.org/a?page=2", "https://example.org/A", "https://example.org:8443/a",
     "https://m.example.org/a", "https://example.org/a#/route"],
)  # fmt: skip
async def test_another_page_is_kept(other: str) -> None:
    answer = await asked(Engine("tavily", hit("https://example.org/a"), hit(other)))
    assert len(answer.results) == 2


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://google.com@evil.example/",
        "https://example.org/\u202egpj",
        "https://example.org/a b",
        "https://example.org/<script>",
        "https://example.org:port/",
        "https://example.org/" + "a" * 3000,
    ],
)
async def test_a_url_that_is_not_plainly_on_the_web_is_dropped(url: str) -> None:
    answer = await asked(Engine("tavily", hit(url), hit("https://good.example/")))
    shown = [r.url for r in answer.results]
    assert shown[-1] == "https://good.example/"
    assert all(u.isascii() for u in shown)
    assert len(shown) == (2 if "\u202e" in url else 1), "a hidden character is shown encoded"


async def test_letters_that_look_alike_are_shown_for_what_they_are() -> None:
    answer = await asked(Engine("tavily", hit("https://g\u043e\u043egle.com/ä")))
    assert answer.results[0].url == "https://xn--ggle-55da.com/%C3%A4"


async def test_texts_of_strangers_are_cleaned() -> None:
    rude = hit(title="<b>T</b>\u202e", snippet="![x](https://evil.example/?q) [y](z) \u200bhid")
    (result,) = (await asked(Engine("tavily", rude))).results
    assert (result.title, result.snippet) == ("T", "x y hid")


async def test_a_result_without_title_is_called_by_its_site() -> None:
    (result,) = (await asked(Engine("tavily", hit(title="")))).results
    assert result.title == "example.org"


async def test_no_more_results_than_asked_for() -> None:
    many = [hit(f"https://example.org/{n}") for n in range(30)]
    answer = await asked(Engine("tavily", *many), max_results=3)
    assert [r.id for r in answer.results] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("sites", "kept"),
    [
        (("a.org",), ["https://a.org/1", "https://sub.a.org/2", "https://a.org/docs/5"]),
        (("-a.org",), ["https://b.org/3", "https://nota.org/4"]),
        (("a.org", "-sub.a.org"), ["https://a.org/1", "https://a.org/docs/5"]),
        (("a.org/docs",), ["https://a.org/docs/5"]),
        (("a.org", "b.org"), ["https://a.org/1", "https://sub.a.org/2", "https://b.org/3",
                              "https://a.org/docs/5"]),
    ],
)  # fmt: skip
async def test_sites_are_kept_to_even_if_the_engine_does_not(
    sites: tuple[str, ...], kept: list[str]
) -> None:
    urls = ["https://a.org/1", "https://sub.a.org/2", "https://b.org/3", "https://nota.org/4",
            "https://a.org/docs/5"]  # fmt: skip
    answer = await asked(Engine("tavily", *map(hit, urls)), sites=sites)
    assert [r.url for r in answer.results] == kept


async def test_results_that_all_lie_elsewhere_are_no_results() -> None:
    answer = await asked(Engine("tavily", hit("https://b.org/")), sites=("a.org",))
    assert answer.results == ()
    assert answer.warnings[0].startswith("no_results")


async def test_what_is_known_to_be_older_than_asked_is_dropped() -> None:
    dated = {"new": "2026-11-20", "old": "2026-10-01", "undated": ""}
    hits = [hit(f"https://example.org/{n}", published_at=d) for n, d in dated.items()]
    answer = await asked(Engine("tavily", *hits), recency="week")
    assert [r.url.rpartition("/")[2] for r in answer.results] == ["new", "undated"]


async def test_an_image_may_lie_on_another_site_than_its_page() -> None:
    engine = Engine("tavily", hit("https://cdn.net/a.png"), hit("https://bad.org/b.png"))
    answer = await asked(engine, kind="images", sites=("example.org", "-bad.org"), fetch=2)
    assert [r.url for r in answer.results] == ["https://cdn.net/a.png"]
    assert answer.warnings == ("fetch: images have no text to read.",)
