"""`flexura workspaces`, which needs no running gateway."""

from __future__ import annotations

import pytest

from cli_house import Terminal
from flexura.domain.workspace import well_formed


def test_a_new_workspace_has_a_key_and_that_is_all_that_stdout_says(alone: Terminal) -> None:
    result = alone.run("workspaces", "create", "acme")
    assert well_formed(result.stdout.strip())
    assert "acme" in result.stderr and "Shown once" in result.stderr


def test_json_has_the_key_under_its_documented_name(alone: Terminal) -> None:
    made = alone.json(
        "workspaces", "create", "acme", "--plan", "studio", "--retention-days", "7",
        "--credits", "500", "--not-approved",
    )  # fmt: skip
    assert well_formed(made["key"])
    workspace = made["workspace"]
    assert (workspace["plan"], workspace["approved"]) == ("studio", False)
    assert workspace["policy"] == {"retention_days": 7}
    listed = alone.json("workspaces", "list")["workspaces"]
    assert [w["name"] for w in listed] == ["default", "acme"]
    assert listed[1] == workspace


def test_a_workspace_is_approved_and_given_rules_that_can_be_taken_back(alone: Terminal) -> None:
    alone.run("workspaces", "create", "acme", "--not-approved")
    assert "not approved" in alone.run("workspaces", "list").stdout
    assert alone.json("workspaces", "approve", "acme")["approved"]
    changed = alone.json(
        "workspaces", "set", "acme", "--requests-per-minute", "60", "--unknown-price", "cap:5"
    )
    assert changed["policy"] == {"requests_per_minute": 60, "unknown_price": "cap:5"}
    changed = alone.json("workspaces", "set", "acme", "--unset", "unknown_price")
    assert changed["policy"] == {"requests_per_minute": 60} and changed["approved"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("create", "default"), "already"),
        (("create", "Not A Slug"), "acme-studio"),
        (("create", "acme", "--credits", "lots"), "500"),
        (("approve", "nope"), "default"),
        (("set", "default", "--unknown-price", "maybe"), "cap:N"),
        (("invite", "--valid", "soon"), "24h"),
    ],
)
def test_what_cannot_be_done_says_what_can(
    alone: Terminal, arguments: tuple[str, ...], told: str
) -> None:
    result = alone.run("workspaces", *arguments)
    assert result.exit_code != 0 and told in result.stderr


def test_an_invitation_is_shown_once_and_says_where_sign_up_is_off(
    alone: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = alone.run("workspaces", "invite", "--credits", "5usd")
    assert result.stdout.startswith("fx_invite_") and "FLEXURA_SIGNUP=invite" in result.stderr
    monkeypatch.setenv("FLEXURA_SIGNUP", "invite")
    assert "FLEXURA_SIGNUP" not in alone.run("workspaces", "invite").stderr
