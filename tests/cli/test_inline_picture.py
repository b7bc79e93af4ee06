"""Pictures in a terminal: only where it says that it can, and where a person looks at it."""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import pytest

from cli_house import Terminal
from doubles import png
from flexura.cli import inline_picture
from flexura.cli.inline_picture import protocol, sequence


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"KITTY_WINDOW_ID": "1", "TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, "iterm"),
        ({"LC_TERMINAL": "iTerm2"}, "iterm"),
        ({"TERM_PROGRAM": "WezTerm"}, "iterm"),
        ({"TERM": "foot-extra"}, "sixel"),
        ({"TERM": "mlterm"}, "sixel"),
        ({"KONSOLE_VERSION": "230804"}, "sixel"),
        ({"KONSOLE_VERSION": "210800"}, ""),
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM_PROGRAM": "Apple_Terminal"}, ""),
        ({"TERM_PROGRAM": "vscode"}, ""),
        ({}, ""),
        # A multiplexer would show characters, an agent would pay for them, CI has nobody to look.
        ({"KITTY_WINDOW_ID": "1", "TMUX": "/tmp/tmux"}, ""),
        ({"TERM_PROGRAM": "WezTerm", "TERM": "screen-256color"}, ""),
        ({"TERM_PROGRAM": "WezTerm", "CI": "true"}, ""),
        ({"TERM_PROGRAM": "WezTerm", "CLAUDECODE": "1"}, ""),
        ({"TERM_PROGRAM": "WezTerm", "TERM": "dumb"}, ""),
        # What the user says goes before what is announced.
        ({"FLEXURA_INLINE": "sixel", "TERM_PROGRAM": "WezTerm"}, "sixel"),
        ({"FLEXURA_INLINE": "kitty", "TMUX": "/tmp/tmux"}, "kitty"),
        ({"FLEXURA_INLINE": "off", "KITTY_WINDOW_ID": "1"}, ""),
        ({"FLEXURA_INLINE": "nonsense", "KITTY_WINDOW_ID": "1"}, ""),
    ],
)
def test_a_terminal_is_known_by_its_environment(environment: dict[str, str], expected: str) -> None:
    assert protocol(Screen(), environment) == expected


def test_a_pipe_gets_no_picture_whatever_is_asked() -> None:
    assert protocol(io.StringIO(), {"FLEXURA_INLINE": "kitty", "KITTY_WINDOW_ID": "1"}) == ""


def test_kitty_gets_png_in_pieces_and_is_told_not_to_answer() -> None:
    picture = png(300, 300) + bytes(20_000)
    pieces = sequence("kitty", picture, 80).split(b"\x1b\\")[:-1]
    assert pieces[0].startswith(b"\x1b_Ga=T,f=100,q=2,c=30,m=1;")
    assert all(piece.startswith(b"\x1b_Gq=2,m=1;") for piece in pieces[1:-1])
    assert pieces[-1].startswith(b"\x1b_Gq=2,m=0;")
    bodies = [piece.partition(b";")[2] for piece in pieces]
    assert base64.b64decode(b"".join(bodies)) == picture
    assert all(len(body) <= 4096 for body in bodies) and len(pieces) > 2


def test_a_small_picture_is_one_piece_and_a_wide_one_as_wide_as_the_terminal() -> None:
    assert sequence("kitty", png(2, 2), 80).startswith(b"\x1b_Ga=T,f=100,q=2,c=1,m=0;")
    assert b"c=80," in sequence("kitty", png(1600, 2), 80)


def test_iterm_gets_the_size_and_the_picture() -> None:
    found = sequence("iterm", b"PNG", 80)
    assert found == b"\x1b]1337;File=inline=1;size=3;preserveAspectRatio=1:UE5H\x07"


@pytest.mark.anyio
async def test_a_picture_is_shown_and_a_broken_file_is_not(
    alone: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(out, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("FLEXURA_INLINE", "sixel")
    monkeypatch.setenv("TERM", "xterm")
    (tmp_path / "a.png").write_bytes(png(20, 12))
    (tmp_path / "b.png").write_bytes(b"no picture")
    assert await inline_picture.show(tmp_path / "a.png")
    assert not await inline_picture.show(tmp_path / "b.png")
    assert not await inline_picture.show(tmp_path / "missing.png")
    shown = out.buffer.getvalue()  # pyright: ignore
    assert shown.count(b"\x1bP0;1;0q") == 1 and shown.endswith(b"\x1b\\\n")
