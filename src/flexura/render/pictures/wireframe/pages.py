"""Pages in a browser window, on a screen 1200 wide: landing, article, shop, pricing, sign-in, settings."""

from __future__ import annotations

from flexura.render.pictures.wireframe.kit import Kit

WIDE = 1200.0


def header(kit: Kit, name: str, links: tuple[str, ...], action: str = "Sign up") -> float:
    """The bar of a page with name, links and a button; gives back where it ends."""
    kit.dot(78, 52, 16, accent=1.0)
    kit.text(106, 58, name, 20)
    x = 430.0
    for link in links:
        kit.text(x, 57, link, 15, 0.6, "regular")
        x += 112
    kit.button(1016, 30, 124, action, height=44)
    return 96


def landing(kit: Kit, height: float, name: str) -> None:
    """Headline, text, two buttons and a picture, then three features and more."""
    top = header(kit, name, ("Product", "Pricing", "Docs", "Blog"))
    hero = max(min(height * 0.52, 480), 330)
    y = top + 30
    middle = y + hero / 2 - 118
    kit.chip(60, middle - 46, "New: version 2.0", main=True)
    kit.text(60, middle + 46, "Say what it does", 54, 0.92, "bold")
    kit.text(60, middle + 106, "in one clear line", 54, 0.92, "bold")
    kit.lines(60, middle + 140, (430, 390), 12, 14)
    kit.button(60, middle + 212, 168, "Get started", height=52)
    kit.button(244, middle + 212, 156, "See a demo", main=False, height=52)
    kit.picture(660, y, 480, hero - 20, 18)
    y += hero + 24
    for i, sign in enumerate(("bolt", "shield", "layers")):
        x = 60 + i * 370
        kit.frame((x, y, 340, 190), 16, level=0.03, line=0.1)
        kit.accent_box(x + 24, y + 24, 48, 48, 14, 0.16)
        kit.sign(sign, x + 35, y + 35, 26, accent=True)
        kit.text(x + 24, y + 108, ("Fast", "Secure", "Flexible")[i], 19)
        kit.lines(x + 24, y + 126, (270, 210), 10, 12)
    y += 230
    while y < height - 60:
        kit.picture(60, y, 500, 260, 18)
        kit.lines(620, y + 50, (380, 480, 440, 300), 14, 20)
        kit.button(620, y + 196, 150, "Learn more", main=False)
        y += 310


def article(kit: Kit, height: float, name: str) -> None:
    """A blog post: title, author, cover and text, with a column of further posts."""
    y = header(kit, name, ("Latest", "Topics", "Authors"), "Subscribe") + 40
    kit.chip(60, y, "Engineering", main=True)
    kit.text(60, y + 86, "A headline of a post", 46, 0.92, "serif")
    kit.text(60, y + 142, "that runs over two lines", 46, 0.92, "serif")
    kit.dot(80, y + 192, 20, 0.18)
    kit.lines(114, y + 178, (150, 100), 9, 10)
    kit.picture(60, y + 236, 720, 320, 16)
    at = y + 596
    widths = (720.0, 700.0, 712.0, 660.0, 480.0)
    while at < height - 40:
        kit.lines(60, at, widths, 11, 16)
        at += 165
    kit.text(850, y + 20, "More to read", 18)
    at = y + 46
    while at < height - 90:
        kit.picture(850, at, 96, 76, 10)
        kit.lines(964, at + 10, (176, 150, 90), 9, 13)
        at += 104


def shop(kit: Kit, height: float, name: str) -> None:
    """A grid of products with filters at the left."""
    y = header(kit, name, ("New", "Women", "Men", "Sale"), "Cart (2)") + 34
    kit.text(60, y + 26, "Filter", 20)
    at = y + 60
    for group in ("Category", "Size", "Price"):
        kit.text(60, at + 6, group, 15, 0.7)
        for i in range(4):
            kit.frame((60, at + 24 + i * 32, 18, 18), 5, line=0.24)
            kit.lines(90, at + 28 + i * 32, (70 + (i * 37) % 60,), 10)
        at += 176
    card, at = 262.0, y
    while at < height - 80:
        for i in range(3):
            x = 300 + i * (card + 27)
            kit.picture(x, at, card, 240, 16)
            kit.lines(x, at + 258, (card * 0.7, card * 0.4), 11, 12)
            kit.text(x + card, at + 284, f"${24 + i * 15}.00", 16, 0.85, "semibold right")
        at += 328


