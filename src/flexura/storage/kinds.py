"""The registry of records: which table keeps a kind, and how its fields become columns and back.

A field is a column of the same name. Tuples and dicts are kept as JSON text, a set of scopes as words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar, cast

import pydantic_core
from sqlalchemy import Boolean, Column, Table

from flexura.domain.artifact import Artifact
from flexura.domain.credits import Account, Budget, BudgetUse, CreditEntry
from flexura.domain.pace import Pace
from flexura.domain.publication import Publication
from flexura.domain.session import Session, SignInCode
from flexura.domain.template import Step, Template, TemplateInput
from flexura.domain.upload import Upload
from flexura.domain.webhook import Delivery, Endpoint, SigningSecret
from flexura.domain.workspace import ApiKey, Invite, Workspace
from flexura.ports.records import Record
from flexura.storage import tables

R = TypeVar("R", bound=Record)
Row = tuple[Any, ...]


def to_json(value: object) -> str:
    """Compact JSON; non-ASCII stays readable."""
    return pydantic_core.to_json(value).decode()


@dataclass(frozen=True)
class Codec:
    """A field's value to what its column holds, and back."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def _tuples(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {k: tuple(v) if k in names else v for k, v in value.items()}


def _inputs(text: str) -> tuple[TemplateInput, ...]:
    return tuple(TemplateInput(**_tuples(one, "choices")) for one in json.loads(text))


def _steps(text: str) -> tuple[Step, ...]:
    return tuple(Step(**_tuples(one, "inputs", "needs")) for one in json.loads(text))


JSON = Codec(to_json, json.loads)
TUPLE = Codec(to_json, lambda text: tuple(json.loads(text)))
_WORDS = Codec(lambda names: " ".join(sorted(names)), lambda text: frozenset(text.split()))
_FLAG = Codec(bool, bool)


@dataclass(frozen=True, eq=False)
class Kind(Generic[R]):
    """How one kind of record is kept."""

    record: type[R]
    table: Table
    key: Column[Any]
    """The primary key, by which one is got, changed and removed."""
    order: Column[Any]
    """Its time; lists are in this order, then by the key."""
    codecs: Mapping[str, Codec]
    names: tuple[str, ...] = field(init=False)
    """The fields, in the order of the dataclass."""
    columns: tuple[Column[Any], ...] = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(one.name for one in fields(self.record))
        flags = {c.name: _FLAG for c in self.table.c if isinstance(c.type, Boolean)}
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "columns", tuple(self.table.c[name] for name in names))
        object.__setattr__(self, "codecs", {**flags, **self.codecs})

    def encoded(self, values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
        """Fields as parameters of a statement."""
        codecs = self.codecs
        return {
            prefix + name: codecs[name].encode(value) if name in codecs else value
            for name, value in values.items()
        }

    def row(self, record: R) -> dict[str, Any]:
        """A record as parameters of an INSERT."""
        return self.encoded({name: getattr(record, name) for name in self.names})

    def read(self, row: Row) -> R:
        """A record from a row in the order of `columns`."""
        values: dict[str, Any] = dict(zip(self.names, row, strict=True))
        for name, codec in self.codecs.items():
            values[name] = codec.decode(values[name])
        return self.record(**values)


def _kind(
    record: type[R], table: Table, order: str = "created_at", key: str = "id", **codecs: Codec
) -> Kind[R]:
    return Kind(record, table, table.c[key], table.c[order], codecs)


KINDS: dict[type[Record], Kind[Any]] = {
    kind.record: kind
    for kind in (
        _kind(Account, tables.accounts, "workspace_id", "workspace_id"),
        _kind(ApiKey, tables.api_keys, scopes=_WORDS, limits=JSON),
        _kind(Artifact, tables.artifacts, metadata=JSON),
        _kind(Budget, tables.budgets),
        _kind(BudgetUse, tables.budget_uses, "window", "budget_id"),
        _kind(CreditEntry, tables.credit_entries, "at", budgets=TUPLE),
        _kind(Delivery, tables.deliveries),
        _kind(Endpoint, tables.endpoints, events=TUPLE),
        _kind(Invite, tables.invites),
        _kind(Pace, tables.paces, "counted_at", "provider"),
        _kind(Publication, tables.publications),
        _kind(Session, tables.sessions),
        _kind(SignInCode, tables.sign_in_codes),
        _kind(SigningSecret, tables.signing_secrets),
        _kind(
            Template,
            tables.templates,
            views=TUPLE,
            inputs=Codec(to_json, _inputs),
            steps=Codec(to_json, _steps),
            outputs=TUPLE,
        ),
        _kind(Upload, tables.uploads),
        _kind(Workspace, tables.workspaces, policy=JSON),
    )
}


def kind_of(record: type[R]) -> Kind[R]:
    """How a kind of record is kept."""
    return cast("Kind[R]", KINDS[record])
