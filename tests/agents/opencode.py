"""opencode: `opencode mcp list`, `opencode debug skill`, and a session."""

from __future__ import annotations

import json

from agents import programs
from agents.desk import Desk
from agents.model import Model
from agents.seen import ORDER, marked

QUIET = {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"}
LINE = r"^\S+\s+[✓✗⚠] (?P<name>[\w-]+) (?P<state>\w+)"


class Opencode:
    """opencode. It writes `$schema` into a config that has none; one that has it stays as it is."""

    name = "opencode"
    config = ".config/opencode/opencode.json"
    sample = "opencode.json"
    http = True

    def servers(self, desk: Desk) -> dict[str, bool | None]:
        """It ends with 0 whatever it finds."""
        return marked(self._said(desk, "mcp", "list"), LINE, "connected")

    def skills(self, desk: Desk) -> set[str]:
        """From the folders of others too."""
        said = self._said(desk, "debug", "skill")
        rows = json.JSONDecoder().raw_decode(said[said.index("[") :])[0]
        return {row["name"] for row in rows}

    def draw(self, desk: Desk, model: Model) -> set[str]:
        """The model is configured beside the user's file."""
        service = {
            "npm": "@ai-sdk/openai-compatible",
            "options": {"baseURL": f"{model.url}/v1", "apiKey": "none"},
            "models": {"one": {"name": "One"}},
        }
        more = json.dumps({"model": "house/one", "provider": {"house": service}})
        self._said(desk, "run", ORDER, OPENCODE_CONFIG_CONTENT=more)
        return model.was_offered()

    def _said(self, desk: Desk, *arguments: str, **variables: str) -> str:
        return desk.run([*programs.native("opencode"), *arguments], **QUIET, **variables)
