"""The log of a process: one form for every line, whoever wrote it, and no secret in any.

`about(job_id=…)` says what the present task works on; every line that is written meanwhile, also by others,
carries it. Who reads JSON gets one object per line; a terminal gets text.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Literal, TextIO

from flexura.domain.errors import InvalidRequest
from flexura.ports import tracing
from flexura.services.redaction import Redaction

Form = Literal["json", "text"]
LEVELS = ("debug", "info", "warning", "error")
_TALKATIVE = (
    "httpx",
    "httpx2",
    "httpcore2",
    "mcp",
    "alembic",
    "procrastinate",
    "uvicorn",
    "urllib3",
)
_LONGEST = 8000
_LONGEST_VALUE = 200
_FIELDS = (
    "event",
    "provider",
    "model",
    "kind",
    "state",
    "code",
    "attempt",
    "seconds",
    "version",
    "instance",
    "works",
    "host",
)
"""What `extra` may hold beside what `about` says."""
_NOTHING: Mapping[str, str] = MappingProxyType({})
_about: ContextVar[Mapping[str, str]] = ContextVar("flexura_about", default=_NOTHING)
redaction = Redaction()
"""What is hidden in this process's log."""


@contextmanager
def about(**fields: str) -> Generator[None]:
    """Every line of this block (of this task and those that it starts) tells these fields."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def begin(**fields: str) -> None:
    """As `about`, from nothing and for the rest of the task: for a request, which has a task of its own."""
    _about.set(fields)


def also(**fields: str) -> None:
    """Say more of what the present task works on."""
    _about.set({**_about.get(), **fields})


def set_up(
    form: Form, level: str, stream: TextIO | None = None, logger: logging.Logger | None = None
) -> logging.Handler:
    """Write everything that is logged in this process to `stream` (stderr) in this form."""
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(Lines(form, redaction))
    handler.setLevel(level.upper())
    root = logger or logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        # Each request of theirs is a line at INFO: ours tell what it was for.
        logging.getLogger(name).setLevel(logging.NOTSET if level == "debug" else logging.WARNING)
    logging.captureWarnings(True)
    return handler


def start(*, quiet: bool = False, environ: Mapping[str, str] | None = None) -> None:
    """Begin the log of a process as its environment says. Raises as `chosen`."""
    told = os.environ if environ is None else environ
    set_up(*chosen(told, terminal=sys.stderr.isatty(), quiet=quiet))


def read_by_machines() -> bool:
    """Whether this process writes JSON."""
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    return any(isinstance(f, Lines) and f.is_json for f in formatters)


def say(*lines: str) -> None:
    """Tell whoever started the process something: plain lines for a person, records where JSON is read."""
    told = [line for line in lines if line]
    if not read_by_machines():
        print("\n".join(f"flexura: {line}" for line in told), file=sys.stderr, flush=True)
        return
    for line in told:
        logging.getLogger("flexura").info("%s", line)


def chosen(environ: Mapping[str, str], *, terminal: bool, quiet: bool) -> tuple[Form, str]:
    """Form and level by FLEXURA_LOG and FLEXURA_LOG_LEVEL. Raises InvalidRequest naming what is allowed.

    Without them a team's process that has no terminal writes JSON, for whatever collects it, and everything
    else text; a `quiet` one, which nobody watches, tells only what is wrong.
    """
    team = bool(environ.get("FLEXURA_DATABASE_URL"))
    form = environ.get("FLEXURA_LOG", "").strip().lower() or (
        "json" if team and not terminal else "text"
    )
    level = environ.get("FLEXURA_LOG_LEVEL", "").strip().lower() or ("warning" if quiet else "info")
    if form not in ("json", "text"):
        raise _wrong("FLEXURA_LOG", form, ("json", "text"))
    if level not in LEVELS:
        raise _wrong("FLEXURA_LOG_LEVEL", level, LEVELS)
    return ("json" if form == "json" else "text"), level


def _wrong(name: str, told: str, allowed: tuple[str, ...]) -> InvalidRequest:
    return InvalidRequest(
        f"{name} is {told[:40]!r}.",
        field=name,
        next_step=f"Set it to one of: {', '.join(allowed)}.",
    )


class Lines(logging.Formatter):
    """One line for each record, the secrets of this process taken out."""

    def __init__(self, form: Form, hidden: Redaction) -> None:
        super().__init__()
        self.is_json = form == "json"
        self._hidden = hidden

    def format(self, record: logging.LogRecord) -> str:
        message = self._hidden.hide(record.getMessage()[:_LONGEST])
        trouble = self._hidden.hide(self._trouble(record))
        fields = {
            name: self._hidden.hide(value) if isinstance(value, str) else value
            for name, value in _fields(record).items()
        }
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        moment = f"{at}.{int(record.msecs):03d}Z"
        if self.is_json:
            told = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
            whole = {**told, "message": message, **fields}
            if trouble:
                whole["exception"] = trouble
            return json.dumps(whole, ensure_ascii=False)
        facts = "".join(f" {name}={_quoted(str(value))}" for name, value in fields.items())
        # Somebody's text must not look like a line of ours.
        line = f"{moment} {record.levelname} {record.name}: {_visible(message)}{facts}"
        return line + "".join(f"\n  {_visible(part)}" for part in trouble.splitlines())

    def _trouble(self, record: logging.LogRecord) -> str:
        if record.exc_info and record.exc_info[0] is not None:
            return self.formatException(record.exc_info)[-_LONGEST:]
        return (record.exc_text or "")[-_LONGEST:]


def _fields(record: logging.LogRecord) -> dict[str, str | int | float]:
    """What the line is about, and what its writer adds."""
    found: dict[str, str | int | float] = dict(_about.get())
    if trace := tracing.trace_id():
        found["trace_id"] = trace
    for name in ("job_id", "workspace", *_FIELDS):
        value = record.__dict__.get(name)
        if value is not None and value != "":
            found[name] = value if isinstance(value, int | float) else str(value)[:_LONGEST_VALUE]
    return found


def _visible(text: str) -> str:
    """The same without anything that moves a terminal's cursor or begins a new line."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _quoted(value: str) -> str:
    plain = value.replace("-", "").replace("_", "").replace(".", "").replace(":", "").isalnum()
    return value if plain and value.isascii() else json.dumps(value, ensure_ascii=True)
