"""The typed HTTP client of the gateway."""

from __future__ import annotations

from flexura.client.answers import (
    Accepted,
    AdapterAnswer,
    AdapterList,
    AliasAnswer,
    Asset,
    JobAnswer,
    JobList,
    ModelEntry,
    ModelList,
    Plan,
    RunPlanAnswer,
    StepsAnswer,
    TemplateAnswer,
    TemplateInputAnswer,
    TemplateList,
    Warned,
)
from flexura.client.gateway import GatewayClient

__all__ = [
    "Accepted",
    "AdapterAnswer",
    "AdapterList",
    "AliasAnswer",
    "Asset",
    "GatewayClient",
    "JobAnswer",
    "JobList",
    "ModelEntry",
    "ModelList",
    "Plan",
    "RunPlanAnswer",
    "StepsAnswer",
    "TemplateAnswer",
    "TemplateInputAnswer",
    "TemplateList",
    "Warned",
]
