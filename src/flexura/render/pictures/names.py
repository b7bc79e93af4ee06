"""Whose logo, icon or avatar it is: the name in a prompt."""

from __future__ import annotations

import re
from typing import Final

from flexura.render.pictures.sheet import Sheet

_EMAIL: Final = re.compile(r"([\w.+-]+)@[\w-]+\.[\w.-]+")
_CALLED: Final = re.compile(
    r"\b(?:called|named|name|brand|company|for|of|by)\s+((?:the\s+)?[^,.;:\n]+)", re.IGNORECASE
)
_STOP: Final = re.compile(
    r"\s+(?:in|with|on|using|and|as|at|that|which|from|style|minimal|modern|flat|dark|light|logo|icon"
    r"|avatar)\b.*$",
    re.IGNORECASE,
)
_KIND: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "our",
        "your",
        "app",
        "icon",
        "logo",
        "avatar",
        "monogram",
        "wordmark",
        "company",
        "brand",
        "business",
        "shop",
        "store",
        "startup",
        "website",
        "site",
        "tool",
        "service",
        "team",
        "user",
        "profile",
        "picture",
        "minimal",
        "modern",
        "simple",
        "flat",
        "blue",
        "red",
        "green",
    ]
)


def name_in(sheet: Sheet) -> str:
    """The option `text`, a quoted text, an address, or the capitalised words after "for" or "called"."""
    given = str(sheet.options.get("text", "") or "").strip()
    if given:
        return given
    if sheet.words.quoted:
        return sheet.words.quoted[0]
    prompt = sheet.prompt
    email = _EMAIL.search(prompt)
    if email:
        return email.group(0)
    spoken = sorted(
        _CALLED.finditer(prompt),
        key=lambda match: match.group(0).lower().startswith(("for", "of", "by")),
    )
    for match in spoken:
        name = _capitalised(match.group(1))
        if name:
            return name
    return _capitalised(prompt, skip_first=True) or _lower(spoken)


def initials(name: str, most: int = 2) -> str:
    """The first letters of the first and the last word, in capitals."""
    local = name.split("@")[0]
    words = [word for word in re.split(r"[\s._\-+/]+", local) if word and word[0].isalnum()]
    if not words:
        return ""
    if len(words) == 1 or most == 1:
        inner = re.findall(r"[A-Z]", words[0][1:])
        tail = inner[0] if inner and most > 1 and not words[0].isupper() else ""
        return (words[0][0] + tail).upper()[:most]
    return (words[0][0] + words[-1][0]).upper()


def _capitalised(text: str, *, skip_first: bool = False) -> str:
    words = text.split()
    found: list[str] = []
    for i, word in enumerate(words):
        bare = word.strip(",.;:!?()\"'")
        named = bool(bare) and (
            bare[0].isupper() or (bool(found) and (bare[0].isdigit() or bare in {"&", "and", "of"}))
        )
        if named and not (skip_first and i == 0) and not (not found and bare.lower() in _KIND):
            found.append(bare)
            if word[-1] in ",.;:":
                break
        elif found:
            break
    while found and found[-1] in {"and", "of", "&"}:
        found.pop()
    return " ".join(found)


def _lower(spoken: list[re.Match[str]]) -> str:
    """A name in small letters ("logo for acme"), unless it describes ("for a coffee shop")."""
    for match in spoken:
        text = _STOP.sub("", match.group(1).strip())
        words = text.split()
        if (
            words
            and words[0].lower() not in {"a", "an", "my", "our", "the", "your"}
            and len(words) <= 2
        ):
            return text if any(c.isupper() for c in text) else text.title()
    return ""
