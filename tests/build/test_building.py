"""`flexura build` against a gateway: what is ordered, what is not, and what is in the project afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from build_house import CHAIN, ONE, Builder
from flexura.cli.build import lockfile


def test_what_is_missing_is_made_and_noted(builder: Builder) -> None:
    builder.declare(ONE)
    result = builder.run()
    assert result.stdout.startswith("made       fox.png  fake:one · 0.02 USD")
    assert "make       fox.png  never made · 0.02 USD · fake:one" in result.stderr
    assert "1 made; 0.02 USD." in result.stderr
    assert builder.bytes().startswith(b"\x89PNG")
    entry = builder.lock()["fox"]
    assert (entry["path"], entry["model"], entry["cost"]) == ("fox.png", "fake:one", 0.02)
    assert entry["bytes"] == len(builder.bytes())
    assert entry["job"].startswith("job_")


def test_nothing_is_made_twice_and_nobody_is_asked(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder.declare(ONE)
    builder.run()
    before = builder.bought(), (builder.folder / "flexura.lock").read_bytes()
    monkeypatch.setenv("FLEXURA_URL", "http://127.0.0.1:9")
    assert builder.json() == {
        "ok": True,
        "made": 0,
        "reused": 1,
        "kept": 0,
        "failed": 0,
        "cost_usd": 0.0,
        "assets": [],
        "undeclared": [],
    }
    assert builder.json("--check")["up_to_date"] is True
    assert (builder.bought(), (builder.folder / "flexura.lock").read_bytes()) == before


def test_another_prompt_is_another_order_and_the_plan_says_so(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    builder.declare(ONE.replace("a fox", "a wolf"))
    bought = builder.bought()
    plan = builder.json("--dry-run")
    (step,) = plan["assets"]
    assert (step["state"], step["why"], plan["cost_usd"]) == ("changed", "other prompt", 0.02)
    assert builder.bought() == bought
    before = builder.bytes()
    assert "other prompt" in builder.run().stderr
    assert builder.bought() == bought + 1
    assert builder.bytes() != before
    assert builder.lock()["fox"]["generation"] == 2


def test_a_file_that_is_gone_comes_back_at_no_cost(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    before, bought = builder.bytes(), builder.bought()
    (builder.folder / "fox.png").unlink()
    assert builder.run("--check", code=1).stdout.startswith("missing    fox.png")
    assert "fetched    fox.png" in builder.run().stdout
    assert (builder.bytes(), builder.bought()) == (before, bought)


def test_a_gateway_that_has_it_no_more_makes_it_again(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    bought = builder.bought()
    (builder.folder / "fox.png").unlink()
    entry = lockfile.read(builder.folder)["fox"]
    lockfile.write(builder.folder, {"fox": replace(entry, artifact="art_gone")})
    builder.run()
    assert builder.bought() == bought + 1
    assert builder.lock()["fox"]["generation"] == 2


def test_a_file_that_was_changed_by_hand_is_left_alone(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    made, bought = builder.bytes(), builder.bought()
    (builder.folder / "fox.png").write_bytes(b"mine")
    checked = builder.json("--check", code=1)
    assert checked["assets"][0]["state"] == "edited"
    result = builder.run(code=3)
    assert "flexura build --force fox" in result.stderr
    assert builder.bytes() == b"mine"
    builder.declare(ONE.replace("a fox", "a wolf"))
    assert "changed by hand, and other prompt" in builder.run(code=3).stderr
    builder.declare(ONE)
    builder.run("--force")
    assert (builder.bytes(), builder.bought()) == (made, bought)


def test_a_file_that_it_did_not_make_is_left_alone(builder: Builder) -> None:
    builder.declare(ONE)
    (builder.folder / "fox.png").write_bytes(b"mine")
    bought = builder.bought()
    assert "did not make" in builder.run(code=3).stderr
    assert (builder.bytes(), builder.bought()) == (b"mine", bought)
    builder.run("--force")
    assert builder.bytes() != b"mine"


def test_an_asset_may_move_and_be_renamed_at_no_cost(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    bought, made = builder.bought(), builder.bytes()
    builder.declare(ONE.replace("fox.png", "art/red.png").replace("asset.fox", "asset.red"))
    assert builder.run("--check", code=1).stdout.startswith("missing    art/red.png")
    result = builder.run()
    assert "copied     art/red.png" in result.stdout
    assert builder.bytes("art/red.png") == made
    (builder.folder / "fox.png").rename(builder.folder / "art/fox.png")
    (builder.folder / "art/red.png").unlink()
    builder.declare(ONE.replace("fox.png", "art/fox.png"))
    assert "noted      art/fox.png" in builder.run().stdout
    assert list(builder.lock()) == ["fox"]
    assert builder.bought() == bought
    builder.run("--check")


def test_another_form_of_a_picture_is_not_bought_again(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    bought = builder.bought()
    builder.declare(ONE.replace("fox.png", "fox.webp"))
    result = builder.run("--prune")
    assert "fetched    fox.webp" in result.stdout
    with Image.open(builder.folder / "fox.webp") as picture:
        assert picture.format == "WEBP"
    assert not (builder.folder / "fox.png").exists()
    assert builder.bought() == bought
    builder.run("--check")


def test_what_was_bought_in_a_form_that_does_not_fit_is_taken_at_another_path(
    builder: Builder,
) -> None:
    builder.declare(ONE.replace("fox.png", "fox.jpg"))
    bought = builder.bought()
    result = builder.run(code=1)
    assert "cannot be told to make .jpg" in result.stderr
    assert "end with .png or .webp" in result.stderr
    assert not (builder.folder / "fox.jpg").exists()
    builder.run(code=1)
    builder.declare(ONE)
    assert "made       fox.png" in builder.run().stdout
    assert builder.bought() == bought + 1


def test_what_starts_from_another_asset_is_made_after_it(builder: Builder) -> None:
    builder.declare(CHAIN)
    result = builder.run("winter")
    assert "make later winter.png  its input fox is missing · priced later" in result.stderr
    assert [line.split()[1] for line in result.stdout.splitlines()] == ["fox.png", "winter.png"]
    bought = builder.bought()
    builder.declare(CHAIN.replace("a fox", "a wolf").replace("seed = 1", "seed = 2"))
    assert "other inputs" not in builder.run("--check", code=1).stdout
    builder.run()
    assert builder.bought() == bought + 2


def test_an_input_that_comes_out_as_it_was_makes_nothing_new(builder: Builder) -> None:
    builder.declare(CHAIN)
    builder.run()
    bought = builder.bought()
    for name in ("fox.png", "winter.png"):
        (builder.folder / name).unlink()
    assert builder.json("--check", code=1)["assets"][1]["state"] == "waits"
    assert builder.run().stdout.split()[::2] == ["fetched", "fetched"]
    assert builder.bought() == bought


def test_an_input_that_was_touched_up_makes_what_starts_from_it_new(builder: Builder) -> None:
    builder.declare(CHAIN)
    builder.run()
    Image.new("RGB", (8, 8), "teal").save(builder.folder / "fox.png")
    bought = builder.bought()
    result = builder.run(code=3)
    assert "other inputs" in result.stderr
    assert builder.bought() == bought + 1


def test_one_failure_stops_only_what_starts_from_it(builder: Builder) -> None:
    text = CHAIN.replace("a fox", "fail") + ONE.replace("asset.fox", "asset.owl").replace(
        "fox.png", "owl.png"
    )
    builder.declare(text)
    told = builder.json(code=1)
    done = {found["name"]: found["done"] for found in told["assets"]}
    assert done == {"fox": "failed", "winter": "failed", "owl": "made"}
    assert told["assets"][0]["error"]["code"] == "content_policy"
    assert "input fox could not be made" in told["assets"][1]["error"]["message"]
    assert list(builder.lock()) == ["owl"]
    assert builder.json("fox", code=7)["failed"] == 1


def test_a_model_that_is_not_there_fails_before_anything_is_bought(builder: Builder) -> None:
    builder.declare(ONE.replace("fake:one", "fake:won"))
    bought = builder.bought()
    assert "fake:one" in builder.run(code=2).stderr
    assert builder.bought() == bought


def test_again_makes_a_named_asset_another_time(builder: Builder) -> None:
    builder.declare(ONE)
    builder.run()
    before, bought = builder.lock()["fox"], builder.bought()
    assert "asked for" in builder.run("--again", "fox").stderr
    assert builder.bought() == bought + 1
    after = builder.lock()["fox"]
    assert (after["generation"], after["declaration"]) == (2, before["declaration"])
    assert after["job"] != before["job"]
    builder.run("--again", code=2)


def test_several_are_made_at_once_and_no_more_than_told(builder: Builder) -> None:
    several = "".join(
        ONE.replace("asset.fox", f"asset.n{i}").replace("fox.png", f"n{i}.png") for i in range(5)
    )
    builder.declare(several)
    builder.house.fake.most_at_once = 0
    assert builder.json("--jobs", "1")["made"] == 5
    assert builder.house.fake.most_at_once == 1


def test_a_project_is_found_from_below_and_by_name(builder: Builder) -> None:
    builder.declare(ONE)
    (builder.folder / "deep/er").mkdir(parents=True)
    builder.run("-C", "deep/er")
    assert (builder.folder / "fox.png").exists()
    assert Path.cwd() == builder.folder
    assert "declares no asset 'foxx'; did you mean 'fox'?" in builder.run("foxx", code=2).stderr


def test_a_starter_is_written_once_and_can_be_built(builder: Builder) -> None:
    assert builder.run("--check", code=2).stderr.count("flexura build --init") == 1
    assert builder.run("--init").stdout == "flexura.toml\n"
    text = (builder.folder / "flexura.toml").read_text()
    assert "never" not in builder.run("--init", code=1).stdout
    assert (builder.folder / "flexura.toml").read_text() == text
    assert builder.json("--check", code=1)["assets"][0]["path"] == "assets/hero.webp"


@pytest.mark.parametrize(
    "flags", [["--check", "--force"], ["--watch", "--again", "x"], ["--prune", "x"]]
)
def test_flags_that_make_no_sense_together_are_refused(builder: Builder, flags: list[str]) -> None:
    builder.declare(ONE)
    builder.run(*flags, code=2)
