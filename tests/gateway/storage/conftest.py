"""A whole gateway whose files lie in a bucket on a real S3 server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from buckets_house import ENVIRONMENT, BucketOfFiles
from destinations_house import s3_server
from doubles import FakeProvider
from flexura.settings import Settings
from gateway_house import House, opened


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with s3_server() as url:
        yield url


@pytest.fixture
def bucket(server: str, tmp_path: Path) -> BucketOfFiles:
    return BucketOfFiles(server, tmp_path / "local")


@pytest.fixture
def team_settings(gateway_settings: Settings, bucket: BucketOfFiles) -> Settings:
    return replace(gateway_settings, artifact_store=bucket.url, environment=ENVIRONMENT)


@pytest.fixture
async def team(team_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(team_settings, FakeProvider(tmp_path)) as found:
        yield found


@pytest.fixture
async def linking(
    team_settings: Settings, server: str, bucket: BucketOfFiles, tmp_path: Path
) -> AsyncIterator[House]:
    """A gateway whose bucket others reach."""
    settings = replace(team_settings, artifact_store=f"{bucket.url}&links={server}")
    async with opened(settings, FakeProvider(tmp_path)) as found:
        yield found
