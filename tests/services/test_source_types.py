"""Which IPTC digital source type a file gets: by who made it, and from what."""

from __future__ import annotations

import pytest

from flexura.provenance.record import (
    ALGORITHMIC,
    COMPOSITE,
    COMPOSITE_TRAINED,
    TRAINED_ALGORITHMIC,
)
from flexura.services.marking import cost_of, source_type

UNKNOWN = ""


@pytest.mark.parametrize(
    ("maker", "made", "expected"),
    [
        (ALGORITHMIC, (), ALGORITHMIC),
        (TRAINED_ALGORITHMIC, (), TRAINED_ALGORITHMIC),
        (TRAINED_ALGORITHMIC, (("image", UNKNOWN),), COMPOSITE_TRAINED),
        (TRAINED_ALGORITHMIC, (("image", ALGORITHMIC),), COMPOSITE_TRAINED),
        (TRAINED_ALGORITHMIC, (("image", TRAINED_ALGORITHMIC),), TRAINED_ALGORITHMIC),
        (TRAINED_ALGORITHMIC, (("reference", UNKNOWN), ("mask", UNKNOWN)), TRAINED_ALGORITHMIC),
        (ALGORITHMIC, (("image", ALGORITHMIC),), ALGORITHMIC),
        (ALGORITHMIC, (("image", TRAINED_ALGORITHMIC), ("audio", UNKNOWN)), COMPOSITE_TRAINED),
        (ALGORITHMIC, (("image", UNKNOWN),), COMPOSITE),
    ],
)
def test_the_type_follows_from_maker_and_parts(
    maker: str, made: tuple[tuple[str, str], ...], expected: str
) -> None:
    assert source_type(maker, made) == expected


def test_a_cost_says_whether_the_vendor_told_it() -> None:
    estimate = {"amount": 0.2, "currency": "USD", "unit": "image"}
    assert cost_of(None, estimate) == {"amount": 0.2, "currency": "USD", "estimated": True}
    assert cost_of({"amount": 0.1}, estimate) == {"amount": 0.1, "currency": "USD"}
    assert cost_of(None, {"amount": 0.0}) == {"amount": 0.0, "currency": "USD"}, "free is certain"
    assert cost_of(None, None) is None
