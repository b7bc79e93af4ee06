"""`flexura doctor`: what works here, what does not, and what to do."""

from __future__ import annotations

from flexura.cli.doctor.command import doctor

__all__ = ["doctor"]
