"""An S3-compatible bucket (AWS, R2, MinIO …): the same names as in a folder, below a prefix.

`obstore` reads files part by part and uploads large ones in parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flexura.destinations import Setup
from flexura.domain.errors import FlexuraError, InvalidRequest, ProviderError, ProviderUnavailable
from flexura.outbound.buckets import AT_ONCE, PART, open_bucket, trouble_of
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


def make(setup: Setup) -> Bucket:
    """The bucket of a table. Raises InvalidRequest, also where `obstore` is not installed."""
    bucket, endpoint = setup.needed("bucket"), setup.text("endpoint").rstrip("/")
    if endpoint and not is_url(endpoint):
        raise InvalidRequest(
            "Its endpoint is not a URL.", next_step='Write endpoint = "https://…".'
        )
    config: dict[str, str] = {"region": setup.text("region") or "us-east-1"}
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
    # Trying again is decided in one place, and not here.
    store = open_bucket(bucket, prefix, config)
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
                chunk_size=PART,
                max_concurrency=AT_ONCE,
            )
        except (BaseError, OSError) as problem:
            raise _told(problem) from problem

    async def aclose(self) -> None:
        """Its connections close with it."""


def _told(problem: Exception) -> FlexuraError:
    trouble = trouble_of(problem)
    if not trouble.passing:
        return ProviderError(
            f"The bucket refused the files{trouble.told}.",
            next_step="The operator has to check bucket, region and credentials; then retry it.",
        )
    return ProviderUnavailable(
        f"The bucket cannot be reached{trouble.told}.",
        next_step="Retry this destination later.",
    )
