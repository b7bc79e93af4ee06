"""Webhooks: endpoints, the secret that signs, and the log of what was sent."""

from __future__ import annotations

from flexura.gateway.dashboard.page import Page
from flexura.gateway.dashboard.webhooks import deliveries, endpoints, secret

PAGES: tuple[Page, ...] = (*secret.PAGES, *deliveries.PAGES, *endpoints.PAGES)
