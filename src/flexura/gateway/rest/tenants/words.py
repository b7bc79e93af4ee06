"""Keys and workspaces as the API shows them; a secret only where it was made just now."""

from __future__ import annotations

from typing import Any

from flexura.domain.workspace import ApiKey, Workspace
from flexura.services.clock import iso, iso_or_none
from flexura.services.keys import NewKey
from flexura.services.workspaces import NewWorkspace


def key_record(key: ApiKey) -> dict[str, Any]:
    """What is kept of a key."""
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": sorted(key.scopes),
        "requests_per_minute": key.limits.get("requests_per_minute"),
        "created_at": iso(key.created_at),
        "last_used_at": iso_or_none(key.last_used_at),
        "expires_at": iso_or_none(key.expires_at),
        "revoked_at": iso_or_none(key.revoked_at),
        "replaced_by": key.replaced_by or None,
    }


def new_key(made: NewKey) -> dict[str, Any]:
    """A key with its secret: the only answer that ever has it."""
    return {"key": made.secret, **key_record(made.key)}


def workspace_record(workspace: Workspace) -> dict[str, Any]:
    """A workspace and its rules."""
    return {
        "id": workspace.id,
        "name": workspace.name,
        "plan": workspace.plan,
        "approved": workspace.approved,
        "policy": workspace.policy,
        "created_at": iso(workspace.created_at),
    }


def new_workspace(made: NewWorkspace, *, secret: bool = True) -> dict[str, Any]:
    """A workspace that was made just now, with its first key."""
    first = new_key(made.first) if secret else key_record(made.first.key)
    shown = {"key": first.pop("key")} if secret else {}
    return {**shown, "workspace": workspace_record(made.workspace), "api_key": first}
