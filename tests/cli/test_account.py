"""`flexura account`, and what commands say about the budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from cli_house import Served, Terminal


@pytest.fixture
def budget(house: Served) -> Iterator[dict[str, Any]]:
    """A budget of 500 credits a day, for this test alone."""
    headers = {"Authorization": f"Bearer {house.key}"}
    with httpx2.Client(base_url=house.url, headers=headers) as http:
        made = http.post("/api/v1/budgets", json={"period": "day", "credits": 500}).json()
        yield made
        http.delete(f"/api/v1/budgets/{made['id']}")


def test_an_own_gateway_is_unlimited(terminal: Terminal) -> None:
    told = terminal.run("account").stdout
    assert "default" in told
    assert "unlimited" in told
    shown = terminal.json("account")
    assert (shown["credits"]["metered"], shown["credits"]["available"]) == (False, None)
    assert shown["budgets"] == []


def test_a_budget_is_a_bar_with_what_is_left(terminal: Terminal, budget: dict[str, Any]) -> None:
    told = terminal.run("account").stdout
    assert "█" in told
    assert "of $5.00 left today" in told
    (shown,) = terminal.json("account")["budgets"]
    assert (shown["id"], shown["most"]) == (budget["id"], 500)


def test_a_picture_ends_with_what_is_left_of_the_budget(
    terminal: Terminal, budget: dict[str, Any]
) -> None:
    made = terminal.image("a fox")
    assert "$4.98 of $5.00 left today" in made.stderr
    assert "left" not in made.stdout


def test_a_picture_says_nothing_of_money_where_nothing_limits_it(terminal: Terminal) -> None:
    assert "left today" not in terminal.image("a fox without limits").stderr
