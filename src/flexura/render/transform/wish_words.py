"""The words of picture editing and what each asks for."""

from __future__ import annotations

import re
from typing import Any, Final

Table = tuple[tuple[re.Pattern[str], dict[str, Any]], ...]


def _table(*rows: tuple[str, dict[str, Any]]) -> Table:
    return tuple((re.compile(rf"\b(?:{pattern})\b"), meaning) for pattern, meaning in rows)


WEAK: Final = re.compile(
    r"\b(?:slight(?:ly)?|subtl[ey]|a (?:little|bit|touch|hint)|soft(?:ly)?|light(?:ly)?|gentl[ey]|mild(?:ly)?"
    r"|faint(?:ly)?|somewhat)\b"
)
STRONG: Final = re.compile(
    r"\b(?:very|strong(?:ly)?|heav(?:y|ily)|extreme(?:ly)?|intense(?:ly)?|dramatic(?:ally)?|a lot|much"
    r"|completely|really|super|maximum|bold)\b"
)

_UP = r"(?:more|increased?|higher|raise|boost(?:ed)?|strong(?:er)?|high|add|extra|up)"
_DOWN = r"(?:less|decreased?|lower|reduced?|low|weak(?:er)?|soft(?:er)?|flat(?:ter)?)"

SETTINGS: Final = _table(
    (
        r"(?:remove|delete|erase|cut out|take away|drop|strip|clear)\s+(?:the\s+)?(?:\w+\s+)?"
        r"(?:background|backdrop)"
        r"|transparent background|background (?:removal|removed|transparent)|cut\s?out",
        {"background": "transparent"},
    ),
    (
        r"(?:replace|change|swap)\s+(?:the\s+)?(?:background|backdrop)(?:\s+(?:to|by|for|into))?",
        {"background": "transparent"},
    ),
    (r"monochrome|gr[ae]yscale|desaturate(?:d)? completely|colou?rless", {"recolour": "grayscale"}),
    (r"sepia", {"recolour": "sepia"}),
    (
        r"(?:cyberpunk|synthwave|vaporwave)(?: neon)?|neon (?:look|colou?rs?|light(?:s|ing)?)",
        {"recolour": "duotone", "palette": "#120a34 #b0137e #35d6e8"},
    ),
    (r"invert(?:ed)?(?: (?:the )?colou?rs)?|negative", {"recolour": "invert"}),
    (r"duo-?tone|two[- ]tone", {"recolour": "duotone"}),
    (r"tint(?:ed)?|wash|colou?ri[sz]e|recolou?r", {"recolour": "tint"}),
    (r"(?:shift|rotate|turn|change) (?:the |all )?hues?|hue shift", {"hue": 120}),
    (
        r"(?:upscale|upscaled|enlarge|enlarged|super[- ]?resolution|higher resolution|bigger|larger)",
        {"upscale": 2},
    ),
    (r"(?:4x|x4|4 times|four times|quadruple)", {"upscale": 4}),
    (r"(?:2x|x2|2 times|twice|double(?: the)?(?: size| resolution)?)", {"upscale": 2}),
    (
        r"(?:smart )?crop(?:ped)? (?:it )?(?:to )?(?:a )?square|square (?:crop|format)|squared?",
        {"crop": "1:1"},
    ),
    (r"(?:wide ?screen|landscape format|cinema(?:scope)? format|banner format)", {"crop": "16:9"}),
    (r"(?:portrait format|vertical format|stor(?:y|ies)|reels?|phone wallpaper)", {"crop": "9:16"}),
    (
        r"(?:flip|mirror)(?:ped|ed)?\s+(?:it\s+)?(?:vertical(?:ly)?|upside down)",
        {"flip": "vertical"},
    ),
    (r"upside down", {"rotate": 180}),
    (r"(?:flip|mirror)(?:ped|ed)?(?:\s+(?:it\s+)?horizontal(?:ly)?)?", {"flip": "horizontal"}),
    (
        r"(?:rotate|turn)\s+(?:it\s+)?(?:to the\s+)?(?:left|counter-?clockwise|anti-?clockwise)",
        {"rotate": 270},
    ),
    (r"(?:rotate|turn)\s+(?:it\s+)?(?:to the\s+)?(?:right|clockwise)", {"rotate": 90}),
    (r"rotated?|turned", {}),
    (
        r"(?:round|circular|circle)(?: (?:mask|crop|avatar|picture|shape|cut))?(?! corner|ed)",
        {"shape": "circle"},
    ),
    (r"(?:rounded|round) corners?|rounded", {"corners": 0.08}),
    (r"(?:thick|wide|bold|big) (?:\w+ )?(?:border|frame|outline)", {"border": -5}),
    (r"border(?:ed)?|frame|framed", {"border": -2}),
    (r"padding|padded|margin|white space|whitespace", {"padding": -8}),
    (r"(?:as|to|into|in) (?:a )?webp|webp", {"format": "webp"}),
    (r"(?:as|to|into|in) (?:a )?jpe?g|jpe?g", {"format": "jpeg"}),
    (r"(?:as|to|into|in) (?:a )?png|png", {"format": "png"}),
    (r"(?:as|to|into|in) (?:an )?avif|avif", {"format": "avif"}),
    (
        r"strip (?:the )?(?:metadata|exif|gps)|remove (?:the )?(?:metadata|exif|gps)",
        {"format": "same"},
    ),
    (r"watermark(?:ed)?", {}),
    (r"(?:resize|scale|shrink|crop)(?:d|ed)?(?: it)?(?: down)?", {}),
)

