"""Screens of web tools, 1200 wide: dashboard, kanban board, table and chat."""

from __future__ import annotations

from flexura.render.pictures.wireframe.kit import Kit


def _rail(kit: Kit, height: float, name: str, items: tuple[tuple[str, str], ...]) -> None:
    kit.box(0, 0, 232, height, 0.035, 0)
    kit.line([(232, 0), (232, height)], 1.5, 0.1)
    kit.dot(44, 46, 16, accent=1.0)
    kit.text(72, 52, name, 18)
    for i, (sign, label) in enumerate(items):
        y = 98 + i * 50
        if i == 0:
            kit.accent_box(16, y, 200, 42, 10, 0.14)
        kit.sign(sign, 30, y + 11, 20, 0.6, accent=i == 0)
        kit.text(62, y + 27, label, 15, 0.85 if i == 0 else 0.6)
    kit.dot(42, height - 44, 18, 0.16)
    kit.lines(72, height - 54, (96, 62), 8, 8)


_RAIL = (
    ("home", "Overview"),
    ("chart", "Reports"),
    ("team", "Customers"),
    ("card", "Billing"),
    ("gear", "Settings"),
)


def dashboard(kit: Kit, height: float, name: str) -> None:
    """Figures, a chart, a ring and a table beside a navigation rail."""
    _rail(kit, height, name, _RAIL)
    kit.text(268, 58, "Overview", 28, 0.92, "bold")
    kit.frame((840, 28, 220, 42), 12, level=0.04, line=0.1)
    kit.sign("search", 854, 40, 18, 0.45)
    kit.text(882, 55, "Search", 14, 0.45, "regular")
    kit.button(1076, 28, 92, "New", height=42)
    for i, (label, value) in enumerate(
        (("Revenue", "$48.2k"), ("Orders", "1,284"), ("Visitors", "36.9k"), ("Refunds", "0.8%"))
    ):
        x = 268 + i * 228
        kit.frame((x, 100, 212, 118), 14)
        kit.text(x + 20, 134, label, 14, 0.55, "regular")
        kit.text(x + 20, 176, value, 30, 0.92, "bold")
        kit.accent_box(x + 20, 192, 60, 9, 4.5, 0.5)
        kit.lines(x + 90, 192, (70,), 9)
    room = max(height - 240, 240)
    tall = min(room * 0.56, 380)
    kit.frame((268, 238, 588, tall), 14)
    kit.text(292, 274, "Revenue", 17)
    steps = (0.3, 0.42, 0.36, 0.55, 0.5, 0.68, 0.62, 0.8, 0.74, 0.92)
    for i, share in enumerate(steps):
        bar = (tall - 104) * share
        x = 292 + i * 55.6
        kit.accent_box(x, 238 + tall - 36 - bar, 36, bar, 6, 1.0 if i == len(steps) - 1 else 0.42)
    kit.frame((872, 238, 296, tall), 14)
    kit.text(896, 274, "Sources", 17)
    _ring(kit, 1020, 238 + tall * 0.5 + 8, min(tall * 0.27, 84))
    kit.lines(896, 238 + tall - 36, (60,), 9)
    kit.lines(976, 238 + tall - 36, (60,), 9)
    kit.lines(1056, 238 + tall - 36, (60,), 9)
    table(kit, (268, 258 + tall, 900), height - 30)


def _ring(kit: Kit, x: float, y: float, radius: float) -> None:
    kit.dot(x, y, radius, accent=0.3)
    kit.dot(x, y, radius * 0.999, accent=0.42)
    kit.dot(x, y, radius * 0.62, 0.0)
    kit.text(x, y + radius * 0.16, "64%", radius * 0.46, 0.9, "bold center")


def table(kit: Kit, place: tuple[float, float, float], bottom: float) -> None:
    """Rows with a face, a name, a status and a sum, down to `bottom`."""
    x, y, width = place
    if bottom - y < 90:
        return
    kit.frame((x, y, width, bottom - y), 14)
    for i, label in enumerate(("Customer", "Status", "Date", "Amount")):
        kit.text(x + 24 + width * (0, 0.42, 0.62, 0.84)[i], y + 34, label, 13, 0.5, "semibold")
    at = y + 52
    row = 0
    while at + 50 < bottom:
        kit.line([(x, at), (x + width, at)], 1.5, 0.08)
        kit.dot(x + 42, at + 26, 15, 0.14)
        kit.lines(x + 72, at + 20, (120 + (row * 47) % 90,), 10)
        kit.accent_box(x + 24 + width * 0.42, at + 13, 78, 26, 13, 0.3 if row % 3 else 0.14)
        kit.lines(x + 24 + width * 0.62, at + 20, (90,), 10)
        kit.text(x + 24 + width * 0.84, at + 31, f"${(row * 137 + 240) % 900 + 90}.00", 15, 0.8)
        at += 54
        row += 1


