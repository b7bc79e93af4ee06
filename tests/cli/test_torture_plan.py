"""The plan of `flexura torture`: drawn from a seed, spread over what there is to hit."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from flexura.cli.main import flexura
from flexura.cli.torture import plan
from flexura.cli.torture.account import Account, picture_of, sha256_of
from flexura.cli.torture.clients import Accepted
from flexura.cli.torture.run import longest_pause


def test_the_same_seed_gives_the_same_orders_and_blows() -> None:
    both = (plan.KEYED, plan.UNKEYED)
    assert plan.orderings(7, 50, both) == plan.orderings(7, 50, both)
    assert plan.strikes(7, 50, plan.BLOWS_OF_A_TEAM) == plan.strikes(7, 50, plan.BLOWS_OF_A_TEAM)
    assert plan.strikes(7, 50, plan.BLOWS_OF_A_TEAM) != plan.strikes(8, 50, plan.BLOWS_OF_A_TEAM)


def test_every_kind_of_blow_and_every_way_to_order_comes_up() -> None:
    for blows in (plan.BLOWS_OF_A_TEAM, plan.BLOWS_ON_ONE_MACHINE):
        assert {strike.blow for strike in plan.strikes(1, 200, blows)} == set(blows)
    orders = plan.orderings(1, 400, (plan.KEYED, plan.UNKEYED))
    assert {order.way for order in orders} == {"http", "mcp", "run"}
    assert sum(order.upstream == plan.KEYED for order in orders) == 200
    assert len({order.prompt for order in orders}) == len({order.key for order in orders}) == 400
    assert any(order.cancel_after is not None for order in orders)
    assert any(order.n > 1 for order in orders)


def test_one_key_buys_once_where_the_upstream_knows_keys() -> None:
    account = Account()
    first = account.buy(plan.KEYED, "job_1", "job_1", 0, fails=False)
    assert account.buy(plan.KEYED, "job_1", "job_1", 0, fails=False) is first
    assert account.bought_twice() == []
    account.buy(plan.UNKEYED, "job_2", "", 0, fails=False)
    account.buy(plan.UNKEYED, "job_2", "", 0, fails=False)
    assert account.bought_twice() == ["job_2"]


def test_a_take_over_is_measured_from_the_blow_to_another_process() -> None:
    account = Account()
    sale = account.buy(plan.KEYED, "job_1", "job_1", 0, fails=False)
    account.touched(sale, "1")
    account.hit("2")
    account.touched(sale, "1")
    assert account.take_overs == []
    account.hit("1")
    account.touched(sale, "2")
    assert len(account.take_overs) == 1


def test_every_sale_has_a_picture_of_its_own() -> None:
    assert picture_of("a").startswith(b"\x89PNG") and picture_of("a") == picture_of("a")
    assert sha256_of("a") != sha256_of("b")


def test_an_order_that_gives_one_job_first_and_then_another_is_noted() -> None:
    accepted = Accepted()
    accepted.note(1, "job_1")
    accepted.note(1, "job_1")
    assert accepted.changed_minds == []
    accepted.note(1, "job_2")
    assert accepted.jobs == {1: "job_1"} and len(accepted.changed_minds) == 1


def test_the_longest_pause_is_from_a_blow_to_what_was_finished_next() -> None:
    assert longest_pause([1.0, 5.0], [0.5, 2.0, 5.5, 9.0]) == pytest.approx(1.0)
    assert longest_pause([1.0], []) == 0.0


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("full")
    (folder / "mine").touch()
    done = CliRunner().invoke(flexura, ["torture", "--keep", str(folder)])
    assert done.exit_code != 0 and "is not empty" in done.output
    assert [file.name for file in folder.iterdir()] == ["mine"]
