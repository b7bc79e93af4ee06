"""The engines: where each is, what its requests and answers look like, and how often it may be asked.

From the vendors' API pages (`docs`) and their official SDKs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flexura.domain.search import SearchKind, SearchRequest
from flexura.ports.search_engine import Rate

Odd = Callable[[dict[str, Any], SearchRequest], dict[str, Any]]
"""Finishes the fields of a request where data alone cannot say how."""

_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}
_SAME = {word: word for word in _DAYS}
_GOOGLE = {"day": "qdr:d", "week": "qdr:w", "month": "qdr:m", "year": "qdr:y"}
SNIPPET = 1000


@dataclass(frozen=True)
class Reads:
    """Where the answer to one kind of search has its results, and their fields.

    A dot leads into an object.
    """

    path: str
    at: str
    url: str = "url"
    snippet: tuple[str, ...] = ("description",)
    """All of these that are there, texts or lists of texts, one after the other."""
    date: tuple[str, ...] = ()
    """The first of these that is there."""
    text: str = ""
    page: str = ""
    """Of an image: the page it is on; then `url` is the image itself."""
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further fields of the request."""
    dated: bool = True
    """Whether this kind can be narrowed by time."""


@dataclass(frozen=True)
class Row:
    """One engine. The names of request fields stand where their value goes; empty = it has no such field."""

    name: str
    rank: int
    label: str
    about: str
    variable: str
    base: str
    docs: str
    rate: Rate
    reads: Mapping[SearchKind, Reads]
    signed: tuple[str, ...]
    """Top-level fields of an answer, one of which is always there; without any it is somebody else's."""
    auth: tuple[str, str] = ("authorization", "Bearer ")
    method: str = "POST"
    query: str = "query"
    count: str = "count"
    recency: tuple[str, Mapping[str, str]] = ("", {})
    only: str = ""
    without: str = ""
    """Fields for lists of domains; a request has one of them. Without them sites go into the query."""
    characters: int = 2000
    words: int = 2000
    """The longest query that it takes."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    odd: Odd | None = None
    free: tuple[str, Row] | None = None
    """The variable that allows asking without a key, and how that is done."""


def _exa(sent: dict[str, Any], request: SearchRequest) -> dict[str, Any]:
    """Its text is both the snippet and the page; a time is a date."""
    longest = max(SNIPPET, request.max_chars if request.fetch else 0)
    since: dict[str, Any] = {}
    if request.recency:
        moment = datetime.now(UTC) - timedelta(days=_DAYS[request.recency])
        since = {"startPublishedDate": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    return {**sent, **since, "contents": {"text": {"maxCharacters": longest}}}


def _perplexity(sent: dict[str, Any], request: SearchRequest) -> dict[str, Any]:
    """One list for both: a domain to leave out has a minus in front."""
    left_out = [f"-{domain}" for domain in sent.pop("without", [])]
    return {**sent, "search_domain_filter": left_out} if left_out else sent


def _commas(sent: dict[str, Any], request: SearchRequest) -> dict[str, Any]:
    """In a URL a list is one text."""
    return {
        k: ",".join(cast("list[str]", v)) if isinstance(v, list) else v for k, v in sent.items()
    }


_IMAGES: dict[str, Any] = {"sources": [{"type": "images"}]}
_NEWS: dict[str, Any] = {"sources": [{"type": "news"}]}
_YOU = Row(
    name="you",
    rank=40,
    label="You.com",
    about="You.com, whose index holds pages and news. It also answers without a key, where that is wanted.",
    variable="YDC_API_KEY",
    base="https://ydc-index.io",
    docs="https://you.com/docs/api-reference/search/v1-search",
    rate=Rate(10, 1.0),
    reads={
        "web": Reads(
            "/v1/search", "results.web", snippet=("description", "snippets"), date=("page_age",)
        ),
        "news": Reads("/v1/search", "results.news", date=("page_age",)),
    },
    signed=("results", "metadata"),
    auth=("x-api-key", ""),
    recency=("freshness", _SAME),
    only="include_domains",
    without="exclude_domains",
    # It announces gzip and sends something else.
    headers={"accept-encoding": "identity"},
)
_YOU_FREE = replace(
    _YOU,
    base="https://api.you.com",
    method="GET",
    odd=_commas,
    rate=Rate(100, 86_400.0),
    reads={kind: replace(r, path="/v1/agents/search") for kind, r in _YOU.reads.items()},
)

ROWS = (
    Row(
        name="brave",
        rank=20,
        label="Brave Search",
        about="Brave Search, with an index of its own.",
        variable="BRAVE_API_KEY",
        base="https://api.search.brave.com",
        docs="https://api-dashboard.search.brave.com/app/documentation",
        rate=Rate(1, 1.0),
        reads={
            "web": Reads(
                "/res/v1/web/search",
                "web.results",
                snippet=("description", "extra_snippets"),
                date=("page_age", "age"),
                fixed={"result_filter": "web", "text_decorations": "false"},
            ),
            "news": Reads("/res/v1/news/search", "results", date=("page_age", "age")),
            "images": Reads(
                "/res/v1/images/search",
                "results",
                url="properties.url",
                snippet=("source",),
                date=("page_fetched",),
                page="url",
                dated=False,
            ),
        },
        signed=("type", "web", "results"),
        auth=("x-subscription-token", ""),
        method="GET",
        query="q",
        recency=("freshness", {"day": "pd", "week": "pw", "month": "pm", "year": "py"}),
        characters=400,
        words=50,
    ),
    Row(
        name="serper",
        rank=25,
        label="Serper",
        about="Serper, which gives Google's results.",
        variable="SERPER_API_KEY",
        base="https://google.serper.dev",
        docs="https://serper.dev",
        rate=Rate(50, 1.0),
        reads={
            "web": Reads("/search", "organic", url="link", snippet=("snippet",), date=("date",)),
            "news": Reads("/news", "news", url="link", snippet=("snippet",), date=("date",)),
            "images": Reads("/images", "images", url="imageUrl", snippet=("source",), page="link"),
        },
        signed=("searchParameters", "organic", "news", "images"),
        auth=("x-api-key", ""),
        query="q",
        count="num",
        recency=("tbs", _GOOGLE),
    ),
    Row(
        name="exa",
        rank=30,
        label="Exa",
        about="Exa, which searches by meaning and has read the pages.",
        variable="EXA_API_KEY",
        base="https://api.exa.ai",
        docs="https://exa.ai/docs/reference/search",
        rate=Rate(10, 1.0),
        reads={
            "web": Reads(
                "/search",
                "results",
                snippet=("text",),
                date=("publishedDate",),
                text="text",
                fixed={"type": "auto"},
            ),
            "news": Reads(
                "/search",
                "results",
                snippet=("text",),
                date=("publishedDate",),
                text="text",
                fixed={"type": "auto", "category": "news"},
            ),
        },
        signed=("results",),
        auth=("x-api-key", ""),
        count="numResults",
        only="includeDomains",
        without="excludeDomains",
        odd=_exa,
    ),
    Row(
        name="perplexity",
        rank=35,
        label="Perplexity",
        about="Perplexity's search, with long excerpts of pages.",
        variable="PERPLEXITY_API_KEY",
        base="https://api.perplexity.ai",
        docs="https://docs.perplexity.ai/api-reference/search-post",
        rate=Rate(50, 1.0),
        reads={
            "web": Reads("/search", "results", snippet=("snippet",), date=("date", "last_updated"))
        },
        signed=("results",),
        count="max_results",
        recency=("search_recency_filter", _SAME),
        only="search_domain_filter",
        without="without",
        odd=_perplexity,
    ),
    replace(_YOU, free=("YOU_FREE", _YOU_FREE)),
    Row(
        # Its own reading of pages costs a credit for every result, so ours does it.
        name="firecrawl",
        rank=45,
        label="Firecrawl",
        about="Firecrawl, which searches and reads pages.",
        variable="FIRECRAWL_API_KEY",
        base="https://api.firecrawl.dev",
        docs="https://docs.firecrawl.dev/api-reference/endpoint/search",
        rate=Rate(5, 60.0),
        reads={
            "web": Reads("/v2/search", "data.web"),
            "news": Reads(
                "/v2/search", "data.news", snippet=("snippet",), date=("date",), fixed=_NEWS
            ),
            "images": Reads(
                "/v2/search", "data.images", url="imageUrl", snippet=(), page="url", fixed=_IMAGES
            ),
        },
        signed=("data",),
        count="limit",
        recency=("tbs", _GOOGLE),
        only="includeDomains",
        without="excludeDomains",
        characters=500,
    ),
)
