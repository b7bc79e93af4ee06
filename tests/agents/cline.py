"""Cline's CLI: what it reads from the file that it shares with the editor extension, and a session."""

from __future__ import annotations

import json
from typing import Any

from agents import programs
from agents.desk import Desk
from agents.model import Model
from agents.seen import ORDER


class Cline:
    """Cline. Without a model it does not connect, it says which servers it accepted."""

    name = "cline"
    config = ".cline/data/settings/cline_mcp_settings.json"
    sample = "cline.json"
    # Its CLI puts no variable into a header.
    http = False

    def servers(self, desk: Desk) -> dict[str, bool | None]:
        """One entry of a form that it does not know makes it refuse the whole file, which fails here."""
        return {row["name"]: None for row in self._listed(desk, "mcp") if not row["disabled"]}

    def skills(self, desk: Desk) -> set[str]:
        """Those of the user."""
        return {row["name"] for row in self._listed(desk, "skills")}

    def draw(self, desk: Desk, model: Model) -> set[str]:
        """Leaves a daemon of Cline's running, which the desk stops."""
        endpoint = ["--apikey", "none", "--modelid", "house-1", "--baseurl", f"{model.url}/v1"]
        self._said(desk, "auth", "openai", *endpoint)
        self._said(desk, "--json", "--retries", "1", ORDER)
        return model.was_offered()

    def _listed(self, desk: Desk, what: str) -> list[dict[str, Any]]:
        said = self._said(desk, "config", what, "--json")
        rows = json.loads(said)
        assert isinstance(rows, list), said
        return rows

    def _said(self, desk: Desk, *arguments: str) -> str:
        # No telemetry: without a network each command would try for 8 s.
        settings = desk.home / ".cline" / "data" / "settings" / "global-settings.json"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(json.dumps({"telemetryOptOut": True, "autoUpdateEnabled": False}))
        return desk.run([*programs.native("cline"), *arguments])
