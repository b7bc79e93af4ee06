"""Where provider keys are put: the keyring where one works, else the 0600 configuration file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flexura.cli import provider_table
from flexura.local import paths, provider_secrets
from flexura.local.provider_secrets import NoKeyring

Place = Literal["keyring", "file"]


@dataclass(frozen=True)
class Kept:
    """Which name went where; `why_file` says why no keyring was used although one was wanted."""

    places: Mapping[str, Place]
    why_file: str = ""


@dataclass(frozen=True)
class Removed:
    """Which names are gone, and which may still lie in a keyring that could not be asked."""

    names: tuple[str, ...]
    left: Mapping[str, str]


def keep(values: Mapping[str, str], *, file_only: bool) -> Kept:
    """Put these values where they belong: addresses and switches into the file, keys into the keyring.

    Raises InvalidRequest, and keeps nothing, where the file cannot be edited safely.
    """
    before = places()
    secrets = [name for name in values if provider_secrets.is_secret(name) and not file_only]
    in_keyring, why_file = _into_keyring({name: values[name] for name in secrets})
    try:
        provider_table.write(
            paths.config_file(),
            {n: provider_table.IN_KEYRING if n in in_keyring else v for n, v in values.items()},
        )
    except BaseException:
        _forget_quietly(name for name in in_keyring if before.get(name) != "keyring")
        raise
    _forget_quietly(
        name for name in values if before.get(name) == "keyring" and name not in in_keyring
    )
    kept: dict[str, Place] = {n: "keyring" if n in in_keyring else "file" for n in values}
    return Kept(kept, why_file)


def remove(names: Iterable[str]) -> Removed:
    """Take these names out of both places. Raises InvalidRequest where the file cannot be edited safely."""
    before, gone, left = places(), list[str](), dict[str, str]()
    for name in names:
        if provider_secrets.is_secret(name) or before.get(name) == "keyring":
            try:
                gone += [name] if provider_secrets.forget(name) else []
            except NoKeyring as problem:
                if before.get(name) == "keyring":
                    left[name] = str(problem)
    taken = provider_table.remove(paths.config_file(), [n for n in names if n in before])
    return Removed(tuple(dict.fromkeys([*taken, *gone])), left)


def places() -> dict[str, Place]:
    """Where each name that the configuration file knows has its value."""
    table: Mapping[str, Any] = provider_table.read(paths.config_file())
    return {
        name: "keyring" if value == provider_table.IN_KEYRING else "file"
        for name, value in table.items()
    }


def _into_keyring(secrets: Mapping[str, str]) -> tuple[list[str], str]:
    """Which of them are in the keyring now, and why the others are not."""
    done: list[str] = []
    for name, value in secrets.items():
        try:
            provider_secrets.keep(name, value)
        except NoKeyring as problem:
            return done, str(problem)
        done.append(name)
    return done, ""


def _forget_quietly(names: Iterable[str]) -> None:
    """Drop what nobody will read any more; where that fails, an unused copy stays."""
    for name in names:
        with contextlib.suppress(NoKeyring):
            provider_secrets.forget(name)
