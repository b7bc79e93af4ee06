"""Sites to search in, or to leave out (written with a leading `-`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from flexura.domain.errors import InvalidRequest

# No space and no quote: a site becomes a part of an engine's query.
_SITE = re.compile(r"(?=.{1,253}(?:/|$))[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?:/[^\s\"'()]*)?")


def normal_sites(sites: Iterable[str]) -> tuple[str, ...]:
    """The sites in one spelling: `https://www.Example.org/` becomes `example.org`. Raises InvalidRequest."""
    return tuple(dict.fromkeys(map(_normal_site, sites)))


def _normal_site(written: str) -> str:
    text = written.strip()
    sign = "-" if text.startswith("-") else ""
    text = re.sub(r"^(?:https?:)?//", "", text.removeprefix("-").strip(), flags=re.IGNORECASE)
    host, slash, path = text.partition("/")
    host = host.lower().removeprefix("*").lstrip(".").removeprefix("www.").rstrip(".")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    site = f"{host}{slash}{path}".rstrip("/")
    if not _SITE.fullmatch(site):
        raise InvalidRequest(
            f"{written[:80]!r} is not a site.",
            next_step="Write sites as example.org, or -example.org to leave one out.",
            field="sites",
        )
    return sign + site


def is_wanted(url: str, sites: Iterable[str]) -> bool:
    """Whether a URL lies on one of the wanted sites (if there are any) and on none of those left out."""
    wanted = [site for site in sites if not site.startswith("-")]
    unwanted = [site[1:] for site in sites if site.startswith("-")]
    if any(_lies_on(url, site) for site in unwanted):
        return False
    return not wanted or any(_lies_on(url, site) for site in wanted)


def _lies_on(url: str, site: str) -> bool:
    parts = urlsplit(url)
    host, _, path = site.partition("/")
    found = (parts.hostname or "").removeprefix("www.")
    if found != host and not found.endswith(f".{host}"):
        return False
    return not path or f"{parts.path.strip('/')}/".startswith(f"{path}/")
