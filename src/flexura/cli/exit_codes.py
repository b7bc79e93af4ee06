"""What the exit code of a command says; the list stands in every `--help`."""

from __future__ import annotations

from flexura.domain.errors import (
    AccessDenied,
    BudgetExceeded,
    Canceled,
    ContentPolicy,
    FlexuraError,
    Forbidden,
    InsufficientCredits,
    InvalidApiKey,
    InvalidRequest,
    ModelNotFound,
    Unauthorized,
    error_class,
)

OK, FAILED, USAGE, DECLINED, KEY, BUDGET, PENDING, POLICY = range(8)
INTERRUPTED = 130

MEANINGS = {
    OK: "done",
    FAILED: "the job, the gateway or the network failed",
    USAGE: "the command is wrong: an option, a value, a model that is not there",
    DECLINED: "canceled or declined",
    KEY: "no key, a bad key, or one that may not do this",
    BUDGET: "it would cost too much",
    PENDING: "still running when the wait was over",
    POLICY: "the provider refused the content",
    INTERRUPTED: "Ctrl-C; a job that was ordered goes on",
}

_BY_CLASS: tuple[tuple[type[FlexuraError], int], ...] = (
    (Unauthorized, KEY),
    (InvalidApiKey, KEY),
    (Forbidden, KEY),
    (AccessDenied, KEY),
    (InsufficientCredits, BUDGET),
    (BudgetExceeded, BUDGET),
    (ContentPolicy, POLICY),
    (Canceled, DECLINED),
    (InvalidRequest, USAGE),
    (ModelNotFound, USAGE),
)


def of(code: str) -> int:
    """The exit code for an error code of the gateway."""
    found = error_class(code)
    return next((number for parent, number in _BY_CLASS if issubclass(found, parent)), FAILED)
