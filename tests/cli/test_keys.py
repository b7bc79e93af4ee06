"""`flexura keys`, which needs no running gateway."""

from __future__ import annotations

import anyio
import pytest

from cli_house import Terminal
from flexura import settings
from flexura.domain.credits import MICRO, Budget
from flexura.domain.errors import InvalidApiKey
from flexura.domain.workspace import SCOPES, ApiKey, well_formed
from flexura.local import keys as local_keys
from flexura.runtime import open_keys, open_records


def checked(secret: str) -> ApiKey:
    """The record of a key as a gateway on this home would find it."""

    async def check() -> ApiKey:
        async with open_keys(settings.load()) as (keys, _):
            return await keys.check(secret)

    return anyio.run(check)


def test_a_new_key_is_all_that_stdout_says_and_it_opens_the_gateway(alone: Terminal) -> None:
    result = alone.run("keys", "create", "laptop")
    secret = result.stdout.strip()
    assert well_formed(secret)
    assert checked(secret).name == "laptop"
    assert "Shown once" in result.stderr


def test_json_has_the_key_under_its_documented_name(alone: Terminal) -> None:
    made = alone.json("keys", "create", "--scope", "read", "--scope", "search")
    assert checked(made["key"]).scopes == {"read", "search"}
    assert made["scopes"] == ["read", "search"]


def test_a_list_never_shows_a_key(alone: Terminal) -> None:
    made = alone.json("keys", "create", "laptop")
    plain, listed = alone.run("keys", "list").stdout, alone.json("keys", "list")
    assert made["key"] not in plain + str(listed)
    assert made["id"] in plain
    row = next(row for row in listed["keys"] if row["id"] == made["id"])
    assert row["name"] == "laptop"
    assert set(row["scopes"]) == SCOPES
    assert row["revoked_at"] is None


def test_a_revoked_key_opens_nothing(alone: Terminal) -> None:
    made = alone.json("keys", "create")
    assert alone.json("keys", "revoke", made["id"])["revoked_at"]
    with pytest.raises(InvalidApiKey, match="revoked"):
        checked(made["key"])
    result = alone.run("keys", "revoke", made["id"])
    assert result.exit_code == 1
    assert "Active keys:" in result.stderr


def test_the_first_key_of_a_new_database_is_kept_for_this_machines_user(alone: Terminal) -> None:
    alone.run("keys", "list")
    kept = local_keys.kept(local_keys.LOCAL)
    assert kept is not None
    assert checked(kept)
    assert len(alone.json("keys", "list")["keys"]) == 1


def test_a_key_has_an_end_a_limit_and_a_budget(alone: Terminal) -> None:
    made = alone.json(
        "keys", "create", "ci", "--expires", "30d", "--rate", "60", "--budget", "5usd/day"
    )
    assert made["requests_per_minute"] == 60
    assert made["expires_at"] > made["created_at"]
    [budget] = budgets_of(made["id"])
    assert (budget.period, budget.most) == ("day", 500 * MICRO)
    assert "until 20" in alone.run("keys", "list").stdout


def test_a_key_may_have_its_orders_begun_first(alone: Terminal) -> None:
    made = alone.run("keys", "create", "urgent", "--priority", "7")
    assert checked(made.stdout.strip()).limits == {"priority": 7}
    assert alone.run("keys", "create", "more", "--priority", "10").exit_code == 2


def budgets_of(key_id: str) -> list[Budget]:
    """The budgets of a key."""

    async def find() -> list[Budget]:
        async with open_records(settings.load()) as records:
            return await records.find(Budget, key_id=key_id)

    return anyio.run(find)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--expires", "2020-01-01"), "future"),
        (("--expires", "soon"), "future"),
        (("--budget", "5usd"), "500/day"),
        (("--budget", "much/day"), "500"),
        (("--workspace", "nope"), "default"),
    ],
)
def test_a_wish_that_cannot_be_met_says_what_can(
    alone: Terminal, options: tuple[str, str], told: str
) -> None:
    result = alone.run("keys", "create", "ci", *options)
    assert result.exit_code != 0 and told in result.stderr


def test_a_rotated_key_is_followed_by_another_and_both_work(alone: Terminal) -> None:
    old = alone.json("keys", "create", "laptop", "--scope", "read")
    new = alone.json("keys", "rotate", old["id"], "--overlap", "2h")
    assert (new["name"], new["scopes"]) == ("laptop", ["read"])
    assert new["replaces"]["replaced_by"] == new["id"]
    assert checked(old["key"]) and checked(new["key"])
    assert f"followed by {new['id']}" in alone.run("keys", "list").stdout
    result = alone.run("keys", "rotate", old["id"])
    assert result.exit_code == 1 and new["id"] in result.stderr


def test_keys_belong_to_a_workspace(alone: Terminal) -> None:
    acme = alone.json("workspaces", "create", "acme")
    made = alone.json("keys", "create", "ci", "--workspace", "acme")
    assert checked(made["key"]).workspace_id == acme["workspace"]["id"]
    listed = alone.json("keys", "list", "--workspace", "acme")["keys"]
    assert {key["id"] for key in listed} == {made["id"], acme["api_key"]["id"]}
    assert alone.run("keys", "revoke", made["id"]).exit_code == 1
    assert alone.json("keys", "revoke", made["id"], "--workspace", "acme")["revoked_at"]


def test_an_unknown_scope_is_refused(alone: Terminal) -> None:
    assert alone.run("keys", "create", "--scope", "root").exit_code == 2
