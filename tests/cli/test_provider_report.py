"""`flexura providers` without a further word: what is set up and how it does."""

from __future__ import annotations

import pytest

from cli_house import Terminal
from flexura.cli import provider_report
from flexura.cli.screen import Screen
from flexura.client import AdapterAnswer


def lines(terminal: Terminal, *options: str) -> dict[str, list[str]]:
    found = [line.split("\t") for line in terminal.run("providers", *options).stdout.splitlines()]
    return {line[0]: line[1:] for line in found}


def test_what_is_set_up_comes_first_with_its_models(terminal: Terminal) -> None:
    found = lines(terminal)
    role, state, about = found["fake"]
    assert (role, state) == ("media", "ok")
    assert "image" in about and "asked" in about
    assert list(found).index("fake") < list(found).index("fal")


def test_what_is_missing_names_the_variable_and_what_is_unproven_says_so(
    terminal: Terminal,
) -> None:
    found = lines(terminal)
    assert found["fal"][1:] == ["not set up", "set FAL_KEY"]
    assert found["brave"][1:] == ["not set up", "set BRAVE_API_KEY; unproven"]
    assert "without a key" in found["tavily"][2]


def test_a_check_says_which_engines_were_not_asked(terminal: Terminal) -> None:
    assert "not checked: every search counts" in lines(terminal, "--check")["tavily"][2]


def test_json_has_every_field(terminal: Terminal) -> None:
    rows = {row["name"]: row for row in terminal.json("providers")["providers"]}
    assert rows["fal"]["missing"] == "FAL_KEY" and rows["fal"]["docs"].startswith("https://")
    assert rows["embedded"]["models"] and rows["embedded"]["status"] == "ok"


def test_at_a_terminal_it_is_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(provider_report.terminal, "rich_enough", lambda _: True)
    broken = AdapterAnswer(
        name="fal", adapter="fal", role="media", configured=True, missing="", status="unavailable",
        error="fal refused the key in FAL_KEY.", models={},
    )  # fmt: skip
    provider_report.tell(Screen(False), [broken])
    assert "fal  media   unavailable    fal refused the key in FAL_KEY.; unproven" in (
        capsys.readouterr().out
    )
