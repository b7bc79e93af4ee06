"""The providers of this installation: what their settings bring to life, and what is known of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flexura.domain.provider import ProviderFacts, Role
from flexura.outbound.client import Guard, is_url
from flexura.ports.provider import Provider
from flexura.providers import media, search
from flexura.providers.media import Setup
from flexura.settings import Settings

log = logging.getLogger(__name__)


def vendors_of(settings: Settings) -> dict[str, Sequence[Provider]]:
    """What each configured adapter makes. Each has a guard of its own, for its own origins alone."""
    env, made = settings.environment, dict[str, Sequence[Provider]]()
    for adapter in media.adapters():
        if adapter.configured(env):
            guard = Guard(allow_origins=[url for url in adapter.origins(env) if is_url(url)])
            staging = settings.home / "staging" / adapter.NAME
            try:
                made[adapter.NAME] = adapter.make(Setup(env, guard, settings.home, staging))
            except Exception:
                # One vendor's settings must not keep the gateway from starting.
                log.exception("The provider %s cannot be made from its settings.", adapter.NAME)
    return made


def facts_of(
    settings: Settings, vendors: Mapping[str, Sequence[Provider]], ours: Sequence[Provider]
) -> tuple[ProviderFacts, ...]:
    """What there is to know about every adapter without asking anybody."""
    env = settings.environment

    def facts(adapter: media.Adapter | search.Adapter, role: Role) -> ProviderFacts:
        known, works = adapter.VARIABLES, adapter.configured(env)
        locked = [f"{n} is not used: {why}" for n, why in settings.locked.items() if n in known]
        return ProviderFacts(
            adapter.NAME,
            role,
            known,
            adapter.DOCS,
            tuple(adapter.PROVEN),
            configured=works or bool(locked),
            problem="" if works else "; ".join(locked),
        )

    def of_vendor(adapter: media.Adapter) -> ProviderFacts:
        found, made = facts(adapter, "media"), vendors.get(adapter.NAME)
        if made is None and not found.problem and found.configured:
            return replace(found, problem="It cannot be made from its settings; the log says why.")
        return replace(found, parts=tuple(p.name for p in made or ()))

    return (
        *(ProviderFacts(p.name, "media", {}, "", ("itself",), configured=True) for p in ours),
        *map(of_vendor, media.adapters()),
        *(replace(facts(a, "search"), keyless=a.keyless(env)) for a in search.adapters()),
    )


def provider_variables() -> dict[str, str]:
    """Every variable that a provider of this installation reads, and what to set it to."""
    return {**media.variables(), **search.variables()}
