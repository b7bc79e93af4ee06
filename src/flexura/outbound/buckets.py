"""Buckets on S3-compatible servers, through `obstore` (the extra `team`): opening one, reading its refusals.

Source: developmentseed.org/obstore, docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flexura.domain.errors import InvalidRequest

PART = 5 * 2**20
"""Bytes of one part of a large upload: the least that S3 takes, as parts in flight are in memory."""
AT_ONCE = 2
"""Parts in flight; each is a part of memory."""
_REQUEST = timedelta(minutes=15)
"""For one request with its whole body."""
_SILENCE = timedelta(seconds=30)
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_STATUS = re.compile(r"status(?: code)?:? ([45]\d\d)\b")
_LATER = {"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted"}
_STATUS_LATER = {"408", "409", "429"}
_REFUSALS = {
    "PermissionDeniedError",
    "UnauthenticatedError",
    "FileNotFoundError",
    "NotSupportedError",
    "InvalidPathError",
}
# Where obstore looks for a machine's role when nobody gave it keys.
_NO_KEYS = re.compile(r"latest/api/token|/security-credentials|sts\.[a-z0-9.-]*amazonaws")


@dataclass(frozen=True)
class Trouble:
    """What a bucket said, as its code alone: the text around it may hold ids, hosts and keys."""

    code: str
    """As S3 names it, `HTTP 503` and its like, what happened in three words, or empty."""
    passing: bool
    """Whether the same request may succeed later."""
    missing: bool = False
    """Whether the object is not there (and the bucket is, as far as one can tell)."""

    @property
    def told(self) -> str:
        """The code in brackets, to be put into a sentence."""
        return f" ({self.code})" if self.code else ""


def trouble_of(problem: Exception) -> Trouble:
    """What a failed request means."""
    said = str(problem)
    if _NO_KEYS.search(said):
        return Trouble("no credentials", passing=False)
    code, status = _CODE.search(said), _STATUS.search(said)
    known = code[1] if code else f"HTTP {status[1]}" if status else _silence(said)
    later = code is not None and code[1] in _LATER
    kind = type(problem).__name__
    wrong = status is not None and status[1] < "500" and status[1] not in _STATUS_LATER
    refused = kind in _REFUSALS or wrong
    missing = kind == "FileNotFoundError" and known in ("NoSuchKey", "HTTP 404", "")
    return Trouble(known, passing=later or not refused, missing=missing)


def _silence(said: str) -> str:
    return "it timed out" if "timed out" in said or "TimedOut" in said else ""


def open_bucket(bucket: str, prefix: str, config: Mapping[str, str], *, retries: int = 0) -> Any:
    """The store of `obstore` behind a bucket, below a prefix; nothing is asked yet.

    What `config` (its `S3Config`) leaves out is taken from AWS_* variables of the process, or from the role
    of the machine. Raises InvalidRequest where `obstore` is not installed.
    """
    try:
        from obstore.store import S3Store
    except ImportError:
        raise InvalidRequest(
            "An S3 bucket needs the package obstore.",
            next_step="Install the extra: `pip install 'flexura[team]'`, and start again.",
        ) from None
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=dict(config),  # pyright: ignore[reportArgumentType]
        client_options={
            "allow_http": True,
            "connect_timeout": timedelta(seconds=10),
            "read_timeout": _SILENCE,
            "timeout": _REQUEST,
        },
        retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=30)},
    )
