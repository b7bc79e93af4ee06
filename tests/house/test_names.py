"""A module is named by the one thing that it holds."""

from __future__ import annotations

import re
from pathlib import Path

from house.repository import below, is_program

VAGUE = {"utils", "util", "common", "helpers", "helper", "manager", "managers", "base", "misc"}
PROGRAMS = [p for p in below("src", "tests", "scripts", "benchmarks", "installer") if is_program(p)]


def words(path: Path) -> set[str]:
    return {word for part in path.parts for word in re.split(r"[_.\-]", part.lower())}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in PROGRAMS if words(path) & VAGUE] == []


def test_a_test_file_lies_in_the_folder_of_its_room() -> None:
    tests = [path for path in below("tests") if path.name.startswith("test_")]
    assert tests
    assert [str(path) for path in tests if len(path.parts) < 3] == []
