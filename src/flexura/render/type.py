"""Setting type: measuring, breaking, fitting and outlining text in the bundled faces."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from flexura.render.fonts.truetype import TrueType, bundled
from flexura.render.pictures.drawing.path import Path
from flexura.render.task import Warning

Align = Literal["left", "center", "right"]

FACES = {
    "regular": "inter-regular",
    "semibold": "inter-semibold",
    "bold": "inter-extrabold",
    "geometric": "outfit-semibold",
    "grotesk": "space-grotesk-bold",
    "mono": "jetbrains-mono-medium",
    "serif": "flexura-serif-bold",
    "italic": "flexura-serif-italic",
}
"""The faces by role; every role falls back to Inter for characters that it lacks."""

_RIGHT_TO_LEFT = {"R", "AL"}
_UNSEEN = {"Cc", "Cf", "Mn", "Me", "Cs"}


@dataclass(frozen=True)
class Setting:
    """How a line is set: face (a key of FACES), size in pixels per em, tracking in em."""

    face: str
    size: float
    tracking: float = 0.0

    def sized(self, size: float) -> Setting:
        """The same setting in another size."""
        return Setting(self.face, size, self.tracking)

    @property
    def cap_height(self) -> float:
        """The height of capitals in pixels."""
        font = bundled(FACES[self.face])
        return font.cap_height * self.size / font.units

    @property
    def x_height(self) -> float:
        """The height of small letters without ascender, in pixels."""
        font = bundled(FACES[self.face])
        return font.x_height * self.size / font.units


def drawable(text: str) -> str:
    """The text without the characters that no bundled face can draw, blanks put in order."""
    kept = "".join(
        c if _known(c) else " " if c.isspace() else "" for c in unicodedata.normalize("NFC", text)
    )
    return " ".join(kept.split())


def missing(text: str) -> str:
    """The characters of the text that cannot be drawn, each once."""
    found = (c for c in unicodedata.normalize("NFC", text) if not _known(c) and not c.isspace())
    return "".join(dict.fromkeys(c for c in found if unicodedata.category(c) not in _UNSEEN))


def missing_warnings(*texts: str) -> tuple[Warning, ...]:
    """The warning `glyph_missing` when some of the texts cannot be drawn as they are."""
    lost = "".join(dict.fromkeys("".join(missing(text) for text in texts)))
    if not lost:
        return ()
    turned = any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in lost)
    why = " The bundled faces have no right-to-left script." if turned else ""
    message = (
        f"{len(lost)} character(s) were left out of the picture because no bundled typeface has them: "
        f"{lost[:24]}{'…' if len(lost) > 24 else ''}.{why} Set this text yourself over the picture."
    )
    return (Warning("glyph_missing", message),)


def line_width(text: str, setting: Setting) -> float:
    """The advance width of one line in pixels, without the tracking after its last letter."""
    end = 0.0
    for font, _, x in _placed(text, setting):
        end = x + font[0].advance(font[1]) * setting.size / font[0].units
    return end


def line_path(text: str, setting: Setting, x: float, y: float, align: Align = "left") -> Path:
    """The outline of one line; (x, y) is on the baseline, at the side or middle that `align` says."""
    if align != "left":
        width = line_width(text, setting)
        x -= width if align == "right" else width / 2
    path: list[Path] = []
    for (font, glyph), _, at in _placed(text, setting):
        scale = setting.size / font.units
        path.append(font.outline(glyph).transform(scale, 0, 0, scale, x + at, y))
    return Path(tuple(command for part in path for command in part.commands))


@dataclass(frozen=True)
class Block:
    """Lines of one setting; `leading` is the distance of baselines in em."""

    lines: tuple[str, ...]
    setting: Setting
    leading: float = 1.1

    @property
    def width(self) -> float:
        """The width of the widest line in pixels."""
        return max((line_width(line, self.setting) for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        """From the top of the first line's capitals to the last baseline, in pixels."""
        if not self.lines:
            return 0.0
        return self.setting.cap_height + (len(self.lines) - 1) * self.leading * self.setting.size

    def path(self, x: float, top: float, align: Align = "left") -> Path:
        """The outline of all lines; `top` is the top of the first line's capitals."""
        baseline = top + self.setting.cap_height
        step = self.leading * self.setting.size
        parts = (
            line_path(line, self.setting, x, baseline + i * step, align)
            for i, line in enumerate(self.lines)
        )
        return Path(tuple(command for part in parts for command in part.commands))


