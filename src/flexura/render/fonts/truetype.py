"""Reads outlines, advances and pair kerning from a TrueType file."""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path as FilePath

from flexura.render.pictures.drawing.path import Command, Path, Point

_Contour = list[tuple[float, float, bool]]


class TrueType:
    """One font file of format 4 `cmap`, `glyf` outlines and an optional `kern` table of format 0."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._tables: dict[str, int] = {}
        for i in range(struct.unpack_from(">H", data, 4)[0]):
            tag, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * i)
            self._tables[tag.decode("ascii")] = offset
        head, hhea, os2 = (self._tables[name] for name in ("head", "hhea", "OS/2"))
        self.units: int = struct.unpack_from(">H", data, head + 18)[0]
        self._wide: bool = struct.unpack_from(">h", data, head + 50)[0] == 1
        self._advances: int = struct.unpack_from(">H", data, hhea + 34)[0]
        self.ascent, self.descent = struct.unpack_from(">hh", data, hhea + 4)
        self.x_height, self.cap_height = struct.unpack_from(">hh", data, os2 + 86)
        self._glyph_of = self._characters()
        self._kern = self._pairs()

    def has(self, character: str) -> bool:
        """Whether the font draws this character."""
        return ord(character) in self._glyph_of

    def glyph(self, character: str) -> int:
        """The number of the character's glyph; 0 is the glyph for what is missing."""
        return self._glyph_of.get(ord(character), 0)

    def advance(self, glyph: int) -> int:
        """How far the next glyph starts, in font units."""
        place = self._tables["hmtx"] + 4 * min(glyph, self._advances - 1)
        return int(struct.unpack_from(">H", self._data, place)[0])

    def kern(self, left: int, right: int) -> int:
        """What to add between two glyphs, in font units."""
        return self._kern.get(left << 16 | right, 0)

    def outline(self, glyph: int) -> Path:
        """The outline in font units, y pointing down, the origin on the baseline."""
        commands: list[Command] = []
        for contour in self._contours(glyph, 0):
            commands += _commands(contour)
        return Path(tuple(commands))

    def _characters(self) -> dict[int, int]:
        data, start = self._data, self._tables["cmap"]
        found: dict[int, int] = {}
        for i in range(struct.unpack_from(">H", data, start + 2)[0]):
            table = start + struct.unpack_from(">I", data, start + 8 + 8 * i)[0]
            if struct.unpack_from(">H", data, table)[0] == 4:
                found.update(self._segments(table))
        return found

    def _segments(self, table: int) -> dict[int, int]:
        data = self._data
        count = struct.unpack_from(">H", data, table + 6)[0] // 2
        ends, starts = table + 14, table + 16 + 2 * count
        deltas, ranges = starts + 2 * count, starts + 4 * count
        found: dict[int, int] = {}
        for i in range(count):
            last, first = (struct.unpack_from(">H", data, at + 2 * i)[0] for at in (ends, starts))
            delta, offset = (
                struct.unpack_from(">H", data, at + 2 * i)[0] for at in (deltas, ranges)
            )
            for code in range(first, min(last, 0xFFFE) + 1):
                glyph = code
                if offset:
                    glyph = struct.unpack_from(
                        ">H", data, ranges + 2 * i + offset + 2 * (code - first)
                    )[0]
                    if not glyph:
                        continue
                found[code] = (glyph + delta) & 0xFFFF
        return found

    def _pairs(self) -> dict[int, int]:
        start = self._tables.get("kern")
        if start is None:
            return {}
        count = struct.unpack_from(">H", self._data, start + 10)[0]
        rows = struct.iter_unpack(">Ih", self._data[start + 18 : start + 18 + 6 * count])
        return {int(pair): int(value) for pair, value in rows}

    def _place(self, glyph: int) -> tuple[int, int]:
        loca, glyf = self._tables["loca"], self._tables["glyf"]
        if self._wide:
            start, end = struct.unpack_from(">II", self._data, loca + 4 * glyph)
        else:
            start, end = (2 * v for v in struct.unpack_from(">HH", self._data, loca + 2 * glyph))
        return glyf + start, end - start

    def _contours(self, glyph: int, depth: int) -> list[_Contour]:
        place, size = self._place(glyph)
        if not size or depth > 4:
            return []
        count = struct.unpack_from(">h", self._data, place)[0]
        return self._simple(place + 10, count) if count >= 0 else self._composite(place + 10, depth)

    def _simple(self, at: int, count: int) -> list[_Contour]:
        data = self._data
        ends = struct.unpack_from(f">{count}H", data, at)
        at += 2 * count
        at += 2 + struct.unpack_from(">H", data, at)[0]
        total = ends[-1] + 1 if ends else 0
        flags: list[int] = []
        while len(flags) < total:
            flag = data[at]
            at += 1
            repeat = 0
            if flag & 8:
                repeat = data[at]
                at += 1
            flags += [flag] * (repeat + 1)
        xs, at = self._coordinates(at, flags, 2, 16)
        ys, at = self._coordinates(at, flags, 4, 32)
        contours: list[_Contour] = []
        first = 0
        for end in ends:
            span = range(first, end + 1)
            contours.append([(float(xs[i]), float(-ys[i]), bool(flags[i] & 1)) for i in span])
            first = end + 1
        return contours

    def _coordinates(
        self, at: int, flags: list[int], short: int, same: int
    ) -> tuple[list[int], int]:
        values: list[int] = []
        value = 0
        for flag in flags:
            if flag & short:
                value += self._data[at] if flag & same else -self._data[at]
                at += 1
            elif not flag & same:
                value += struct.unpack_from(">h", self._data, at)[0]
                at += 2
            values.append(value)
        return values, at

    def _composite(self, at: int, depth: int) -> list[_Contour]:
        contours: list[_Contour] = []
        more = True
        while more:
            flags, glyph = struct.unpack_from(">HH", self._data, at)
            at += 4
            dx, dy = struct.unpack_from(">hh" if flags & 1 else ">bb", self._data, at)
            at += 4 if flags & 1 else 2
            a, b, c, d = 1.0, 0.0, 0.0, 1.0
            if flags & 8:
                a = d = struct.unpack_from(">h", self._data, at)[0] / 16384
                at += 2
            elif flags & 64:
                a, d = (v / 16384 for v in struct.unpack_from(">hh", self._data, at))
                at += 4
            elif flags & 128:
                a, b, c, d = (v / 16384 for v in struct.unpack_from(">hhhh", self._data, at))
                at += 8
            for contour in self._contours(glyph, depth + 1):
                contours.append(
                    [(a * x - c * y + dx, -b * x + d * y - dy, on) for x, y, on in contour]
                )
            more = bool(flags & 32)
        return contours


