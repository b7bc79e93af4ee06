"""`flexura backup`, `restore`, `export` and `import`, without a gateway."""

from __future__ import annotations

import asyncio
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from cli_house import Terminal
from flexura.domain.job import Job
from flexura.domain.session import Session, SignInCode
from flexura.domain.upload import Upload
from flexura.local import lock
from flexura.runtime.stores import open_keys, open_records
from flexura.services.ledger_check import ledger_problems
from portable_house import Furnished, bytes_of, furnish, settings_of

UNKNOWN = {"queued", "submitting", "run", "published by now"}
GO_ON = {"free", "taken", "half"}
STAY = {"to approve", "scheduled"}


@pytest.fixture
def made(flexura_home: Path, alone: Terminal) -> Furnished:
    return asyncio.run(furnish(flexura_home))


def jobs_of(home: Path, made: Furnished) -> dict[str, Job]:
    """Every job of a store; its ledger adds up."""

    async def read() -> dict[str, Job]:
        async with open_records(settings_of(home)) as records:
            ids = {**made.open, **{job_id: job_id for job_id in made.done}}
            assert await records.transact(ledger_problems) == []
            assert await records.find(Upload) == []
            found = await records.transact(lambda tx: {k: tx.job(v) for k, v in ids.items()})
            return {name: job for name, job in found.items() if job is not None}

    return asyncio.run(read())


def test_a_store_comes_back_and_nothing_is_bought_twice(
    alone: Terminal, made: Furnished, tmp_path: Path
) -> None:
    file, home = tmp_path / "b.tar", tmp_path / "new home"
    told = alone.json("backup", str(file))
    assert (told["counts"]["jobs"], told["counts"]["missing"]) == (12, 0)
    assert "keyring" in told["notes"][0]
    checked = alone.json("restore", str(file), "--check")
    assert (checked["ok"], checked["artifacts"], checked["problems"]) == (True, 3, [])
    assert not home.exists()
    done = alone.json("restore", str(file), "--to", str(home))
    assert done["jobs"] == {"outcome_unknown": 4, "goes_on": 3, "stays": 2}
    jobs = jobs_of(home, made)
    assert {n for n, job in jobs.items() if job.error_code == "outcome_unknown"} == UNKNOWN
    assert all(jobs[name].error_next_step for name in UNKNOWN)
    assert {n for n, job in jobs.items() if not job.final} == GO_ON | STAY
    assert {jobs[name].phase for name in ("taken", "half")} == {"waiting"}
    assert jobs["half"].call["rounds"] == 1
    assert "others may have been bought" in jobs["half"].warnings[0].message
    assert all(jobs[name].state == "completed" for name in made.done)
    files = {path.read_bytes() for path in (home / "artifacts").glob("*/*")}
    assert files == {bytes_of(number) for number in range(3)}


def test_nobody_is_signed_in_to_a_store_that_comes_back(
    alone: Terminal, made: Furnished, flexura_home: Path, tmp_path: Path
) -> None:
    async def sign_in() -> None:
        async with open_records(settings_of(flexura_home)) as records:
            for one in (Session("a", "ws", "key", 1, 2), SignInCode("b", "ws", "key", 1, 2)):
                await records.transact(lambda tx, one=one: tx.insert(one))

    async def signed_in(home: Path) -> int:
        async with open_records(settings_of(home)) as records:
            return len(await records.find(Session)) + len(await records.find(SignInCode))

    asyncio.run(sign_in())
    file, home = tmp_path / "b.tar", tmp_path / "new home"
    alone.json("backup", str(file))
    alone.json("restore", str(file), "--to", str(home), "--resume")
    assert (asyncio.run(signed_in(flexura_home)), asyncio.run(signed_in(home))) == (2, 0)


def test_with_resume_everything_that_waited_goes_on(
    alone: Terminal, made: Furnished, tmp_path: Path
) -> None:
    alone.json("backup", str(tmp_path / "b.tar"))
    home = tmp_path / "home"
    alone.json("restore", str(tmp_path / "b.tar"), "--to", str(home), "--resume")
    assert {n for n, job in jobs_of(home, made).items() if not job.final} == set(made.open)


def test_a_store_that_is_there_is_never_overwritten(
    alone: Terminal, made: Furnished, flexura_home: Path, tmp_path: Path
) -> None:
    alone.json("backup", str(tmp_path / "b.tar"))
    before = (flexura_home / "flexura.db").read_bytes()
    refused = alone.json("restore", str(tmp_path / "b.tar"), code=1)["error"]
    assert (refused["code"], "--force" in refused["next_step"]) == ("conflict", True)
    assert (flexura_home / "flexura.db").read_bytes() == before
    done = alone.json("restore", str(tmp_path / "b.tar"), "--force")
    aside = Path(done["aside"])
    assert (aside / "flexura.db").read_bytes() == before
    assert len(list((aside / "artifacts").glob("*/*"))) == 3
    assert len(list((flexura_home / "artifacts").glob("*/*"))) == 3
    assert not list(flexura_home.glob(".flexura-*"))


