"""Dates of publication, as engines write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura.services.published import iso, published

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-02", "2026-11-02"),
        ("20261102", "2026-11-02"),
        ("2026-11-02T11:00:00", "2026-11-02T11:00:00Z"),
        ("2026-11-02T11:00:00Z", "2026-11-02T11:00:00Z"),
        ("2026-11-02T11:00:00.123Z", "2026-11-02T11:00:00Z"),
        ("2026-11-02T11:00:00+02:00", "2026-11-02T09:00:00Z"),
        ("2026-11-02 11:00:00", "2026-11-02T11:00:00Z"),
        ("2026-11-02 11:00:00 UTC", "2026-11-02T11:00:00Z"),
        ("2026-11-02 11:00:00 +0000", "2026-11-02T11:00:00Z"),
        ("Mon, 02 Nov 2026 11:00:00 GMT", "2026-11-02T11:00:00Z"),
        ("Mon, 02 Nov 2026 11:00:00 +0100", "2026-11-02T10:00:00Z"),
        ("02 Nov 2026 11:00:00 GMT", "2026-11-02T11:00:00Z"),
        ("Nov 2, 2026", "2026-11-02"),
        ("November 2, 2026", "2026-11-02"),
        ("Monday, November 2nd, 2026", "2026-11-02"),
        ("2 Nov 2026", "2026-11-02"),
        ("2 November 2026", "2026-11-02"),
        ("Sept 2, 2026", "2026-09-02"),
        ("Nov 2, 2026, 11:00 AM", "2026-11-02T11:00:00Z"),
        ("Nov 2, 2026 at 1:05 PM", "2026-11-02T13:05:00Z"),
        ("11/02/2026, 09:00 AM, +0000 UTC", "2026-11-02T09:00:00Z"),
        ("2026/11/02", "2026-11-02"),
        ("2026.11.02", "2026-11-02"),
        ("2026/11/02 11:00", "2026-11-02T11:00:00Z"),
        ("02.11.2026", "2026-11-02"),
        ("13/11/2026", "2026-11-13"),
        ("11/13/2026", "2026-11-13"),
        ("5/5/2026", "2026-05-05"),
        ("1793617200", "2026-11-02T11:00:00Z"),
        ("1793617200000", "2026-11-02T11:00:00Z"),
        ("today", "2026-11-22"),
        ("Yesterday", "2026-11-21"),
        ("3 days ago", "2026-11-19"),
        ("1 week ago", "2026-11-15"),
        ("2 months ago", "2026-09-23"),
        ("a year ago", "2025-11-22"),
        ("5 hours ago", "2026-11-22T07:00:00Z"),
        ("10 mins ago", "2026-11-22T11:50:00Z"),
    ],
)
def test_a_date_is_read_however_it_is_written(written: str, read: str) -> None:
    moment = published(written, NOW)
    assert moment is not None
    assert iso(moment) == read


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "unknown", "soon", "2026", "Nov 2026", "05/06/2026", "31/31/2026", "2026-13-01",
        "0001-01-01", "1970-01-01T00:00:00Z", "2099-01-01", "99999999999999999999", "-5 days ago",
        "9999 years ago", "<b>2026</b>", "2026-11-02T25:00:00", "x" * 10_000,
    ],
)  # fmt: skip
def test_what_says_no_date_or_an_unlikely_one_is_none(written: str) -> None:
    assert published(written, NOW) is None


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789-/:., TZadyhourgnsNvMPt+"), max_size=30))
def test_no_text_breaks_the_reading(written: str) -> None:
    moment = published(written, NOW)
    assert moment is None or iso(moment)[:4].isdigit()
