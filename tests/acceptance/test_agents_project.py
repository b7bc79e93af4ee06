"""Real coding agents in a project into which we were installed: once the user trusts it, they have us."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.claude import Claude
from agents.codex import Codex
from agents.desk import Desk, desk
from agents.gemini import Gemini
from agents.opencode import Opencode
from agents.seen import Client

pytestmark = [pytest.mark.usefixtures("unmeasured"), pytest.mark.timeout(240)]


def trust(user: Desk, client: Client) -> None:
    """What the agent writes down when its user says yes to the project; Gemini's driver does it always."""
    config = user.home / client.config
    if isinstance(client, Codex):
        config.write_text(f"[projects.{json.dumps(str(user.project))}]\ntrust_level = 'trusted'\n")
    if isinstance(client, Claude):
        yes = {"hasTrustDialogAccepted": True, "enabledMcpjsonServers": ["flexura"]}
        known = json.loads(config.read_text())
        config.write_text(json.dumps({**known, "projects": {str(user.project): yes}}))


@pytest.mark.parametrize(
    ("client", "waits"),
    [(Codex(), True), (Claude(), True), (Gemini(), False), (Opencode(), False)],
    ids=["codex", "claude-code", "gemini-cli", "opencode"],
)
def test_a_project_brings_us_along(tmp_path: Path, client: Client, waits: bool) -> None:
    with desk(tmp_path) as user:
        scope = ("--target", client.name, "--scope", "project", "--yes")
        user.flexura("install", *scope)
        if waits:
            assert not client.servers(user).get("flexura")
            trust(user, client)
        assert client.servers(user) == {"flexura": True}
        assert "flexura" in client.skills(user)
        user.flexura("uninstall", "--all", "--yes")
        assert "flexura" not in client.servers(user)
    # What the agents wrote themselves: Claude Code the user's yes, opencode its `$schema` into our file.
    left = {path.name: path.read_text() for path in user.project.rglob("*") if path.is_file()}
    assert set(left) <= {"settings.local.json", "opencode.json"}
    assert "flexura" not in left.get("opencode.json", "")
