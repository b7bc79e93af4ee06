"""FLEXURA_ARTIFACTS: what it may say, whose credentials count, and who is sent to the bucket."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from buckets_house import ENVIRONMENT, BucketOfFiles
from destinations_house import SECRET
from flexura import settings
from flexura.domain.errors import InvalidRequest
from flexura.runtime.files import address_of, open_files
from flexura.settings import Settings

pytestmark = pytest.mark.anyio
DIGEST = "ab" * 32


@pytest.fixture
def team(flexura_home: Path, bucket: BucketOfFiles) -> Settings:
    return replace(settings.load({}), artifact_store=bucket.url, environment=ENVIRONMENT)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("/var/files", "names no bucket"),
        ("s3://", "names no bucket"),
        ("https://bucket.s3.amazonaws.com", "names no bucket"),
        (f"s3://key:{SECRET}@bucket/a", "more than where"),
        (f"s3://bucket/a?secret_access_key={SECRET}", "more than where"),
        ("s3://bucket/a?endpoint=minio:9000", "endpoint is not a URL"),
        ("s3://bucket/a?links=files.example.com", "links is not a URL"),
        ("s3://[bucket", "not a URL"),
    ],
)
def test_what_cannot_be_read_is_told_without_repeating_it(told: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why) as refused:
        address_of(told)
    said = f"{refused.value.message} {refused.value.next_step}"
    assert SECRET not in said and "Write" in refused.value.next_step


def test_bucket_prefix_and_options_are_read() -> None:
    found = address_of("s3://media/flexura/a/?region=eu-central-1&endpoint=https://s3.example.com")
    assert (found.bucket, found.prefix, found.where) == (
        "media",
        "flexura/a",
        "s3://media/flexura/a",
    )
    assert found.options == {"region": "eu-central-1", "endpoint": "https://s3.example.com"}


async def test_half_of_the_credentials_ends_the_start(team: Settings) -> None:
    half = replace(team, environment={"AWS_ACCESS_KEY_ID": "an-id"})
    with pytest.raises(InvalidRequest, match="One half") as refused:
        async with open_files(half):
            raise AssertionError("it must not open")
    assert "AWS_SECRET_ACCESS_KEY" in refused.value.next_step


@pytest.mark.parametrize(
    ("endpoint", "links", "host"),
    [
        ("", "", "bucket.s3.eu-central-1.amazonaws.com"),
        ("https://s3.example.com", "", "s3.example.com"),
        ("http://minio:9000", "", None),
        ("https://minio:9000", "", None),
        ("https://minio.flexura.svc", "", None),
        ("https://10.0.0.7", "", None),
        ("http://minio:9000", "https://files.example.com", "files.example.com"),
        ("https://s3.example.com", "off", None),
    ],
)
async def test_only_who_can_reach_the_bucket_is_sent_there(
    team: Settings, endpoint: str, links: str, host: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(bucket: object) -> None:
        """Nobody is asked here."""

    monkeypatch.setattr("flexura.runtime.files._try", nothing)
    options = {"region": "eu-central-1", "endpoint": endpoint, "links": links}
    query = "&".join(f"{name}={value}" for name, value in options.items() if value)
    async with open_files(replace(team, artifact_store=f"s3://bucket/a?{query}")) as files:
        link = await files.blobs.link(DIGEST, 60)
    if host is None:
        assert link is None
    else:
        assert link is not None and host.partition(".")[2] in link.partition("?")[0]
        assert "X-Amz-Signature=" in link and "X-Amz-Expires=60" in link and SECRET not in link


async def test_the_variables_of_aws_name_the_server(team: Settings, bucket: BucketOfFiles) -> None:
    named = f"s3://{bucket.bucket}/team/a"
    for variable in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        environment = {**ENVIRONMENT, variable: bucket.server}
        told = replace(team, artifact_store=named, environment=environment)
        async with open_files(told) as files:
            assert files.blobs.remote and not await files.blobs.stored(0, 1)


async def test_a_bucket_that_is_away_does_not_stop_the_start(
    team: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    away = replace(team, artifact_store="s3://bucket/a?endpoint=http://127.0.0.1:9")
    async with open_files(away) as files:
        assert files.blobs.remote
    assert "cannot be reached" in caplog.text and "127.0.0.1" not in caplog.text


async def test_without_a_bucket_files_lie_in_a_folder(team: Settings) -> None:
    async with open_files(replace(team, artifact_store="")) as files:
        assert not files.blobs.remote
