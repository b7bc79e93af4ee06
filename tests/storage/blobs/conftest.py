"""Fixtures of the conformance suite of files: each place that keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from buckets_house import BucketOfFiles, FilePlace, FolderOfFiles
from destinations_house import s3_server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with s3_server() as url:
        yield url


@pytest.fixture
def bucket(server: str, tmp_path: Path) -> BucketOfFiles:
    return BucketOfFiles(server, tmp_path / "local")


@pytest.fixture(params=["files", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> FilePlace:
    """One of each, for the suite that both of them pass."""
    if request.param == "files":
        return FolderOfFiles(tmp_path / "place")
    return request.getfixturevalue("bucket")
