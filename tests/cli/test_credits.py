"""`flexura credits`, which needs no running gateway."""

from __future__ import annotations

import pytest

from cli_house import Terminal
from flexura.local import keys as local_keys


def test_a_grant_is_told_and_stands_in_the_ledger(alone: Terminal) -> None:
    told = alone.run("credits", "grant", "default", "500", "--note", "invoice 17").stdout
    assert told == "default: 500 of 500 credits left; 0 spent, 0 held\n"
    shown = alone.json("credits", "list", "default")
    (entry,) = shown["entries"]
    assert (shown["available"], entry["kind"], entry["note"]) == (500, "grant", "invoice 17")
    assert "invoice 17" in alone.run("credits", "list", "default").stdout


def test_money_is_worth_its_credits_and_can_be_taken_back(alone: Terminal) -> None:
    assert alone.json("credits", "grant", "default", "5usd")["available"] == 500
    assert alone.json("credits", "grant", "default", "-200")["available"] == 300
    assert alone.json("credits", "grant", "default", "-9000")["available"] == 0


def test_every_workspace_is_listed_and_unlimited_until_something_is_granted(
    alone: Terminal,
) -> None:
    assert "unlimited" in alone.run("credits", "list").stdout
    (account,) = alone.json("credits", "list")["accounts"]
    assert (account["name"], account["available"]) == ("default", None)
    alone.run("credits", "set", "default", "metered")
    assert alone.json("credits", "list")["accounts"][0]["available"] == 0
    assert alone.json("credits", "set", "default", "unlimited")["available"] is None


def test_budgets_are_set_listed_and_removed(alone: Terminal) -> None:
    assert "no budgets" in alone.run("credits", "budget", "list").stderr
    made = alone.json("credits", "budget", "set", "default", "5usd", "--period", "month")
    assert (made["most"], made["left"], made["period"]) == (500, 500, "month")
    assert "500 of 500 credits left" in alone.run("credits", "budget", "list").stdout
    assert alone.json("credits", "budget", "list")["budgets"] == [made]
    assert alone.json("credits", "budget", "remove", "default", made["id"])["removed"]
    assert alone.json("credits", "budget", "list")["budgets"] == []


def test_a_budget_may_be_that_of_one_key(alone: Terminal) -> None:
    key = alone.json("keys", "create", "laptop")
    made = alone.json("credits", "budget", "set", "default", "10", "--key", key["id"])
    assert made["key_id"] == key["id"]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("grant", "nobody", "5"), 1),
        (("grant", "default", "many"), 2),
        (("grant", "default", "0"), 2),
        (("grant", "default", "-5"), 1),
        (("budget", "set", "default", "5", "--key", "key_none"), 1),
        (("budget", "set", "default", "-5"), 2),
        (("budget", "remove", "default", "bud_none"), 1),
    ],
)
def test_a_mistake_is_told_with_what_to_do(
    alone: Terminal, command: tuple[str, ...], code: int
) -> None:
    result = alone.run("credits", *command)
    assert result.exit_code == code, result.output
    assert "next:" in result.stderr


def test_the_first_key_of_a_new_database_is_kept(alone: Terminal) -> None:
    alone.run("credits", "list")
    assert local_keys.kept(local_keys.LOCAL)
