"""`flexura demo`: the real bridge, the real protocol, small orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli_house import Terminal
from flexura.cli import terminal as streams
from flexura.cli.demo import command
from flexura.cli.demo.verify import seen
from flexura.domain.errors import ProviderError
from search_double import ROWS

SMALL: dict[str, dict[str, Any]] = {
    "image": {"prompt": "placeholder", "size": "64x48", "save_to": "a.png"},
    "audio": {"prompt": "coin", "kind": "sfx", "format": "mp3", "save_to": "b.mp3"},
}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ORDERS", SMALL)


def test_it_searches_and_makes_everything_through_mcp(terminal: Terminal) -> None:
    done = terminal.json("demo")
    assert done["ok"] is True
    assert "generate_video" in done["tools"]
    assert "protocol 20" in done["server"]
    assert done["models"]["image"] > 1
    assert done["search"]["results"][0]["url"] == ROWS[0]["url"]
    made = {file["kind"]: file for file in done["made"]}
    assert made["image"]["what"] == "PNG 64x48"
    assert made["audio"]["what"].startswith("MP3 ")
    for file in made.values():
        assert Path(file["path"]).parent == terminal.project / "flexura-demo"
        assert Path(file["path"]).stat().st_size == file["bytes"]


def test_lines_for_a_program_are_separated_by_tabs(terminal: Terminal) -> None:
    result = terminal.run("demo", "-o", "here")
    assert result.exit_code == 0
    kinds = [line.split("\t") for line in result.stdout.splitlines()]
    assert [row[0] for row in kinds] == ["image", "audio"]
    assert all((terminal.project / row[-1]).is_file() for row in kinds)
    assert "connect" in result.stderr
    assert '"args": ["mcp"]' in result.stderr


def test_somebody_who_looks_gets_a_table(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "rich_enough", lambda stream: True)
    result = terminal.run("demo")
    assert result.exit_code == 0
    assert "╭" in result.stdout
    assert "what it is" in result.stdout
    assert "flexura-demo/a.png" in result.stdout


def test_without_search_it_says_so_and_is_still_a_success(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "QUERY", "broken")
    result = terminal.run("demo")
    assert result.exit_code == 0
    assert "not done: provider_unavailable" in result.stderr
    assert "SEARXNG_BASE_URL" in result.stderr
    done = terminal.json("demo", "--require-search", code=1)
    assert done["ok"] is False
    assert done["search"]["error"]["code"] == "provider_unavailable"
    assert len(done["made"]) == 2


def test_what_cannot_be_made_fails_and_the_rest_is_still_made(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {"image": {"prompt": "fail", "model": "fake:one"}, "audio": SMALL["audio"]}
    monkeypatch.setattr(command, "ORDERS", broken)
    done = terminal.json("demo", code=7)
    assert done["errors"]["image"]["message"] == "The picture was refused."
    assert [file["kind"] for file in done["made"]] == ["audio"]


def test_a_gateway_that_is_not_there_fails_with_the_reason(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXURA_URL", "http://127.0.0.1:9")
    done = terminal.json("demo", code=1)
    assert "127.0.0.1:9" in done["errors"]["catalog"]["message"]
    assert not done["made"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"path": None}, "it is not there"),
        ({"path": "gone.png"}, "it is not there"),
        ({"bytes": 1}, "bytes instead of 1"),
        ({"w": 9}, "it measures 64x48"),
        ({"mime": "audio/mpeg"}, "cannot be read"),
    ],
)
def test_a_file_that_is_not_what_was_said_is_noticed(
    tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    from PIL import Image

    path = tmp_path / "a.png"
    Image.new("RGB", (64, 48)).save(path)
    file = {"path": str(path), "bytes": path.stat().st_size, "mime": "image/png", "w": 64, "h": 48}
    assert seen(file).what == "PNG 64x48"
    with pytest.raises(ProviderError, match=why):
        seen({**file, "seconds": 1.0, **change})
