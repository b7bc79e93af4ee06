"""Which style of picture a prompt asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from flexura.render.words import Words

_NAMES: Final[tuple[tuple[str, str], ...]] = (
    ("icon", r"(?:app |web |launcher )?icons?|favicon|glyph|pictogram"),
    ("logo", r"logos?|logotype|word ?mark|monogram|brand ?mark|emblem|lettermark"),
    ("avatar", r"avatars?|identicons?|profile (?:pic|picture|image|photo)|user ?pic"),
    ("placeholder", r"placeholders?|dummy (?:image|picture)|image stub"),
    (
        "wireframe",
        r"wire ?frames?|mock ?ups?|(?:screen|page|ui) layout|skeleton screen|ui sketch|lo-?fi ui",
    ),
    (
        "chart",
        r"(?:bar|line|area|pie|donut|doughnut|column|ring) (?:chart|graph|diagram|plot)|charts?|graphs?"
        r"|histogram|bar plot|line plot|sparkline",
    ),
    ("texture", r"textures?|material surface|wood ?grain"),
    (
        "pattern",
        r"(?:repeat |repeating |seamless )?patterns?|tileable|terrazzo|truchet|polka ?dots?|plaid"
        r"|tartan|gingham|houndstooth|moroccan tiles?|memphis(?: style)?|wrapping paper|seigaiha",
    ),
    (
        "card",
        r"(?:social|og|twitter|open ?graph|link|share|title|quote|greeting|announcement|blog) "
        r"(?:card|image|preview|banner|cover|graphic|header|post)"
        r"|social media (?:card|post|image|graphic|banner)|open graph|opengraph"
        r"|og:image|youtube thumbnail|quote (?:of|by|from)",
    ),
    (
        "abstract",
        r"abstract(?:ion)?|gradients?|mesh|blurred (?:orbs|shapes)|blobs?|orbs|topographic(?:al)?"
        r"|contour lines|halftone|bauhaus|paper ?cut(?:out)?|isometric (?:cubes|blocks|pattern|shapes)"
        r"|glassmorphism|bokeh|geometric shapes|dotted grid|dot grid|particles?|ribbons?"
        r"|(?:hero|landing page|website|web|section|slide|zoom) background",
    ),
)
_WEAK_CARD: Final = (
    r"banners?|posters?|covers?|thumbnails?|flyers?|headers?|cards?|slides?|billboards?|headline"
    r"|invitations?"
)
_MATERIALS: Final = (
    r"marble|concrete|linen|denim|canvas weave|fabric|brushed (?:metal|steel|aluminium|aluminum)|leather"
    r"|parchment|kraft paper|granite|terracotta|corkboard|plaster|slate stone|stone|wood|wooden|paper"
    r"|metal|grass|water"
)
_SURFACE: Final = r"background|surface|wall|backdrop|tile|tiles|seamless"
_LINK: Final = re.compile(
    r"\b(?:for|of|with|about|in|on|at|showing|saying|from|that|which|titled|featuring|by|over|against"
    r"|using)\b|[:,.;\u2013\u2014]"
)
_SIZE: Final = re.compile(
    r"(?<![\w.])(\d{2,4})\s*(?:x|\u00d7|by)\s*(\d{2,4})(?:\s*px)?(?![\w.])", re.IGNORECASE
)
_PAIRS: Final = re.compile(
    r"[^\W\d_][\w .'-]*?\s*[:=]\s*[$€£]?-?\d|(?<!\d)(?:19|20)\d\d\s*[:=]\s*[$€£]?-?\d"
)
_EMAIL: Final = re.compile(r"^\s*[\w.+-]+@[\w-]+\.[\w.-]+\s*$")


def choose(words: Words, options: Mapping[str, Any]) -> str:
    """The style for a prompt: what its head noun names, else a scene that it describes, else abstract."""
    prompt = _plain(words)
    if _EMAIL.match(words.text):
        return "avatar"
    named = _named(prompt, words)
    if named == "pattern" and _texture(prompt):
        return "texture"
    if named:
        return named
    if options.get("data"):
        return "chart"
    if _texture(prompt):
        return "texture"
    if len(_PAIRS.findall(prompt)) >= 2:
        return "chart"
    if re.fullmatch(r"\W*" + _SIZE.pattern + r"\W*", prompt, re.IGNORECASE):
        return "placeholder"
    if options.get("text") or words.quoted:
        return "card"
    if _scenic(words):
        return "scene"
    return "abstract"


def size_in(prompt: str) -> tuple[int, int] | None:
    """The size written in a prompt ("800x600"), in pixels, or None."""
    found = _SIZE.search(prompt)
    return (int(found.group(1)), int(found.group(2))) if found else None


def _plain(words: Words) -> str:
    text = words.text.lower()
    for quoted in words.quoted:
        text = text.replace(quoted.lower(), " ")
    return text


def _named(prompt: str, words: Words) -> str:
    parts = _LINK.split(prompt)
    head = next((part for part in parts if part.strip()), "")
    found = _last(head)
    if found:
        return "" if found == "abstract" and _place_beats(words, head) else found
    if re.search(rf"\b(?:{_WEAK_CARD})\b", head):
        return _weak_card(prompt, words)
    if _scenic(words):
        return ""
    rest = (_last(part) for part in parts)
    return next((name for name in rest if name), "")


def _last(text: str) -> str:
    """The style named last in a phrase: the last noun is its head ("bar chart icon" is an icon)."""
    best = (-1, -1, "")
    for name, expression in _NAMES:
        for match in re.finditer(rf"(?<![\w-])(?:{expression})(?![\w-])", text):
            best = max(best, (match.end(), match.end() - match.start(), name))
    return best[2]


def _place_beats(words: Words, head: str) -> bool:
    """ "hero background of snowy mountains" is a scene; "abstract …" and "gradient …" stay what they say."""
    strong = re.search(
        r"abstract|gradient|mesh|halftone|topographic|contour|bauhaus|bokeh|geometric|blob|orbs|paper",
        head,
    )
    return not strong and bool(words.place or words.subjects)


def _weak_card(prompt: str, words: Words) -> str:
    if words.quoted or re.search(
        r"\b(?:for|about|titled|saying|announcing|announces|reads|reading)\b", prompt
    ):
        return "" if _scenic(words) and not words.quoted and " of " in prompt else "card"
    return ""


def _texture(prompt: str) -> bool:
    material = re.search(rf"\b(?:{_MATERIALS})\b", prompt)
    return bool(material) and bool(
        re.search(
            rf"\b(?:{_SURFACE})\b.*\b(?:{_MATERIALS})\b|"
            rf"\b(?:{_MATERIALS})\b(?:\s\w+)?\s(?:{_SURFACE})\b",
            prompt,
        )
    )


def _scenic(words: Words) -> bool:
    return bool(words.place or words.subjects or words.time_of_day or words.weather)
