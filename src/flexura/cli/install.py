"""`flexura install`: everything typed goes to `flexura_installer`, which runs without this package too."""

from __future__ import annotations

from typing import Any

import click

from flexura_installer.__main__ import main
from flexura_installer.arguments import Command, help_of

# argparse reads the words, `--help` among them.
HANDED_OVER: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": []}


class HandedOver(click.Command):
    """A command of the installer: its help is that of the installer's own parser."""

    def get_help(self, ctx: click.Context) -> str:
        commands: dict[str | None, Command] = {
            "install": "install",
            "uninstall": "uninstall",
            "upgrade": "upgrade",
        }
        return help_of(commands[self.name], ctx.terminal_width)


@click.command(cls=HandedOver, context_settings=HANDED_OVER, help="Put flexura into your agents.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def install(words: tuple[str, ...]) -> int:
    return main(["install", *words])
