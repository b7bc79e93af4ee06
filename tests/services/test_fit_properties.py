"""Whatever is asked of whatever schema: a payload that it takes, or an InvalidRequest, and nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from doubles import model
from flexura.domain.errors import InvalidRequest
from flexura.domain.generation import CANONICAL_OPTIONS, ROLE_MEDIA
from flexura.services import mapping
from flexura.services.fit_check import problems
from flexura.services.fit_slots import Given
from flexura.services.options import Fitted, fit
from services import vendor_schemas as vendors

VALUES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(0, 4096)
    | st.floats(allow_nan=False)
    | st.text(max_size=9)
    | st.sampled_from(
        ["16:9", "1024x1024", "0x0", "1K", "auto", "8", "8s", "png", "en-US", "high", "true"]
    )
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.sampled_from(["width", "height"]), st.integers(), max_size=2)
)
OWN = sorted({name for schema in vendors.ALL.values() for name in schema["properties"]} | {"bogus"})
ASKED = st.dictionaries(st.sampled_from([*CANONICAL_OPTIONS, *OWN]), VALUES, max_size=6)
INPUTS = st.lists(
    st.sampled_from([Given(r, f"{m}/x") for r, media in ROLE_MEDIA.items() for m in media]),
    max_size=4,
)

_NUMBER = st.integers(-5, 5000) | st.floats(-5, 5000)
_WORDS = st.sampled_from(
    [
        "1:1",
        "16:9",
        "1280:720",
        "1024x1024",
        "2K",
        "720p",
        "custom",
        "auto",
        "5s",
        "10",
        "png",
        "image/png",
        "English",
    ]
)
_TYPE = st.sampled_from(
    ["string", "integer", "number", "boolean", "array", "object", "null", "nonsense"]
)
_KEYWORDS = st.fixed_dictionaries(
    {},
    optional={
        "type": _TYPE | st.lists(_TYPE, max_size=2),
        "enum": st.lists(_WORDS | st.integers(0, 10), max_size=4),
        "minimum": _NUMBER,
        "maximum": _NUMBER,
        "multipleOf": st.sampled_from([0, 1, 2, 32, 0.5]),
        "maxLength": st.integers(0, 9),
        "maxItems": st.integers(0, 2),
        "default": VALUES,
    },
)
_PROPERTY = st.recursive(
    _KEYWORDS,
    lambda inner: (
        st.fixed_dictionaries({"anyOf": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"type": st.just("array"), "items": inner})
        | st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from(["width", "height"]), inner)}
        )
    ),
    max_leaves=4,
)
_TABLES = (
    *(mapping.PROMPT, mapping.COUNT, mapping.SEED, mapping.WIDTH, mapping.HEIGHT, mapping.SIZED),
    *(
        mapping.SECONDS,
        mapping.MILLISECONDS,
        mapping.FRAMES,
        mapping.FORMAT,
        mapping.LANGUAGE,
        mapping.SOUND,
    ),
    *mapping.NUMBERS.values(),
    *mapping.PLAIN.values(),
    *mapping.SLOTS.values(),
)
_NAMES = st.sampled_from(_TABLES).flatmap(st.sampled_from)
SCHEMAS = st.fixed_dictionaries(
    {"properties": st.dictionaries(_NAMES, _PROPERTY, max_size=6)},
    optional={"required": st.lists(_NAMES, max_size=2), "additionalProperties": st.booleans()},
)


def holds(
    schema: dict[str, Any], asked: dict[str, Any], inputs: list[Given], *, n: int, strict: bool
) -> None:
    """A payload that fits, or a refusal with a next step."""
    offered = model("x", input_schema=schema, max_n=1)
    try:
        fitted = fit(offered, asked, prompt="a fox", n=n, inputs=inputs, strict=strict)
    except InvalidRequest as refusal:
        assert refusal.next_step and refusal.field
        return
    assert problems(schema, fitted.options | placed(fitted)) == []
    assert fitted.n * fitted.rounds == n
    assert len(fitted.slots) == len(inputs)
    if strict:
        assert not {w.code for w in fitted.warnings} - {"option_unchecked"}


def placed(fitted: Fitted) -> dict[str, Any]:
    """Something in every slot that inputs go to."""
    there: dict[str, Any] = {}
    for slot in fitted.slots:
        name = slot.removesuffix("[]")
        item: Any = {} if name in _OF_OBJECTS else "https://input.invalid/file"
        if slot.endswith("[]"):
            there[name] = [*there.get(name, []), item]
        elif slot:
            there[name] = item
    return there


_OF_OBJECTS = ("input_references", "promptImage", "frame_images")


@given(st.sampled_from(sorted(vendors.ALL)), ASKED, INPUTS, st.integers(1, 8), st.booleans())
def test_vendors_schemas_get_what_they_take(
    name: str, asked: dict[str, Any], inputs: list[Given], n: int, strict: bool
) -> None:
    holds(vendors.ALL[name], asked, inputs, n=n, strict=strict)


@given(SCHEMAS, ASKED, st.integers(1, 8))
def test_schemas_that_nobody_would_write_are_survived(
    schema: dict[str, Any], asked: dict[str, Any], n: int
) -> None:
    holds(schema, asked, [], n=n, strict=False)