def listing(kit: Kit, height: float, name: str) -> None:
    """A table over the whole screen."""
    _rail(kit, height, name, _RAIL)
    kit.text(268, 58, "Customers", 28, 0.92, "bold")
    kit.button(1040, 28, 128, "Add new", height=42)
    x = 268.0
    for i, label in enumerate(("All", "Active", "Trial", "Churned")):
        x += kit.chip(x, 88, label, main=i == 0) + 10
    table(kit, (268, 138, 900), height - 30)


def kanban(kit: Kit, height: float, name: str) -> None:
    """Four columns of cards."""
    kit.dot(58, 46, 16, accent=1.0)
    kit.text(86, 53, name, 20)
    kit.text(60, 116, "Sprint board", 30, 0.92, "bold")
    for i in range(4):
        kit.dot(960 - i * 30, 104, 21, 0.0)
        kit.dot(960 - i * 30, 104, 18, 0.12 + i * 0.05)
    kit.button(1000, 82, 140, "Add task", height=44)
    counts = (4, 3, 2, 5)
    for i, label in enumerate(("Backlog", "In progress", "Review", "Done")):
        x = 60 + i * 274
        kit.box(x, 152, 258, height - 182, 0.035, 16)
        kit.dot(x + 26, 184, 6, 0.3, accent=(0.0, 1.0, 0.55, 0.3)[i])
        kit.text(x + 42, 190, label, 16)
        kit.text(x + 236, 190, str(counts[i]), 14, 0.5, "regular right")
        y = 212.0
        for card in range(counts[i]):
            tall = 158.0 if (card + i) % 3 == 1 else 118.0
            if y + tall > height - 50:
                break
            _task(kit, x + 12, y, tall, card + i)
            y += tall + 12


def _task(kit: Kit, x: float, y: float, tall: float, seed: int) -> None:
    kit.frame((x, y, 234, tall), 12, line=0.1)
    kit.accent_box(x + 16, y + 16, 44 + seed * 13 % 40, 10, 5, (0.7, 0.4, 0.22)[seed % 3])
    kit.lines(x + 16, y + 40, (196, 140 - seed * 17 % 60), 10, 10)
    if tall > 130:
        kit.box(x + 16, y + 84, 202, 32, 0.06, 8)
    kit.dot(x + 206, y + tall - 22, 12, 0.16)
    kit.sign("chat", x + 16, y + tall - 31, 16, 0.35)
    kit.lines(x + 40, y + tall - 26, (22,), 8)


def chat(kit: Kit, height: float, name: str) -> None:
    """A list of conversations and one of them open."""
    kit.box(0, 0, 330, height, 0.035, 0)
    kit.text(32, 60, name or "Messages", 26, 0.92, "bold")
    kit.frame((28, 84, 274, 42), 12)
    kit.sign("search", 42, 96, 18, 0.45)
    at, row = 144.0, 0
    while at + 70 < height:
        if row == 0:
            kit.accent_box(14, at, 302, 68, 14, 0.14)
        kit.dot(56, at + 34, 22, 0.16 + (row % 3) * 0.05)
        kit.lines(92, at + 20, (110 + row * 29 % 50, 170 - row * 23 % 60), 9, 12)
        at += 74
        row += 1
    kit.line([(330, 78), (1200, 78)], 1.5, 0.1)
    kit.dot(382, 40, 20, 0.18)
    kit.text(414, 46, "Jane Doe", 18)
    at, row = height - 170, 0
    while at > 110:
        mine = row % 3 == 0
        wide = 250 + row * 97 % 170
        tall = 54.0 if row % 2 == 0 else 76.0
        x = 1160 - wide if mine else 370.0
        if mine:
            kit.accent_box(x, at, wide, tall, 18, 0.9)
        else:
            kit.box(x, at, wide, tall, 0.07, 18)
        if not mine:
            kit.lines(x + 20, at + 18, (wide - 60, wide - 120)[: 1 if tall < 60 else 2], 9, 13)
        at -= 92
        row += 1
    kit.frame((370, height - 84, 700, 52), 26, line=0.16)
    kit.text(396, height - 52, "Write a message", 15, 0.42, "regular")
    kit.accent_box(1086, height - 84, 74, 52, 26)
