"""Wireframes of pages and screens, in a browser window or a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from flexura.render.oklab import RGB, mix
from flexura.render.pictures.drawing.drawing import Drawing, Shape
from flexura.render.pictures.drawing.path import Path
from flexura.render.pictures.drawing.shapes import circle, rounded
from flexura.render.pictures.drawn import painting
from flexura.render.pictures.names import name_in
from flexura.render.pictures.scheme import scheme
from flexura.render.pictures.sheet import Painting, Sheet
from flexura.render.pictures.wireframe import mobile, pages, tools
from flexura.render.pictures.wireframe.kit import Kit
from flexura.render.type import drawable, missing_warnings

_PAGES: Final[tuple[tuple[str, Callable[[Kit, float, str], None]], ...]] = (
    (
        r"log ?in|sign[ -]?in|sign[ -]?up|register|registration|auth|password|onboarding",
        pages.sign_in,
    ),
    (r"kanban|board|sprint|trello|scrum", tools.kanban),
    (r"dashboard|analytics|admin|metrics|overview|crm", tools.dashboard),
    (r"settings|preferences|account|profile|form", pages.settings),
    (r"chat|messages?|messenger|inbox|conversation|support", tools.chat),
    (r"table|list|users|customers|orders|invoices|data grid", tools.listing),
    (r"pricing|plans|subscription|checkout", pages.pricing),
    (r"shop|store|e-?commerce|products?|catalog(?:ue)?|marketplace", pages.shop),
    (r"blog|article|post|news|magazine|documentation|docs", pages.article),
    (r"landing|home ?page|hero|website|marketing|saas|startup", pages.landing),
)
_SCREENS: Final[tuple[tuple[str, Callable[[Kit, str], None]], ...]] = (
    (r"log ?in|sign[ -]?in|sign[ -]?up|register|auth|password|onboarding", mobile.sign_in),
    (r"profile|account|person", mobile.profile),
    (r"shop|store|e-?commerce|products?|catalog|food|delivery", mobile.shop),
    (r"music|player|podcast|audio|video", mobile.player),
)
_MOBILE: Final = r"mobile|phone|iphone|android|app screen|ios|smartphone"


def paint(sheet: Sheet) -> Painting:
    """The wireframe in pixels and as SVG."""
    return painting(draw(sheet))


def draw(sheet: Sheet) -> Drawing:
    """The wireframe as a drawing: the page or screen that the prompt names, in its window."""
    text = sheet.prompt.lower()
    colours = scheme(sheet, "wireframe")
    dark = bool(set(sheet.words.tokens) & {"dark", "night", "black"})
    ground: RGB = mix(colours.ink, (1.0, 1.0, 1.0), 0.04) if dark else (1.0, 1.0, 1.0)
    ink = colours.paper if dark else colours.ink
    accent = colours.strong(ground, 3.2)
    back = mix(colours.ink, (0.0, 0.0, 0.0), 0.25) if dark else mix(colours.paper, ink, 0.07)
    given = name_in(sheet)
    name = drawable(given)
    tall = sheet.height > sheet.width * 1.25
    if re.search(rf"\b(?:{_MOBILE})\b", text) or (
        tall and not re.search(r"\b(?:page|website|web|desktop)\b", text)
    ):
        shapes = _phone(sheet, text, name, (accent, ground, ink))
    else:
        shapes = _browser(sheet, text, name, (accent, ground, ink))
    return Drawing(sheet.width, sheet.height, tuple(shapes), back, missing_warnings(given))


def _browser(sheet: Sheet, text: str, name: str, colours: tuple[RGB, RGB, RGB]) -> list[Shape]:
    accent, ground, ink = colours
    width, height = sheet.width, sheet.height
    margin = min(width, height) * 0.055
    across = width - 2 * margin
    scale = across / pages.WIDE
    bar = 46 * scale
    window = rounded(margin, margin, across, height - 2 * margin, 16 * scale)
    shapes = _window(window, scale, ground)
    kit = Kit(scale, margin, margin + bar, accent, ground, ink)
    draw_page = next(
        (page for words, page in _PAGES if re.search(rf"\b(?:{words})\b", text)), pages.landing
    )
    # A page has an end, however tall the picture is.
    draw_page(kit, min((height - 2 * margin - bar) / scale, 6000), name or "Acme")
    shapes += [shape.clipped(window) for shape in kit.shapes]
    return shapes + [shape.clipped(window) for shape in _bar(margin, scale, across, (ground, ink))]


def _window(window: Path, scale: float, ground: RGB) -> list[Shape]:
    return [
        Shape(window.shift(0, 14 * scale), fill=(0.02, 0.03, 0.1), opacity=0.16, blur=22 * scale),
        Shape(window, fill=ground),
    ]


def _bar(margin: float, scale: float, across: float, colours: tuple[RGB, RGB]) -> list[Shape]:
    """The window's own bar: three dots and an address field."""
    ground, ink = colours
    bar = 46 * scale
    shapes = [Shape(rounded(margin, margin, across, bar, 0), fill=mix(ground, ink, 0.05))]
    for i in range(3):
        shapes.append(
            Shape(
                circle(margin + (30 + i * 22) * scale, margin + bar / 2, 6.5 * scale),
                fill=mix(ground, ink, 0.2),
            )
        )
    field = rounded(margin + across * 0.28, margin + bar * 0.2, across * 0.44, bar * 0.6, bar * 0.3)
    return [*shapes, Shape(field, fill=mix(ground, ink, 0.1))]


def _phone(sheet: Sheet, text: str, name: str, colours: tuple[RGB, RGB, RGB]) -> list[Shape]:
    accent, ground, ink = colours
    width, height = sheet.width, sheet.height
    tall = min(height * 0.9, width * 0.86 * mobile.TALL / mobile.NARROW)
    scale = tall / mobile.TALL
    wide = mobile.NARROW * scale
    x, y = (width - wide) / 2, (height - tall) / 2
    body = rounded(x - 10 * scale, y - 10 * scale, wide + 20 * scale, tall + 20 * scale, 58 * scale)
    screen = rounded(x, y, wide, tall, 48 * scale)
    dark = mix(ink, (0.0, 0.0, 0.0), 0.3) if sum(ink) < 1.5 else mix(ground, ink, 0.2)
    shapes = [
        Shape(body.shift(0, 20 * scale), fill=(0.02, 0.03, 0.1), opacity=0.22, blur=26 * scale),
        Shape(body, fill=dark),
        Shape(screen, fill=ground),
    ]
    kit = Kit(scale, x, y, accent, ground, ink)
    draw_screen = next(
        (screen for words, screen in _SCREENS if re.search(rf"\b(?:{words})\b", text)), mobile.feed
    )
    draw_screen(kit, name)
    kit.text(38, 38, "9:41", 16, 0.9)
    kit.box(140, 14, 110, 30, 0.95 if sum(ink) < 1.5 else 0.25, 15)
    kit.box(328, 26, 26, 13, 0.5, 4)
    return shapes + [shape.clipped(screen) for shape in kit.shapes]
