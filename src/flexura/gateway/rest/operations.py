"""Every REST operation in one table: the routes and the OpenAPI document are made from it.

Each surface has modules with their OPERATIONS and the SCHEMAS that those name. Hot paths come first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flexura.gateway.rest import agent_operations
from flexura.gateway.rest.account import operations as account
from flexura.gateway.rest.artifacts import operations as artifacts_operations
from flexura.gateway.rest.auraflux import operations as auraflux_operations
from flexura.gateway.rest.compare import operations as compare_operations
from flexura.gateway.rest.destinations import operations as destinations_operations
from flexura.gateway.rest.flora import operations as flora
from flexura.gateway.rest.fluxara import operations as fluxara
from flexura.gateway.rest.operation import Operation
from flexura.gateway.rest.runs import operations as runs_operations
from flexura.gateway.rest.schemas import components
from flexura.gateway.rest.templates import operations as templates_operations
from flexura.gateway.rest.tenants import operations as tenants
from flexura.gateway.rest.uploads import operations as uploads_operations
from flexura.gateway.rest.webhooks import operations as webhook_operations


class Table(Protocol):
    """What a module of operations has."""

    @property
    def OPERATIONS(self) -> Sequence[Operation]: ...
    @property
    def SCHEMAS(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Surface:
    """One part of the API as a reader meets it."""

    title: str
    about: str
    tables: tuple[Table, ...]


SURFACES: tuple[Surface, ...] = (
    Surface(
        "Agents",
        "Search, generate, look at a job: the surface that agents use. Base `/api`.",
        (agent_operations,),
    ),
    Surface(
        "Jobs and artifacts",
        "The canonical surface, in the words of the Fluxara page. Base `/api/v1`.",
        (fluxara, artifacts_operations, compare_operations, destinations_operations),
    ),
    Surface(
        "Techniques",
        "Runs with typed inputs, in the words of the FLORA page. Base `/api/v1/techniques`.",
        (flora,),
    ),
    Surface(
        "Production",
        "Videos from order to publication, in the words of the AuraFlux page. Base `/v1`.",
        (auraflux_operations, uploads_operations),
    ),
    Surface(
        "Templates",
        "Saved pieces of work; pipelines, presets and techniques are views of them.",
        (templates_operations, runs_operations),
    ),
    Surface(
        "Webhooks",
        "Signed messages about jobs and files (Standard Webhooks).",
        (webhook_operations,),
    ),
    Surface(
        "Account",
        "Credits, budgets, workspaces and keys.",
        (account, tenants),
    ),
)
OPERATIONS: tuple[Operation, ...] = tuple(
    operation for surface in SURFACES for table in surface.tables for operation in table.OPERATIONS
)


def schemas() -> dict[str, Any]:
    """Every named schema."""
    found = components()
    for surface in SURFACES:
        for table in surface.tables:
            found |= table.SCHEMAS
    return found
