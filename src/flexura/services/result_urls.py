"""URLs of search results: which are fit to show, and which lead to the same page."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

_MAX_LENGTH = 2000
_NOT_IN_A_URL = re.compile('[\x00-\x20\x7f-\x9f"<>\\\\^`{|}]')
_KEPT = "/%:@!$&'()*+,;=~-._?[]"
_TRACKING = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|(?:g|fb|y|tt|dc|ms)clid|gbraid|wbraid|msclkid|mc_[ce]id|igshid|_hs\w+|ref_src|srsltid)",
    re.IGNORECASE,
)


def shown_url(url: str) -> str:
    """The URL in plain ASCII; empty for what is no public web address, or is one in disguise."""
    if len(url) > _MAX_LENGTH or _NOT_IN_A_URL.search(url):
        return ""
    try:
        parts = urlsplit(url)
        # The encoded host shows look-alike letters for what they are.
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host or parts.username is not None:
        return ""
    if ":" in host:
        host = f"[{host}]"
    place = host if port is None else f"{host}:{port}"
    path, query, fragment = (
        quote(p, safe=_KEPT) for p in (parts.path, parts.query, parts.fragment)
    )
    return urlunsplit((parts.scheme.lower(), place, path, query, fragment))


def same_page(url: str) -> str:
    """A spelling that two URLs of one page share: without scheme, `www.`, tracking and fragment."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    kept = [
        p for p in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(p[0])
    ]
    # Some applications keep the page in the fragment.
    route = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return f"{host}{port}{parts.path.rstrip('/')}?{urlencode(sorted(kept))}#{route}"


def site_of(url: str) -> str:
    """The host of a URL, without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
