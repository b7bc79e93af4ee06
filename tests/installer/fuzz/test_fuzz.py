"""Thousands of files that nobody would write and everybody has: no byte of others changes, all come back."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flexura_installer.errors import Unproven
from flexura_installer.formats import dialects
from flexura_installer.formats.document import Slot
from flexura_installer.formats.splice import Splice
from installer.fuzz import runs, trials
from installer.fuzz.__main__ import main
from installer.fuzz.cases import case
from installer.fuzz.oracles import BROKEN, said
from installer.fuzz.tally import Tally

ROOT = Path(__file__).parents[3]
CASES = 8_000


@pytest.mark.timeout(300)
def test_every_rule_holds_for_eight_thousand_files() -> None:
    """In a program of its own, without coverage: that would take five times as long."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COVERAGE_", "COV_"))}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "installer"), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-m", "installer.fuzz", "--cases", str(CASES), "--workers", "2"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n0 broke a rule\n" in done.stdout


def test_every_rule_holds_for_some_files_in_this_process() -> None:
    tally = runs.run("here", 0, 400)
    assert tally.failures == []
    assert tally.total("files") == 400
    assert tally.shortfalls() == []
    assert "toml: 100.00% of " in tally.table()


def test_a_seed_always_makes_the_same_file() -> None:
    one, two = case("again:7"), case("again:7")
    assert (one.data, one.slot, one.value, one.notes) == (two.data, two.slot, two.value, two.notes)


def test_one_case_can_be_looked_at_by_its_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "1:5"]) == 0
    assert "Verdict(" in capsys.readouterr().out


class Twisted:
    """A dialect that does one thing wrong, to see that it is found."""

    def __init__(self, name: str, like: str) -> None:
        self.name = name
        self.real = dialects.dialect(like)

    def read(self, data: bytes) -> Any:
        return self.real.read(data)

    def put(self, data: bytes, slot: Slot, value: Any) -> tuple[Splice, ...]:
        return self.real.put(data, slot, value)

    def take(self, data: bytes, slot: Slot) -> tuple[Splice, ...]:
        return self.real.take(data, slot)

    def snippet(self, slot: Slot, value: Any) -> str:
        return self.real.snippet(slot, value)


class LosesComments(Twisted):
    def put(self, data: bytes, slot: Slot, value: Any) -> tuple[Splice, ...]:
        at = data.rfind(b"\n# note")
        if at <= 0 or b"'''" in data or b'"""' in data:
            return super().put(data, slot, value)
        end = data.find(b"\n", at + 1)
        lost = Splice(at, data[at : len(data) if end < 0 else end], b"")
        return (lost, *super().put(data, slot, value))


class RefusesAll(Twisted):
    def put(self, data: bytes, slot: Slot, value: Any) -> tuple[Splice, ...]:
        raise Unproven("no")


class Falls(Twisted):
    def put(self, data: bytes, slot: Slot, value: Any) -> tuple[Splice, ...]:
        raise IndexError("out of range")


def name_instead(monkeypatch: pytest.MonkeyPatch, twisted: Twisted) -> None:
    def named(name: str) -> Any:
        return twisted if name == twisted.name else dialects.dialect(name)

    monkeypatch.setattr(trials, "dialect_named", named)


def run_with(monkeypatch: pytest.MonkeyPatch, twisted: Twisted, cases: int = 400) -> Tally:
    name_instead(monkeypatch, twisted)
    return runs.run("twisted", 0, cases)


@pytest.mark.parametrize(
    ("twisted", "told"),
    [
        (LosesComments("toml", "toml"), "note"),
        (Falls("toml", "toml"), "IndexError"),
    ],
)
def test_a_format_that_does_harm_is_found(
    monkeypatch: pytest.MonkeyPatch, twisted: Twisted, told: str
) -> None:
    failures = run_with(monkeypatch, twisted).failures
    assert any(told in failure and f"({twisted.name}, " in failure for failure in failures)


@pytest.mark.parametrize(("name", "text"), [("json", b"{} // x"), ("jsonc", b'{"a": 1,}')])
def test_a_format_that_takes_more_than_its_agent_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, text: bytes
) -> None:
    name_instead(monkeypatch, Twisted(name, "jsonc-commas"))
    broken = replace(
        case("any:1"), dialect=name, kind="broken", slot=Slot(("mcpServers",), "x"), data=text
    )
    with pytest.raises(trials.Broken, match="a broken file was edited"):
        trials.judge(broken)


def test_a_format_that_refuses_everything_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = run_with(monkeypatch, RefusesAll("json", "json"), 800)
    assert any(told.startswith("json: only 0.0%") for told in tally.shortfalls())


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("json", "{,}"),
        ("json", '{"a": 1,}'),
        ("json", "// x\n{}"),
        ("json", "[NaN]"),
        ("jsonc", "[1,]"),
        ("jsonc", "/* x"),
        ("jsonc", '{"a" 1}'),
        ("jsonc", "{} {}"),
        ("jsonc", "[1 2]"),
        ("jsonc", "{"),
        ("jsonc", "01"),
        ("jsonc", '{"a": "\t"}'),
        ("jsonc-commas", "[,]"),
        ("jsonc-commas", "[1,,]"),
        ("toml", "a = 1\na = 2"),
        ("yaml", "a: [1"),
        ("yaml", "a: 1\n---\nb: 2"),
    ],
)
def test_the_readers_that_judge_know_a_broken_file(dialect: str, text: str) -> None:
    assert said(dialect, text.encode()) == BROKEN
    assert said(dialect, text.encode("utf-16")) == BROKEN
