"""`flexura torture`: kills this program again and again on your own machine, and looks what was lost."""

from __future__ import annotations

from flexura.cli.torture.command import torture

__all__ = ["torture"]
