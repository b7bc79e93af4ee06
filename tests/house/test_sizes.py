"""Sizes that read well, without exemptions."""

from __future__ import annotations

import ast
from pathlib import Path

from house.repository import below, is_program, text

PROGRAMS = [p for p in below("src", "tests", "scripts", "benchmarks", "installer") if is_program(p)]
PYTHON = [p for p in PROGRAMS if p.suffix == ".py"]
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50
PARAMETERS = 7

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> list[Function]:
    nodes = ast.walk(ast.parse(text(path), str(path)))
    return [node for node in nodes if isinstance(node, Function)]


def parameters(function: Function) -> int:
    given = function.args
    named = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in named if name not in ("self", "cls")])


def test_there_are_programs_to_measure() -> None:
    assert len(PYTHON) > 20


def test_a_file_has_at_most_400_lines() -> None:
    lengths = {str(path): len(text(path).splitlines()) for path in PROGRAMS}
    too_long = [f"{p}: {n} lines" for p, n in lengths.items() if n > LINES_OF_A_FILE]
    assert not too_long, "\n".join(too_long)


def test_a_function_has_at_most_50_lines_and_7_parameters() -> None:
    too_large = [
        f"{path}:{f.lineno} {f.name}: {length} lines, {parameters(f)} parameters"
        for path in PYTHON
        for f in functions(path)
        if (length := (f.end_lineno or f.lineno) - f.lineno + 1) > LINES_OF_A_FUNCTION
        or parameters(f) > PARAMETERS
    ]
    assert not too_large, "\n".join(too_large)
