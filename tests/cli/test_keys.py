"""`flexura keys`, which needs no running gateway."""

from __future__ import annotations

import anyio
import pytest

from cli_house import Terminal
from flexura import settings
from flexura.domain.errors import InvalidApiKey
from flexura.domain.workspace import SCOPES, ApiKey, well_formed
from flexura.local import keys as local_keys
from flexura.runtime import open_keys


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


def test_an_unknown_scope_is_refused(alone: Terminal) -> None:
    assert alone.run("keys", "create", "--scope", "root").exit_code == 2
