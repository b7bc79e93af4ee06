"""Which version is newer."""

from __future__ import annotations

import pytest

from flexura.local.version import is_newer


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("0.2.0", "0.1.9"),
        ("0.10", "0.9"),
        ("1.0", "0.99.99"),
        ("1.0.1", "1.0"),
        ("1.0", "1.0rc1"),
        ("1.0rc1", "0.9"),
        ("0.1", "unknown"),
        ("0.1", ""),
    ],
)
def test_the_later_release_is_newer(newer: str, older: str) -> None:
    assert is_newer(newer, older)
    assert not is_newer(older, newer)


def test_none_is_newer_than_itself() -> None:
    assert not is_newer("1.2.3", "1.2.3")
    assert not is_newer("1.2.3+local", "1.2.3")
