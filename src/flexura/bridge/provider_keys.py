"""Provider keys that this process sees and its local gateway, started in a clean environment, does not."""

from __future__ import annotations

from collections.abc import Mapping

# What holds a key for a provider, and the address of one's own search: a test compares them with the
# providers, which the bridge cannot ask. A row per variable.
VARIABLES = (
    "AUTOMATIC1111_AUTH",
    "BFL_API_KEY",
    "BRAVE_API_KEY",
    "ELEVENLABS_API_KEY",
    "EXA_API_KEY",
    "FAL_KEY",
    "FIRECRAWL_API_KEY",
    "FLEXURA_UPSTREAM_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "HF_TOKEN",
    "NVIDIA_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "PERPLEXITY_API_KEY",
    "POLLINATIONS_API_KEY",
    "REPLICATE_API_TOKEN",
    "RUNWAYML_API_SECRET",
    "SEARXNG_BASE_URL",
    "SERPER_API_KEY",
    "TAVILY_API_KEY",
    "TOGETHER_API_KEY",
    "XAI_API_KEY",
    "YDC_API_KEY",
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
