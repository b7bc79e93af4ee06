"""What a command says: data on stdout, everything else on stderr; one JSON object with `--json`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from flexura.cli import terminal


class Screen:
    """The two streams of one command."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def data(self, text: str) -> None:
        """A line of the result; nothing with `--json`."""
        if not self.as_json:
            click.echo(text, color=terminal.colored(sys.stdout))

    def object(self, value: Mapping[str, Any]) -> None:
        """The result as JSON; nothing without `--json`."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def say(self, text: str, **style: Any) -> None:
        """A message for a person; nothing with `--json`."""
        if not self.as_json:
            click.echo(click.style(text, **style), err=True, color=terminal.colored(sys.stderr))

    def warn(self, text: str) -> None:
        """Something that the person should know and that stops nothing."""
        self.say(f"{click.style('warning:', fg='yellow')} {text}")

    def next(self, text: str) -> None:
        """What to do now."""
        self.say(f"{click.style('next:', fg='cyan')} {text}")

    def failure(self, body: Mapping[str, Any]) -> None:
        """An error in the words of the wire: code, message, next step."""
        if self.as_json:
            self.object({"error": dict(body)})
            return
        self.say(f"{click.style('error:', fg='red', bold=True)} {body['message']}")
        if body.get("next_step"):
            self.next(str(body["next_step"]))
