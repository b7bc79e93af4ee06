"""What every destination does, whatever lies behind it: one suite for the port."""

from __future__ import annotations

from pathlib import Path

import pytest

from destinations_house import ACCESS, COPY, SECRET, SIGNING, Place, parcel
from flexura.domain.errors import FlexuraError, ProviderError, ProviderUnavailable

pytestmark = pytest.mark.anyio
NAMES = {"job_01ABC-1.mp4", "job_01ABC-2.mp4"}


def _as_told(arrived: dict[str, bytes | int]) -> dict[str, int]:
    return {name: v if isinstance(v, int) else len(v) for name, v in arrived.items()}


async def test_every_file_arrives_under_a_name_made_of_job_and_number(
    place: Place, tmp_path: Path
) -> None:
    await place.destination.publish(parcel(tmp_path, b"first", b"second!"))
    assert _as_told(place.arrived()) == {"job_01ABC-1.mp4": 5, "job_01ABC-2.mp4": 7}
    contents = list(place.arrived().values())
    assert contents in ([b"first", b"second!"], [5, 7])


async def test_the_words_and_the_facts_of_every_file_arrive_with_it(
    place: Place, tmp_path: Path
) -> None:
    sent = parcel(tmp_path, b"first", b"second!")
    await place.destination.publish(sent)
    told = place.told(sent.job_id)
    assert (told["job_id"], told["title"], told["caption"]) == (
        "job_01ABC",
        COPY.title,
        COPY.caption,
    )
    assert told["hashtags"] == list(COPY.hashtags)
    facts = [(f["name"], f["type"], f["bytes"], f["sha256"]) for f in told["files"]]
    assert facts == [
        ("job_01ABC-1.mp4", "video/mp4", 5, sent.files[0][0].sha256),
        ("job_01ABC-2.mp4", "video/mp4", 7, sent.files[1][0].sha256),
    ]


async def test_the_same_parcel_twice_is_there_once(place: Place, tmp_path: Path) -> None:
    sent = parcel(tmp_path, b"first", b"second!")
    places = [await place.destination.publish(sent) for _ in range(2)]
    assert places[0] == places[1]
    assert set(place.arrived()) == NAMES


async def test_two_jobs_lie_side_by_side(place: Place, tmp_path: Path) -> None:
    await place.destination.publish(parcel(tmp_path, b"first"))
    await place.destination.publish(parcel(tmp_path, b"other", job_id="job_02XYZ"))
    assert set(place.arrived()) == {"job_01ABC-1.mp4", "job_02XYZ-1.mp4"}


async def test_a_large_file_arrives_whole(place: Place, tmp_path: Path) -> None:
    large = bytes(range(256)) * 80_000
    await place.destination.publish(parcel(tmp_path, large))
    (arrived,) = place.arrived().values()
    assert arrived in (large, len(large))


async def test_an_outage_is_told_as_one_that_passes(place: Place, tmp_path: Path) -> None:
    place.break_down()
    with pytest.raises(ProviderUnavailable) as told:
        await place.destination.publish(parcel(tmp_path, b"first"))
    assert told.value.message and told.value.next_step


async def test_a_refusal_is_told_as_one_that_does_not_pass(place: Place, tmp_path: Path) -> None:
    await place.destination.publish(parcel(tmp_path, b"first"))
    place.shut()
    with pytest.raises(ProviderError) as told:
        await place.destination.publish(parcel(tmp_path, b"first"))
    assert told.value.message and "operator" in told.value.next_step


async def test_an_id_that_is_no_file_name_goes_nowhere(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ProviderError):
        await place.destination.publish(parcel(tmp_path, b"first", job_id="../outside"))
    assert place.arrived() == {}
    assert not (tmp_path.parent / "outside-1.mp4").exists()


async def test_neither_secrets_nor_places_stand_in_its_errors_or_its_name(
    place: Place, tmp_path: Path
) -> None:
    texts = [repr(place.destination)]
    for trouble in (place.break_down, place.shut):
        trouble()
        with pytest.raises(FlexuraError) as told:
            await place.destination.publish(parcel(tmp_path, b"first"))
        texts += [told.value.message, told.value.next_step]
    joined = " ".join(texts[1:])
    assert not any(secret in " ".join(texts) for secret in (ACCESS, SECRET, SIGNING[6:]))
    assert "127.0.0.1" not in joined and str(tmp_path) not in joined


async def test_it_says_what_it_is_and_how_the_operator_calls_it(place: Place) -> None:
    assert place.destination.name == "press"
    assert place.destination.platform in ("folder", "s3", "webhook")
    await place.destination.aclose()
