"""What somebody hostile puts into texts, and what must become of it: text."""

from __future__ import annotations

from html.parser import HTMLParser

MARK = "xssmark"
"""In every payload: as the name of a tag, of an attribute or of a function it gives the payload away."""
PAYLOADS: tuple[str, ...] = (
    f"<script>{MARK}(1)</script>",
    f"</script><script>{MARK}(2)</script>",
    f"<img src=x onerror={MARK}(3)>",
    f'"><img src=x onerror={MARK}(4)>',
    f"'><img src=x onerror={MARK}(5)>",
    f'" onmouseover="{MARK}(6)" x="',
    f"' onfocus='{MARK}(7)' autofocus '",
    f"` onclick=`{MARK}(8)`",
    f"<svg onload={MARK}(9)>",
    f"<svg><script>{MARK}(10)</script></svg>",
    f"<svg><animate onbegin={MARK}(11) attributeName=x>",
    f"</textarea><script>{MARK}(12)</script>",
    f"</title><script>{MARK}(13)</script>",
    f"</style><script>{MARK}(14)</script>",
    f"--><script>{MARK}(15)</script><!--",
    f"<!--<img src='--><img src=x onerror={MARK}(16)>'>",
    f"<iframe srcdoc='<script>parent.{MARK}(17)</script>'></iframe>",
    f"<iframe src=javascript:{MARK}(18)>",
    f"javascript:{MARK}(19)",
    f"JaVaScRiPt:{MARK}(20)",
    f"java\tscript:{MARK}(21)",
    f"data:text/html,<script>{MARK}(22)</script>",
    f'<a href="javascript:{MARK}(23)">here</a>',
    f"<form action=//{MARK}.example><input name=token autofocus></form>",
    f"<button form=sign-out formaction=//{MARK}.example>go</button>",
    f"<base href=//{MARK}.example/>",
    f"<meta http-equiv=refresh content='0;url=//{MARK}.example'>",
    f"<link rel=stylesheet href=//{MARK}.example/a.css>",
    f"<style>@import '//{MARK}.example/a.css'</style>",
    f'" style="background:url(//{MARK}.example)',
    f"<div hx-get=//{MARK}.example hx-trigger=load></div>",
    f'" hx-get="//{MARK}.example" hx-trigger="load" x="',
    f"<div hx-on:click={MARK}(32)>x</div>",
    f"{{{{7*7}}}}{MARK}",
    f"{{% for x in ().__class__.__base__ %}}{MARK}{{% endfor %}}",
    f"${{{{7*7}}}}#{{7*7}}{MARK}",
    f"&lt;script&gt;{MARK}(37)&lt;/script&gt;",
    f"&#60;img src=x onerror={MARK}(38)&#62;",
    f"\uff1cscript\uff1e{MARK}(39)\uff1c/script\uff1e",
    f"<\u0000script>{MARK}(40)</script>".replace("\u0000", "\ufffd"),
    f"\u202e{MARK}\u202c\u2066<img src=x onerror={MARK}(41)>\u2069",
    f"<{MARK}-element {MARK}=1>{'A' * 3000}</{MARK}-element>",
    f'{{"toast": {{"text": "<img src=x onerror={MARK}(43)>"}}}}',
)
_OWN_URLS = (
    "href",
    "src",
    "action",
    "formaction",
    "hx-get",
    "hx-post",
    "sse-connect",
    "poster",
    "data",
)
_BARE = frozenset({"script", "style", "iframe", "object", "embed", "base"})


class Page(HTMLParser):
    """A page as a browser's parser sees it; `faults` is what came out of a payload, `words` its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "script":
            self._open.append(tag)
        allowed_script = tag == "script" and (told.get("src") or "").startswith(
            "/dashboard/static/"
        )
        if MARK in tag or (tag in _BARE and not allowed_script):
            self.faults.append(f"<{tag} {attrs}>"[:200])
        if tag == "meta" and told.get("http-equiv"):
            self.faults.append(f"<meta {attrs}>")
        for name, value in attrs:
            if MARK in name or name.startswith(("on", "hx-on", "style", "srcdoc")):
                self.faults.append(f"<{tag} {name}={value!r}>"[:200])
            if name in _OWN_URLS and not _harmless(tag, name, value or ""):
                self.faults.append(f"<{tag} {name}={value!r}>"[:200])
            if name == "value" or name == "placeholder" or name.startswith(("data-", "title")):
                self.words += f" {value}"

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and data.strip():
            self.faults.append(f"inline script: {data[:100]}")
        self.words += data

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.faults.append(f"comment: {data[:100]}")


def _harmless(tag: str, name: str, value: str) -> bool:
    """Whether a URL stays with the gateway; a link may lead to another site, and nothing else may."""
    if value.startswith(("/dashboard", "/api/assets/", "#", "?")) or value in ("", "/"):
        return True
    if tag == "a" and name == "href":
        return value.startswith(("https://", "http://", "/docs", "/openapi.json", "mailto:"))
    return value.startswith("data:image/") and tag in ("img", "link")
