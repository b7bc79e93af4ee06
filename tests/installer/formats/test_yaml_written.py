"""Whatever we write as YAML comes back as the value that was meant, in every reader."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura_installer.errors import Unproven
from flexura_installer.formats import yaml_written
from flexura_installer.formats.document import Slot
from flexura_installer.formats.prove import put
from flexura_installer.formats.yaml_edit import Yaml

BARE = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ODD = st.sampled_from(
    [
        "yes",
        "No",
        "on",
        "y",
        "~",
        "null",
        "true",
        "1",
        "1.5",
        "0x1",
        "1e5",
        "0o7",
        "1:30",
        "2024-01-02",
        "-",
        "-x",
        "?x",
        ":x",
        "a:b",
        "a:",
        "#x",
        "<<",
        "a: b",
        "a #b",
        " a",
        "a ",
        "[a]",
        "{a",
        "'a'",
        '"',
        "C:\\x\\y",
        "~/x",
        "@a",
        "%a",
        "&a",
        "*a",
        "",
        "=",
        "/é x/ü.md",
    ]
)


@settings(max_examples=400)
@given(st.one_of(BARE, ODD))
def test_every_text_is_written_so_that_it_comes_back_as_that_text(text: str) -> None:
    for line in (f"a: {yaml_written.string(text)}\n", f"a: [{yaml_written.string(text)}]\n"):
        for loader in (yaml.SafeLoader, yaml.CSafeLoader):
            found = yaml.load(line, Loader=loader)["a"]
            assert (found if isinstance(found, str) else found[0]) == text
    edit = put(Yaml(), b"read:\n  - x x\n", Slot(("read",), text, "item"), text)
    assert yaml.safe_load(edit.after)["read"] in (["x x", text], ["x x"])


@settings(max_examples=300)
@given(st.floats(allow_nan=False, allow_infinity=False), st.integers())
def test_every_number_is_written_so_that_it_comes_back(real: float, whole: int) -> None:
    assert yaml.safe_load(yaml_written.flow([real, whole])) == [real, whole]


@pytest.mark.parametrize("value", [float("nan"), "\ud800", object()])
def test_what_has_no_form_in_yaml_is_not_written(value: Any) -> None:
    with pytest.raises(Unproven):
        put(Yaml(), b"", Slot(("extensions",), "flexura"), {"a": value})
