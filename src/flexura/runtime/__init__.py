"""Composition root: the only room that knows concrete classes; opens and closes everything."""

from flexura.runtime.gateway import Bind, open_services
from flexura.runtime.stores import Tenants, open_credits, open_keys, open_records, open_tenants
from flexura.runtime.vendors import provider_variables

__all__ = [
    "Bind",
    "Tenants",
    "open_credits",
    "open_keys",
    "open_records",
    "open_services",
    "open_tenants",
    "provider_variables",
]