# "less saturated" must be read before "saturated".
TONES: Final = _table(
    (rf"{_DOWN}\s+(?:the\s+)?contrast|contrast down", {"contrast": -0.7}),
    (
        rf"{_DOWN}\s+(?:the\s+)?(?:brightness|light)|darken(?:ed)?|darker|dimmer|dim",
        {"brightness": -0.8},
    ),
    (rf"{_DOWN}\s+(?:the\s+)?(?:saturat(?:ion|ed)|colou?r(?:s|ful)?)", {"saturation": -0.8}),
    (rf"{_UP}\s+(?:the\s+)?contrast|contrasty|contrast up|punchy|punchier", {"contrast": 0.8}),
    (
        rf"{_UP}\s+(?:the\s+)?(?:brightness|light)|brighten(?:ed)?|brighter|lighter|lighten",
        {"brightness": 0.8},
    ),
    (
        rf"{_UP}\s+(?:the\s+)?(?:saturat(?:ion|ed)|colou?r(?:s|ful)?|vibran(?:t|ce))"
        r"|saturated|vivid|vibrant|colou?rful",
        {"saturation": 1.0},
    ),
    (r"desaturate(?:d)?|muted|washed[- ]out|faded|pastel", {"saturation": -0.8}),
    (r"warmer|warm(?: up)?|golden(?: hour)?|sunny", {"warmth": 0.9}),
    (r"cooler|cool|colder|cold|icy|chilly", {"warmth": -0.9}),
)

FILTERS: Final = _table(
    (
        r"blur(?:red|ry|ring)?|out of focus|soft focus|defocus(?:ed)?|smooth(?:er)?",
        {"filter": "blur"},
    ),
    (
        r"sharpen(?:ed)?|sharper|sharp|crisp(?:er)?|(?:more )?detailed|clearer",
        {"filter": "sharpen"},
    ),
    (r"vignette", {"filter": "vignette"}),
    (r"(?:film )?grain|grainy|noise|noisy", {"filter": "grain"}),
    (r"posteri[sz]e(?:d)?|poster(?: art| style)?|pop[- ]art", {"filter": "posterize"}),
    (r"pixel(?:ate|ated|ation|[- ]art|s)?|8[- ]?bit|mosaic|censor(?:ed)?", {"filter": "pixelate"}),
    (
        r"half-?tone|comic (?:dots|print)|newspaper|screen ?print|risograph|riso",
        {"filter": "halftone"},
    ),
    (r"glow(?:ing)?|bloom|dreamy|ethereal", {"filter": "glow"}),
    (r"neon (?:edges|outlines?|lines)|edges?|edge detect(?:ion)?|outlined", {"filter": "edges"}),
    (
        r"line[- ]?(?:art|drawing)|ink(?: drawing)?|outlines?|colou?ring (?:page|book)",
        {"filter": "line_art"},
    ),
    (r"(?:pencil )?sketch|pencil(?: drawing)?|drawing|charcoal|drawn", {"filter": "sketch"}),
    (
        r"oil(?: paint(?:ing|ed)?)?|water ?colou?r(?: painting)?|gouache|paint(?:ing|ed|erly)"
        r"|impressionist|brush ?strokes?",
        {"filter": "oil"},
    ),
    (r"cartoon(?:ish|ified|ify)?|comic(?: book)?|toon|cel[- ]shaded", {"filter": "cartoon"}),
    (r"(?:analog(?:ue)? )?film(?: look)?|analog(?:ue)?|kodak|portra|35 ?mm", {"filter": "film"}),
    (r"vintage|retro|old photo(?:graph)?|nostalgic|polaroid|aged", {"filter": "vintage"}),
    (r"tealorange|cinematic|blockbuster|movie(?: look)?", {"filter": "teal_orange"}),
    (r"noir|film noir", {"filter": "noir"}),
)

_FILLERS: Final = """
profile product instagram avatar pop profile logo website banner landing page
and with then
a an the it its this that these those of to into in on at by for from as is be so my your our me i we
you please can could would should want need like look looks looking feel style styled effect filter
filters version image picture photo photograph pic photos pictures images file result output some all
whole entire just only same keep keeping everything colour color colours colors tone tones toned shade
shades palette make made turn add apply give put use do set change convert create render edit retouch
transform remove replace bit little touch hint slight slightly subtle subtly soft softly light lightly
gentle gently mild very strong strongly heavy heavily extreme extremely intense intensely dramatic
dramatically lot much more less really super completely bold maximum around about over under out up down
between px pixel pixels left right top bottom center centre percent degrees degree clockwise width
height wide high tall size sized background backdrop corner corners no not without don't dont don never
any if when which new nice good better great beautiful format ratio aspect text saying says caption here
there where now them they one two
"""
IGNORED: Final = frozenset(_FILLERS.split())
