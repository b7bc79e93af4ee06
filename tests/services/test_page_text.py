"""Readable text of pages: what a person sees of them, in the right characters."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura.services.page_bytes import UnreadablePage
from flexura.services.page_text import page_text

HTML = "text/html; charset=utf-8"
FILL = "<p>" + "words of the article " * 20


def text_of(html: str, limit: int = 10_000) -> str:
    return page_text(html.encode(), HTML, limit)


def test_a_page_reads_as_its_headings_paragraphs_lists_tables_and_code() -> None:
    html = """<!doctype html><html><head><title>T</title><style>p{}</style><body>
      <h1>Release  notes</h1><p>First &amp; <b>second</b>,
      same line.<p>Next one.<ul><li>a<li>b</ul>
      <pre>def f():\n    return 1</pre>
      <table><tr><th>Name</th><th>Size</th></tr><tr><td>x<td>1</table>"""
    assert text_of(html) == (
        "Release notes\nFirst & second, same line.\nNext one.\n- a\n- b\n"
        "def f():\n    return 1\nName | Size\nx | 1"
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>HIDDEN",
        "<div hidden><p>HIDDEN</p><ul><li>HIDDEN</ul></div>",
        '<div style="display:none">HIDDEN</div>',
        '<div style="color:red; DISPLAY : none !important">HIDDEN</div>',
        '<span style="visibility: hidden">HIDDEN</span>',
        '<span style="font-size:0px">HIDDEN</span>',
        '<span style="opacity:0">HIDDEN</span>',
        '<div style="position:absolute;left:-9999px">HIDDEN</div>',
        '<div style="text-indent:-9999px">HIDDEN</div>',
        '<span style="color:transparent">HIDDEN</span>',
        '<span aria-hidden="true">HIDDEN</span>',
        "<template>HIDDEN</template>",
        "<noscript>HIDDEN</noscript>",
        "<script>HIDDEN</script>",
        "<script type=x>a</b>HIDDEN</script>",
        "<style>HIDDEN</style>",
        "<!-- HIDDEN -->",
        "<!-- > HIDDEN -->",
        "<svg><title>HIDDEN</title></svg>",
        "<iframe>HIDDEN</iframe>",
        "<textarea>HIDDEN</textarea>",
        "<select><option>HIDDEN</select>",
        '<input type=hidden value="HIDDEN">',
        '<meta name="x" content="HIDDEN">',
        '<img alt="HIDDEN" src=x>',
        "<nav>HIDDEN</nav>",
        "<footer>HIDDEN</footer>",
        "<b><div hidden></b>HIDDEN</div>",
        "<title>HIDDEN</title>",
    ],
)
def test_what_a_person_would_not_read_is_left_out(hidden: str) -> None:
    assert text_of(f"<body><p>before</p>{hidden}<p>after") == "before\nafter"


@pytest.mark.parametrize(
    "shown",
    [
        '<p style="background-color:transparent">SHOWN',
        '<p style="margin-left:-2000px; fill-opacity:0">SHOWN',
        '<p style="font-size:0.9em;opacity:0.5">SHOWN',
        '<p aria-hidden="false">SHOWN',
        "<p hidden>x<p>SHOWN",
        "<div><br>SHOWN</div>",
        "<customer-element>SHOWN",
        "<p>1 < 2 SHOWN",
        "SHOWN without any tag",
        "<a href='x>y'>SHOWN</a>",
    ],
)
def test_what_only_looks_hidden_is_read(shown: str) -> None:
    assert "SHOWN" in text_of(f"<body>{shown}")


def test_the_main_part_is_read_where_a_page_names_one() -> None:
    html = f"<div>cookie banner</div><main>{FILL}</main><div>related links</div>"
    assert text_of(html).startswith("words of the article")
    assert "related" not in text_of(html)


def test_a_main_part_with_hardly_any_text_does_not_hide_the_page() -> None:
    assert "the whole story" in text_of("<main>Loading</main><p>the whole story</p>")


def test_a_long_page_is_cut_at_the_limit() -> None:
    text = text_of(f"<article>{FILL * 100}", limit=500)
    assert 400 < len(text) <= 500
    assert text.endswith("…")


def test_tags_that_a_page_writes_about_are_shown_as_words() -> None:
    assert text_of("<p>Use <code>&lt;div&gt;</code>") == "Use \u2039div\u203a"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html; charset=utf-8", "<p>žluťoučký</p>".encode()),
        ("text/html", "<p>žluťoučký</p>".encode()),
        ("text/html; charset=iso-8859-2", "<p>žluťoučký</p>".encode("iso-8859-2")),
        ("text/html", b"<meta charset=windows-1250><p>" + "žluťoučký".encode("cp1250")),
        (
            "text/html",
            b'<meta http-equiv=Content-Type content="text/html; charset=iso-8859-2">'
            + "žluťoučký".encode("iso-8859-2"),
        ),
        ("text/html", b"\xef\xbb\xbf" + "<p>žluťoučký".encode()),
        ("text/html; charset=ascii", b"\xff\xfe" + "<p>žluťoučký".encode("utf-16-le")),
        ("text/plain; charset=no-such", "žluťoučký".encode()),
        ("", "<!doctype html><p>žluťoučký".encode()),
        ("application/octet-stream", "<html><p>žluťoučký".encode()),
        ("application/json", "žluťoučký".encode()),
        ("text/markdown", "[žluťoučký](https://example.org)".encode()),
    ],
)
def test_the_character_set_and_the_kind_of_text_are_found(content_type: str, body: bytes) -> None:
    assert page_text(body, content_type, 1000) == "žluťoučký"


def test_western_text_without_any_label_is_read_as_browsers_read_it() -> None:
    assert page_text("<p>café “ok”".encode("cp1252"), "text/html", 100) == "café “ok”"


@pytest.mark.parametrize("name", ["zip", "bz2", "rot13", "idna", "unicode_escape", "utf-7"])
def test_a_page_cannot_choose_a_codec_that_is_no_character_set(name: str) -> None:
    assert page_text(b"<p>\\u0041+AGE-", f"text/html; charset={name}", 100) == "\\u0041+AGE-"


@pytest.mark.parametrize(
    ("content_type", "body", "why"),
    [
        ("application/pdf", b"%PDF-1.7", "PDF"),
        ("text/html", b"%PDF-1.4 ...", "PDF"),
        ("image/png", b"\x89PNG", "image/png"),
        ("application/zip", b"PK", "application/zip"),
        ("text/plain", b"\x00\x01\x02", "not text"),
    ],
)
def test_what_is_no_text_is_named(content_type: str, body: bytes, why: str) -> None:
    with pytest.raises(UnreadablePage, match=why):
        page_text(body, content_type, 100)


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["text/html", "", "text/plain", "text/markdown"]))
def test_no_page_breaks_the_reader(body: bytes, content_type: str) -> None:
    with contextlib.suppress(UnreadablePage):
        assert len(page_text(body, content_type, 100)) <= 100


@settings(deadline=None)
@given(st.text(st.sampled_from("<>!-[]/?pabdiv hidden='\"=&;#x\n"), max_size=200))
def test_no_markup_breaks_the_reader(html: str) -> None:
    assert len(text_of(html, 100)) <= 100


HOSTILE = [
    "<a ",
    "<",
    "<!--",
    '<a ">"',
    "<![CDATA[",
    "<!x",
    "<?x",
    "</a",
    "<div>",
    "<table><td>",
    "<ul><li>",
    "&",
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.timeout(20)
def test_no_page_takes_long(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexura.services.page_text._MAX_SECONDS", 0.3)
    text_of(piece * (2_000_000 // len(piece)), 60_000)
