"""`flexura upgrade`: brings the entries and skills of agents up to this version."""

from __future__ import annotations

import click

from flexura.cli.install import HANDED_OVER, HandedOver
from flexura_installer.__main__ import main


@click.command(
    cls=HandedOver,
    context_settings=HANDED_OVER,
    help="Bring what was installed up to this version.",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def upgrade(words: tuple[str, ...]) -> int:
    return main(["upgrade", *words])
