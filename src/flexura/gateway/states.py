"""The states of a job in the words of each surface."""

from __future__ import annotations

from collections.abc import Mapping

from flexura.domain.job import Job

_IN_BRIEF: Mapping[str, str] = {
    "queued": "queued",
    "running": "running",
    "awaiting_approval": "running",
    "scheduled": "running",
    "publishing": "running",
    "completed": "completed",
    "published": "completed",
    "failed": "failed",
    "canceled": "failed",
}
_BETWEEN = ("awaiting_approval", "scheduled", "publishing")


def words(**other: str) -> dict[str, str]:
    """State to word: queued, running, completed, failed, or what a surface says for one of them."""
    return {state: other.get(word, word) for state, word in _IN_BRIEF.items()}


def states_of(words: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Word to the states that it stands for."""
    named = dict.fromkeys(words.values())
    return {word: tuple(s for s, w in words.items() if w == word) for word in named}


def phase(job: Job) -> str:
    """Where a job stands, in more words than its status has."""
    return job.state if job.state in _BETWEEN else job.phase
