"""`flexura migrate`: brings the configured store to this release's schema, straight in its database."""

from __future__ import annotations

import click

from flexura import settings
from flexura.cli import exit_codes
from flexura.cli.screen import Screen
from flexura.domain.errors import Conflict
from flexura.runtime.schema import Schema, migrate_store, schema_of

_HELP = """Bring the store of the settings to this release's schema, and say from which to which.

The store is the database of FLEXURA_DATABASE_URL, or the file in FLEXURA_HOME. Several may run this at the
same time, and replicas of the release before go on serving meanwhile: a migration only adds. A gateway that
starts does the same by itself; this is for doing it once, before the first new replica.
"""


@click.command(help=_HELP)
@click.option(
    "--check", is_flag=True, help="Change nothing; exit code 1 if there is something to do."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def migrate(check: bool, as_json: bool) -> int:
    screen = Screen(as_json)
    configured = settings.load()
    if not check:
        _show(screen, migrate_store(configured), changes=True)
        return exit_codes.OK
    found = schema_of(configured)
    if found.before > found.after:
        raise Conflict(
            f"{found.store} has schema {found.before}; this flexura knows up to {found.after}.",
            next_step="Upgrade flexura on this machine.",
        )
    _show(screen, found, changes=False)
    if not found.behind:
        return exit_codes.OK
    screen.next("flexura migrate")
    return exit_codes.FAILED


def _show(screen: Screen, found: Schema, *, changes: bool) -> None:
    migrated = changes and found.behind
    words = {"store": found.store, "from": found.before or None, "to": found.after}
    screen.object({**words, "migrated": migrated, "up_to_date": migrated or not found.behind})
    if not found.behind:
        screen.data(f"{found.store} has schema {found.after}: nothing to do.")
    elif migrated:
        screen.data(f"{found.store}: from {_named(found.before)} to schema {found.after}.")
    else:
        screen.data(f"{found.store} has {_named(found.before)}; this release needs {found.after}.")


def _named(revision: str) -> str:
    return f"schema {revision}" if revision else "no tables"
