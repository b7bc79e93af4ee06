"""Provider keys that this process sees and its local gateway, started in a clean environment, does not."""

from __future__ import annotations

from collections.abc import Mapping

# The variables that the providers' own tools read. A row per variable, no order.
VARIABLES = (
    "ARK_API_KEY",
    "BFL_API_KEY",
    "BRAVE_API_KEY",
    "ELEVENLABS_API_KEY",
    "EXA_API_KEY",
    "FAL_KEY",
    "FIRECRAWL_API_KEY",
    "FIREWORKS_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "HF_TOKEN",
    "LUMAAI_API_KEY",
    "MINIMAX_API_KEY",
    "NVIDIA_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "PERPLEXITY_API_KEY",
    "POLLINATIONS_API_KEY",
    "REPLICATE_API_TOKEN",
    "RUNWAYML_API_SECRET",
    "SEARXNG_BASE_URL",
    "SERPER_API_KEY",
    "STABILITY_API_KEY",
    "TAVILY_API_KEY",
    "TOGETHER_API_KEY",
    "XAI_API_KEY",
)


def advice(environment: Mapping[str, str]) -> str:
    """How to give the keys seen here to the gateway; empty when there are none."""
    seen = [name for name in VARIABLES if environment.get(name, "").strip()]
    if not seen:
        return ""
    names = ", ".join(seen)
    return (
        f"{names} is set for this agent only; `flexura providers import` gives it to your gateway."
    )
