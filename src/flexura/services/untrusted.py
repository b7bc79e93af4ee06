"""Text that a stranger wrote (a page, a search engine, a provider), made safe to show to an agent.

What a person would not see is taken out, what could act (tags, images, links, chat markers) is made inert,
and the length is bounded. What it says stays: the reader is told that it is untrusted.
"""

from __future__ import annotations

import html
import re

# Controls, soft hyphen, zero-width, bidi, fillers that show nothing, variation selectors, surrogates,
# private use, tag characters: all of them can hide a message.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_LINE_BREAK = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")

_ELEMENTS = (
    "a|abbr|address|area|article|aside|audio|b|base|bdi|bdo|big|blockquote|body|br|button|canvas|"
    "caption|center|cite|code|col|colgroup|data|dd|del|details|dfn|dialog|div|dl|dt|em|embed|fieldset|"
    "figcaption|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hgroup|hr|html|i|iframe|img|"
    "input|ins|kbd|label|legend|li|link|main|map|mark|menu|meta|nav|noscript|object|ol|optgroup|option|"
    "p|param|path|picture|pre|q|s|samp|script|section|select|slot|small|source|span|strike|strong|style|"
    "sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|"
    "use|var|video|wbr"
)
_TAG = re.compile(
    rf"</?(?:{_ELEMENTS})(?:\s{{1,200}}[\w:@\"'/-][^<>]{{0,4000}}|\s{{0,200}}/?)>", re.IGNORECASE
)
_SEPARATING_TAG = re.compile(r"</?(?:p|div|br|li|tr|td|th|h[1-6]|hr|ul|ol|table|section)\b", re.I)
_CODE_BEGINS = re.compile(r"<!--|<(script|style|template|noscript|svg|iframe)\b", re.IGNORECASE)
# Not HTML: a type parameter in code, or a marker that some chat template would obey.
_OTHER_BRACKETS = re.compile(r"<(?=[^\s<>=\d-])([^<>]{0,200})>")

_LEFT, _RIGHT = "\u2039", "\u203a"  # single angle quotation marks

_COMMENT_END = re.compile("--!?>")

_IMAGE = re.compile(r"!\[([^\[\]]{0,500})\](?:\([^()]{0,2000}\)|\[[^\[\]]{0,200}\])")
_LINK = re.compile(r"\[([^\[\]]{0,500})\](?:\([^()]{0,2000}\)|\[[^\[\]]{0,200}\])")
_LINK_TARGET = re.compile(
    r"^[ ]{0,3}\[[^\[\]]{1,200}\]:[ ]*<?(?:[a-z][a-z0-9+.-]{0,20}:|/|#)\S*.*$",
    re.MULTILINE | re.IGNORECASE,
)

_PASSES = 4
_INDENT = 16


def clean(text: str, limit: int, *, lines: bool = False, markup: bool = True) -> str:
    """At most `limit` characters of what a person would read.

    `lines` keeps line breaks and indentation; else everything is folded into one line. `markup=False` is for
    text that is not HTML: its tags are then words about HTML, and are shown, not removed.
    """
    # Ten times the limit leaves room for what is taken out, and bounds the work.
    text = _LINE_BREAK.sub("\n", text[: limit * 10 + 2000])
    if markup:
        text = html.unescape(without_code(text))
    text = _INVISIBLE.sub("", text)
    if markup:
        text = _without_tags(without_code(text))
    text = _without_brackets(text)
    text = _without_links(text)
    return cut(_fold_lines(text) if lines else " ".join(text.split()), limit)


def cut(text: str, limit: int) -> str:
    """The text if it fits, else its beginning up to a word, ending in an ellipsis."""
    if len(text) <= limit:
        return text
    if limit < 2:
        return ""
    kept = text[: limit - 1]
    # A very long word (a URL, Chinese text) has no near end to cut at.
    word_end = max(kept.rfind(" "), kept.rfind("\n"))
    at_word = kept[:word_end] if word_end > limit // 2 and not text[limit - 1].isspace() else kept
    return at_word.rstrip() + "…"


def without_code(markup: str, *, unended: bool = False) -> str:
    """HTML without comments, scripts, styles and other parts that no browser shows as text.

    A part whose end is missing goes on to the end of the text if `unended` (as in a browser); else only
    its beginning is taken out, as it is probably a word about HTML.
    """
    parts: list[str] = []
    position = 0
    endless: set[str] = set()
    while begin := _CODE_BEGINS.search(markup, position):
        name = (begin.group(1) or "").lower()
        # What was once found to have no end is not looked for again: that would be quadratic.
        end = None if name in endless else _code_end(name, markup, begin.end())
        parts.append(markup[position : begin.start()] + " ")
        if end is None:
            endless.add(name)
            parts.append("" if unended or not name else begin.group())
        position = end or (len(markup) if unended else begin.end())
    return "".join([*parts, markup[position:]])


def _code_end(element: str, markup: str, begin: int) -> int | None:
    if element:
        found = re.compile(rf"</{element}[^<>]{{0,200}}>", re.IGNORECASE).search(markup, begin)
    else:
        # `<!-->` is a whole comment: its dashes count twice.
        found = _COMMENT_END.search(markup, begin - 2)
    return found.end() if found else None


def _without_tags(text: str) -> str:
    for _ in range(_PASSES):
        before = text
        text = _TAG.sub(lambda tag: " " if _SEPARATING_TAG.match(tag[0]) else "", text)
        if text == before:
            break
    return text


def _without_brackets(text: str) -> str:
    text = _OTHER_BRACKETS.sub(rf"{_LEFT}\1{_RIGHT}", text)
    return text.replace("<|", f"{_LEFT}|").replace("|>", f"|{_RIGHT}")


def _without_links(text: str) -> str:
    text = _LINK_TARGET.sub("", text)
    for _ in range(_PASSES):
        before = text
        text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
        if text == before:
            break
    # Whatever is left, such as brackets nested deeper, no longer forms a link.
    return text.replace("](", "] (").replace("![", "! [")


def _fold_lines(text: str) -> str:
    folded: list[str] = []
    for line in text.expandtabs(4).split("\n"):
        words = " ".join(line.split())
        indent = min(len(line) - len(line.lstrip(" ")), _INDENT) if words else 0
        if words or (folded and folded[-1]):
            folded.append(" " * indent + words)
    return "\n".join(folded).strip("\n")
