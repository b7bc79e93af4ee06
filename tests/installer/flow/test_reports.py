"""The report of a house with several agents, for a person and as JSON, word for word.

After a change that is meant, run this with WRITE_REPORTS=1 and read what changed in `reports/`.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path

import pytest

from installer_person import CODEX, Person

FOLDER = Path(__file__).parent / "reports"
# With it the files are written anew before they are compared.
WRITE = "WRITE_REPORTS"
COMMANDS = {
    "install": ("install", "--all"),
    "again": ("install", "--all"),
    "status": ("install", "--status"),
    "upgrade": ("upgrade",),
    "uninstall": ("uninstall", "--all"),
}


def steady(person: Person, text: str) -> str:
    """Without what differs from run to run: paths, times, and what the skill says."""
    for path, name in ((person.home, "<home>"), (person.project, "<project>")):
        text = text.replace(str(path), name)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]+\+00:00", "<time>", text)


def test_the_reports_are_as_they_were_read_and_found_good(house_of_agents: Person) -> None:
    for name, words in COMMANDS.items():
        as_json = [*words, "--json"]
        if name in ("install", "uninstall"):
            # A second run would find nothing to do: first what it would do, then the real thing.
            as_json.append("--dry-run")
        found = json.dumps(house_of_agents.run(*as_json).json, indent=1, ensure_ascii=False)
        _compare(f"{name}.json", steady(house_of_agents, f"{found}\n"))
        _compare(f"{name}.txt", steady(house_of_agents, house_of_agents.run(*words).out))


def _compare(name: str, found: str) -> None:
    file = FOLDER / name
    # A diff is the engine's to test, and that of a skill is as long as the skill.
    found = re.sub(r'"diff": "(?:[^"\\]|\\.)*"', '"diff": "…"', found)
    if os.environ.get(WRITE):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8"), (
        f"meant? then set {WRITE}=1 and run this again"
    )


def test_a_terminal_without_these_marks_gets_others(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.file(".codex/config.toml", CODEX)
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    person.run("install", "--yes")
    narrow.seek(0)
    assert narrow.read().startswith("+ Codex")


def test_many_agents_of_one_path_are_counted(person: Person) -> None:
    ran = person.run("install", "--target", "codex", "cursor", "cline", "zed")
    assert "✓ Codex and 3 others" in ran.out
    assert ran.out.count("~/.agents/skills/flexura") == 1


def test_a_mistake_is_one_json_object_too(person: Person) -> None:
    ran = person.run("install", "--nonsense", "--json")
    assert ran.code == 2
    assert ran.json["ok"] is False
    assert "--help" in ran.json["error"]["next_step"]
