"""One page of the dashboard: a method, a path, who may, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass

from flexura.gateway.dashboard.visit import View


@dataclass(frozen=True)
class Page:
    """A route for somebody who is signed in. GET changes nothing; POST carries a form with its token."""

    method: str
    path: str
    view: View
    scope: str = "read"
    """What the key of the session must be allowed."""
    raw: bool = False
    """The body is a file that the view reads itself; the token comes as a header."""


@dataclass(frozen=True)
class Section:
    """An entry of the navigation."""

    path: str
    title: str
    icon: str
    group: str
    operator: bool = False
    """Shown to whoever runs the gateway only."""
    scope: str = "read"
    """Shown to whoever has a key with that scope."""


SECTIONS: tuple[Section, ...] = (
    Section("/dashboard", "Overview", "home", "Work"),
    Section("/dashboard/gallery", "Gallery", "gallery", "Work"),
    Section("/dashboard/review", "Review", "review", "Work"),
    Section("/dashboard/jobs", "Jobs", "jobs", "Work"),
    Section("/dashboard/templates", "Templates", "templates", "Work"),
    Section("/dashboard/models", "Models", "models", "Work"),
    Section("/dashboard/usage", "Usage", "usage", "Account"),
    Section("/dashboard/keys", "API keys", "keys", "Account", scope="admin"),
    Section("/dashboard/webhooks", "Webhooks", "webhooks", "Account"),
    Section("/dashboard/providers", "Providers", "providers", "Gateway"),
    Section("/dashboard/agents", "Agents", "agents", "Gateway"),
    Section("/dashboard/workspaces", "Workspaces", "workspaces", "Gateway", operator=True),
)


def active(path: str) -> str:
    """The path of the section that a page belongs to."""
    inside = [one.path for one in SECTIONS if path == one.path or path.startswith(one.path + "/")]
    return max(inside, key=len, default="")
