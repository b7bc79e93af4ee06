"""Which key opens a gateway: the environment, then the OS keyring, then the user's 0600 credentials file."""

from __future__ import annotations

import json
import os
from typing import Any

from flexura.local import paths, private_file
from flexura.local.json_shape import is_object

VARIABLE = "MEDIA_GATEWAY_API_KEY"
LOCAL = "local"
KEYRING_SERVICE = "flexura"


def key_for(name: str) -> str | None:
    """The key for a gateway; `name` is `local` or the origin of its URL."""
    if key := from_environment():
        return key
    credentials = _read()
    if credentials.get("keyring") is True and (key := _from_keyring(name)):
        return key
    return kept(name)


def kept(name: str) -> str | None:
    """The key in the credentials file, whatever the environment and the keyring hold."""
    keys = _read().get("keys")
    found = keys.get(name) if is_object(keys) else None
    return found if isinstance(found, str) and found else None


def from_environment() -> str | None:
    """The key that the user set for this process; `${…}` that an agent did not replace is none."""
    key = os.environ.get(VARIABLE, "").strip()
    return None if not key or key.startswith("$") else key


def keep(name: str, key: str) -> None:
    """Write a key into the credentials file."""
    credentials = _read()
    keys = credentials.get("keys")
    credentials["keys"] = {**(keys if is_object(keys) else {}), name: key}
    private_file.replace(paths.credentials_file(), json.dumps(credentials, indent=1) + "\n")


def _read() -> dict[str, Any]:
    try:
        found: Any = json.loads(paths.credentials_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if is_object(found) else {}


def _from_keyring(name: str) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, name)
    except KeyringError:
        return None
