"""What is taken from a vendor into the catalog: models with clean words and bounded schemas.

A vendor's list is a stranger's text. A model that cannot be used is left out, never its vendor's whole list.
"""

from __future__ import annotations

import logging
import math
import re
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flexura.domain.model import Model, Price
from flexura.services.schema_bounds import Unusable, bounded, plain

log = logging.getLogger(__name__)

MAX_ID = 200
MAX_MODELS = 10_000
"""Of one provider; the rest of a longer list is left out."""
WRITTEN_BY_US = "built in"
"""The `schema_source` of a schema that comes with this program."""
ON_REQUEST = "on request"
"""The `schema_source` of an entry whose schema the vendor tells one model at a time."""

_NAME, _DESCRIPTION, _SOURCE = 120, 600, 120
_TASK = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,8}")
_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,./_-]{0,39}")
_CURRENCY = re.compile(r"[A-Za-z]{3,10}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_TASKS = 20
_MOST_MONEY = 1e6
_SHARED = 8
"""So many schemas that were met last are compared: most vendors have few for all their models."""


def is_id(text: str) -> bool:
    """Whether a model may be called that: printable, without blanks, of a bounded length."""
    return 0 < len(text) <= MAX_ID and text.isprintable() and " " not in text


class Intake:
    """Takes the models of one provider; schemas that models share are looked at once."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._today = datetime.now(UTC).date().isoformat()
        self._recent: deque[tuple[dict[str, Any], dict[str, Any]]] = deque(maxlen=_SHARED)

    def take(self, listed: Iterable[Model]) -> tuple[Model, ...]:
        """The usable models, each id once, in the vendor's order."""
        taken: dict[str, Model] = {}
        refused = 0
        for model in listed:
            try:
                taken.setdefault(model.id, self.one(model))
            except Unusable as why:
                refused += 1
                log.debug("a model of %s is left out: %s", self._provider, why)
            except Exception as problem:
                # An adapter's own slip about one entry must not cost the others.
                refused += 1
                log.debug("a model of %s is left out", self._provider, exc_info=problem)
            if len(taken) >= MAX_MODELS:
                break
        if refused:
            log.info("%s: %d models cannot be used and are left out", self._provider, refused)
        return tuple(taken.values())

    def one(self, model: Model) -> Model:
        """The model with everything checked and cleaned. Raises Unusable."""
        if model.provider != self._provider or model.id != f"{self._provider}:{model.upstream_id}":
            raise Unusable("its id is not this provider's")
        if not is_id(model.id):
            raise Unusable("its id cannot be used")
        if not model.kinds:
            raise Unusable("it makes nothing")
        tasks = [t for t in dict.fromkeys(model.tasks) if len(t) <= 40 and _TASK.fullmatch(t)]
        day = model.shutdown_date or ""
        shutdown = day[:10] if _DAY.match(day) else None
        gone = shutdown is not None and shutdown <= self._today
        return model.model_copy(
            update={
                "name": plain(model.name, _NAME) or model.upstream_id,
                "description": plain(model.description, _DESCRIPTION),
                "kinds": tuple(dict.fromkeys(model.kinds)),
                "tasks": tuple(tasks[:_MOST_TASKS]),
                "input_schema": self._schema(model),
                "schema_source": plain(model.schema_source, 40),
                "price": _price(model.price),
                "status": "deprecated" if gone else model.status,
                "shutdown_date": shutdown,
                "stats": None,
            }
        )

    def _schema(self, model: Model) -> dict[str, Any]:
        told = model.input_schema
        known = next((result for one, result in self._recent if one == told), None)
        if known is None:
            known = bounded(told, patterns=model.schema_source == WRITTEN_BY_US)
            self._recent.appendleft((told, known))
        return known


def _price(price: Price | None) -> Price | None:
    """A price that can be compared; what is no price at all is unknown, never 0."""
    if price is None or not _UNIT.fullmatch(price.unit) or not _CURRENCY.fullmatch(price.currency):
        return None
    if not math.isfinite(price.amount) or not 0 <= price.amount <= _MOST_MONEY:
        return None
    return price.model_copy(update={"source": plain(price.source, _SOURCE)})
