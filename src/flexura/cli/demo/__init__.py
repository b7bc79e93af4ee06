"""`flexura demo`: the whole main job through MCP on stdio, as an agent does it."""

from __future__ import annotations

from flexura.cli.demo.command import demo

__all__ = ["demo"]
