"""An S3-compatible bucket (AWS, R2, MinIO …): the same names as in a folder, below a prefix.

Through `obstore` (the extra `team`), which reads files part by part and uploads large ones in parts.
Source: developmentseed.org/obstore, docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flexura.destinations import Setup
from flexura.domain.errors import FlexuraError, InvalidRequest, ProviderError, ProviderUnavailable
from flexura.outbound.client import is_url
from flexura.ports.destination import Parcel
from flexura.ports.parcel import description_of, files_of

TYPE = "s3"
SETTINGS = {
    "bucket": "Name of the bucket.",
    "endpoint": "Address of a server that is not AWS, as https://minio.example.com:9000.",
    "region": "Region; us-east-1 unless it is set.",
    "prefix": "Put before every name, as press/2026.",
    "access_key_id": "Access key; without one, obstore looks where AWS keeps them (AWS_* variables, roles).",
    "access_key_id_env": "Variable that holds the access key.",
    "secret_access_key": "Its secret.",
    "secret_access_key_env": "Variable that holds the secret.",
    "public_url": "Address under which the bucket is served; told as the URL of what is there.",
}
REQUIRED = ("bucket",)
_PART = 8 * 2**20
_AT_ONCE = 3
"""Parts in flight; each is a part of memory."""
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_STATUS = re.compile(r"status(?: code)?:? (4\d\d)\b")
_LATER = {"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted"}
_STATUS_LATER = {"408", "409", "429"}


def make(setup: Setup) -> Bucket:
    """The bucket of a table. Raises InvalidRequest, also where `obstore` is not installed."""
    try:
        from obstore.store import S3Store
    except ImportError:
        raise InvalidRequest(
            "Publishing to S3 needs the package obstore.",
            next_step="Install the extra: `pip install 'flexura[team]'`, and start again.",
        ) from None
    bucket, endpoint = setup.needed("bucket"), setup.text("endpoint").rstrip("/")
    if endpoint and not is_url(endpoint):
        raise InvalidRequest(
            "Its endpoint is not a URL.", next_step='Write endpoint = "https://…".'
        )
    config: dict[str, Any] = {"region": setup.text("region") or "us-east-1"}
    if endpoint:
        config["endpoint"] = endpoint
    access, secret = setup.secret("access_key_id"), setup.secret("secret_access_key")
    if bool(access) != bool(secret):
        raise InvalidRequest(
            "It has one half of its credentials.",
            next_step="Set access_key_id and secret_access_key, or neither.",
        )
    if access:
        config |= {"access_key_id": access, "secret_access_key": secret}
    prefix = setup.text("prefix").strip("/")
    store = S3Store(
        bucket,
        prefix=prefix or None,
        config=config,  # pyright: ignore[reportArgumentType]
        client_options={"allow_http": True, "connect_timeout": timedelta(seconds=10)},
        # Trying again is decided in one place, and not here.
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=30)},
    )
    where = "/".join(filter(None, (bucket, prefix)))
    return Bucket(setup.name, store, setup.text("public_url").rstrip("/") or f"s3://{where}")


@dataclass(frozen=True)
class Bucket:
    """The port `Destination` on a bucket."""

    name: str
    store: Any
    where: str
    """What stands before the names in a URL."""
    platform: str = TYPE

    def __repr__(self) -> str:
        return f"Bucket({self.name!r})"

    async def publish(self, parcel: Parcel) -> str:
        """Put every file, then the description: who sees it sees a whole parcel."""
        files = files_of(parcel)
        for file in files:
            await self._put(file.name, file.path, file.artifact.mime)
        await self._put(f"{parcel.job_id}.json", description_of(parcel, files), "application/json")
        return f"{self.where}/{files[0].name}"

    async def _put(self, name: str, what: Path | bytes, mime: str) -> None:
        import obstore
        from obstore.exceptions import BaseError

        try:
            await obstore.put_async(
                self.store,
                name,
                what,
                attributes={"Content-Type": mime},
                chunk_size=_PART,
                max_concurrency=_AT_ONCE,
            )
        except (BaseError, OSError) as problem:
            raise _told(problem) from problem

    async def aclose(self) -> None:
        """Its connections close with it."""


def _told(problem: Exception) -> FlexuraError:
    """What S3 said, as its code alone: the text around it may hold ids, hosts and keys."""
    said = str(problem)
    code, status = _CODE.search(said), _STATUS.search(said)
    known = code[1] if code else f"HTTP {status[1]}" if status else ""
    later = code is not None and code[1] in _LATER
    refused = type(problem).__name__ in (
        "PermissionDeniedError",
        "UnauthenticatedError",
        "FileNotFoundError",
        "NotSupportedError",
        "InvalidPathError",
    ) or (status is not None and status[1] not in _STATUS_LATER)
    if refused and not later:
        return ProviderError(
            f"The bucket refused the files{f' ({known})' if known else ''}.",
            next_step="The operator has to check bucket, region and credentials; then retry it.",
        )
    return ProviderUnavailable(
        f"The bucket cannot be reached{f' ({known})' if known else ''}.",
        next_step="Retry this destination later.",
    )
