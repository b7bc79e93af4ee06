"""docs/cli.md, from the help of the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator

import click

from flexura.cli.main import flexura

TEXT = """\
# The command line

Data goes to stdout, messages to stderr. Every command takes `--json`. What follows is each command's own
`--help`.
"""
WIDTH = 100


def page() -> str:
    """The whole page."""
    sections = [_section(context) for context in _contexts()]
    return "\n".join([TEXT, *sections])


def _contexts() -> Iterator[click.Context]:
    todo = [
        click.Context(
            flexura, info_name="flexura", terminal_width=WIDTH, **flexura.context_settings
        )
    ]
    while todo:
        context = todo.pop(0)
        yield context
        if isinstance(group := context.command, click.Group):
            found = (
                (name, group.get_command(context, name)) for name in group.list_commands(context)
            )
            todo[:0] = [
                click.Context(command, parent=context, info_name=name, terminal_width=WIDTH)
                for name, command in found
                if command is not None and not command.hidden
            ]


def _section(context: click.Context) -> str:
    return f"## {context.command_path}\n\n```\n{context.get_help().rstrip()}\n```\n"
