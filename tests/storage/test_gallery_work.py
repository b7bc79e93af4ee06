"""A page of the gallery costs its own rows, however many there are: counted in steps of the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from flexura.domain.artifact import Artifact
from flexura.ports.gallery import GalleryFilter
from flexura.storage import migrate as migrating
from flexura.storage.gallery import Gallery
from flexura.storage.kinds import kind_of
from flexura.storage.migrate import migrate
from flexura.storage.postgres_tx import PostgresReader
from flexura.storage.sqlite import connect
from flexura.storage.sqlite_tx import SqliteReader
from postgres_house import Cluster
from storage_house import LONG_AGO, Steps, artifact, job

FEW, MANY = 200, 20_000
WANTED = GalleryFilter("ws_1")
MIDDLE = (LONG_AGO + FEW // 2 * 1000) << 20


def fill(path: Path, count: int) -> None:
    row = kind_of(Artifact).row(artifact(job_id=""))
    row["metadata"] = ""
    computed = {
        "id": "printf('art_%026d', n)",
        "name": "'m' || n || '.png'",
        "created_at": f"{LONG_AGO} + n * 1000",
        "mime": "CASE WHEN n % 100 = 3 THEN 'audio/mpeg' ELSE 'image/png' END",
        "metadata": "json_object('prompt', 'a fox ' || CASE WHEN n % 50 = 7 THEN 'zeppelin' ELSE 'x' END,"
        " 'model', 'm' || (n % 3))",
    }
    connection = connect(path, writing=True)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(
        f"INSERT INTO artifacts ({', '.join(row)}) WITH RECURSIVE numbers(n) AS"
        f" (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
        f" SELECT {', '.join(computed.get(name, f':{name}') for name in row)} FROM numbers",
        row,
    )
    connection.close()


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[sqlite3.Connection]]:
    """One with few files and one with many."""
    opened: list[sqlite3.Connection] = []
    for count in (FEW, MANY):
        path = tmp_path_factory.mktemp("gallery") / "flexura.db"
        migrate(path)
        fill(path, count)
        opened.append(connect(path, writing=False))
    yield opened
    for connection in opened:
        connection.close()


@pytest.mark.parametrize(
    "wanted",
    [
        WANTED,
        replace(WANTED, before=MIDDLE),
        replace(WANTED, kind="image"),
        replace(WANTED, model="m1"),
        replace(WANTED, text="fox"),
        replace(WANTED, text="fox", before=MIDDLE),
        replace(WANTED, after=MIDDLE, limit=1),
    ],
    ids=["first", "deep", "kind", "model", "common word", "deep in a common word", "newer"],
)
def test_a_page_is_found_with_the_same_work_among_few_and_many(
    databases: list[sqlite3.Connection], wanted: GalleryFilter
) -> None:
    counts: list[int] = []
    for connection in databases:
        gallery = Gallery(SqliteReader(connection).all)
        gallery.page(wanted)
        with Steps(connection) as steps:
            assert len(gallery.page(wanted)) == min(wanted.limit, 48)
        counts.append(steps.count)
    assert counts[1] < counts[0] * 1.3, counts


def test_what_can_be_filtered_by_is_found_in_a_few_steps(
    databases: list[sqlite3.Connection],
) -> None:
    few, many = databases
    assert Gallery(SqliteReader(many).all).choices("ws_1").models == ("m0", "m1", "m2")
    with Steps(many) as steps:
        Gallery(SqliteReader(many).all).choices("ws_1")
    assert steps.count < 1000 and few is not many


def test_an_upgrade_takes_in_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "flexura.db"
    migrating.upgrade(f"sqlite:///{path}", "0003")
    connection = connect(path, writing=True)
    old, step = job(prompt="an old lighthouse"), job(parent_id="job_p")
    for one in (old, step):
        known = (
            "id, workspace_id, kind, state, provider, model_id, prompt, request, call, created_at"
        )
        rest = "updated_at, phase, version, attempt, progress, note, warnings, error_code, error_message"
        more = (
            "error_next_step, tool, project, order_key, cancel_requested, lease_owner, lease_until"
        )
        names = f"{known}, {rest}, {more}, run_at, parent_id, change_seq".split(", ")
        values = [getattr(one, n, 0) for n in names]
        texts = [v if isinstance(v, str | int | float) else "{}" for v in values]
        places = ", ".join("?" for _ in names)
        connection.execute(f"INSERT INTO jobs ({', '.join(names)}) VALUES ({places})", texts)
    for number, (job_id, gone) in enumerate(((old.id, None), (old.id, 1), (step.id, None))):
        row = kind_of(Artifact).row(
            artifact(id=f"art_{number}", job_id=job_id, metadata={}, expired_at=gone)
        )
        row.pop("trashed_at")
        places = ", ".join(f":{name}" for name in row)
        connection.execute(f"INSERT INTO artifacts ({', '.join(row)}) VALUES ({places})", row)
    connection.close()
    migrate(path)
    connection = connect(path, writing=False)
    gallery = Gallery(SqliteReader(connection).all)
    found = [one.artifact.id for one in gallery.page(replace(WANTED, text="LIGHTHOUSE"))]
    connection.close()
    assert found == ["art_0"]


def test_an_upgrade_of_a_teams_store_takes_in_what_was_there_too(postgres_cluster: Cluster) -> None:
    url = postgres_cluster.empty()
    through = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    migrating.upgrade(through, "0003")
    old, gone = artifact(job_id="", metadata={"prompt": "Ein Café 100% %s"}), artifact(job_id="")
    with psycopg.connect(url, autocommit=True) as connection:
        for one, expired in ((old, None), (gone, 1)):
            row = kind_of(Artifact).row(one) | {"expired_at": expired}
            row.pop("trashed_at")
            places = ", ".join(f"%({name})s" for name in row)
            text = f"INSERT INTO artifacts ({', '.join(row)}) VALUES ({places})"
            connection.execute(text.encode(), row)
    migrating.upgrade(through)
    with psycopg.connect(url) as connection:
        gallery = Gallery(PostgresReader(connection).all)
        found = [one.artifact.id for one in gallery.page(replace(WANTED, text="cafe 100"))]
        assert found == [old.id] == [one.artifact.id for one in gallery.page(WANTED)]
