"""What `flexura.lock` says of files that are declared no more, and one that somebody else wrote."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from build_house import CHAIN, ONE, Builder
from flexura.cli.build import lockfile


def test_what_is_declared_no_more_leaves_the_lock_and_stays(builder: Builder) -> None:
    builder.declare(CHAIN)
    builder.run()
    builder.declare(ONE.replace('"a fox"', '"a fox"\nseed = 1'))
    assert "undeclared winter" in builder.run("--check", code=1).stdout
    assert "winter.png is no longer declared; it stays" in builder.run().stderr
    assert list(builder.lock()) == ["fox"]
    assert (builder.folder / "winter.png").exists()


def test_prune_removes_what_is_as_it_was_made_and_nothing_else(builder: Builder) -> None:
    text = CHAIN + ONE.replace("asset.fox", "asset.owl").replace("fox.png", "owl.png")
    builder.declare(text)
    builder.run()
    (builder.folder / "winter.png").write_bytes(b"mine")
    builder.declare(CHAIN.partition("[asset.winter]")[0])
    told = builder.json("--prune")
    assert told["removed"] == ["owl.png"]
    assert builder.bytes("winter.png") == b"mine"
    assert not (builder.folder / "owl.png").exists()


def test_prune_leaves_what_another_asset_made_in_the_place_of_an_old_one(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    before = builder.bytes()
    builder.declare(ONE.replace("asset.fox", "asset.owl").replace("a fox", "an owl"))
    assert builder.json("--force", "--prune")["removed"] == []
    assert builder.bytes() != before and list(builder.lock()) == ["owl"]


def test_prune_leaves_what_another_asset_still_starts_from(builder: Builder) -> None:
    builder.declare(CHAIN)
    builder.run()
    text = CHAIN.replace('["fox"]', '["fox.png"]')
    builder.declare("[project]\n[asset.winter]" + text.partition("[asset.winter]")[2])
    bought = builder.bought()
    assert builder.json("--prune")["removed"] == []
    assert builder.bytes("fox.png")
    assert list(builder.lock()) == ["winter"]
    assert builder.bought() == bought


def test_a_lock_of_a_stranger_makes_nobody_remove_or_read_files_elsewhere(
    builder: Builder, tmp_path: Path
) -> None:
    builder.declare(ONE)
    builder.run()
    entry = lockfile.read(builder.folder)["fox"]
    victim = tmp_path / "victim.png"
    shutil.copy(builder.folder / "fox.png", victim)
    evil = replace(entry, path="../victim.png", declaration="other")
    lockfile.write(builder.folder, {"fox": entry, "evil": evil})
    assert builder.json("--prune")["removed"] == []
    assert victim.exists()


def test_a_lock_with_conflict_marks_says_what_to_do(builder: Builder) -> None:
    builder.declare(ONE)
    for content in ("<<<<<<< ours\n", "{}", '{"version": 1, "assets": {"fox": {"path": 3}}}', "[]"):
        (builder.folder / "flexura.lock").write_text(content)
        told = builder.json("--check", code=2)["error"]
        assert "git checkout --ours flexura.lock" in told["next_step"]
    assert "version 9" in _with_version(builder, 9)


def _with_version(builder: Builder, version: int) -> str:
    text = json.dumps({"version": version, "assets": {}})
    (builder.folder / "flexura.lock").write_text(text)
    return builder.run(code=2).stderr
