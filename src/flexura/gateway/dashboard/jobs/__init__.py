"""The pages of jobs: the list, one job, and what can be done with it; both live."""

from __future__ import annotations

from flexura.gateway.dashboard.jobs import acting, again, keeping, list_page, one_page, publishing
from flexura.gateway.dashboard.page import Page

PAGES: tuple[Page, ...] = (
    *list_page.PAGES,
    *one_page.PAGES,
    *acting.PAGES,
    *again.PAGES,
    *publishing.PAGES,
    *keeping.PAGES,
)
