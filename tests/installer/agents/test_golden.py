"""Every agent's files become, byte for byte, what the golden files show; and undo gives the old ones."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
import yaml

import golden_agents
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect
from golden_agents import GOLDEN, Case, cases

ALL = [pytest.param(c, id=c.after.relative_to(GOLDEN).as_posix()) for c in cases()]
# For JSON with comments there is no second reader at hand.
STRICT = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}
READABLE = [
    pytest.param(c, id=c.after.relative_to(GOLDEN).as_posix())
    for c in cases()
    if c.wish().dialect in STRICT
]


@pytest.mark.parametrize("case", ALL)
def test_the_file_is_the_golden_one(case: Case) -> None:
    assert case.result() == case.after.read_bytes(), "see tests/golden_agents.py"


@pytest.mark.parametrize("case", READABLE)
def test_another_reader_finds_the_entry_and_everything_that_was_there(case: Case) -> None:
    wish = case.wish()
    read: Any = STRICT[wish.dialect]
    after = read(case.after.read_text(encoding="utf-8"))
    before = {} if case.new else read(case.before.read_text(encoding="utf-8"))
    for slot, value in wish.values:
        held = after
        for key in slot.under:
            held = held[key]
        assert (held[slot.name] if slot.kind == "member" else held[-1]) == value
    assert [key for key in after if key in before] == list(before)


@pytest.mark.parametrize("case", ALL)
def test_taking_the_entry_out_again_leaves_what_was_there(case: Case) -> None:
    wish = case.wish()
    speech = dialect(wish.dialect)
    content = case.after.read_bytes()
    for slot, _ in reversed(wish.values):
        content = prove.take(speech, content, slot).after
    was = b"" if case.new else case.before.read_bytes()
    left, expected = prove.read(speech, content) or {}, prove.read(speech, was) or {}
    assert {k: v for k, v in left.items() if v} == {k: v for k, v in expected.items() if v}


def test_no_golden_file_is_left_over() -> None:
    wanted = {case.after for case in cases()} | {case.before for case in cases()}
    assert {p for p in GOLDEN.glob("*/*") if p.is_file()} == wanted


def test_paths_on_every_system_are_the_golden_ones() -> None:
    assert golden_agents.paths() == golden_agents.PATHS.read_text(encoding="utf-8")
