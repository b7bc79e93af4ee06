"""A team's store takes over what a user's exported: on PostgreSQL, and however often it is cut off."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.credits import Account
from flexura.ports.records import JobFilter
from flexura.runtime.moving import export_store, import_store
from flexura.runtime.stores import open_records
from flexura.services.ledger_check import ledger_problems
from flexura.settings import Settings
from portable_house import furnish, settings_of

JOBS = 40


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    made = asyncio.run(furnish(folder / "home", jobs=JOBS))
    export_store(made.settings, folder / "e.tar", with_webhooks=False)
    return folder / "e.tar"


async def seen(settings: Settings) -> dict[str, Any]:
    """What a store holds."""
    async with open_records(settings) as records:
        (workspace,) = await records.workspaces()
        jobs = await records.jobs(JobFilter(workspace.id, limit=1000))
        account = await records.get(Account, workspace.id)
        assert account is not None
        assert await records.transact(ledger_problems) == []
        return {
            "jobs": len(jobs),
            "states": {job.state for job in jobs},
            "unfinished": await records.unfinished(),
            "spent": account.spent,
            "reserved": account.reserved,
        }


WHOLE = {
    "jobs": JOBS,
    "states": {"completed"},
    "unfinished": 0,
    "spent": JOBS * 5_000_000,
    "reserved": 0,
}


def test_a_team_takes_over_a_user_with_everything(
    exported: Path, postgres_url: str, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, database_url=postgres_url)
    first = asyncio.run(import_store(settings, exported))
    assert (first.absent, first.ledger, first.files_added) == ({}, [], JOBS)
    assert asyncio.run(seen(settings)) == WHOLE
    second = asyncio.run(import_store(settings, exported))
    assert {fate for fates in second.importer.fates.values() for fate in fates} == {"there"}
    assert second.files_there == JOBS
    assert asyncio.run(seen(settings)) == WHOLE


CUT_OFF = """
import asyncio, os, sys
from pathlib import Path
from flexura.runtime import moving
from flexura.services import importing
from flexura.settings import Settings
moving.BATCH = 3
left = int(sys.argv[3])
add = importing.Importer.add
async def counted(self, kind, batch):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
    await add(self, kind, batch)
importing.Importer.add = counted
settings = Settings(home=Path(sys.argv[1]), environment={})
asyncio.run(moving.import_store(settings, Path(sys.argv[2])))
"""


def test_an_import_that_was_killed_goes_on_where_it_was(exported: Path, tmp_path: Path) -> None:
    settings, ends = settings_of(tmp_path / "home"), list[int]()
    for batches in (4, 25, 200):
        argv = [sys.executable, "-c", CUT_OFF, str(settings.home), str(exported), str(batches)]
        ends.append(subprocess.run(argv, env={**os.environ}, timeout=60, check=False).returncode)
    assert ends[0] == -9
    assert ends[-1] == 0
    done = asyncio.run(import_store(settings, exported))
    assert json.dumps(done.absent) == "{}"
    assert asyncio.run(seen(settings)) == WHOLE
