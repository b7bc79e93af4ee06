"""Builds that were ended, lost their gateway, or met somebody at the same file: nothing is bought twice."""

from __future__ import annotations

import pytest
from PIL import Image

from build_house import ONE, Builder
from flexura.cli.build import lockfile
from flexura.cli.build.journal import Journal, Pending
from flexura.client import GatewayClient
from flexura.local.errors import GatewayUnavailable


def test_a_build_that_was_ended_goes_on_with_its_job(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    bought, entry = builder.bought(), lockfile.read(builder.folder)["fox"]
    # As a kill -9 leaves it between the order and the file.
    (builder.folder / "fox.png").unlink()
    (builder.folder / "flexura.lock").unlink()
    journal = Journal(builder.folder)
    journal.put("fox", Pending(entry.declaration, 1, "k", {}, job=entry.job))
    assert "its job is under way" in builder.run().stderr
    assert builder.bought() == bought
    assert builder.lock()["fox"]["job"] == entry.job


@pytest.mark.parametrize("before", ["never made", "made once"])
def test_a_build_that_was_ended_between_the_file_and_its_note_knows_the_file_for_its_own(
    builder: Builder, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    builder.declare(ONE)
    if before == "made once":
        builder.run()
        builder.declare(ONE.replace('prompt = "', 'prompt = "another '))
    write = lockfile.write

    def killed(*arguments: object) -> None:
        raise OSError("as a kill -9 leaves it")

    monkeypatch.setattr(lockfile, "write", killed)
    assert "as a kill -9" in builder.run(code=1).stderr
    monkeypatch.setattr(lockfile, "write", write)
    bought, placed = builder.bought(), builder.bytes()
    state = "missing" if before == "never made" else "changed"
    assert builder.run("--check", code=1).stdout.startswith(state)
    assert "its job is under way" in builder.run().stderr
    assert (builder.bought(), builder.bytes()) == (bought, placed)
    builder.run("--check")


def test_an_order_whose_answer_never_came_is_sent_again_as_it_was(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (8, 8), "teal").save(builder.folder / "photo.png")
    builder.declare(ONE.replace("fake:one", "fake:edit") + 'inputs = ["photo.png"]\n')
    bought, submit = builder.bought(), GatewayClient.submit

    async def lost(*arguments: object) -> object:
        await submit(*arguments)  # type: ignore[arg-type]
        raise GatewayUnavailable("The network is gone.", next_step="Wait.")

    monkeypatch.setattr(GatewayClient, "submit", lost)
    assert "The network is gone" in builder.run(code=1).stderr
    monkeypatch.setattr(GatewayClient, "submit", submit)
    assert "1 made" in builder.run().stderr
    assert builder.bought() == bought + 1


def test_a_lost_journal_costs_nothing_for_what_has_no_inputs(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    bought = builder.bought()
    for name in ("fox.png", "flexura.lock"):
        (builder.folder / name).unlink()
    builder.run()
    assert builder.bought() == bought


def test_two_builds_at_once_are_refused(builder: Builder) -> None:
    builder.declare(ONE)
    with Journal(builder.folder).hold():
        assert "Another flexura build" in builder.run(code=1).stderr
        assert builder.run("--check", code=1)
    builder.run()


def test_somebody_who_worked_on_the_file_meanwhile_keeps_their_work(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = GatewayClient.download

    async def slow(*arguments: object) -> None:
        await download(*arguments)  # type: ignore[arg-type]
        (builder.folder / "fox.png").write_bytes(b"mine")

    builder.declare(ONE)
    monkeypatch.setattr(GatewayClient, "download", slow)
    assert "was changed while it was being made" in builder.run(code=1).stderr
    monkeypatch.setattr(GatewayClient, "download", download)
    bought = builder.bought()
    assert builder.bytes() == b"mine"
    builder.run("--force")
    assert builder.bought() == bought
