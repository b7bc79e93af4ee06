"""Agents on the dashboard: the commands for each, and on one's own machine what is installed where."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from flexura.domain.agents import AgentRow, Agents, AgentsHere, InstalledEntry
from flexura.runtime.agents import agents_of
from flexura.settings import Settings
from flexura_installer.__main__ import main as run_installer
from flexura_installer.agents import AGENTS
from gateway.dashboard.signed_in import signed_in
from gateway_house import BASE, House
from tenants_house import tenant

pytestmark = pytest.mark.anyio
PAGE = "/dashboard/agents"


def commands(page: str) -> list[str]:
    """What the copy buttons of the page copy."""
    return [unescape(text) for text in re.findall(r'data-copy="([^"]*)"', page)]


async def test_every_agent_has_a_command_that_takes_flexura_from_this_gateway(house: House) -> None:
    async with signed_in(house) as browser:
        shown = commands((await browser.get(PAGE)).text)
        for agent in AGENTS:
            assert (
                f"curl -fsSL {BASE}/api/install/flexura-skill | bash -s -- --target {agent.name}"
                in shown
            )
        assert f"FLEXURA_URL={BASE} flexura login" in shown


async def test_by_http_the_command_names_the_gateway_and_says_who_cannot(house: House) -> None:
    async with signed_in(house) as browser:
        page = (await browser.get(f"{PAGE}?transport=http")).text
        shown = commands(page)
        assert any(f"--target codex --transport http --url {BASE}" in line for line in shown)
        assert any(line.endswith("--target kiro") for line in shown)
        assert "launcher only" in page and "no MCP" in page


async def test_on_ones_own_machine_the_page_tells_what_is_where(house: House) -> None:
    rows = tuple(AgentRow(n, n.title(), ("~/x",), "http", skill=True) for n in ("cursor", "codex"))
    entry = InstalledEntry(
        ("codex",),
        "MCP server",
        "~/.codex/config.toml",
        "changed",
        next_step="`flexura install --target codex --force` writes ours again",
    )
    here = AgentsHere((entry,), (("cursor", "<b>cursor</b> on the PATH"),))

    async def look() -> Agents:
        return Agents(rows, here)

    assert house.app.services is not None
    house.app.services = replace(house.app.services, agents=look)
    async with signed_in(house) as browser:
        page = (await browser.get(PAGE)).text
        assert "Changed by somebody" in page and "~/.codex/config.toml" in page
        assert page.index("<h3>Codex") < page.index("<h3>Cursor")
        assert "Found here" in page and "<b>cursor" not in page
        assert "flexura install --target codex" in commands(page)
        assert "<form" not in page.partition("<main")[2].partition("</main>")[0], (
            "nothing is written from this page"
        )
    async with tenant(house, "acme") as other, signed_in(house, other.key) as browser:
        page = (await browser.get(PAGE)).text
        assert "config.toml" not in page and "Found here" not in page


async def test_the_machine_is_seen_where_the_gateway_is_its_users_own(
    gateway_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".codex").mkdir()
    launcher = tmp_path / "flexura"
    launcher.write_text("#!/bin/sh\n")
    launcher.chmod(0o755)
    words = ["install", "--target", "codex", "--launcher", str(launcher), "--json", "--no-skills"]
    assert run_installer(words) == 0
    found = await agents_of(gateway_settings, loopback=True)()
    assert len(found.rows) == len(AGENTS) and found.here is not None
    (entry,) = found.here.entries
    assert (entry.agents, entry.state, entry.path) == (
        ("codex",), "installed", "~/.codex/config.toml",
    )  # fmt: skip
    assert dict(found.here.found)["codex"] == "~/.codex"
    (tmp_path / ".local/state/flexura/install.json").write_text("junk")
    broken = await agents_of(gateway_settings, loopback=True)()
    assert broken.here is not None and "cannot be understood" in broken.here.problem
    shared = replace(gateway_settings, public_url="https://gateway.example")
    for settings, loopback in ((gateway_settings, False), (shared, True)):
        assert (await agents_of(settings, loopback=loopback)()).here is None
