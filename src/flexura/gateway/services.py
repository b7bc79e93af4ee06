"""The services that the faces call, in one place; `runtime.py` fills it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flexura.domain.artifact import Artifact
from flexura.domain.provider import ProviderFacts
from flexura.gateway.access import Access
from flexura.gateway.links import Links
from flexura.ports.blobs import Blobs
from flexura.ports.records import Records
from flexura.services.catalog import Catalog
from flexura.services.generation import Generation
from flexura.services.inputs import Inputs
from flexura.services.jobs import Jobs
from flexura.services.keys import Keys
from flexura.services.model_search import ModelSearch
from flexura.services.search import SearchService

Preview = Callable[[Artifact], Awaitable[bytes | None]]
"""A JPEG of at most 512 px for an artifact, or None if there is none to be had."""


@dataclass(frozen=True)
class Services:
    """What a request can be answered with."""

    access: Access
    keys: Keys
    catalog: Catalog
    models: ModelSearch
    generation: Generation
    jobs: Jobs
    inputs: Inputs
    search: SearchService
    providers: tuple[ProviderFacts, ...]
    """Every adapter there is, set up or not."""
    blobs: Blobs
    records: Records
    links: Links
    preview: Preview
    instance: str
    """Random id of this process, for telling two gateways apart."""
