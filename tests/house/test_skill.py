"""The skill is valid, short, and says what the command line really takes."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import skills_ref

from flexura.cli.main import flexura
from flexura_installer import skills
from house.repository import ROOT, text

SKILL = ROOT / "skills" / "flexura"
COMMAND = re.compile(r"\bflexura ([a-z]+)((?: [^`\n#]*)?)")


def test_the_reference_validator_finds_no_fault() -> None:
    assert skills_ref.validate(SKILL) == []


def test_the_pages_that_it_names_are_there_and_are_packed() -> None:
    named = set(re.findall(r"\]\((reference/[^)]+)\)", (SKILL / "SKILL.md").read_text()))
    assert named == {"reference/shell.md", "reference/rest.md"}
    assert set(skills.packed()) == {"SKILL.md", *named}


@pytest.mark.parametrize("page", ["SKILL.md", "reference/shell.md", "reference/rest.md"])
def test_every_command_and_option_that_it_shows_exists(page: str) -> None:
    context = click.Context(flexura)
    for name, rest in COMMAND.findall(text(Path("skills/flexura") / page)):
        command = flexura.get_command(context, name)
        assert command is not None, name
        known = {option for p in command.params for option in p.opts} | {"--help"}
        assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest)) <= known, name