def test_a_journal_that_was_left_behind_is_not_played_into_what_is_restored(
    alone: Terminal, made: Furnished, tmp_path: Path
) -> None:
    alone.json("backup", str(tmp_path / "b.tar"))
    home = tmp_path / "home"
    home.mkdir()
    (home / "flexura.db-wal").write_bytes(b"of another database")
    refused = alone.json("restore", str(tmp_path / "b.tar"), "--to", str(home), code=1)["error"]
    assert (refused["code"], "flexura.db-wal" in refused["message"]) == ("conflict", True)
    done = alone.json("restore", str(tmp_path / "b.tar"), "--to", str(home), "--force")
    assert (Path(done["aside"]) / "flexura.db-wal").read_bytes() == b"of another database"
    assert set(jobs_of(home, made)) >= set(made.open)


def test_a_gateway_that_runs_is_not_pulled_away(
    alone: Terminal, made: Furnished, flexura_home: Path, tmp_path: Path
) -> None:
    alone.json("backup", str(tmp_path / "b.tar"))
    held = lock.acquire(flexura_home / "gateway.lock")
    assert held is not None
    with held:
        refused = alone.json("restore", str(tmp_path / "b.tar"), "--force", code=1)["error"]
    assert "gateway stop" in refused["next_step"]


def test_a_second_process_on_the_store_is_noticed(
    alone: Terminal, made: Furnished, flexura_home: Path, tmp_path: Path
) -> None:
    alone.json("backup", str(tmp_path / "b.tar"))

    async def beside() -> dict[str, Any]:
        async with open_records(settings_of(flexura_home)):
            return await asyncio.to_thread(
                alone.json, "restore", str(tmp_path / "b.tar"), "--force", code=1
            )

    assert "open" in asyncio.run(beside())["error"]["message"]
    assert (flexura_home / "flexura.db").exists()


def test_a_folder_keeps_the_newest_and_configuration_comes_without_secrets(
    alone: Terminal, made: Furnished, flexura_home: Path, tmp_path: Path
) -> None:
    (flexura_home / "config.toml").write_text(
        "[policy]\norder = 'best'\n[providers]\nFAL_KEY = 'very secret'\n"
    )
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(1, 4):
        (folder / f"flexura-2020010{day}T000000Z.tar").write_bytes(b"old")
    (folder / "mine.tar").write_bytes(b"mine")
    told = alone.json("backup", str(folder), "--keep", "2")
    assert len(told["removed"]) == 2
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["flexura-20200103T000000Z.tar", Path(told["file"]).name, "mine.tar"]
    with tarfile.open(told["file"]) as tar:
        text = tar.extractfile("config.toml").read()  # type: ignore[union-attr]
    assert text == b"[policy]\norder = 'best'\n"
    assert alone.run("backup", str(folder / "x.tar"), "--keep", "2").exit_code == 2


def test_a_file_that_is_gone_is_reported_and_the_rest_is_kept(
    alone: Terminal, made: Furnished, flexura_home: Path, tmp_path: Path
) -> None:
    gone = next((flexura_home / "artifacts").glob("*/*"))
    gone.unlink()
    told = alone.json("backup", str(tmp_path / "b.tar"))
    assert told["missing"] == [gone.parent.name + gone.name]
    assert "missing" in alone.run("backup", str(tmp_path / "b.tar")).stderr
    assert (
        alone.json("restore", str(tmp_path / "b.tar"), "--check", code=1)["lost"] == told["missing"]
    )
    assert (
        alone.json("restore", str(tmp_path / "b.tar"), "--to", str(tmp_path / "h"))["lost_count"]
        == 1
    )


def test_without_a_store_there_is_nothing_to_back_up(alone: Terminal, tmp_path: Path) -> None:
    refused = alone.json("backup", str(tmp_path / "b.tar"), code=1)["error"]
    assert "FLEXURA_HOME" in refused["next_step"]
    assert not (tmp_path / "b.tar").exists()


def test_what_is_no_backup_is_not_restored(
    alone: Terminal, made: Furnished, tmp_path: Path
) -> None:
    (tmp_path / "b.tar").write_bytes(b"something else")
    for words in (["--check"], ["--to", str(tmp_path / "home")]):
        refused = alone.json("restore", str(tmp_path / "b.tar"), *words, code=1)["error"]
        assert refused["code"] == "store_damaged"
    assert not (tmp_path / "home" / "flexura.db").exists()
    alone.json("export", str(tmp_path / "e.tar"))
    assert (
        "import"
        in alone.json("restore", str(tmp_path / "e.tar"), "--check", code=2)["error"]["next_step"]
    )
    alone.json("backup", str(tmp_path / "b.tar"))
    assert "restore" in alone.json("import", str(tmp_path / "b.tar"), code=2)["error"]["next_step"]


