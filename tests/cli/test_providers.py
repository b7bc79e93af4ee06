"""`flexura providers`: keys for the own gateway, and the file that they are written into.

How providers do, and where keys are put, is in test_provider_report.py and test_provider_store.py.
"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cli_house import Terminal
from flexura import settings
from flexura.cli import provider_table
from flexura.domain.errors import InvalidRequest

KEY = "tvly-0123456789abcdef"


@pytest.fixture
def file(flexura_home: Path) -> Path:
    return flexura_home / "config.toml"


def test_what_is_set_here_reaches_the_own_gateway(
    alone: Terminal, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVILY_API_KEY", KEY)
    monkeypatch.setenv("UNRELATED_SECRET", "no")
    assert settings.load(local=True).environment == {}
    result = alone.run("providers", "import")
    assert result.stdout == "TAVILY_API_KEY\n"
    assert settings.load(local=True).environment == {"TAVILY_API_KEY": KEY}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert KEY not in result.output


def test_values_may_be_given_by_name(alone: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVILY_API_KEY", KEY)
    alone.run("providers", "import", "SEARXNG_BASE_URL=http://127.0.0.1:8888", "TAVILY_API_KEY")
    assert settings.load(local=True).environment == {
        "SEARXNG_BASE_URL": "http://127.0.0.1:8888",
        "TAVILY_API_KEY": KEY,
    }


@pytest.mark.parametrize("names", [[], ["TAVILY_API_KEY"], ["lower=1"], ["TAVILY_API_KEY="]])
def test_nothing_to_write_is_a_mistake(alone: Terminal, file: Path, names: list[str]) -> None:
    assert alone.run("providers", "import", *names, stdin="").exit_code == 2
    assert not file.exists()


def test_a_name_that_nobody_reads_is_written_with_a_warning(alone: Terminal) -> None:
    result = alone.run("providers", "import", "SOMEBODYS_API_KEY=1234")
    assert result.exit_code == 0
    assert "no provider of this release reads SOMEBODYS_API_KEY" in result.stderr


def test_a_list_masks_keys_and_shows_addresses(
    alone: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.run("providers", "import", f"TAVILY_API_KEY={KEY}", "SEARXNG_BASE_URL=http://localhost:1")
    monkeypatch.setenv("FAL_KEY", "only here")
    told = alone.run("providers", "list")
    assert KEY not in told.output
    assert "tvly…cdef" in told.stdout
    assert "http://localhost:1" in told.stdout
    assert "only in this environment" in told.stdout
    assert "flexura providers import" in told.stderr
    names = [row["name"] for row in alone.json("providers", "list")["providers"]]
    assert names == ["SEARXNG_BASE_URL", "TAVILY_API_KEY", "FAL_KEY"]


def test_a_switch_is_shown_as_it_is(alone: Terminal) -> None:
    alone.run("providers", "add", "YOU_FREE=1", "--file")
    assert "YOU_FREE                 1  (file)" in alone.run("providers", "list").stdout


def test_import_takes_every_variable_that_a_provider_reads(
    alone: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FAL_KEY", "EXA_BASE_URL", "YDC_API_KEY", "SOMEBODYS_API_KEY"):
        monkeypatch.setenv(name, "https://x.example")
    assert alone.json("providers", "import")["written"] == [
        "EXA_BASE_URL",
        "FAL_KEY",
        "YDC_API_KEY",
    ]


def test_the_key_of_a_server_of_ones_own_is_no_surprise(alone: Terminal) -> None:
    servers = "OPENAI_COMPATIBLE_SERVERS=mine=http://127.0.0.1:1"
    result = alone.run("providers", "add", servers, "MINE_API_KEY=1234")
    assert "no provider of this release" not in result.stderr


def test_an_empty_list_says_so(alone: Terminal) -> None:
    assert "None." in alone.run("providers", "list").stderr


KEPT = '# mine\nurl = "https://x.example"  # why\n\n[policy]\nprefer = [ "a" ]'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f'[providers]\nTAVILY_API_KEY = "{KEY}"\n'),
        (KEPT, f'{KEPT}\n\n[providers]\nTAVILY_API_KEY = "{KEY}"\n'),
        ("[providers]", f'[providers]\nTAVILY_API_KEY = "{KEY}"\n'),
        (
            '[ providers ] # keys\nA = "1"\n\n[policy]\nprefer = []\n',
            f'[ providers ] # keys\nA = "1"\nTAVILY_API_KEY = "{KEY}"\n\n[policy]\nprefer = []\n',
        ),
        (
            "[providers]\n'TAVILY_API_KEY' = 'old'\nB = '2'\n",
            f"[providers]\nTAVILY_API_KEY = \"{KEY}\"\nB = '2'\n",
        ),
        ("[providers]\r\nA = 'é'\r\n", f"[providers]\r\nA = 'é'\r\nTAVILY_API_KEY = \"{KEY}\"\r\n"),
    ],
)
def test_every_other_byte_of_the_file_stays(file: Path, before: str, after: str) -> None:
    file.write_bytes(before.encode())
    provider_table.write(file, {"TAVILY_API_KEY": KEY})
    assert file.read_bytes().decode() == after


@pytest.mark.parametrize(
    "text",
    [
        "[providers\n",
        'providers = { A = "1" }\n',
        'providers.A = "1"\n',
        '[providers]\nTAVILY_API_KEY = """\nlong\n"""\n',
        "[providers]\nA = '''\n[providers]\n'''\n[providers.TAVILY_API_KEY]\n",
    ],
)
def test_a_file_that_cannot_be_edited_safely_is_left_alone(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(InvalidRequest, match="left alone"):
        provider_table.write(file, {"TAVILY_API_KEY": KEY})
    assert file.read_text() == text


def test_a_value_that_toml_cannot_hold_changes_nothing(file: Path) -> None:
    with pytest.raises(InvalidRequest):
        provider_table.write(file, {"TAVILY_API_KEY": "a\x7fb"})
    assert not file.exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[providers]\nA_KEY = 'x'  # why\nB_KEY = 'y'\n", "[providers]\nB_KEY = 'y'\n"),
        ("[other]\nA_KEY = 1\n[providers]\nA_KEY = 'x'\n", "[other]\nA_KEY = 1\n[providers]\n"),
        ("[providers]\r\n'A_KEY' = { keyring = true }\r\n", "[providers]\r\n"),
        ("[providers]\nB_KEY = 'y'\n", "[providers]\nB_KEY = 'y'\n"),
        ("# nothing\n", "# nothing\n"),
    ],
)
def test_removing_takes_one_line_and_no_other_byte(file: Path, before: str, after: str) -> None:
    file.write_bytes(before.encode())
    found = provider_table.remove(file, ["A_KEY", "NEVER_THERE"])
    assert file.read_bytes().decode() == after
    assert found == (["A_KEY"] if before != after else [])


@pytest.mark.parametrize(
    "text", ["providers = { A_KEY = '1' }\n", '[providers]\nA_KEY = """\nlong\n"""\n']
)
def test_what_cannot_be_removed_safely_stays(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(InvalidRequest, match="left alone"):
        provider_table.remove(file, ["A_KEY"])
    assert file.read_text() == text


def test_removing_from_no_file_makes_none(file: Path) -> None:
    assert provider_table.remove(file, ["A_KEY"]) == [] and not file.exists()


def test_a_file_that_is_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text("# mine\n")
    file.symlink_to(target)
    provider_table.write(file, {"TAVILY_API_KEY": KEY})
    assert file.is_symlink()
    assert KEY in target.read_text()
