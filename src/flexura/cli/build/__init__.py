"""`flexura build`: makes the files that a project's `flexura.toml` declares, and none of them twice."""

from __future__ import annotations

from flexura.cli.build.command import build

__all__ = ["build"]
