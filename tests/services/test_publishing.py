"""Publishing: each destination apart from the others, nothing sent twice, a failed one retried alone."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flexura.domain.artifact import Artifact
from flexura.domain.errors import (
    Conflict,
    DiskFull,
    FlexuraError,
    InvalidRequest,
    NotFound,
    ProviderError,
    ProviderUnavailable,
)
from flexura.domain.job import Job
from flexura.domain.publication import Publication
from flexura.ports.destination import Parcel
from flexura.services.publish_copy import FIELD, copy_for, from_prompt, hashtags
from flexura.services.publishing import Known, Publishing
from flexura.storage.files import FileBlobs
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords

pytestmark = pytest.mark.anyio
PROMPT = "A red fox in the snow. It looks at the fox on the ice, red as fire."


@dataclass
class Desk:
    """A destination that does as it is told, once for each try, and keeps what it was given."""

    name: str
    troubles: list[FlexuraError | Exception] = field(default_factory=list)
    got: list[Parcel] = field(default_factory=list)
    tries: int = 0
    platform: str = "desk"
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def publish(self, parcel: Parcel) -> str:
        self.tries += 1
        self.begun.set()
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        self.got.append(parcel)
        return f"desk://{self.name}/{parcel.job_id}"

    async def aclose(self) -> None: ...


@dataclass
class Office:
    """A store with one finished job, three destinations, and a clock that nobody waits for."""

    records: SqliteRecords
    publishing: Publishing
    job: Job
    artifacts: list[Artifact]
    a: Desk
    b: Desk
    c: Desk
    waited: list[float]

    async def deliver(self) -> dict[str, Publication]:
        found = await self.publishing.deliver(self.job, self.artifacts)
        return {row.destination: row for row in found}

    async def end(self, state: str) -> None:
        await self.records.transact(lambda tx: tx.update_job(self.job.id, state=state))

    async def state(self) -> str:
        found = await self.records.job("ws_1", self.job.id)
        assert found is not None
        return found.state


def job(**changes: Any) -> Job:
    fields: dict[str, Any] = {
        "id": "job_1",
        "workspace_id": "ws_1",
        "kind": "video",
        "state": "publishing",
        "provider": "template",
        "model_id": "template:x",
        "prompt": PROMPT,
        "request": {},
        "call": {},
        "created_at": 1,
        "updated_at": 1,
        "publish": ("a", "b", "c"),
    }
    return Job(**{**fields, **changes})


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    migrate(tmp_path / "flexura.db")
    records = SqliteRecords(tmp_path / "flexura.db")
    blobs = FileBlobs(tmp_path / "artifacts")
    content = tmp_path / "made"
    content.write_bytes(b"a film")
    blob = await blobs.take(content)
    artifact = Artifact("art_1", "ws_1", "x.mp4", blob.sha256, "video/mp4", 6, 1, job_id="job_1")
    await records.transact(
        lambda tx: (tx.insert_job(job(state="publishing")), tx.insert_artifact(artifact))
    )
    a, b, c = Desk("a"), Desk("b"), Desk("c")
    waited: list[float] = []

    async def rest(seconds: float) -> None:
        waited.append(seconds)

    publishing = Publishing(
        records,
        blobs,
        {"a": a, "b": b, "c": c},
        {"broken": Known("broken", "s3", "Its setting bucket is missing.")},
        link=lambda found: f"https://media.example.com/{found.name}",
        rest=rest,
    )
    try:
        yield Office(records, publishing, job(), [artifact], a, b, c, waited)
    finally:
        await records.aclose()


async def test_every_destination_gets_the_files_the_words_and_a_link(office: Office) -> None:
    rows = await office.deliver()
    assert [(r.state, r.url, r.tries, r.platform) for r in rows.values()] == [
        ("published", f"desk://{name}/job_1", 1, "desk") for name in "abc"
    ]
    (parcel,) = office.b.got
    ((artifact, path),) = parcel.files
    assert hashlib.sha256(path.read_bytes()).hexdigest() == artifact.sha256
    assert parcel.links == ["https://media.example.com/x.mp4"]
    assert parcel.copy.title == "A red fox in the snow."
    assert await office.publishing.outcomes("job_1") == list(rows.values())


async def test_one_that_fails_does_not_hold_up_the_others(office: Office) -> None:
    office.b.troubles = [ProviderError("No room.", next_step="Ask the operator.")]
    rows = await office.deliver()
    assert [rows[name].state for name in "abc"] == ["published", "failed", "published"]
    assert rows["b"].error == "No room. Ask the operator." and rows["b"].published_at is None
    assert office.waited == []


async def test_they_are_delivered_side_by_side(office: Office) -> None:
    desks = (office.a, office.b, office.c)
    for desk in desks:
        desk.gate.clear()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(office.deliver())
        async with asyncio.timeout(10):
            for desk in desks:
                await desk.begun.wait()
        for desk in desks:
            desk.gate.set()


async def test_what_passes_is_tried_three_times_with_growing_waits(office: Office) -> None:
    office.a.troubles = [ProviderUnavailable("Away."), ProviderUnavailable("Away.")]
    office.b.troubles = [ProviderUnavailable("Away.") for _ in range(5)]
    rows = await office.deliver()
    assert (rows["a"].state, rows["a"].tries) == ("published", 3)
    assert (rows["b"].state, rows["b"].tries, rows["b"].error) == ("failed", 3, "Away.")
    assert sorted(office.waited) == [1.0, 1.0, 5.0, 5.0]


async def test_a_destination_may_ask_for_a_longer_wait_within_bounds(office: Office) -> None:
    office.a.troubles = [
        ProviderUnavailable("Busy.", retry_after=7.0),
        ProviderUnavailable("Busy.", retry_after=3600.0),
    ]
    assert (await office.deliver())["a"].state == "published"
    assert office.waited == [7.0, 15.0]


async def test_what_is_published_is_not_sent_again(office: Office) -> None:
    office.b.troubles = [ProviderError("No.")]
    await office.deliver()
    rows = await office.deliver()
    assert [rows[name].state for name in "abc"] == ["published"] * 3
    assert [desk.tries for desk in (office.a, office.b, office.c)] == [1, 2, 1]
    assert len(await office.publishing.outcomes("job_1")) == 3


async def test_a_gateway_killed_between_delivering_and_noting_delivers_again_to_the_same_place(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = office.records.transact, 0

    async def dies(work: Callable[..., Any]) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise asyncio.CancelledError
        return await real(work)

    monkeypatch.setattr(office.records, "transact", dies)
    with pytest.raises(asyncio.CancelledError):
        await office.deliver()
    monkeypatch.undo()
    assert {r.state for r in await office.publishing.outcomes("job_1")} == {"pending"}
    rows = await office.deliver()
    assert {r.state for r in rows.values()} == {"published"}
    first, again = office.a.got
    assert first == again and len(rows) == 3


async def test_a_full_disk_of_ours_is_told_after_every_delivery_has_ended(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = office.records.transact, 0

    async def full(work: Callable[..., Any]) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise DiskFull
        return await real(work)

    monkeypatch.setattr(office.records, "transact", full)
    with pytest.raises(DiskFull):
        await office.deliver()
    monkeypatch.undo()
    states = sorted(r.state for r in await office.publishing.outcomes("job_1"))
    assert states == ["pending", "published", "published"]


async def test_an_adapter_that_breaks_is_a_failure_of_its_own_alone(office: Office) -> None:
    office.a.troubles = [RuntimeError("secret words")]
    rows = await office.deliver()
    assert (rows["a"].state, rows["b"].state) == ("failed", "published")
    assert "RuntimeError" in rows["a"].error and "secret" not in rows["a"].error


async def test_a_job_whose_files_are_gone_is_told_so(office: Office) -> None:
    rows = {r.destination: r for r in await office.publishing.deliver(office.job, [])}
    assert rows["a"].state == "failed" and "no file" in rows["a"].error
    assert office.a.tries == 0


async def test_what_a_reviewer_put_away_is_not_published(office: Office) -> None:
    (artifact,) = office.artifacts
    away = Artifact("art_2", "ws_1", "y.mp4", artifact.sha256, "video/mp4", 6, 1, review="archived")
    await office.publishing.deliver(office.job, [away, artifact])
    assert [a.id for a, _ in office.a.got[0].files] == ["art_1"]


async def test_an_unknown_destination_is_refused_with_the_known_ones(office: Office) -> None:
    with pytest.raises(InvalidRequest) as told:
        office.publishing.check(["a", "youtube"])
    assert told.value.field == "publish"
    assert "'youtube'" in told.value.message and "a, b, c" in told.value.next_step
    office.publishing.check(["a", "c"])
    office.publishing.check([])


async def test_a_destination_with_wrong_settings_is_refused_with_the_reason(office: Office) -> None:
    with pytest.raises(InvalidRequest, match="bucket is missing"):
        office.publishing.check(["broken"])
    assert [k.name for k in office.publishing.known()] == ["a", "b", "broken", "c"]


async def test_without_any_the_operator_is_told_where_to_add_one(office: Office) -> None:
    publishing = Publishing(office.records, office.publishing.blobs, {})
    with pytest.raises(InvalidRequest) as told:
        publishing.check(["press"])
    assert "[destinations.NAME]" in told.value.next_step


async def test_a_destination_that_the_operator_took_away_fails_alone(office: Office) -> None:
    office.job = job(publish=("a", "gone"))
    rows = await office.deliver()
    assert (rows["a"].state, rows["gone"].state) == ("published", "failed")
    assert "no longer" in rows["gone"].error


async def test_a_failed_one_is_retried_alone(office: Office) -> None:
    office.b.troubles = [ProviderError("No.")]
    await office.deliver()
    await office.end("published")
    row = await office.publishing.retry("ws_1", "job_1", "b")
    assert (row.state, row.error, row.tries) == ("published", "", 2)
    assert (office.a.tries, office.b.tries) == (1, 2)
    assert await office.state() == "published"


async def test_a_late_success_publishes_a_job_that_nobody_took(office: Office) -> None:
    for desk in (office.a, office.b, office.c):
        desk.troubles = [ProviderError("No."), ProviderError("Still no.")]
    await office.deliver()
    await office.end("completed")
    row = await office.publishing.retry("ws_1", "job_1", "a")
    assert (row.state, row.error) == ("failed", "Still no.")
    assert await office.state() == "completed"
    assert (await office.publishing.retry("ws_1", "job_1", "a")).state == "published"
    assert await office.state() == "published"


async def test_what_is_published_is_answered_and_not_retried(office: Office) -> None:
    before = await office.deliver()
    await office.end("published")
    assert await office.publishing.retry("ws_1", "job_1", "a") == before["a"]
    assert office.a.tries == 1


@pytest.mark.parametrize("state", ["publishing", "failed", "canceled"])
async def test_a_job_without_an_outcome_is_not_retried(office: Office, state: str) -> None:
    office.b.troubles = [ProviderError("No.")]
    await office.deliver()
    await office.end(state)
    with pytest.raises(Conflict) as told:
        await office.publishing.retry("ws_1", "job_1", "b")
    assert told.value.next_step


async def test_one_retry_at_a_time(office: Office) -> None:
    office.b.troubles = [ProviderError("No.")]
    await office.deliver()
    await office.end("published")
    office.b.gate.clear()
    office.b.begun.clear()
    first = asyncio.create_task(office.publishing.retry("ws_1", "job_1", "b"))
    await office.b.begun.wait()
    with pytest.raises(Conflict, match="at this moment"):
        await office.publishing.retry("ws_1", "job_1", "b")
    office.b.gate.set()
    assert (await first).state == "published"


async def test_what_is_not_there_is_not_found(office: Office) -> None:
    await office.deliver()
    await office.end("published")
    for workspace, job_id, name in (
        ("ws_1", "job_2", "a"),
        ("ws_2", "job_1", "a"),
        ("ws_1", "job_1", "z"),
    ):
        with pytest.raises(NotFound):
            await office.publishing.retry(workspace, job_id, name)
    with pytest.raises(NotFound) as told:
        await office.publishing.retry("ws_1", "job_1", "z")
    assert "a, b, c" in told.value.next_step


def test_the_words_come_from_the_prompt_and_nowhere_else() -> None:
    made = from_prompt(PROMPT)
    assert made.title == "A red fox in the snow."
    assert made.caption == PROMPT
    assert made.hashtags == ("#red", "#fox", "#snow", "#looks", "#ice")
    assert from_prompt(PROMPT) == made


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("", ""),
        ("one line\nand another", "one line"),
        ("word " * 40, "word " * 15 + "word…"),
        ("\u96ea\u3002\u72d0\u3002", "\u96ea\u3002"),
        ("v1.5 of it? Yes", "v1.5 of it?"),
    ],
)
def test_the_title_is_the_first_sentence_and_fits(prompt: str, title: str) -> None:
    assert from_prompt(prompt).title == title
    assert len(from_prompt(prompt).title) <= 80


def test_hashtags_are_words_that_say_something() -> None:
    assert hashtags("with the and of 1234 __ a") == ()
    assert hashtags("Über Über Straße") == ("#über", "#strasse")


def test_words_that_the_order_brought_win_one_by_one() -> None:
    own = copy_for(job(request={FIELD: {"title": "Mine", "hashtags": ["#own", "two words"]}}))
    assert (own.title, own.caption) == ("Mine", PROMPT)
    assert own.hashtags == ("#own", "#twowords")
    assert copy_for(job(request={FIELD: {"caption": "", "hashtags": []}})).hashtags == ()
