"""`flexura models`."""

from __future__ import annotations

from cli_house import Terminal


def test_models_are_listed_with_kind_and_price(terminal: Terminal) -> None:
    lines = [line.split("\t") for line in terminal.run("models").stdout.splitlines()]
    by_id = {line[0]: line[1:] for line in lines}
    assert by_id["fake:one"] == ["image", "0.02 USD/image", "Makes one."]
    assert any(price == "free" for _, price, _ in by_id.values())


def test_words_and_kind_narrow_the_list(terminal: Terminal) -> None:
    found = terminal.json("models", "makes", "one")
    assert [model["id"] for model in found["models"]] == ["fake:one"]
    kinds = {model["type"] for model in terminal.json("models", "--kind", "audio")["models"]}
    assert kinds == {"audio"}


def test_filters_and_order_are_flags(terminal: Terminal) -> None:
    found = terminal.json("models", "--provider", "fake", "--task", "text-to-image")
    assert [model["id"] for model in found["models"]] == ["fake:one"]
    assert not terminal.json("models", "--provider", "fake", "--max-price", "0.01")["models"]
    assert not terminal.json("models", "--provider", "fake", "--status", "deprecated")["models"]
    prices = [
        (model["price"] or {}).get("amount", 1e9)
        for model in terminal.json("models", "--kind", "image", "--sort", "price")["models"]
    ]
    assert prices == sorted(prices)
    first, second = (
        terminal.json("models", "--limit", "1", "--offset", offset)["models"][0]["id"]
        for offset in ("0", "1")
    )
    assert first != second


def test_an_id_shows_every_option_and_what_is_allowed(terminal: Terminal) -> None:
    told = terminal.run("models", "--id", "fake:one").stdout
    assert "strength: number 0 to 1, default 0.5" in told
    assert "mood: calm, wild, default calm" in told
    assert terminal.json("models", "--id", "fake:one")["input_schema"]["type"] == "object"


def test_an_unknown_id_names_the_nearest(terminal: Terminal) -> None:
    result = terminal.run("models", "--id", "fake:won")
    assert result.exit_code == 2
    assert "fake:one" in result.stderr


def test_a_cut_list_says_so(terminal: Terminal) -> None:
    result = terminal.run("models", "--limit", "1")
    assert len(result.stdout.splitlines()) == 1
    assert "more; see --limit" in result.stderr


def test_no_match_says_what_to_do(terminal: Terminal) -> None:
    assert "lists all" in terminal.run("models", "nothinglikethis").stderr
