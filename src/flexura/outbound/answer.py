"""What came back from outside, and the two errors that only a network can make."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from flexura.domain.errors import ProviderError, ProviderUnavailable


@dataclass(frozen=True)
class Answer:
    """One complete answer, whatever its status. `url` is where it came from after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON. Raises ProviderError where it is not."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ProviderError("The answer is not JSON.") from error

    def retry_after(self) -> float | None:
        """The seconds that `Retry-After` asks to wait, given as seconds or as a date; None without it."""
        header = self.headers.get("retry-after", "").strip()
        if header.isascii() and header.isdigit():
            return float(header[:9])
        try:
            return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
        except (ValueError, OverflowError):
            return None


class Unreachable(ProviderUnavailable):
    """The other side cannot be reached."""

    def __init__(self, message: str, *, sent: bool) -> None:
        """`sent` is False only where the request provably never left, so that it may be repeated."""
        super().__init__(message)
        self.sent = sent


class BodyTooLarge(ProviderError):
    """The answer is larger than agreed; `answer` holds its beginning."""

    def __init__(self, message: str, *, answer: Answer) -> None:
        super().__init__(message)
        self.answer = answer
