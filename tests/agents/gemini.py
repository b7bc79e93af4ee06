"""Gemini CLI: `gemini mcp list`, `gemini skills list`, and a session."""

from __future__ import annotations

import json
import re

from agents import programs
from agents.desk import Desk
from agents.model import Model
from agents.seen import ORDER, marked, plain

LINE = r"^\S (?P<name>[\w-]+): .* - (?P<state>\w+)$"
SKILL = r"^(\S+) \[Enabled\]"


class Gemini:
    """Google's Gemini CLI, in a folder that the user trusts: in others it starts no server at all."""

    name = "gemini-cli"
    config = ".gemini/settings.json"
    sample = "gemini.json"
    http = True

    def servers(self, desk: Desk) -> dict[str, bool | None]:
        """It ends with 0 whatever it finds."""
        return marked(self._said(desk, "mcp", "list"), LINE, "connected")

    def skills(self, desk: Desk) -> set[str]:
        """Its own ones too."""
        listed = plain(self._said(desk, "skills", "list", "--all"))
        return set(re.findall(SKILL, listed, re.MULTILINE))

    def draw(self, desk: Desk, model: Model) -> set[str]:
        """Every tool is allowed."""
        endpoint = {"GEMINI_API_KEY": "none", "GOOGLE_GEMINI_BASE_URL": model.url}
        self._said(desk, "--model", "house-1", "--yolo", "--prompt", ORDER, **endpoint)
        return model.was_offered()

    def _said(self, desk: Desk, *arguments: str, **variables: str) -> str:
        trusted = desk.home / ".gemini" / "trustedFolders.json"
        trusted.parent.mkdir(exist_ok=True)
        trusted.write_text(json.dumps({str(desk.project): "TRUST_FOLDER"}))
        return desk.run([*programs.on_node("gemini"), *arguments], **variables)
