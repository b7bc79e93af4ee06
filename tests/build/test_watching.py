"""`flexura build --watch`: follows what the declaration reads, tells errors, and never overspends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from build_house import ONE, Builder
from flexura.cli.build import watch, watching
from flexura.cli.build.command import Asked
from flexura.cli.build.journal import Journal
from flexura.cli.screen import Screen

Deed = Callable[[], object]


def watched(builder: Builder, deeds: list[Deed], max_cost: float | None = 1.0) -> int:
    """Watch while these things happen, one whenever it has nothing to do; then Ctrl-C."""
    todo: Iterator[Deed] = iter(deeds)
    asked = Asked((), False, True, False, False, False, False, False, max_cost, 4)

    def pause(seconds: float) -> None:
        if seconds == watch.EVERY:
            deed = next(todo, None)
            if deed is None:
                raise KeyboardInterrupt
            deed()

    return watching.watched(builder.folder, asked, Screen(False), Journal(builder.folder), pause)


def test_what_changed_is_made_and_nothing_else(builder: Builder) -> None:
    (builder.folder / "fox.txt").write_text("a fox")
    builder.declare(ONE.replace('prompt = "a fox"', 'prompt_file = "fox.txt"'))
    bought = builder.bought()
    seen: list[int] = []

    def note() -> None:
        seen.append(builder.bought() - bought)

    deeds: list[Deed] = [
        note,
        lambda: (builder.folder / "fox.txt").write_text("a wolf"),
        note,
        lambda: (builder.folder / "other.txt").write_text("nobody reads it"),
        lambda: os.utime(builder.folder / "flexura.toml"),
        note,
    ]
    assert watched(builder, deeds) == 0
    assert seen == [1, 2, 2]


def test_an_error_is_told_and_waited_out(
    builder: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    builder.declare(ONE.replace('prompt = "a fox"', 'prompt_file = "fox.txt"'))
    assert watched(builder, [lambda: (builder.folder / "fox.txt").write_text("an owl")]) == 0
    told = capsys.readouterr()
    assert "prompt_file 'fox.txt' cannot be read" in told.err
    assert "made       fox.png" in told.out


def test_the_budget_counts_for_all_of_it(
    builder: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    builder.declare(ONE)
    bought = builder.bought()
    deeds: list[Deed] = [
        lambda: builder.declare(ONE.replace("a fox", "a hen")),
        lambda: builder.declare(ONE.replace("a fox", "a cat")),
    ]
    watched(builder, deeds, max_cost=0.05)
    assert builder.bought() == bought + 2
    told = capsys.readouterr().err
    assert "after 0.04 USD that were spent, more than the budget of 0.05 USD" in told
    assert "0.04 USD were spent" in told


def test_without_a_budget_only_what_is_free_is_made(
    builder: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    builder.declare(ONE)
    bought = builder.bought()
    watched(builder, [], max_cost=None)
    assert builder.bought() == bought
    assert "There is no budget" in capsys.readouterr().err


def test_what_failed_is_not_ordered_again_for_anothers_change(builder: Builder) -> None:
    second = ONE.replace("asset.fox", "asset.owl").replace("fox.png", "owl.png")
    builder.declare(ONE.replace("a fox", "fail") + second)
    bought = builder.bought()
    deeds: list[Deed] = [
        lambda: builder.declare(ONE.replace("a fox", "fail") + second.replace("a fox", "an owl")),
    ]
    watched(builder, deeds)
    assert builder.bought() == bought + 3


def test_what_is_written_in_several_steps_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file, pauses = tmp_path / "x", list[float]()
    before = watch.stamps([file])
    file.write_text("1")

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) < 4:
            file.write_text("1" * len(pauses) * 2)

    watch.changed(before, pause)
    assert pauses == [watch.QUIET] * 4
