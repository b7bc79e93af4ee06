"""The gallery: what was made and uploaded, searched, chosen from, looked at one by one, and thrown away."""

from __future__ import annotations

from flexura.gateway.dashboard.gallery import acting, download, listing, one
from flexura.gateway.dashboard.page import Page

# What has a name of its own comes before a file of any id.
PAGES: tuple[Page, ...] = (*listing.PAGES, *acting.PAGES, *download.PAGES, *one.PAGES)