def _commands(contour: _Contour) -> list[Command]:
    """A contour of on- and off-curve points (quadratic) as cubic commands."""
    if len(contour) < 2:
        return []
    full: _Contour = []
    for i, (x, y, on) in enumerate(contour):
        px, py, before = contour[i - 1]
        if not on and not before:
            full.append(((px + x) / 2, (py + y) / 2, True))
        full.append((x, y, on))
    start = next(i for i, point in enumerate(full) if point[2])
    full = full[start:] + full[:start]
    current: Point = full[0][:2]
    commands: list[Command] = [("M", current)]
    i = 1
    while i <= len(full):
        x, y, on = full[i % len(full)]
        if on:
            if i < len(full):
                commands.append(("L", (x, y)))
            current = (x, y)
            i += 1
            continue
        ex, ey, _ = full[(i + 1) % len(full)]
        ax, ay = current
        commands.append(
            (
                "C",
                (
                    ax + (x - ax) * 2 / 3,
                    ay + (y - ay) * 2 / 3,
                    ex + (x - ex) * 2 / 3,
                    ey + (y - ey) * 2 / 3,
                    ex,
                    ey,
                ),
            )
        )
        current = (ex, ey)
        i += 2
    commands.append(("Z", ()))
    return commands


@lru_cache(maxsize=16)
def bundled(name: str) -> TrueType:
    """The bundled font of this file name (without `.ttf`)."""
    return TrueType((FilePath(__file__).parent / f"{name}.ttf").read_bytes())
