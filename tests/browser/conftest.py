"""Pages in Chromium: what the gateways behind them do is measured where it is tested without a browser."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def gateways_are_not_measured(unmeasured: None) -> None:
    """Take no coverage of them."""
