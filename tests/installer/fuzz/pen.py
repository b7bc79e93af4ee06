"""Chance with a seed, and the words that nasty files are made of."""

from __future__ import annotations

from random import Random
from typing import Any, TypeVar

Item = TypeVar("Item")

KEYS = (
    *(
        "model",
        "theme",
        "hooks",
        "project",
        "env",
        "permissions",
        "numStartups",
        "editor.fontSize",
        "a.b",
    ),
    *(
        "flexura2",
        "mcpX",
        "mcpServers2",
        "x",
        "with space",
        "ключ",
        "quo'te",
        "",
        "on",
        "1",
        "#no",
        "[x]",
    ),
)
TEXTS = (
    *(
        "",
        "plain",
        "two words",
        "MARK",
        "a: b",
        "# no comment",
        "// no comment",
        "/* no */",
        "it's",
        "}",
        "]",
    ),
    *(
        "yes",
        "null",
        "~",
        "1.0",
        "0x1F",
        "1e3",
        "2001-01-01",
        "- x",
        "*a",
        "&a",
        "!t",
        "%d",
        "@x",
        "`x`",
    ),
    *(
        'say "x"',
        "C:\\Users\\x\\new",
        "é ü 😀 日本",
        "tab\there",
        "[mcp_servers.flexura]",
        "{env:KEY}",
        "${K}",
    ),
    *(
        '"mcpServers": {"flexura": {}}',
        ",",
        ",]",
        "trailing ",
        " leading",
        "a\nb\n",
        "http://h/p#f",
    ),
)
NOTES = (
    *(
        "about this",
        "[mcp_servers.flexura]",
        '"flexura": {',
        "it's",
        'a "quote',
        "}, ]",
        "# # #",
        "é 日本 😀",
    ),
    *(
        "extensions:",
        "flexura:",
        "- flexura",
        "key: value",
        "'''",
        '"""',
        "https://h/*",
        "// x",
        "\\",
    ),
)


class Pen:
    """A source of chance that numbers its comments, so that one that is lost is missed."""

    def __init__(self, seed: str) -> None:
        self.rng = Random(seed)
        self.notes: list[str] = []
        self._counted = 0

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.rng.random() < share

    def one(self, *choices: Item) -> Item:
        """Any of them."""
        return choices[int(self.rng.random() * len(choices))]

    def number(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + int(self.rng.random() * (most - least + 1))

    def up_to(self, size: int) -> int:
        """How many there are of something: of a huge size at least half."""
        return self.number(size // 2 if size > 100 else 0, size)

    def key(self) -> str:
        """A key that was not given before."""
        self._counted += 1
        found = self.one(*KEYS)
        return found if self._counted == 1 else f"{found}_{self._counted}"

    def note(self) -> str:
        """The text of a comment."""
        self._counted += 1
        mark = f"note{self._counted}."
        self.notes.append(mark)
        return f"{mark} {self.one(*NOTES)}"

    def scalar(self) -> Any:
        """A plain value."""
        kind = self.number(0, 9)
        if kind < 6:
            return self.one(*TEXTS)
        if kind == 6:
            return self.number(-5, 10**6)
        if kind == 7:
            return self.one(1.5, -0.0, 1e100, 1e-7, 3.0)
        return self.one(True, False)

    def entry(self) -> dict[str, Any]:
        """What an agent's entry of a server looks like."""
        shape = self.number(0, 4)
        if shape == 0:
            return {
                "type": "http",
                "url": "http://127.0.0.1:3000/mcp",
                "headers": {"A": self.one(*TEXTS)},
            }
        if shape == 1:
            return {"command": self.one(*TEXTS), "args": ["mcp"], "env": {}, "disabled": False}
        if shape == 2:
            return {
                "type": "local",
                "command": ["/opt/f", "mcp"],
                "enabled": True,
                "timeout": 600.5,
            }
        if shape == 3:
            return {
                "command": "/home/é x/flexura",
                "args": [self.one(*TEXTS), "mcp"],
                "n": {"o": [{}, {"p": 1}]},
            }
        return {"command": "C:\\Program Files\\flexura.exe", "args": ["mcp"]}
