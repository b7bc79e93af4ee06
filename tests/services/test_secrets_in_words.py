"""What may come into a log or an error page as the words of a value: never a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flexura.domain.webhook import Delivery, SigningSecret
from flexura.services.delivering import Due
from flexura.services.keys import KeyTerms, new_key
from flexura.settings import Settings

SECRET = "whsec_c2VjcmV0"
_MESSAGE = Delivery("msg_1", "ws_1", "https://example.com", "job.completed", "{}", 1)


@pytest.mark.parametrize(
    ("value", "secret"),
    # Named, since a parallel run wants the same names in both workers.
    [
        (SigningSecret("sec_1", "ws_1", SECRET, 1), SECRET),
        (Due(_MESSAGE, (SECRET,), 1), SECRET),
        (made := new_key("ws_1", "k", KeyTerms()), made.secret),
        (Settings(home=Path("x"), environment={"FAL_KEY": SECRET}), SECRET),
    ],
    ids=["signing secret", "message", "API key", "settings"],
)
def test_a_value_does_not_tell_its_secret(value: Any, secret: str) -> None:
    assert secret not in repr(value)
    assert secret not in f"{value}"
