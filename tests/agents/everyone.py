"""The coding agents that tests configure and start."""

from __future__ import annotations

from agents import aider
from agents.claude import Claude
from agents.cline import Cline
from agents.codex import Codex
from agents.desk import Desk
from agents.gemini import Gemini
from agents.opencode import Opencode
from agents.seen import Client

CLIENTS: tuple[Client, ...] = (Codex(), Claude(), Gemini(), Opencode(), Cline())
TOOLS = {
    "search",
    "generate_image",
    "generate_video",
    "generate_audio",
    "job_status",
    "model_catalog",
}


def move_in(desk: Desk) -> None:
    """The files of a user who had all of them before us."""
    for client in CLIENTS:
        desk.write(client.config, client.sample)
    desk.write(aider.CONFIG, aider.SAMPLE)
    (desk.home / "style.md").write_text("Short sentences.\n")
