"""`flexura templates`."""

from __future__ import annotations

import json

from cli_house import Terminal
from template_house import DOCUMENT, document


def test_templates_are_saved_from_a_file_listed_shown_and_deleted(terminal: Terminal) -> None:
    (terminal.project / "hero.json").write_text(json.dumps(DOCUMENT))
    saved = terminal.run("templates", "save", "hero.json")
    assert saved.stdout == "hero@1\n" and "flexura run hero" in saved.stderr
    lines = [line.split("\t") for line in terminal.run("templates", "list").stdout.splitlines()]
    by_slug = {line[0]: line[1] for line in lines}
    assert by_slug["hero"] == "subject [count] [mood] [items…]"
    assert "text-to-image-basic" in by_slug
    told = terminal.run("templates", "show", "hero").stdout
    assert "count: NUMBER 1 to 8, default 4" in told
    assert "mood: one of calm, wild, may be left out" in told
    assert "draw (image), pick (approve)" in told
    assert terminal.json("templates", "show", "hero@1")["slug"] == "hero"
    assert terminal.json("templates", "delete", "hero") == {"deleted": "hero"}
    assert terminal.run("templates", "show", "hero").exit_code == 1


def test_a_template_is_read_from_stdin_as_yaml(terminal: Terminal) -> None:
    text = (
        "slug: piped\nsteps:\n  - {id: draw, uses: image, prompt: a fox, options: {size: 16:9}}\n"
    )
    saved = terminal.run("templates", "save", "-", "--json", stdin=text)
    assert json.loads(saved.stdout)["steps"][0]["options"] == {"size": "16:9"}


def test_json_has_an_envelope(terminal: Terminal) -> None:
    found = terminal.json("templates", "list", "--view", "pipeline")
    assert {"text-to-image-basic", "review-batch-a"} <= {t["slug"] for t in found["templates"]}
    assert found["total"] == len(found["templates"])


def test_a_mistake_in_the_file_names_its_place_and_what_to_do(terminal: Terminal) -> None:
    wrong = document(steps__0__prompt="{{ inputs.subjct }}")
    (terminal.project / "hero.json").write_text(json.dumps(wrong))
    result = terminal.run("templates", "save", "hero.json")
    assert result.exit_code == 2
    assert "steps[0].prompt" in result.stderr and "Did you mean subject?" in result.stderr


def test_what_ships_cannot_be_deleted(terminal: Terminal) -> None:
    result = terminal.run("templates", "delete", "social-set")
    assert result.exit_code != 0
    assert "ships with flexura" in result.stderr


def test_an_unknown_name_is_told_with_the_nearest(terminal: Terminal) -> None:
    result = terminal.run("templates", "show", "social-sett")
    assert result.exit_code == 1
    assert "social-set" in result.stderr


def test_the_document_that_is_shown_can_be_changed_and_saved(terminal: Terminal) -> None:
    shown = terminal.run("templates", "show", "variants-pick-one", "--document").stdout
    mine = shown.replace('"variants-pick-one"', '"mine"')
    saved = terminal.run("templates", "save", "-", stdin=mine)
    assert (saved.exit_code, saved.stdout) == (0, "mine@1\n"), saved.output
    again = terminal.run("templates", "show", "mine", "--document").stdout
    assert json.loads(again) == json.loads(mine)
