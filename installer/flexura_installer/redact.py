"""Secrets in other people's configuration are not shown, whoever put them there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

REDACTED = "<redacted>"

_SECRET_WORDS = frozenset(
    {
        *("token", "key", "secret", "password", "passwd", "pwd", "passphrase", "pat"),
        *("authorization", "auth", "bearer", "credential", "cookie"),
    }
)
_SECRET_PARTS = ("apikey", "secret", "password", "token", "passwd", "credential")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_STRING = r"""\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)|"(?:\\.|[^"\\])*"?|'[^']*'?"""
# A member: `"apiKey": …`, `api_key = …`, `- token: …`, `?key=…`; its value is a string, a list, a small map,
# a YAML block, or a bare word up to the end.
_MEMBER = re.compile(
    rf"""(?<![\w.$-])(?P<head>["']?(?P<name>[\w.$-]+)["']?\s*[:=]\s*)"""
    rf"""(?P<value>{_STRING}|\[[^\]]*\]?|\{{[^}}]*\}}?|[|>][-+0-9]*[ \t]*(?:\n+[ \t]+[^\n]*)*"""
    r"""|[^\s,}\]#"'&][^\n,}\]#"'&]*)""",
    re.DOTALL,
)
# An option of a command line whose value is the next text: `"--api-key", "…"`.
_OPTION = re.compile(
    r"""(?<![\w-])(?P<head>["']?(?P<name>--?\w[\w-]*)["']?\s*(?:,\s*|\n\s*-\s+))(?P<value>"(?:\\.|[^"\\])*"?|'[^']*'?|[\w+/=.-]+)"""
)
_SCHEME = re.compile(
    r"\b(?P<head>(?:Bearer|Basic)\s+)(?P<value>[^\s\"',}\]<${]{6,})", re.IGNORECASE
)
_USERINFO = re.compile(r"(?P<head>://)(?P<value>[^\s/@\"'<$]+)(?=@)")
_LONG_WORD = re.compile(r"[A-Za-z0-9_+=-]{20,}")

# How agents write a reference to a secret that stands elsewhere, and values that are none.
_REFERENCE = re.compile(
    r"""[\["'\s]*(?:Bearer\s+)?(?:\$\{\{?[^}"']*\}?\}|\$[A-Z_][A-Z0-9_]*|\{(?:env|file):[^}"']*\}"""
    r"""|MEDIA_GATEWAY_API_KEY)[\]"'\s]*"""
)
_HARMLESS = re.compile(
    r"""\s*(?:true|false|null|none|~|-?\d{1,6}(?:\.\d+)?|\{\s*\}?|\[\s*\]?|""|''|<redacted>)\s*""",
    re.IGNORECASE,
)
_END = "\ue000"  # an end of line within what is one line to the caller


def given(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, also as they are written between JSON's quotation marks."""
    for secret in sorted((one for one in secrets if one), key=len, reverse=True):
        escaped = secret.replace("\\", "\\\\").replace('"', '\\"')
        text = text.replace(escaped, REDACTED).replace(secret, REDACTED)
    return text


def lines(texts: list[str], secrets: Iterable[str]) -> list[str]:
    """Lines of a file with everything that looks like a secret replaced; as many lines come back."""
    if not texts:
        return []
    text = given("\n".join(one.replace("\n", _END) for one in texts), secrets)
    text = _MEMBER.sub(_member, text)
    text = _OPTION.sub(_named, text)
    for pattern in (_SCHEME, _USERINFO):
        text = pattern.sub(_hidden, text)
    text = _LONG_WORD.sub(lambda word: REDACTED if looks_random(word[0]) else word[0], text)
    return [one.replace(_END, "\n") for one in text.split("\n")]


def names_secret(name: str) -> bool:
    """Whether a member or option of this name holds a secret: `apiKey`, `X-Auth-Token`, `GITHUB_PAT`."""
    words = {word.lower().removesuffix("s") for word in _WORDS.findall(name)}
    flat = "".join(_WORDS.findall(name)).lower()
    return bool(words & _SECRET_WORDS) or any(part in flat for part in _SECRET_PARTS)


def looks_random(text: str) -> bool:
    """Whether a long word looks drawn rather than written: its kinds of characters change all the time."""
    if len(text) < 20:
        return False
    if re.fullmatch("[0-9a-fA-F]{20,}", text):
        return True
    kinds = [
        "d" if c.isdigit() else "u" if c.isupper() else "l" if c.islower() else "-" for c in text
    ]
    changes = sum(one != other for one, other in pairwise(kinds))
    return "d" in kinds and changes / len(text) >= 0.3


def _member(match: re.Match[str]) -> str:
    if names_secret(match["name"]):
        return _hidden(match)
    # The value of another member may hold members of its own.
    return match["head"] + _MEMBER.sub(_member, match["value"])


def _named(match: re.Match[str]) -> str:
    return _hidden(match) if names_secret(match["name"]) else match[0]


def _hidden(match: re.Match[str]) -> str:
    value = match["value"]
    if _REFERENCE.fullmatch(value) or _HARMLESS.fullmatch(value):
        return match[0]
    quote = value[0] if value[0] in "\"'" else ""
    end = _END + value.split(_END, 1)[1] if _END in value else ""
    return match["head"] + quote + REDACTED + quote + "\n" * value.count("\n") + end
