"""Pictures in the terminal itself, where it can show them.

By the environment alone: asking a terminal what it can do means waiting for an answer that may never come,
and that lands in the shell if it comes late. Protocols: kitty graphics
(https://sw.kovidgoyal.net/kitty/graphics-protocol/), iTerm2 inline images
(https://iterm2.com/documentation-images.html), DEC sixel (VT330/340 programmer reference, chapter 14).
"""

from __future__ import annotations

import base64
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TextIO

from flexura.cli import terminal
from flexura.domain.errors import FlexuraError

Protocol = Literal["", "kitty", "iterm", "sixel"]
VARIABLE = "FLEXURA_INLINE"
_CHUNK = 4096
_CELL = 10
"""About so many pixels wide is one character."""
_WIDEST = 1600
_KITTY_PROGRAMS = ("kitty", "ghostty")
_ITERM_PROGRAMS = ("iTerm.app", "WezTerm", "WarpTerminal", "rio")
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft", "sixel")
_KONSOLE_WITH_SIXELS = 220_400


def protocol(stream: TextIO, environment: Mapping[str, str] | None = None) -> Protocol:
    """How this stream shows pictures; empty where it does not.

    Only a terminal that a person looks at: no pipe, no CI, no agent. `FLEXURA_INLINE` (kitty, iterm, sixel,
    off) has the last word about which terminal it is.
    """
    found = os.environ if environment is None else environment
    if not stream.isatty() or found.get("TERM") == "dumb":
        return ""
    told = found.get(VARIABLE, "").strip().lower()
    for known in ("kitty", "iterm", "sixel"):
        if told == known:
            return known
    if told or found.get("CI") or terminal.is_agent(found):
        return ""
    return _announced(found)


def _announced(found: Mapping[str, str]) -> Protocol:
    """What the terminal says of itself; a multiplexer in between would show characters instead."""
    term, program = found.get("TERM", ""), found.get("TERM_PROGRAM", "")
    if found.get("TMUX") or found.get("STY") or term.startswith(("screen", "tmux")):
        return ""
    if found.get("KITTY_WINDOW_ID") or program in _KITTY_PROGRAMS or "kitty" in term:
        return "kitty"
    if "ghostty" in term:
        return "kitty"
    if program in _ITERM_PROGRAMS or found.get("LC_TERMINAL") == "iTerm2":
        return "iterm"
    version = found.get("KONSOLE_VERSION", "")
    konsole = version.isdecimal() and int(version) >= _KONSOLE_WITH_SIXELS
    if konsole or program == "mintty" or any(name in term for name in _SIXEL_TERMS):
        return "sixel"
    return ""


async def show(picture: Path) -> bool:
    """Show a picture file on stdout; False where this terminal cannot, or the file is none."""
    stream = sys.stdout
    how = protocol(stream)
    if not how:
        return False
    columns = max(20, shutil.get_terminal_size().columns)
    try:
        data = await _bytes(picture, how, min(_WIDEST, columns * _CELL))
    except (FlexuraError, OSError):
        return False
    stream.flush()
    stream.buffer.write(sequence(how, data, columns) + b"\n")
    stream.buffer.flush()
    return True


async def _bytes(picture: Path, how: Protocol, width: int) -> bytes:
    # The renderer is needed for few commands, so it is found when it is.
    from flexura.runtime.local_pictures import for_terminal

    # kitty and iTerm2 both read PNG, and neither reads every format that a model may make.
    return await for_terminal(picture, "sixel" if how == "sixel" else "png", width)


def sequence(how: Protocol, data: bytes, columns: int) -> bytes:
    """What is written to the terminal; `data` is PNG, or sixels for `sixel`."""
    if how == "sixel":
        return data
    if how == "iterm":
        head = f"\x1b]1337;File=inline=1;size={len(data)};preserveAspectRatio=1:"
        return head.encode() + base64.b64encode(data) + b"\x07"
    return _kitty(data, min(columns, max(1, -(-_width_of(data) // _CELL))))


def _kitty(png: bytes, columns: int) -> bytes:
    """In pieces of 4,096 characters; `q=2`: no answer, which would land in the shell."""
    text = base64.b64encode(png)
    pieces = [text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK)] or [b""]
    out: list[bytes] = []
    for index, piece in enumerate(pieces):
        first = f"a=T,f=100,q=2,c={columns}," if index == 0 else "q=2,"
        more = int(index + 1 < len(pieces))
        out.append(f"\x1b_G{first}m={more};".encode() + piece + b"\x1b\\")
    return b"".join(out)


def _width_of(png: bytes) -> int:
    return int.from_bytes(png[16:20], "big") if png[12:16] == b"IHDR" else _CELL
