"""Pages that a search reads: side by side, each with its own time, each failure with its own warning."""

from __future__ import annotations

import anyio
import httpx2
import pytest

from flexura.outbound.client import Guard
from flexura.services.pages import Pages
from services.engines import Engine, Web, asked, hit, pages_of

pytestmark = pytest.mark.anyio


async def test_the_text_of_the_first_pages_is_read() -> None:
    web = Web()
    for number in range(4):
        web.pages[f"https://example.org/{number}"] = f"<main>Text <b>{number}</b></main>"
    engine = Engine("tavily", *[hit(f"https://example.org/{n}") for n in range(4)])
    answer = await asked(engine, pages=pages_of(web), fetch=2)
    assert [r.text for r in answer.results] == ["Text 0", "Text 1", None, None]
    assert sorted(web.asked) == ["https://example.org/0", "https://example.org/1"]


async def test_no_page_is_read_unless_asked() -> None:
    web = Web()
    answer = await asked(Engine("tavily", hit(text="sent by the engine")), pages=pages_of(web))
    assert (answer.results[0].text, web.asked) == (None, [])


async def test_a_text_that_the_engine_sent_is_not_fetched_again() -> None:
    web = Web()
    engine = Engine("tavily", hit(text="line\n\n\u200btwo"), hit("https://b.org/", text="more"))
    answer = await asked(engine, pages=pages_of(web), fetch=1)
    assert [r.text for r in answer.results] == ["line\n\ntwo", None]
    assert web.asked == []


async def test_each_page_that_cannot_be_read_has_its_warning_and_the_rest_is_there() -> None:
    web = Web()
    web.pages["https://example.org/ok"] = "<p>fine"
    web.pages["https://example.org/gone"] = httpx2.Response(404)
    web.pages["https://example.org/pdf"] = httpx2.Response(
        200, content=b"%PDF-1.7", headers={"content-type": "application/pdf"}
    )
    web.pages["https://example.org/empty"] = "<script>x</script>"
    names = ["gone", "pdf", "ok", "empty", "offline"]
    engine = Engine("tavily", *[hit(f"https://example.org/{n}") for n in names])
    answer = await asked(engine, pages=pages_of(web), fetch=5)
    assert [r.text for r in answer.results] == [None, None, "fine", None, None]
    assert [w.removeprefix("page_not_read: ") for w in answer.warnings] == [
        "[1] example.org: it answered with status 404",
        "[2] example.org: it is a PDF, and PDFs are not read",
        "[4] example.org: it has no readable text",
        "[5] example.org: example.org cannot be reached.",
    ]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "https://localhost/", "https://[::1]/", "http://10.0.0.1:8080/"]
)
async def test_a_result_cannot_make_the_gateway_read_its_own_network(url: str) -> None:
    guard = Guard(plain_http=True)
    answer = await asked(Engine("tavily", hit(url)), pages=Pages(guard), fetch=1)
    await guard.aclose()
    assert answer.results[0].text is None
    assert answer.warnings[0].startswith("page_not_read: [1]")


async def test_the_beginning_of_a_page_that_is_too_large_is_read() -> None:
    web = Web()
    web.pages["https://example.org/"] = "<p>" + "word " * 500_000
    answer = await asked(Engine("tavily", hit()), pages=pages_of(web), fetch=1, max_chars=1000)
    assert answer.results[0].text and answer.results[0].text.startswith("word word")
    assert answer.warnings == ()


async def test_pages_are_read_at_the_same_time() -> None:
    arrived = 0
    all_here = anyio.Event()

    async def together(request: httpx2.Request) -> httpx2.Response:
        nonlocal arrived
        arrived += 1
        if arrived == 3:
            all_here.set()
        await all_here.wait()
        return httpx2.Response(200, text="here", headers={"content-type": "text/plain"})

    engine = Engine("tavily", *[hit(f"https://example.org/{n}") for n in range(3)])
    with anyio.fail_after(5):
        answer = await asked(engine, pages=pages_of(together), fetch=3)
    assert [r.text for r in answer.results] == ["here"] * 3


async def test_a_page_that_never_ends_does_not_hold_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flexura.services.pages.PAGE_SECONDS", 0.05)

    async def silent(request: httpx2.Request) -> httpx2.Response:
        await anyio.sleep_forever()
        raise AssertionError

    answer = await asked(Engine("tavily", hit()), pages=pages_of(silent), fetch=1)
    assert "did not answer within" in answer.warnings[0]
