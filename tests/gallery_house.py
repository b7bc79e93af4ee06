"""Files for tests of the gallery: uploads and jobs, straight into the store of an open gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from doubles import png
from flexura.domain.artifact import Artifact
from flexura.gateway.services import Services
from flexura.services.clock import now_ms
from flexura.storage.kinds import kind_of
from flexura.storage.sqlite import connect
from gateway_house import House
from storage_house import LONG_AGO, artifact, insert, job


def services_of(house: House) -> Services:
    """What the gateway answers with."""
    found = house.app.services
    assert found is not None
    return found


async def workspace_of(house: House) -> str:
    """The workspace of the gateway's own key."""
    return (await services_of(house).records.workspaces())[0].id


async def made(house: House, prompt: str, workspace: str = "", **changes: Any) -> str:
    """A picture of a job that ended, its bytes in the store; its id."""
    records, blobs = services_of(house).records, services_of(house).blobs
    mine = workspace or await workspace_of(house)
    of_job = {k: changes.pop(k) for k in ("project", "template", "model_id") if k in changes}
    at = changes.get("created_at", now_ms())
    ordered = job(
        workspace_id=mine, prompt=prompt, state="completed", created_at=at, finished_at=at, **of_job
    )
    await insert(records, ordered)

    async def bytes_of_it() -> Any:
        yield changes.pop("content", None) or png(8, 8)

    stored = await blobs.put(bytes_of_it(), 1 << 20)
    facts: dict[str, Any] = {"width": 8, "height": 8, "metadata": {}, "created_at": at}
    one = artifact(
        workspace_id=mine,
        job_id=ordered.id,
        sha256=stored.sha256,
        bytes=stored.bytes,
        **facts | changes,
    )
    await records.transact(lambda tx: tx.insert_artifact(one))
    return one.id


def filled(database: Path, count: int, words: str = "a meadow, number") -> None:
    """Put so many pictures of one small blob into the store of a running gateway, older than what it has."""
    connection = connect(database, writing=True)
    try:
        (workspace,) = connection.execute("SELECT id FROM workspaces").fetchone()
        name = "sha256, mime, bytes, width, height"
        blob = connection.execute(
            f"SELECT {name} FROM artifacts WHERE mime LIKE 'image/%'"
        ).fetchone()
        fields = artifact(workspace_id=workspace, job_id="", role="upload")
        row = kind_of(Artifact).row(fields) | dict(zip(name.split(", "), blob, strict=True))
        computed = {
            "id": "'art_' || printf('%026d', n)",
            "name": "'m' || printf('%030d', n) || '.png'",
            "created_at": f"{LONG_AGO} + n * 60000",
            "metadata": "json_object('prompt', :words || ' ' || n)",
        }
        chosen = ", ".join(computed.get(column, f":{column}") for column in row)
        connection.execute(
            f"INSERT INTO artifacts ({', '.join(row)}) WITH RECURSIVE numbers(n) AS"
            f" (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
            f" SELECT {chosen} FROM numbers",
            row | {"words": words},
        )
    finally:
        connection.close()
