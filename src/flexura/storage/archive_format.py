"""What backups and exports have in common: the container, its names, its two lists.

A plain tar (optionally gzip), read and written from front to back:

1. members: `flexura.db`, `config.toml`, `records/<kind>.jsonl` in the order of `KINDS`, as far as they are
   there, then `artifacts/<2 hex>/<62 hex>` in ascending order; the name of an artifact is its SHA-256,
2. `members.jsonl`: one line for each of them, `{"name", "bytes", "sha256"}`,
3. `manifest.json`: what it is, version, schema revision, counts, and the SHA-256 of `members.jsonl`.

The manifest comes last, so a file that was cut off has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flexura.domain.errors import InvalidRequest, StoreDamaged

DATABASE = "flexura.db"
CONFIGURATION = "config.toml"
MEMBERS = "members.jsonl"
MANIFEST = "manifest.json"
BACKUP, EXPORT = "flexura-backup", "flexura-export"
VERSION = 1
BLOCK = 512
MOST_MANIFEST = 1 << 20
KINDS = (
    "workspaces",
    "api_keys",
    "accounts",
    "budgets",
    "templates",
    "jobs",
    "idempotency_keys",
    "credit_entries",
    "publications",
    "endpoints",
    "signing_secrets",
    "artifacts",
)
"""What an export holds, in the order in which they refer to each other."""
_ORDER = (DATABASE, CONFIGURATION, *(f"records/{kind}.jsonl" for kind in KINDS))
_BLOB = re.compile(r"artifacts/([0-9a-f]{2})/([0-9a-f]{62})")


def damaged(why: str) -> StoreDamaged:
    """The file is not a whole backup or export of flexura."""
    return StoreDamaged(
        f"The file is not a whole backup or export of flexura: {why}.",
        next_step="Take another copy of it, or an older one; `flexura restore FILE --check` looks at one.",
    )


@dataclass(frozen=True)
class Member:
    """One file inside."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The last member: what the file is."""

    format: str
    schema: str
    made_by: str
    """The version of flexura that wrote it."""
    created_at: int
    """The moment of the copy, in milliseconds since 1970."""
    members: int
    members_sha256: str
    version: int = VERSION
    counts: dict[str, int] = field(default_factory=dict[str, int])
    missing: list[str] = field(default_factory=list[str])
    """Digests that a row names and that were not there, at most 1000 of them; `counts` has their number."""
    notes: list[str] = field(default_factory=list[str])


def name_of_blob(sha256: str) -> str:
    """Where a blob lies inside."""
    return f"artifacts/{sha256[:2]}/{sha256[2:]}"


def blob_of(name: str) -> str:
    """The digest of a member that is a blob; empty for the others."""
    found = _BLOB.fullmatch(name)
    return found[1] + found[2] if found else ""


def check_name(name: str, last: str) -> None:
    """Refuse whatever is not ours, out of order or twice. Raises StoreDamaged."""
    if name not in _ORDER and not blob_of(name):
        raise damaged(f"it holds {name[:80]!r}, which flexura does not write")
    if last and not _place(last) < _place(name):
        raise damaged(f"{name[:80]!r} stands in the wrong place")


def _place(name: str) -> tuple[int, str]:
    return (_ORDER.index(name), "") if name in _ORDER else (len(_ORDER), name)


def manifest_from(table: Any) -> Manifest:
    """Raises StoreDamaged, or InvalidRequest for one of a later version."""
    try:
        version = int(table["version"])
        if table["format"] not in (BACKUP, EXPORT):
            raise damaged(f"it calls itself {str(table['format'])[:40]!r}")
        if version > VERSION:
            raise InvalidRequest(
                f"The file has version {version} of its format; this flexura reads up to {VERSION}.",
                next_step="Upgrade flexura (`flexura upgrade`), then repeat this.",
            )
        return Manifest(
            format=str(table["format"]),
            schema=str(table["schema"]),
            made_by=str(table["made_by"])[:40],
            created_at=int(table["created_at"]),
            members=int(table["members"]),
            members_sha256=str(table["members_sha256"]),
            version=version,
            counts={str(name)[:40]: int(count) for name, count in table["counts"].items()},
            missing=[str(digest) for digest in table["missing"]],
            notes=[str(note)[:400] for note in table["notes"]],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(f"its manifest cannot be read ({str(error)[:80]})") from None
