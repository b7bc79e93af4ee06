"""The files of a run are kept, and their end is announced, like any other file's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import pytest

from flexura.domain.artifact import Artifact
from flexura.domain.webhook import Delivery, Endpoint
from flexura.ports.records import Tx
from flexura.services.clock import now_ms
from flexura.services.events import Events
from flexura.services.retention import EXPIRING_NOTED, note_expiring
from flexura.services.runs.results import place
from flexura.services.runs.start import Wishes
from runs_house import FILM, SIDE_BY_SIDE, desk

pytestmark = pytest.mark.anyio


async def test_the_result_of_a_run_is_announced_before_it_goes_as_any_file_is(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, retention_days=0.5) as at:
        # Nobody can be reached there; that it is to be told is what counts.
        hook = Endpoint("ep_1", at.who.workspace_id, "https://127.0.0.1:8443/hook", now_ms())
        await at.services.records.transact(lambda tx: tx.insert(hook))
        job = await at.ran(FILM)
        files = (await at.services.records.artifacts_of([job.id]))[job.id]
        records, event = at.services.records, "artifact.expiring"
        told = await records.find(Delivery, event=event, job_id=job.id)
        assert [json.loads(d.payload)["data"]["artifact_id"] for d in told] == [files[0].id]
        assert files[0].expires_at == files[0].created_at + 43_200_000


async def test_a_copy_does_not_say_that_its_end_was_announced(tmp_path: Path) -> None:
    async with desk(tmp_path, retention_days=30) as at:
        job = await at.ran(SIDE_BY_SIDE, Wishes(publish=("press",), staging=True))
        children = await at.services.records.children(job.id)

        def replaced(tx: Tx) -> list[Artifact]:
            made = [a for c in children for a in tx.find(Artifact, job_id=c.id)]
            for artifact in made:
                note_expiring(tx, artifact, Events())
            noted = [cast("Artifact", tx.get(Artifact, a.id)) for a in made]
            other = job.evolve(id="job_other")
            return place(tx, other, noted, {}, lambda tx, a: a)

        copies = await at.services.records.transact(replaced)
        assert len(copies) == 2
        assert not any(EXPIRING_NOTED in copy.metadata for copy in copies)
        assert all(copy.metadata["copy_of"] for copy in copies)
