"""How the demo looks: a line for each step on stderr, the table of what was made on stdout."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import click

from flexura.cli import terminal, words
from flexura.cli.screen import Screen
from flexura.domain.errors import FlexuraError
from flexura.local.errors import LocalError

_HEAD = ("made", "took", "what it is", "size", "where")


class Stage:
    """What the audience sees; nothing with `--json`."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def title(self, name: str, about: str) -> None:
        """The first line."""
        self._screen.say(f"{click.style(name, bold=True)}  {click.style(about, dim=True)}\n")

    @contextmanager
    def busy(self, name: str, doing: str) -> Generator[None]:
        """Something turns while a step runs, where things may move."""
        if self._screen.as_json or not terminal.live(sys.stderr):
            yield
            return
        from rich.console import Console
        from rich.text import Text

        line = Text.assemble((f"{name:<9}", "bold"), (words.cut(doing, 70), "dim"))
        with Console(stderr=True).status(line, spinner="dots", spinner_style="cyan"):
            yield

    def done(self, name: str, text: str, took: float) -> None:
        """A step that worked."""
        mark, time = click.style("✓", fg="green", bold=True), words.duration(took)
        self._screen.say(f"{mark} {name:<9}{text:<78}{click.style(f'{time:>10}', dim=True)}")

    def failed(
        self, name: str, word: str, error: FlexuraError | LocalError, color: str = "red"
    ) -> None:
        """A step that did not work: what happened, and what to do."""
        mark = click.style("✗", fg=color, bold=True)
        self._screen.say(f"{mark} {name:<9}{click.style(word, fg=color)}")
        self._indented(error.message, "")
        if error.next_step:
            self._indented(error.next_step, "next: ")

    def _indented(self, text: str, lead: str) -> None:
        for line in click.wrap_text(lead + text, 87, "", " " * len(lead)).splitlines():
            styled = line.replace(lead, click.style(lead, fg="cyan"), 1) if lead else line
            self._screen.say(f"{'':11}{styled}")

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """What was made, and where."""
        if self._screen.as_json or not rows:
            return
        if not terminal.rich_enough(sys.stdout):
            for row in rows:
                self._screen.data("\t".join(row))
            return
        from rich import box
        from rich.console import Console
        from rich.table import Table

        table = Table(box=box.ROUNDED, border_style="dim", header_style="bold", pad_edge=True)
        for title in _HEAD:
            right = title in ("took", "size")
            style = {"made": "green", "where": "cyan"}.get(title)
            table.add_column(
                title, justify="right" if right else "left", style=style, overflow="fold"
            )
        for row in rows:
            table.add_row(*row)
        self._screen.say("")
        Console(force_terminal=True).print(table)

    def interrupted(self) -> None:
        """Ctrl-C: what was ordered goes on."""
        self._screen.say("\nStopped here; a job that was ordered goes on.")
        self._screen.next("flexura status --all")

    def end(self, seconds: float, gateway: str) -> None:
        """The last lines: how long it took, and what to do with it."""
        mark = click.style(words.duration(seconds), bold=True)
        self._screen.say(f"\n{mark} in all, by {gateway}.")
        self._screen.next('give your agent the MCP server {"command": "flexura", "args": ["mcp"]}')
