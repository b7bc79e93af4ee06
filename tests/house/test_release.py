"""What is said in two places agrees."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import flexura
from house.repository import ROOT, below, text

PROJECT = tomllib.loads(text(Path("pyproject.toml")))
# Used through a string or by another package, so no import shows it.
ASKED_BY_NAME = {
    "httptools": "uvicorn's HTTP parser",
    "uvloop": "uvicorn's event loop",
    "espeakng-loader": "its library is loaded in a child process",
    "ddgs": "an extra, imported by its name at the first search",
}


def imported() -> set[str]:
    """The top-level modules that src imports, anywhere."""
    found: set[str] = set()
    for path in below("src"):
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found


def declared() -> set[str]:
    lines = [*PROJECT["project"]["dependencies"]]
    for extra in PROJECT["project"]["optional-dependencies"].values():
        lines += extra
    return {canonicalize_name(Requirement(line).name) for line in lines}


def distributions_of(modules: set[str]) -> set[str]:
    known = metadata.packages_distributions()
    return {canonicalize_name(name) for module in modules for name in known.get(module, [])}


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", text(Path("CHANGELOG.md")), re.MULTILINE)
    assert newest is not None
    assert newest[1] == flexura.__version__


def test_what_is_imported_is_declared() -> None:
    outside = imported() - set(sys.stdlib_module_names) - {"flexura"}
    known = metadata.packages_distributions()
    # A namespace such as opentelemetry's belongs to several; one of them is asked for, and brings the others.
    undeclared = [
        module
        for module in outside
        if module in known and declared().isdisjoint(map(canonicalize_name, known[module]))
    ]
    assert undeclared == []


def test_what_is_declared_is_imported() -> None:
    assert declared() <= distributions_of(imported()) | set(ASKED_BY_NAME)


def test_the_lock_pins_every_dependency_and_names_no_place() -> None:
    lines = [x for x in text(Path("requirements.lock")).splitlines() if not x.startswith("#")]
    pinned = {Requirement(line).name for line in lines}
    wanted = {canonicalize_name(Requirement(x).name) for x in PROJECT["project"]["dependencies"]}
    assert wanted <= pinned
    assert all("==" in line and "://" not in line and " @ " not in line for line in lines)


def test_the_lock_satisfies_the_ranges_of_the_package() -> None:
    lines = [x for x in text(Path("requirements.lock")).splitlines() if not x.startswith("#")]
    versions = {r.name: str(r.specifier).removeprefix("==") for r in map(Requirement, lines)}
    for requirement in map(Requirement, PROJECT["project"]["dependencies"]):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)])


def test_the_licence_is_the_whole_apache_licence() -> None:
    assert "END OF TERMS AND CONDITIONS" in (ROOT / "LICENSE").read_text()
