"""`flexura build` and money: what is refused before the first order, and what is not ordered at all."""

from __future__ import annotations

import pytest

from build_house import CHAIN, ONE, Builder


@pytest.mark.parametrize(
    ("project", "flags"),
    [("budget = 0.03", ()), ("", ("--max-cost", "0.03"))],
)
def test_a_plan_above_the_budget_is_refused_before_the_first_order(
    builder: Builder, project: str, flags: tuple[str, ...]
) -> None:
    second = ONE.replace("asset.fox", "asset.owl").replace("fox.png", "owl.png")
    builder.declare(f"[project]\n{project}\n{ONE}{second}")
    bought = builder.bought()
    result = builder.run(*flags, code=5)
    assert "0.04 USD, more than the budget of 0.03 USD" in result.stderr
    assert "The dearest: fox 0.02, owl 0.02." in result.stderr
    assert builder.bought() == bought
    assert builder.run("fox", *flags).exit_code == 0


def test_what_is_priced_later_is_held_against_the_rest_of_the_budget(builder: Builder) -> None:
    builder.declare(CHAIN.replace("[project]", "[project]\nbudget = 0.03"))
    bought = builder.bought()
    assert "budget of 0.03 USD" in builder.run(code=5).stderr
    assert builder.bought() == bought + 1
    assert list(builder.lock()) == ["fox"]


def test_a_price_that_nobody_knows_goes_with_no_budget(builder: Builder) -> None:
    text = ONE.replace("fake:one", "fake:dear")
    builder.declare(f"[project]\nbudget = 9\n{text}")
    assert "price is unknown" in builder.run(code=5).stderr
    builder.declare(text.replace("a fox", "a dear fox"))
    assert "price unknown" in builder.run().stderr


def test_an_asset_may_cost_no_more_than_it_says(builder: Builder) -> None:
    builder.declare(ONE + "max_cost = 0.01\n")
    assert "max_cost" in builder.run(code=5).stderr
