"""Places that keep files, each really there: a folder, a bucket on a real S3 server."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from destinations_house import ACCESS, SECRET
from flexura.outbound.buckets import open_bucket
from flexura.ports.blobs import Blobs, Parts
from flexura.runtime.files import described
from flexura.storage.blob_cache import BlobCache
from flexura.storage.files import FileBlobs
from flexura.storage.parts import FileParts
from flexura.storage.s3_blobs import S3Blobs
from flexura.storage.s3_bucket import Bucket
from flexura.storage.s3_parts import S3Parts

_numbers = itertools.count()
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}


class FilePlace(Protocol):
    """A place of files, as several processes see it."""

    def blobs(self) -> Blobs:
        """The blobs, as one process opens them."""
        ...

    def parts(self) -> Parts:
        """The parts, as one process opens them."""
        ...

    def named(self) -> list[str]:
        """The digests under which something lies there."""
        ...

    def left(self) -> list[str]:
        """All else that lies there."""
        ...

    def overwrite(self, sha256: str, content: bytes) -> None:
        """Put other bytes under the name of a blob, as a damaged disk or a stranger would."""
        ...


@dataclass
class FolderOfFiles:
    """A folder."""

    path: Path

    def blobs(self) -> FileBlobs:
        return FileBlobs(self.path / "artifacts")

    def parts(self) -> FileParts:
        return FileParts(self.path / "uploads")

    def _files(self) -> list[Path]:
        return [p for p in self.path.rglob("*") if p.is_file()]

    def named(self) -> list[str]:
        names = ("".join(p.parts[-2:]) for p in self._files())
        return sorted(name for name in names if len(name) == 64)

    def left(self) -> list[str]:
        return [p.name for p in self._files() if len("".join(p.parts[-2:])) != 64]

    def overwrite(self, sha256: str, content: bytes) -> None:
        (self.path / "artifacts" / sha256[:2] / sha256[2:]).write_bytes(content)


@dataclass
class BucketOfFiles:
    """A bucket of its own on the server; every process has a cache of its own."""

    server: str
    path: Path
    bucket: str = field(default_factory=lambda: f"files-{next(_numbers)}")
    most: int = 1 << 30
    """Bytes of each cache."""
    client: Any = None
    _caches: int = 0

    def __post_init__(self) -> None:
        import boto3

        self.client = boto3.client(
            "s3",
            endpoint_url=self.server,
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )
        self.client.create_bucket(Bucket=self.bucket)

    @property
    def url(self) -> str:
        """What FLEXURA_ARTIFACTS would say."""
        return f"s3://{self.bucket}/team/a?endpoint={self.server}"

    def opened(self, server: str = "", bucket: str = "", retries: int = 3) -> Bucket:
        """The bucket, as one process opens it."""
        name = bucket or self.bucket
        config = {
            "region": "us-east-1",
            "endpoint": server or self.server,
            "access_key_id": ACCESS,
            "secret_access_key": SECRET,
        }
        # The server fails now and then where one object is written twice at once.
        store = open_bucket(name, "team/a", config, retries=retries)
        return Bucket(store, f"s3://{name}/team/a", store)

    def cache(self) -> BlobCache:
        """A cache that nobody else uses."""
        self._caches += 1
        return BlobCache(self.path / f"cache-{self._caches}", self.most)

    def blobs(self) -> S3Blobs:
        return S3Blobs(self.opened(), self.cache(), described)

    def parts(self) -> S3Parts:
        return S3Parts(self.opened(), self.path / "staging")

    def paths(self) -> list[str]:
        """Every object's key, without the prefix."""
        listed = self.client.list_objects_v2(Bucket=self.bucket)
        return [e["Key"].removeprefix("team/a/") for e in listed.get("Contents", [])]

    def named(self) -> list[str]:
        found = (key for key in self.paths() if key.startswith("blobs/"))
        return sorted(key.removeprefix("blobs/").replace("/", "") for key in found)

    def left(self) -> list[str]:
        files = (p for p in self.path.rglob("*") if p.is_file())
        asides = [p.name for p in files if len("".join(p.parts[-2:])) != 64]
        return asides + [key for key in self.paths() if not key.startswith("blobs/")]

    def overwrite(self, sha256: str, content: bytes) -> None:
        key = f"team/a/blobs/{sha256[:2]}/{sha256[2:]}"
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content)
