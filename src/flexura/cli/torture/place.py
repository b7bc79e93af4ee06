"""The store that is tortured: a folder of its own, and a workspace that pays for what it orders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flexura.domain.credits import MICRO
from flexura.runtime import open_credits, open_tenants
from flexura.services.workspaces import WorkspaceTerms
from flexura.settings import Settings

WORKSPACE = "torture"
_CREDITS_PER_ORDER = 20 * MICRO
_RULES = """\
[limits]
requests_per_minute = 0
most_queued = {most_queued}
"""


@dataclass(frozen=True)
class Place:
    """Where everything of one run lies."""

    folder: Path
    settings: Settings
    workspace_id: str
    key: str
    """The secret of the clients."""

    @property
    def logs(self) -> Path:
        return self.folder / "logs"


async def prepare(folder: Path, jobs: int, lease: float, database_url: str = "") -> Place:
    """A fresh store in a folder: metered, with a budget for each day and one for the key in all."""
    home = folder / "home"
    for part in (home, folder / "logs", folder / "project"):
        part.mkdir(parents=True, exist_ok=True)
    rules = _RULES.format(most_queued=max(200, min(2000, jobs)))
    (home / "config.toml").write_text(rules, encoding="utf-8")
    settings = Settings(home=home, environment={}, lease_seconds=lease, database_url=database_url)
    granted = _CREDITS_PER_ORDER * (jobs + 10)
    async with open_tenants(settings) as tenants:
        made = await tenants.workspaces.create(WORKSPACE, WorkspaceTerms(credits=granted))
    workspace_id = made.workspace.id
    async with open_credits(settings) as (credits, _):
        await credits.set_budget(workspace_id, "day", granted)
        await credits.set_budget(workspace_id, "total", granted, made.first.key.id)
    return Place(folder, settings, workspace_id, made.first.secret)