def break_lines(text: str, setting: Setting, width: float) -> tuple[str, ...]:
    """The fewest lines that fit the width, as even as can be; a word that is too long is cut."""
    words = [piece for word in text.split() for piece in _cut(word, setting, width)]
    if not words:
        return ()
    blank = line_width("a b", setting) - line_width("ab", setting)
    widths = [line_width(word, setting) for word in words]
    count = len(words)
    best: list[tuple[int, float, int]] = [(0, 0.0, count)] * (count + 1)
    for start in range(count - 1, -1, -1):
        choices: list[tuple[int, float, int]] = []
        total = -blank
        for end in range(start, count):
            total += blank + widths[end]
            if total > width and end > start:
                break
            lines, cost, _ = best[end + 1]
            orphan = 0.12 if end + 1 == count and total < width * 0.3 else 0.0
            choices.append((lines + 1, cost + (1 - min(total / width, 1)) ** 2 + orphan, end + 1))
        best[start] = min(choices)
    lines_out: list[str] = []
    at = 0
    while at < count:
        lines_out.append(" ".join(words[at : best[at][2]]))
        at = best[at][2]
    return tuple(lines_out)


def fit(
    text: str,
    setting: Setting,
    box: tuple[float, float],
    *,
    smallest: float,
    most_lines: int = 6,
    leading: float = 1.1,
) -> Block:
    """The text in the largest size, up to the setting's own, that fits the box (width, height) in pixels.

    Never smaller than `smallest`: a text too long for that ends with an ellipsis.
    """
    size = setting.size
    while True:
        block = Block(break_lines(text, setting.sized(size), box[0]), setting.sized(size), leading)
        whole = not any(
            len(word) > 3 and word not in " ".join(block.lines).split() for word in text.split()
        )
        fits = (
            len(block.lines) <= most_lines
            and block.height <= box[1]
            and block.width <= box[0] + 0.5
        )
        if (fits and whole) or size <= smallest:
            break
        size = max(size * 0.95, smallest)
    return block if fits else _shortened(block, box[1], most_lines)


def _shortened(block: Block, height: float, most_lines: int) -> Block:
    step = block.leading * block.setting.size
    room = max(int((height - block.setting.cap_height) / step) + 1, 1)
    keep = min(room, most_lines)
    if len(block.lines) <= keep:
        return block
    last = block.lines[keep - 1].rstrip(".,;:!?…- ")
    if " " in last and len(last) > 12:
        last = last.rsplit(" ", 1)[0]
    return Block((*block.lines[: keep - 1], last + "…"), block.setting, block.leading)


def _cut(word: str, setting: Setting, width: float) -> Iterable[str]:
    if line_width(word, setting) <= width or len(word) < 2:
        return [word]
    pieces: list[str] = []
    piece = ""
    for character in word:
        if piece and line_width(piece + character, setting) > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def _placed(text: str, setting: Setting) -> Iterable[tuple[tuple[TrueType, int], str, float]]:
    """Every drawable character with its font, glyph and place along the line."""
    x = 0.0
    before: tuple[TrueType, int] | None = None
    for character in unicodedata.normalize("NFC", text):
        font = _font(character, setting.face)
        if font is None:
            continue
        scale = setting.size / font.units
        glyph = font.glyph(character)
        if before is not None:
            x += setting.tracking * setting.size
            if before[0] is font:
                x += font.kern(before[1], glyph) * scale
        yield (font, glyph), character, x
        x += font.advance(glyph) * scale
        before = (font, glyph)


def _font(character: str, face: str) -> TrueType | None:
    for name in (FACES[face], "inter-semibold"):
        font = bundled(name)
        if font.has(character):
            return font
    return None


def _known(character: str) -> bool:
    return bundled("inter-semibold").has(character)
