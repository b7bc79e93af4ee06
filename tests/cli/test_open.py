"""`flexura open`: a link that signs a browser in once."""

from __future__ import annotations

from urllib.parse import urlsplit

import click
import pytest

from cli_house import Terminal


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the browser was asked to open; there is one."""
    urls: list[str] = []

    def launch(url: str) -> int:
        urls.append(url)
        return 0

    monkeypatch.setattr(click, "launch", launch)
    return urls


def test_the_browser_opens_a_link_whose_code_no_server_sees(
    terminal: Terminal, opened: list[str]
) -> None:
    told = terminal.run("open")
    (url,) = opened
    parts = urlsplit(url)
    assert (parts.path, parts.query) == ("/dashboard/sign-in", "")
    assert parts.fragment.startswith("code=fx_code_")
    assert parts.fragment not in told.output
    assert "works once" in told.stderr


def test_a_page_can_be_named_and_an_unknown_one_is_told(
    terminal: Terminal, opened: list[str]
) -> None:
    terminal.run("open", "gallery")
    assert urlsplit(opened[0]).query == "next=%2Fdashboard%2Fgallery"
    refused = terminal.run("open", "galery")
    assert refused.exit_code == 2
    assert "gallery" in refused.stderr
    assert len(opened) == 1


def test_printed_the_link_is_all_there_is_and_nothing_opens(
    terminal: Terminal, opened: list[str]
) -> None:
    assert terminal.run("open", "--print").stdout.strip().startswith("http")
    assert set(terminal.json("open")) == {"url", "expires_at"}
    assert opened == []


def test_without_a_browser_the_link_is_printed(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(click, "launch", lambda url: 1)
    assert "#code=fx_code_" in terminal.run("open").stdout
