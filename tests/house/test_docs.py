"""The pages say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from docs_build.pages import BEGIN, END, MAKERS, MARK, outdated
from docs_build.settings import EXAMPLE
from flexura.domain.errors import tree
from flexura.gateway.errors import STATUS
from flexura.runtime import provider_variables
from flexura.settings import VARIABLES, load
from flexura_installer.agents import AGENTS
from house.repository import below, text


def test_every_generated_page_is_current() -> None:
    assert outdated() == [], "run scripts/docs"


def test_no_page_claims_to_be_generated_without_a_maker() -> None:
    marked = {p.name for p in below("docs") if text(p).startswith(MARK.strip())}
    assert marked == set(MAKERS)


def test_the_readme_lists_every_agent_between_its_marks() -> None:
    block = text(Path("README.md")).partition(BEGIN)[2].partition(END)[0]
    assert [row.name for row in AGENTS if f"| `{row.name}` |" not in block] == []


def test_every_error_code_is_explained_with_its_status() -> None:
    page = text(Path("docs/errors.md"))
    missing = [e.code for e in tree() if f"| `{e.code}` | {STATUS[e.code]} |" not in page]
    assert missing == []


def test_every_variable_that_the_source_reads_is_explained() -> None:
    pattern = re.compile(r"\"((?:FLEXURA|TAVILY|SEARXNG|MEDIA_GATEWAY)_[A-Z_]*[A-Z])\"")
    read = {name for path in below("src") for name in pattern.findall(text(path))}
    assert read - set(provider_variables()) == set(VARIABLES)


def test_the_example_configuration_is_read(flexura_home: Path) -> None:
    (flexura_home / "config.toml").write_text(EXAMPLE)
    settings = load({}, local=True)
    assert settings.environment and settings.aliases and settings.presets and settings.prefer
    assert settings.public_url and settings.allowed_hosts


def test_every_decision_is_listed() -> None:
    pages = {p.name for p in below("docs/decisions")} - {"README.md"}
    listed = text(Path("docs/decisions/README.md"))
    assert pages and all(f"({name})" in listed for name in pages)
