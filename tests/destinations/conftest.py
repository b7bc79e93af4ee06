"""Fixtures of the destinations' tests: each kind with what stands on its other side."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from destinations_house import BucketPlace, FolderPlace, Place, Receiver, receiving, s3_server

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with s3_server() as url:
        yield url


@pytest.fixture
async def folder(tmp_path: Path) -> FolderPlace:
    return FolderPlace(tmp_path / "press")


@pytest.fixture
async def bucket(server: str) -> BucketPlace:
    return BucketPlace(server, f"press-{next(_numbers)}")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    with receiving() as found:
        yield found
        await found.destination.aclose()


@pytest.fixture(params=["folder", "s3", "webhook"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """One of each kind, for the suite that all of them pass."""
    if request.param == "folder":
        yield FolderPlace(tmp_path / "press")
    elif request.param == "s3":
        yield BucketPlace(request.getfixturevalue("server"), f"press-{next(_numbers)}")
    else:
        with receiving() as found:
            yield found
            await found.destination.aclose()