def test_an_export_names_what_it_leaves_and_holds_no_secret(
    alone: Terminal, made: Furnished, tmp_path: Path
) -> None:
    told = alone.json("export", str(tmp_path / "e.tar"))
    assert {one["job_id"] for one in told["left"]} == set(made.open.values())
    assert told["counts"]["left"] == 9
    content = (tmp_path / "e.tar").read_bytes()
    assert b"whsec_verysecret" not in content
    assert made.key.encode() not in content
    shown = alone.run("export", str(tmp_path / "e.tar")).stderr
    assert "9 jobs have not ended" in shown
    assert "cancel" in shown
    with_secrets = alone.run("export", str(tmp_path / "w.tar"), "--with-webhooks")
    assert "Signing secrets" in with_secrets.stderr
    assert b"whsec_verysecret" in (tmp_path / "w.tar").read_bytes()
    assert (tmp_path / "w.tar").stat().st_mode & 0o777 == 0o600


def test_an_import_brings_everything_and_a_second_one_nothing(
    alone: Terminal,
    made: Furnished,
    flexura_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone.json("export", str(tmp_path / "e.tar"), "--with-webhooks")
    before = jobs_of_ended(flexura_home, made)
    home = tmp_path / "other"
    monkeypatch.setenv("FLEXURA_HOME", str(home))
    first = alone.json("import", str(tmp_path / "e.tar"))
    assert (first["ok"], first["absent"], first["ledger"]) == (True, {}, [])
    assert first["files"] == {"added": 3, "there": 0}
    assert first["records"]["jobs"] == {"added": 3}
    assert first["records"]["templates"] == {"added": 2}
    assert jobs_of_ended(home, made) == before

    async def known() -> bool:
        async with open_keys(settings_of(home)) as (keys, fresh):
            return await keys.known(made.key) and not fresh

    assert asyncio.run(known())
    second = alone.json("import", str(tmp_path / "e.tar"))
    assert second["files"] == {"added": 0, "there": 3}
    assert {fate for fates in second["records"].values() for fate in fates} == {"there"}
    assert "there already" in alone.run("import", str(tmp_path / "e.tar")).stdout


def jobs_of_ended(home: Path, made: Furnished) -> dict[str, Any]:
    """The ended jobs and their files as a caller sees them, and what was spent."""

    async def read() -> dict[str, Any]:
        async with open_records(settings_of(home)) as records:
            assert await records.transact(ledger_problems) == []
            jobs = await records.transact(lambda tx: [tx.job(job_id) for job_id in made.done])
            (workspace,) = await records.workspaces()
            files = await records.artifacts_of(made.done)
            used = await records.transact(
                lambda tx: [
                    tx.idempotency(workspace.id, "/api/generate", f"key-{n}") for n in range(3)
                ]
            )
            return {
                "jobs": [(job.state, job.request, job.cost, job.call) for job in jobs if job],
                "files": json.dumps([[f.name for f in files[job_id]] for job_id in made.done]),
                "keys": used,
                "joins": await records.transact(
                    lambda tx: [tx.joinable(job, "s_1") for job in jobs if job]
                ),
            }

    return asyncio.run(read())


def test_an_import_may_put_everything_into_one_workspace(
    alone: Terminal, made: Furnished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.json("export", str(tmp_path / "e.tar"))
    monkeypatch.setenv("FLEXURA_HOME", str(tmp_path / "team"))
    asyncio.run(furnish(tmp_path / "team", jobs=1))
    done = alone.json("import", str(tmp_path / "e.tar"), "--workspace", "ada")
    assert (done["ok"], done["absent"], done["ledger"]) == (True, {}, [])
    names = {one["name"] for one in alone.json("credits", "list")["accounts"]}
    assert names == {"default", "ada"}
    assert done["records"]["templates"] == {"added": 2}
    assert alone.json("import", str(tmp_path / "e.tar"), "--workspace", "ada")["ok"]


def test_what_is_there_under_the_same_name_is_kept_and_told(
    alone: Terminal, made: Furnished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.json("export", str(tmp_path / "e.tar"))
    home = tmp_path / "team"
    asyncio.run(furnish(home, jobs=1))

    monkeypatch.setenv("FLEXURA_HOME", str(home))
    done = alone.json("import", str(tmp_path / "e.tar"))
    kept = ["the budget of the workspace by day", "the template film@1", "the template film@2"]
    assert sorted(done["kept"]) == kept
    assert (done["ok"], done["absent"], done["ledger"]) == (True, {}, [])
