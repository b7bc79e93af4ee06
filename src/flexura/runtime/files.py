"""Where files are kept: a folder of our own, or the bucket that FLEXURA_ARTIFACTS names."""

from __future__ import annotations

import logging
import urllib.parse
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from flexura.domain.errors import InternalError, InvalidRequest, Overloaded
from flexura.outbound.buckets import open_bucket
from flexura.outbound.client import is_url
from flexura.ports.blobs import Blobs, Parts
from flexura.services.sniff import extension_of, sniff
from flexura.settings import Settings
from flexura.storage.files import FileBlobs
from flexura.storage.parts import FileParts

log = logging.getLogger(__name__)
_RETRIES = 3
_OPTIONS = ("region", "endpoint", "links")
_WRITE = "FLEXURA_ARTIFACTS=s3://BUCKET/PREFIX?region=…&endpoint=https://…&links=https://…"
_FROM_ENVIRONMENT = {
    "access_key_id": ("AWS_ACCESS_KEY_ID",),
    "secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
    "session_token": ("AWS_SESSION_TOKEN",),
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "endpoint": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
}


@dataclass(frozen=True)
class Files:
    """Blobs, and the uploads that become some."""

    blobs: Blobs
    parts: Parts


@dataclass(frozen=True)
class Address:
    """What FLEXURA_ARTIFACTS says."""

    bucket: str
    prefix: str
    options: Mapping[str, str]

    @property
    def where(self) -> str:
        """For messages: it holds no secret."""
        return "s3://" + "/".join(filter(None, (self.bucket, self.prefix)))


@asynccontextmanager
async def open_files(settings: Settings) -> AsyncGenerator[Files]:
    """The store of files. Raises InvalidRequest for a bucket that cannot be used as it is configured."""
    if not settings.artifact_store:
        uploads, folder = settings.home / "staging" / "uploads", settings.home / "artifacts"
        if settings.database_url:
            log.warning(
                "FLEXURA_ARTIFACTS is not set: files lie in %s, where only processes find them that"
                " share this folder.",
                folder,
            )
        yield Files(FileBlobs(folder), FileParts(uploads))
        return
    # Who works alone does not wait for what only teams need.
    from flexura.storage.blob_cache import BlobCache, bound_of
    from flexura.storage.s3_blobs import S3Blobs
    from flexura.storage.s3_bucket import Bucket
    from flexura.storage.s3_parts import S3Parts

    address = address_of(settings.artifact_store)
    store, signing = _stores(address, settings.environment)
    bucket = Bucket(store, address.where, signing)
    await _try(bucket)
    folder = settings.home / "cache"
    blobs = S3Blobs(bucket, BlobCache(folder, bound_of(folder)), described)
    try:
        yield Files(blobs, S3Parts(bucket, settings.home / "staging" / "uploads"))
    finally:
        await blobs.aclose()


def address_of(text: str) -> Address:
    """The parts of `s3://bucket/prefix?…`. Raises InvalidRequest, without repeating what may be a secret."""
    try:
        parts = urllib.parse.urlsplit(text)
        query = urllib.parse.parse_qsl(parts.query, keep_blank_values=True, strict_parsing=False)
    except ValueError:
        raise InvalidRequest(
            "FLEXURA_ARTIFACTS is not a URL.", next_step=f"Write {_WRITE}."
        ) from None
    if parts.scheme != "s3" or not parts.netloc:
        raise InvalidRequest("FLEXURA_ARTIFACTS names no bucket.", next_step=f"Write {_WRITE}.")
    options = dict(query)
    if "@" in parts.netloc or not options.keys() <= set(_OPTIONS):
        raise InvalidRequest(
            "FLEXURA_ARTIFACTS says more than where the files lie.",
            next_step=f"Write {_WRITE}; credentials go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    for name in ("endpoint", "links"):
        if options.get(name) not in (None, "off") and not is_url(options[name]):
            raise InvalidRequest(
                f"In FLEXURA_ARTIFACTS, {name} is not a URL.", next_step=f"Write {name}=https://…"
            )
    return Address(parts.netloc, parts.path.strip("/"), options)


def _stores(address: Address, environment: Mapping[str, str]) -> tuple[Any, Any]:
    """The store, and the one whose links others can open, or None."""
    config = {
        name: value
        for name, variables in _FROM_ENVIRONMENT.items()
        if (value := next(filter(None, map(environment.get, variables)), None))
    }
    if ("access_key_id" in config) != ("secret_access_key" in config):
        raise InvalidRequest(
            "One half of the credentials of the bucket is missing.",
            next_step="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.",
        )
    config |= {
        name: address.options[name] for name in ("region", "endpoint") if name in address.options
    }
    config.setdefault("region", "us-east-1")
    # obstore prefers the variable for S3 alone to what it is told, so it is told that as well.
    names = [
        "endpoint",
        *(["aws_endpoint_url_s3"] if environment.get("AWS_ENDPOINT_URL_S3") else []),
    ]
    if "endpoint" in config:
        config |= dict.fromkeys(names, config["endpoint"].rstrip("/"))
    store = open_bucket(address.bucket, address.prefix, config, retries=_RETRIES)
    links = address.options.get("links") or _public(config.get("endpoint", ""))
    if links == "off":
        return store, None
    told = config | (dict.fromkeys(names, links.rstrip("/")) if links else {})
    return store, open_bucket(address.bucket, address.prefix, told)


def _public(endpoint: str) -> str:
    """The address for links: AWS itself, and an https server with a full name, are reached by everybody."""
    if not endpoint:
        return ""
    parts = urllib.parse.urlsplit(endpoint)
    host = parts.hostname or ""
    inside = host.endswith((".local", ".internal", ".svc", ".localhost", ".lan", ".home.arpa"))
    named = "." in host and not host.rpartition(".")[2].isdecimal() and not inside
    return endpoint if parts.scheme == "https" and named else "off"


async def _try(bucket: Any) -> None:
    """One look into the bucket: what is wrong with it is better told now than with the first file."""
    try:
        await bucket.below("looking")
    except InternalError as problem:
        raise InvalidRequest(problem.message, next_step=problem.next_step) from None
    except Overloaded as problem:
        log.warning("%s Started all the same: %s", problem.message, problem.next_step)


def described(sha256: str, head: bytes) -> dict[str, str]:
    """What an object is, for whoever opens it by a link. Only media that we know are shown in place."""
    mime = sniff(head)
    safe = bool(mime) and mime != "image/svg+xml"
    name = f"{sha256[:16]}.{extension_of(mime) if mime else 'bin'}"
    return {
        "Content-Type": mime or "application/octet-stream",
        "Content-Disposition": f'{"inline" if safe else "attachment"}; filename="{name}"',
        "Cache-Control": "private, max-age=31536000, immutable",
    }
