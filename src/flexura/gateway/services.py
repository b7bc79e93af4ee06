"""The services that the faces call, in one place; `runtime/` fills it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flexura.domain.agents import Agents
from flexura.domain.artifact import Artifact
from flexura.domain.provider import ProviderFacts
from flexura.gateway.access import Access
from flexura.gateway.form_tokens import FormTokens
from flexura.gateway.links import Links
from flexura.gateway.probes import Vitals
from flexura.ports.blobs import Blobs
from flexura.ports.records import Records
from flexura.services.admission import Admission
from flexura.services.artifacts import Artifacts
from flexura.services.catalog import Catalog
from flexura.services.credits import Credits
from flexura.services.explaining import Explaining
from flexura.services.gallery import Gallery
from flexura.services.generation import Generation
from flexura.services.idempotency import IdempotencyKeys
from flexura.services.inputs import Inputs
from flexura.services.jobs import Jobs
from flexura.services.keys import Keys
from flexura.services.load import Load
from flexura.services.model_search import ModelSearch
from flexura.services.publishing import Publishing
from flexura.services.review_sets import ReviewSets
from flexura.services.runs.comparison import Comparisons
from flexura.services.runs.review import Review
from flexura.services.runs.start import Runs
from flexura.services.search import SearchService
from flexura.services.sessions import Sessions
from flexura.services.sheets import Sheets
from flexura.services.sign_ups import SignUps
from flexura.services.signing import SigningSecrets
from flexura.services.templates.pipelines import Pipelines
from flexura.services.templates.presets import Presets
from flexura.services.templates.store import Templates
from flexura.services.trash import Trash
from flexura.services.uploads import Uploads
from flexura.services.usage import Usage
from flexura.services.vendors import Vendors
from flexura.services.webhooks import Webhooks
from flexura.services.workspaces import Workspaces

Preview = Callable[[Artifact], Awaitable[bytes | None]]
"""A JPEG of at most 512 px for an artifact, or None if there is none to be had."""


@dataclass(frozen=True)
class Services:
    """What a request can be answered with."""

    access: Access
    admission: Admission
    load: Load
    keys: Keys
    workspaces: Workspaces
    sessions: Sessions
    sign_ups: SignUps
    forms: FormTokens
    catalog: Catalog
    models: ModelSearch
    generation: Generation
    runs: Runs
    comparisons: Comparisons
    review: Review
    jobs: Jobs
    credits: Credits
    usage: Usage
    idempotency: IdempotencyKeys
    webhooks: Webhooks
    signing_secrets: SigningSecrets
    inputs: Inputs
    uploads: Uploads
    artifacts: Artifacts
    gallery: Gallery
    trash: Trash
    explaining: Explaining
    review_sets: ReviewSets
    sheets: Sheets
    templates: Templates
    pipelines: Pipelines
    presets: Presets
    publishing: Publishing
    search: SearchService
    providers: tuple[ProviderFacts, ...]
    """Every adapter there is, set up or not."""
    vendors: Vendors
    agents: Callable[[], Awaitable[Agents]]
    """Looks which coding agents there are, and what is installed where."""
    blobs: Blobs
    records: Records
    links: Links
    preview: Preview
    vitals: Vitals
    instance: str
    """Random id of this process, for telling two gateways apart."""
