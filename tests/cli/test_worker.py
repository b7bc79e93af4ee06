"""`flexura worker`, where it cannot work."""

from __future__ import annotations

from cli_house import Terminal


def test_a_worker_without_the_store_of_a_team_says_what_to_set(alone: Terminal) -> None:
    result = alone.run("worker")
    assert result.exit_code == 2
    assert "FLEXURA_DATABASE_URL" in result.stderr
    assert "flexura serve" in result.stderr
