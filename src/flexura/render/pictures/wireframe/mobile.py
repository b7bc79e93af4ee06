"""Screens of mobile apps, 390 wide: feed, sign-in, profile, shop, player."""

from __future__ import annotations

from flexura.render.pictures.wireframe.kit import Kit

NARROW, TALL = 390.0, 844.0


def _tabs(kit: Kit, signs: tuple[str, ...]) -> None:
    kit.line([(0, 762), (NARROW, 762)], 1.5, 0.1)
    step = NARROW / len(signs)
    for i, sign in enumerate(signs):
        kit.sign(sign, step * (i + 0.5) - 13, 778, 26, 0.4, accent=i == 0)


def feed(kit: Kit, name: str) -> None:
    """Stories and posts."""
    kit.text(24, 96, name or "Home", 28, 0.92, "bold")
    kit.sign("bell", 340, 74, 24, 0.5)
    for i in range(4):
        x = 56 + i * 88
        kit.dot(x, 156, 35, accent=0.9 if i == 0 else 0.4)
        kit.dot(x, 156, 31, 0.0)
        kit.dot(x, 156, 28, 0.12)
    for i, y in enumerate((214.0, 590.0)):
        kit.dot(46, y + 20, 20, 0.16)
        kit.lines(78, y + 8, (120 - i * 20, 76), 9, 9)
        kit.picture(24, y + 54, 342, 230 if i == 0 else 110, 18)
        if i == 0:
            kit.sign("heart", 26, y + 302, 24, accent=True)
            kit.sign("chat", 66, y + 302, 24, 0.4)
            kit.lines(26, y + 340, (300,), 9)
    _tabs(kit, ("home", "search", "sparkle", "bell", "user"))


def sign_in(kit: Kit, name: str) -> None:
    """Sign-in with mail and password."""
    kit.accent_box(159, 120, 72, 72, 22)
    kit.text(195, 252, name or "Welcome back", 28, 0.92, "bold center")
    kit.text(195, 282, "Sign in to go on", 15, 0.5, "regular center")
    kit.field(28, 330, 334, "Email", "jane@example.com")
    kit.field(28, 422, 334, "Password", "••••••••")
    kit.text(362, 528, "Forgot password?", 14, 0.6, "semibold right")
    kit.button(28, 556, 334, "Sign in", height=54)
    kit.line([(28, 646), (160, 646)], 1.5, 0.14)
    kit.text(195, 651, "or", 14, 0.5, "regular center")
    kit.line([(230, 646), (362, 646)], 1.5, 0.14)
    kit.button(28, 676, 334, "Continue with SSO", main=False, height=52)
    kit.text(195, 780, "New here? Create an account", 14, 0.55, "regular center")


def profile(kit: Kit, name: str) -> None:
    """A person's page with figures and a grid."""
    kit.accent_box(0, 0, NARROW, 220, 0, 0.22)
    kit.dot(195, 220, 60, 0.0)
    kit.dot(195, 220, 54, 0.16)
    kit.text(195, 318, name or "Jane Doe", 26, 0.92, "bold center")
    kit.lines(115, 338, (160,), 9)
    for i, (figure, label) in enumerate(
        (("128", "Posts"), ("4.2k", "Followers"), ("310", "Following"))
    ):
        kit.text(75 + i * 120, 396, figure, 22, 0.9, "bold center")
        kit.text(75 + i * 120, 418, label, 13, 0.5, "regular center")
    kit.button(28, 444, 218, "Follow", height=48)
    kit.button(258, 444, 104, "Message", main=False, height=48)
    for i in range(6):
        kit.picture(28 + (i % 3) * 114, 518 + (i // 3) * 114, 106, 106, 12)
    _tabs(kit, ("home", "search", "bell", "user"))


def shop(kit: Kit, name: str) -> None:
    """Products in two columns with a search field."""
    kit.text(24, 96, name or "Discover", 28, 0.92, "bold")
    kit.sign("bag", 338, 72, 26, 0.5)
    kit.box(24, 118, 342, 48, 0.05, 14)
    kit.sign("search", 40, 132, 20, 0.45)
    kit.text(70, 148, "Search products", 15, 0.45, "regular")
    x = 24.0
    for i, label in enumerate(("All", "Shoes", "Bags", "Watches")):
        x += kit.chip(x, 184, label, main=i == 0) + 8
    for i in range(4):
        px, py = 24 + (i % 2) * 176, 236 + (i // 2) * 262
        kit.picture(px, py, 166, 176, 16)
        kit.lines(px, py + 192, (110, 70), 9, 10)
        kit.text(px + 166, py + 232, f"${29 + i * 14}", 16, 0.88, "semibold right")
    _tabs(kit, ("home", "search", "heart", "bag", "user"))


def player(kit: Kit, name: str) -> None:
    """A player with cover, progress and buttons."""
    kit.text(195, 88, name or "Now playing", 16, 0.6, "semibold center")
    kit.picture(45, 124, 300, 300, 24)
    kit.text(45, 484, "Song title", 26, 0.92, "bold")
    kit.lines(45, 502, (120,), 10)
    kit.sign("heart", 318, 462, 26, accent=True)
    kit.box(45, 556, 300, 6, 0.14, 3)
    kit.accent_box(45, 556, 122, 6, 3)
    kit.dot(167, 559, 9, accent=1.0)
    kit.text(45, 590, "1:24", 13, 0.5, "regular")
    kit.text(345, 590, "3:40", 13, 0.5, "regular right")
    kit.dot(195, 668, 42, accent=1.0)
    kit.sign("play", 177, 648, 40, 0.0)
    for x, turn in ((92.0, True), (298.0, False)):
        kit.line(
            [
                (x + (8 if turn else -8), 654),
                (x + (-8 if turn else 8), 668),
                (x + (8 if turn else -8), 682),
            ],
            4,
            0.5,
        )
    _tabs(kit, ("music", "search", "folder", "user"))