def pricing(kit: Kit, height: float, name: str) -> None:
    """Three plans side by side, the middle one lifted."""
    y = header(kit, name, ("Product", "Pricing", "Docs")) + 66
    kit.text(600, y + 20, "Simple, fair pricing", 46, 0.92, "bold center")
    kit.lines(430, y + 46, (340,), 11)
    y += 100
    tall = min(max(height - y - 60, 380), 560)
    for i, plan in enumerate(("Starter", "Team", "Enterprise")):
        x = 60 + i * 370
        lift = 18 if i == 1 else 0
        if i == 1:
            kit.accent_box(x - 3, y - lift - 3, 346, tall + 2 * lift + 6, 21)
        kit.frame(
            (x, y - lift, 340, tall + 2 * lift),
            18,
            level=0.0 if i == 1 else 0.025,
            line=0.0 if i == 1 else 0.12,
        )
        kit.text(x + 32, y + 44, plan, 20)
        kit.text(x + 32, y + 112, ("$0", "$29", "$99")[i], 50, 0.92, "bold")
        kit.text(x + 34, y + 142, "per month", 15, 0.5, "regular")
        kit.button(x + 32, y + 166, 276, "Choose", main=i == 1, height=48)
        for row in range(int((tall - 240) / 38)):
            kit.sign("check", x + 32, y + 244 + row * 38, 18, accent=True)
            kit.lines(x + 62, y + 248 + row * 38, (210 - (row * 53) % 90,), 10)


def sign_in(kit: Kit, height: float, name: str) -> None:
    """A sign-in form in the middle of the page."""
    tall = 560.0
    y = max((height - tall) / 2, 20)
    x = 390.0
    kit.frame((x, y, 420, tall), 22)
    kit.dot(600, y + 66, 24, accent=1.0)
    kit.text(600, y + 130, "Welcome back", 28, 0.92, "bold center")
    kit.text(
        600,
        y + 160,
        f"Sign in to {name}" if name else "Sign in to go on",
        15,
        0.5,
        "regular center",
    )
    kit.field(x + 40, y + 190, 340, "Email", "jane@example.com")
    kit.field(x + 40, y + 282, 340, "Password", "••••••••")
    kit.frame((x + 40, y + 380, 18, 18), 5, line=0.3)
    kit.text(x + 68, y + 394, "Remember me", 14, 0.6, "regular")
    kit.text(x + 380, y + 394, "Forgot?", 14, 0.6, "semibold right")
    kit.button(x + 40, y + 420, 340, "Sign in", height=50)
    kit.button(x + 40, y + 484, 340, "Continue with SSO", main=False, height=46)


def settings(kit: Kit, height: float, name: str) -> None:
    """A settings page: sections at the left, form and switches at the right."""
    y = header(kit, name, ("Home", "Projects", "Team"), "Upgrade") + 44
    kit.text(60, y + 24, "Settings", 34, 0.92, "bold")
    y += 66
    for i, (sign, label) in enumerate(
        (
            ("user", "Profile"),
            ("bell", "Notifications"),
            ("lock", "Security"),
            ("card", "Billing"),
            ("team", "Members"),
        )
    ):
        if i == 0:
            kit.accent_box(48, y - 6 + i * 54, 236, 46, 10, 0.14)
        kit.sign(sign, 62, y + 6 + i * 54, 22, 0.6, accent=i == 0)
        kit.text(98, y + 23 + i * 54, label, 16, 0.85 if i == 0 else 0.6)
    tall = max(height - y - 50, 200)
    kit.frame((330, y - 6, 810, tall), 16)
    kit.dot(398, y + 58, 36, 0.14)
    kit.button(454, y + 38, 130, "Change", main=False, height=40)
    kit.field(362, y + 122, 364, "Full name", "Jane Doe")
    kit.field(744, y + 122, 364, "Email", "jane@example.com")
    at = y + 240
    for i, label in enumerate(
        ("Weekly summary", "Product news", "Two-factor sign-in", "Public profile", "Beta features")
    ):
        if at + 60 > y + tall - 76:
            break
        kit.line([(362, at), (1108, at)], 1.5, 0.1)
        kit.text(362, at + 30, label, 16, 0.8)
        kit.lines(362, at + 42, (300 - (i * 61) % 120,), 8)
        kit.toggle(1064, at + 20, on=i % 2 == 0)
        at += 72
    kit.button(966, y + tall - 68, 142, "Save changes", height=44)
