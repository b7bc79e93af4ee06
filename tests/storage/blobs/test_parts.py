"""Files that arrive in parts, wherever they are: they grow, are cut to what counts, and have one writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from buckets_house import FilePlace
from flexura.domain.errors import Conflict, NotFound
from flexura.ports.blobs import Claim, Parts
from flexura.services.clock import now_ms
from uploads_house import film_of

pytestmark = pytest.mark.anyio
LATER = 10_000_000


def writer(number: int) -> Claim:
    async def claim() -> int:
        return number

    return claim


async def grown(parts: Parts, offset: int, number: int, *chunks: bytes) -> None:
    async with parts.growing("art_1", offset, writer(number)) as part:
        for chunk in chunks:
            await part.write(chunk)
        await part.sync()


async def content_of(parts: Parts, length: int) -> bytes:
    async with parts.whole("art_1", length) as path:
        return path.read_bytes()


async def test_every_part_may_come_to_another_process(place: FilePlace) -> None:
    for number, (offset, chunk) in enumerate([(0, b"every "), (6, b"word "), (11, b"counts")], 1):
        await grown(place.parts(), offset, number, chunk)
    assert await content_of(place.parts(), 17) == b"every word counts"
    assert await place.parts().head("art_1", 8) == b"every wo"


async def test_what_was_not_counted_is_cut_off(place: FilePlace) -> None:
    await grown(place.parts(), 0, 1, b"hello, torn and never counted")
    await grown(place.parts(), 0, 2, b"hello")
    await grown(place.parts(), 5, 3, b", this was lost")
    await grown(place.parts(), 5, 4, b" world")
    assert await content_of(place.parts(), 11) == b"hello world"


async def test_a_large_file_is_put_together_as_it_came(place: FilePlace) -> None:
    film = film_of(19 << 20)
    half = 10 << 20
    chunks = [film[at : at + (1 << 20)] for at in range(0, half, 1 << 20)]
    await grown(place.parts(), 0, 1, *chunks)
    await grown(place.parts(), half, 2, film[half:])
    assert await content_of(place.parts(), len(film)) == film


async def test_bytes_that_are_gone_are_told(place: FilePlace) -> None:
    with pytest.raises(NotFound, match="gone"):
        await grown(place.parts(), 5, 1, b"after a gap")
    await place.parts().remove("art_1")
    with pytest.raises(FileNotFoundError):
        await content_of(place.parts(), 5)
    with pytest.raises(FileNotFoundError):
        await place.parts().head("art_1", 5)


async def test_a_claim_that_is_refused_changes_nothing(place: FilePlace) -> None:
    async def refused() -> int:
        raise Conflict("somebody else goes on")

    await grown(place.parts(), 0, 1, b"what is counted")
    with pytest.raises(Conflict):
        async with place.parts().growing("art_1", 4, refused):
            raise AssertionError("nobody may write")
    assert await content_of(place.parts(), 15) == b"what is counted"


async def test_removing_leaves_nothing_and_can_be_repeated(place: FilePlace) -> None:
    parts = place.parts()
    await grown(parts, 0, 1, b"hello")
    await parts.remove("art_1")
    await parts.remove("art_1")
    assert place.left() == []


async def test_what_nobody_goes_on_with_is_tidied_away(place: FilePlace) -> None:
    await grown(place.parts(), 0, 1, b"hello")
    await place.parts().tidy(now_ms() - LATER)
    assert await content_of(place.parts(), 5) == b"hello"
    await place.parts().tidy(now_ms() + LATER)
    assert place.left() == []


async def test_the_whole_file_leaves_no_copy(place: FilePlace, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    await grown(place.parts(), 0, 1, b"hello")
    await content_of(place.parts(), 5)
    await place.parts().remove("art_1")
    after = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert [p for p in after if p not in before] == []
