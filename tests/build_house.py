"""Somebody who writes a `flexura.toml` and builds it, and what the provider behind it was asked to make."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from cli_house import Served
from flexura.cli.main import flexura

EDIT = {
    "type": "object",
    "properties": {"image_url": {"type": "string", "format": "uri"}},
    "required": ["image_url"],
    "additionalProperties": False,
}
ONE = """
[asset.fox]
path = "fox.png"
prompt = "a fox"
model = "fake:one"
"""
CHAIN = """
[project]
model = "fake:one"

[asset.fox]
path = "fox.png"
prompt = "a fox"
seed = 1

[asset.winter]
path = "winter.png"
prompt = "the same in winter"
model = "fake:edit"
inputs = ["fox"]
"""


@dataclass
class Builder:
    """A project and a gateway."""

    folder: Path
    house: Served

    def declare(self, text: str) -> None:
        """Write the declaration."""
        (self.folder / "flexura.toml").write_text(text)

    def run(self, *arguments: str, code: int = 0, stdin: str | None = None) -> Result:
        """`flexura build …`; an exception that nobody turned into a message is raised."""
        result = CliRunner().invoke(flexura, ["build", *arguments], input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The one object that `flexura build … --json` prints."""
        result = self.run(*arguments, "--json", code=code)
        assert result.stdout.count("\n") == 1
        return json.loads(result.stdout)

    def bought(self) -> int:
        """How many jobs the provider was given until now."""
        return len(self.house.fake.submitted)

    def lock(self) -> dict[str, Any]:
        """What the lock says of each asset."""
        return json.loads((self.folder / "flexura.lock").read_text())["assets"]

    def bytes(self, path: str = "fox.png") -> bytes:
        """A file of the project."""
        return (self.folder / path).read_bytes()
