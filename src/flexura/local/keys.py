"""Which key opens a gateway: the environment, then the OS keyring, then the user's 0600 credentials file."""

from __future__ import annotations

import json
import os
from typing import Any, cast

from flexura.local import paths, private_file
from flexura.local.json_shape import is_object

VARIABLE = "MEDIA_GATEWAY_API_KEY"
LOCAL = "local"


def key_for(name: str) -> str | None:
    """The key for a gateway; `name` is `local` or the origin of its URL."""
    if key := from_environment():
        return key
    credentials = _read()
    # Only a name that `keep` put there is asked for: a locked keyring makes everybody wait.
    if name in _in_keyring(credentials) and (key := _from_keyring(name)):
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
    credentials["keyring"] = [other for other in _in_keyring(credentials) if other != name]
    private_file.replace(paths.credentials_file(), json.dumps(credentials, indent=1) + "\n")


def keep_in_keyring(name: str, key: str) -> None:
    """Put a key into the OS keyring and only the fact into the credentials file. Raises NoKeyring."""
    # Imported here, because a bridge that has its key in the environment starts without threads.
    from flexura.local import provider_secrets

    provider_secrets.keep(_entry(name), key)
    credentials = _read()
    keys = credentials.get("keys")
    credentials["keys"] = {n: k for n, k in (keys if is_object(keys) else {}).items() if n != name}
    credentials["keyring"] = sorted({*_in_keyring(credentials), name})
    private_file.replace(paths.credentials_file(), json.dumps(credentials, indent=1) + "\n")


def forget_in_keyring() -> None:
    """Take every gateway's key out of the OS keyring. Raises NoKeyring where it cannot be asked."""
    from flexura.local import provider_secrets

    for name in _in_keyring(_read()):
        provider_secrets.forget(_entry(name))


def in_keyring(name: str) -> bool:
    """Whether the key for this gateway was put into the OS keyring."""
    return name in _in_keyring(_read())


def _in_keyring(credentials: dict[str, Any]) -> list[str]:
    names: Any = credentials.get("keyring")
    return [str(name) for name in cast("list[Any]", names)] if isinstance(names, list) else []


def _read() -> dict[str, Any]:
    try:
        found: Any = json.loads(paths.credentials_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if is_object(found) else {}


def _from_keyring(name: str) -> str | None:
    from flexura.local import provider_secrets

    try:
        return provider_secrets.read([_entry(name)]).get(_entry(name))
    except provider_secrets.NoKeyring:
        return None


def _entry(name: str) -> str:
    return f"{VARIABLE} for {name}"
