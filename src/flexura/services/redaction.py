"""Takes secrets out of text that goes to a log: those that are known, and what looks like one."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections.abc import Iterable

HIDDEN = "[hidden]"
_SHORTEST = 6
"""A shorter value is a word that stands in every other line."""
_LOOKS = re.compile(
    r"""
      (?P<ours>\bfx_[A-Za-z0-9]+_[A-Za-z0-9_-]{4,})             # API keys
    | (?P<signing>\bwhsec_[A-Za-z0-9+/=_-]{4,})                 # signing secrets
    | (?P<bearer>\bbearer\s+|\bbasic\s+(?=\S*[\d=]))(?!\[hidden\])[A-Za-z0-9+/=_.~:-]{8,}
    | (?P<header>\b(?:proxy-)?authorization\b|\b(?:set-)?cookie\b|\bx-[a-z-]{0,40}(?:api-?key|token|secret)\b
        |\b[a-z-]{0,40}api[-_]key\b|\bpassword\b|\bclient_secret\b|\baws_secret_access_key\b)
      (?P<gap>["'\]]*\s*[:=,]\s*[("'\[]*(?:b(?=["']))?["']*)(?!\[hidden\])
        (?:(?:bearer|basic|digest|key|token)\s+)?[^\s"',;)\]}]{3,}
    | (?P<scheme>\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@"'?\#]{1,500}@
    | (?P<query>[?&](?:key|api_?key|token|access_token|sig|signature|secret|password
        |x-amz-(?:signature|credential|security-token))=)[^\s&"'\#]+
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Redaction:
    """What a process hides. The settings that it runs with tell which values are secret."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secrets: Iterable[str]) -> None:
        """Hide these values too, also as they stand in a URL or in Basic credentials."""
        for secret in secrets:
            value = secret.strip()
            if len(value) < _SHORTEST:
                continue
            coded = base64.b64encode(value.encode()).decode()
            self._known |= {value, urllib.parse.quote(value, safe=""), coded}
        # The longest first: one may begin with another.
        ordered = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def hide(self, text: str) -> str:
        """The text with `[hidden]` for every secret."""
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, text)
        return _LOOKS.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    if found["header"]:
        return f"{found['header']}{found['gap']}{HIDDEN}"
    if found["scheme"]:
        return f"{found['scheme']}{HIDDEN}@"
    return f"{found['bearer'] or found['query'] or ''}{HIDDEN}"
