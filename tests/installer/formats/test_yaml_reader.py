"""The reader of YAML against PyYAML: what it accepts, PyYAML accepts, with the same value."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura_installer.errors import Unreadable
from flexura_installer.formats.yaml_edit import Yaml
from installer.formats.yaml_samples import AIDER, CONTINUE, GOOSE, READ, REFUSED

NOTHING = object()


def typed(value: Any) -> Any:
    """A value with the types of everything in it: `1`, `1.0` and `true` are three things."""
    if isinstance(value, dict):
        return [(type(key), key, typed(one)) for key, one in value.items()]
    if isinstance(value, list):
        return ("list", [typed(one) for one in value])
    return (type(value), repr(value))


def ours(text: bytes) -> Any:
    """What our reader makes of it, NOTHING if it refuses."""
    try:
        return Yaml().read(text)
    except Unreadable as error:
        assert 0 < error.line <= text.count(b"\n") + 1
        return NOTHING


def never_reads_more_than_pyyaml(text: str) -> bool:
    """The iron rule for one text; whether our reader accepted it."""
    data = text.encode()
    found = ours(data)
    if found is NOTHING:
        return False
    try:
        theirs = yaml.safe_load(data)
    except (yaml.YAMLError, ValueError) as error:
        pytest.fail(f"PyYAML refuses {text!r}: {error}")
    assert typed(found) == typed(theirs), text
    return True


@pytest.mark.parametrize("text", READ)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_it_reads_realistic_and_odd_files_as_pyyaml_does(text: str, end: str, mark: str) -> None:
    marked = text if text.startswith("\ufeff") else mark + text
    assert never_reads_more_than_pyyaml(marked.replace("\n", end))


@pytest.mark.parametrize("text", REFUSED)
def test_it_refuses_what_it_does_not_know_well_and_names_the_line(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        Yaml().read(text.encode())
    assert caught.value.line >= 1


@pytest.mark.parametrize("text", ["", "\n", "# only\n  # comments", "\ufeff", "---\n", "~", "  \n"])
def test_a_file_without_content_reads_as_nothing(text: str) -> None:
    assert Yaml().read(text.encode()) is None
    assert yaml.safe_load(text.encode()) is None


def test_the_error_names_the_line_that_is_wrong() -> None:
    with pytest.raises(Unreadable, match="line 3: ") as caught:
        Yaml().read(b"a: 1\nb:\n  - c: d: e\nf: 2\n")
    assert caught.value.line == 3


def test_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(Unreadable, match="line 2: it is not UTF-8"):
        Yaml().read(b"a: 1\nb: \xff\n")


def test_aliases_that_stand_for_billions_of_values_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(Unreadable, match="aliases"):
        Yaml().read("\n".join(lines).encode())


def test_what_an_alias_stands_for_is_a_copy() -> None:
    document = Yaml().read(b"a: &a {b: 1}\nc: *a\nd:\n  <<: *a\n")
    document["c"]["b"] = 2
    assert document == {"a": {"b": 1}, "c": {"b": 2}, "d": {"b": 1}}


@pytest.mark.parametrize("text", READ)
def test_a_file_cut_off_anywhere_is_read_as_pyyaml_reads_it_or_not_at_all(text: str) -> None:
    data = text.encode()
    for length in range(len(data)):
        try:
            cut = data[:length].decode()
        except UnicodeDecodeError:
            assert ours(data[:length]) is NOTHING
        else:
            never_reads_more_than_pyyaml(cut)


SIGNS = [*" \n:-#[]{},&*!|>'\"%@`?~<=.0x1e+_\ta\r\\é\ufeff\x85"]
SIGNS += ["\n  ", "\n- ", ": ", " #", "<<: ", "*a", "&a ", "---\n", "...", "- - ", "|\n", ">-\n   "]
SIGNS += [
    "null",
    "1:30",
    "''",
    "\r\n",
    "  ",
    "\n    ",
    "{}",
    "[]",
    '"x": ',
    "? ",
    "!!str ",
    "2024-02-30",
]


def mutated(text: str, dice: random.Random) -> str:
    """The text with a few characters gone, put in, replaced, or lines in another order."""
    for _ in range(dice.choice([1, 1, 1, 2, 3, 6])):
        at, width = dice.randint(0, len(text)), dice.randint(0, 3)
        sign = dice.choice(["", *SIGNS]) if dice.random() < 0.7 else ""
        keep = at if sign and dice.random() < 0.6 else at + width
        text = text[:at] + sign + text[keep:]
        if dice.random() < 0.1:
            lines = text.split("\n")
            dice.shuffle(lines)
            text = "\n".join(lines)
    return text


@pytest.mark.parametrize("seed", range(8))
def test_a_file_with_slips_is_read_as_pyyaml_reads_it_or_not_at_all(seed: int) -> None:
    dice = random.Random(seed)
    lines = [line for text in READ for line in text.split("\n")]
    accepted = 0
    for _ in range(500):
        text = dice.choice(READ)
        if dice.random() < 0.4:
            text = "\n".join(dice.choice(lines) for _ in range(dice.randint(1, 8)))
        accepted += never_reads_more_than_pyyaml(mutated(text, dice))
    assert accepted > 50


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from("ab01 \n:-#[]{},&*|>'\"~<.\\"), max_size=40))
def test_a_few_signs_in_any_order_are_read_as_pyyaml_reads_them_or_not_at_all(text: str) -> None:
    never_reads_more_than_pyyaml(text)


NUMBERS = st.from_regex(r"[-+]?[0-9.:_exbo]{1,8}", fullmatch=True)
WORDS = st.sampled_from(
    [
        "yes",
        "No",
        "ON",
        "off",
        "y",
        "n",
        "true",
        "Null",
        "~",
        ".inf",
        "-.Inf",
        ".NaN",
        "=",
        "<<",
        "1e5",
        "0o17",
        "017",
        "08",
        "0b1",
    ]
)
TIMES = st.from_regex(
    r"[0-9]{4}-[01]?[0-9]-[0-3]?[0-9]"
    r"([Tt ][0-2]?[0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{0,7})?( ?Z| ?[-+][0-9]{1,2}(:[0-9]{2})?)?)?",
    fullmatch=True,
)


@settings(max_examples=500)
@given(st.one_of(NUMBERS, WORDS, TIMES))
def test_numbers_words_and_times_have_the_type_that_pyyaml_gives_them(scalar: str) -> None:
    never_reads_more_than_pyyaml(f"a: {scalar}\nb: [{scalar}]\n")


@pytest.mark.parametrize(
    "scalar",
    [
        "12",
        "-0",
        "+1_0",
        "0b11",
        "-0x1F",
        "017",
        "1:30",
        "190:20:30",
        "1.5",
        "1.5e+3",
        ".5",
        "1:30.5",
        ".inf",
        "-.INF",
        ".NaN",
        "yes",
        "Off",
        "~",
        "null",
        "1e5",
        "y",
        "2024-01-02",
        "2024-01-02 03:04:05",
        "2001-12-14t21:59:43.10-05:30",
        "2001-12-14T21:59:43Z",
    ],
)
def test_plain_scalars_of_every_type_are_read(scalar: str) -> None:
    assert never_reads_more_than_pyyaml(f"a: {scalar}\n- 1\n".removesuffix("- 1\n"))


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**12), 10**12),
        st.floats(),
        st.text(max_size=12),
        st.dates(),
        WORDS,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.text(max_size=8), st.integers(), st.booleans()), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(
    VALUES,
    st.sampled_from([None, True, False]),
    st.sampled_from(["|", ">", "'", '"', None]),
    st.integers(2, 6),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
    st.randoms(use_true_random=False),
)
def test_what_pyyaml_writes_is_read_back_or_refused_also_with_slips(
    value: Any,
    flow: bool | None,
    style: str | None,
    indent: int,
    unicode: bool,
    end: str,
    dice: random.Random,
) -> None:
    text = yaml.safe_dump(
        value,
        default_flow_style=flow,
        default_style=style,
        indent=indent,
        explicit_start=unicode,
        allow_unicode=unicode,
        line_break=end,
        sort_keys=False,
        width=10_000,
    )
    never_reads_more_than_pyyaml(text)
    never_reads_more_than_pyyaml(mutated(text, dice))


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.text("abcxyz-_", min_size=1, max_size=8),
        st.one_of(
            st.booleans(),
            st.integers(),
            st.text("abc :#'\"-~é/", max_size=20),
            st.lists(st.text("ab /", max_size=5)),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_usual_files_that_pyyaml_writes_are_never_refused(value: Any) -> None:
    for flow in (None, False, True):
        assert never_reads_more_than_pyyaml(
            yaml.safe_dump(value, default_flow_style=flow, width=10_000)
        )


@pytest.mark.parametrize("text", [AIDER, GOOSE, CONTINUE])
def test_the_agents_own_samples_hold_what_their_documentation_says(text: str) -> None:
    assert isinstance(ours(text.encode()), dict)
