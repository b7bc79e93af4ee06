"""Which of two versions of flexura is newer."""

from __future__ import annotations

PLACES = 6


def is_newer(one: str, other: str) -> bool:
    """Whether `one` is a later release than `other`; a text that is no version is older than any."""
    return _numbers(one) > _numbers(other)


def _numbers(version: str) -> list[int]:
    numbers: list[int] = []
    for part in version.split("+")[0].split("."):
        digits = ""
        for letter in part:
            if not letter.isdigit():
                break
            digits += letter
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            # 1.2rc1 comes before 1.2.
            numbers.append(-1)
            break
    return (numbers + [0] * PLACES)[:PLACES]
