"""The gallery of every store: order, pages, filters, and words that are found whatever is typed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flexura.domain.artifact import Artifact
from flexura.ports.gallery import GalleryFilter, Shown
from flexura.ports.records import Records
from storage_house import NOW, artifact, insert, job

pytestmark = pytest.mark.anyio
ALL = GalleryFilter("ws_1", limit=500)


async def keep(records: Records, *artifacts: Artifact) -> None:
    """Store files, each in a transaction of its own."""
    for one in artifacts:
        await records.transact(lambda tx, one=one: tx.insert_artifact(one))


async def change(records: Records, artifact_id: str, **columns: Any) -> None:
    await records.transact(lambda tx: tx.change(Artifact, artifact_id, **columns))


def ids(found: Sequence[Shown]) -> list[str]:
    return [one.artifact.id for one in found]


def upload(**changes: Any) -> Artifact:
    return artifact(**{"job_id": "", "role": "upload", "metadata": {}} | changes)


async def shelf(records: Records, text: str, workspace: str = "ws_1") -> list[str]:
    """What a search finds."""
    return ids(await records.gallery(GalleryFilter(workspace, text=text)))


async def made(records: Records, prompt: str, **changes: Any) -> Artifact:
    """A picture of a job with that prompt."""
    of_job = {k: changes.pop(k) for k in ("project", "template", "model_id") if k in changes}
    ordered = job(prompt=prompt, workspace_id=changes.get("workspace_id", "ws_1"), **of_job)
    await insert(records, ordered)
    one = artifact(job_id=ordered.id, **{"metadata": {}} | changes)
    await keep(records, one)
    return one


async def test_the_newest_file_comes_first_and_pages_show_each_once(records: Records) -> None:
    files = [upload(created_at=NOW + n // 2) for n in range(25)]
    await keep(records, *files)
    whole = await records.gallery(ALL)
    assert [one.artifact.created_at for one in whole] == sorted(
        (one.created_at for one in files), reverse=True
    )
    seen: list[str] = []
    page = await records.gallery(replace(ALL, limit=7))
    while page:
        seen += ids(page)
        page = await records.gallery(replace(ALL, limit=7, before=page[-1].place))
    assert seen == ids(whole) and len(set(seen)) == 25


async def test_a_file_that_is_imported_into_the_trash_lies_there(records: Records) -> None:
    one = await made(records, "a fox", trashed_at=NOW, expires_at=NOW + 1)
    assert await records.gallery(ALL) == []
    assert ids(await records.gallery(replace(ALL, shelf="trash"))) == [one.id]


async def test_names_as_long_as_a_book_keep_no_file_out_of_the_store(records: Records) -> None:
    # Of random letters, which PostgreSQL cannot make smaller for its index.
    name = random.Random(1).randbytes(20_000).hex()
    one = await made(records, "a fox", metadata={"model": name, "step": name})
    (shown,) = await records.gallery(ALL)
    assert shown.artifact == one and shown.model == name[:300]
    assert ids(await records.gallery(replace(ALL, model=name[:300]))) == [one.id]


async def test_what_is_newer_is_found_from_a_place_on_nearest_first(records: Records) -> None:
    await keep(records, *[upload(created_at=NOW + n) for n in range(6)])
    whole = await records.gallery(ALL)
    middle = whole[3].place
    assert ids(await records.gallery(replace(ALL, after=middle, limit=2))) == ids(whole[1:3])
    assert ids(await records.gallery(replace(ALL, before=middle, limit=1))) == ids(whole[4:5])


async def test_a_file_is_shown_with_what_made_it(records: Records) -> None:
    one = await made(records, "a lighthouse", project="alpha")
    found = await records.gallery_item("ws_1", one.id)
    assert found is not None and found.artifact == one
    assert (found.kind, found.origin, found.model) == ("image", "made", "fake:one")
    assert (found.project, found.prompt) == ("alpha", "a lighthouse")
    assert await records.gallery_item("ws_2", one.id) is None


async def test_steps_and_thumbnails_are_not_shown(records: Records) -> None:
    whole, step = job(template="poster@1"), job(parent_id="job_p")
    await insert(records, whole, step)
    shown = artifact(job_id=whole.id)
    await keep(
        records, shown, artifact(job_id=step.id), artifact(job_id=whole.id, role="thumbnail")
    )
    assert ids(await records.gallery(ALL)) == [shown.id]


async def test_every_filter_finds_its_own(records: Records) -> None:
    sound = await made(records, "rain", mime="audio/mpeg", project="alpha")
    film = await made(records, "rain", mime="video/mp4", template="trailer@2", model_id="fake:two")
    mine = upload(created_at=NOW - 5)
    await keep(records, mine)
    await change(records, film.id, review="selected")
    cases: dict[str, tuple[GalleryFilter, list[str]]] = {
        "kind": (replace(ALL, kind="audio"), [sound.id]),
        "model": (replace(ALL, model="fake:two"), [film.id]),
        "project": (replace(ALL, project="alpha"), [sound.id]),
        "template": (replace(ALL, origin="template"), [film.id]),
        "uploads": (replace(ALL, origin="upload"), [mine.id]),
        "review": (replace(ALL, review="selected"), [film.id]),
        "until": (replace(ALL, until=NOW), [mine.id]),
        "since and kind": (replace(ALL, since=NOW, kind="video"), [film.id]),
        "nothing": (replace(ALL, model="x\0y"), []),
    }
    for name, (wanted, expected) in cases.items():
        assert ids(await records.gallery(wanted)) == expected, name
        assert await records.count_gallery(wanted, 100) == len(expected), name
    assert await records.count_gallery(ALL, 2) == 2
    found = await records.gallery_choices("ws_1")
    assert found.models == ("fake:one", "fake:two") and found.projects == ("alpha",)


async def test_trash_and_what_has_gone_leave_the_gallery(records: Records) -> None:
    one = await made(records, "a fox")
    in_trash = GalleryFilter("ws_1", shelf="trash")
    await change(records, one.id, trashed_at=NOW)
    assert ids(await records.gallery(in_trash)) == [one.id] and await shelf(records, "fox") == []
    await change(records, one.id, trashed_at=None)
    assert await records.gallery(in_trash) == [] and await shelf(records, "fox") == [one.id]
    await change(records, one.id, trashed_at=NOW, expired_at=NOW)
    assert await records.gallery(in_trash) == [] == await records.gallery(ALL)


async def test_words_are_found_whole_begun_and_without_their_marks(records: Records) -> None:
    one = await made(records, "Ein Café in Çeşme, früh am λυχνία ΦΑΡΟΣ — 狐狸 v2.5, night_sky")
    await made(records, "a tea house")
    for text in ("café", "CAFE", "caf", "cesme früh", "fruh ein", "φαρο", "狐", "night", "v2 5"):
        assert await shelf(records, text) == [one.id], text
    for text in ("afé", "cafe tea", "nothere", "🦊", "!!!", "..."):
        assert await shelf(records, text) == [], text


async def test_models_file_names_templates_and_steps_are_searched_too(records: Records) -> None:
    one = await made(
        records,
        "rain",
        template="movie-poster@3",
        model_id="vendor:aquarelle-xl",
        metadata={"step": "draw", "prompt": "a heron"},
        name="asset_q7.png",
    )
    await made(records, "rain")
    for text in ("aquarelle", "poster", "draw", "q7", "heron rain", "movie-poster@3"):
        assert await shelf(records, text) == [one.id], text


async def test_a_search_never_leaves_its_workspace(records: Records) -> None:
    mine = await made(records, "a secret fox")
    theirs = await made(records, "a secret fox", workspace_id="ws_2")
    assert await shelf(records, "secret") == [mine.id]
    assert await shelf(records, "secret", "ws_2") == [theirs.id]
    assert await shelf(records, "ws_2 secret") == []
    assert await records.count_gallery(GalleryFilter("ws_3", text="secret"), 9) == 0


async def test_pages_of_a_search_follow_each_other(records: Records) -> None:
    for n in range(9):
        await made(records, f"a fox number {n}", created_at=NOW + n)
    whole = await records.gallery(replace(ALL, text="fox"))
    second = await records.gallery(replace(ALL, text="fox", before=whole[3].place, limit=4))
    back = await records.gallery(replace(ALL, text="fox", after=whole[4].place, limit=2))
    assert ids(second) == ids(whole[4:8]) and ids(back) == ids(whole[2:4])
    assert await records.count_gallery(replace(ALL, text="number fox"), 100) == 9


STRANGE = ["a\0b", "NEAR(", '"', "a OR b AND", "col:x", "^fox*", "-fox", "{a b}:c", "fo'x", "\\", "%s",
           "a:*b", "& | !", "<->", ":text", "\ud83e", "🦊 fox", "ﬁ", "́", "x" * 5000, "a " * 500]  # fmt: skip


async def test_nothing_that_is_typed_breaks_a_search(records: Records) -> None:
    one = await made(records, "a fox 🦊")
    for text in STRANGE:
        assert set(await shelf(records, text)) <= {one.id}, text
        await records.count_gallery(GalleryFilter("ws_1", text=text, kind="image"), 5)
    assert await shelf(records, '"fox') == [one.id]


@given(text=st.text(max_size=60), name=st.text(max_size=20))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_text_and_any_filter_is_only_a_question(
    records: Records, text: str, name: str
) -> None:
    await records.gallery(GalleryFilter("ws_1", text=text))
    await records.gallery(GalleryFilter("ws_1", text="fox " + text, model=name, project=name))


@given(
    word=st.text(
        st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F), min_size=1, max_size=20
    )
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_every_latin_word_of_a_prompt_is_found(records: Records, word: str) -> None:
    one = await made(records, f"a {word}, seen")
    assert one.id in ids(await records.gallery(GalleryFilter("ws_1", text=word, limit=5000)))


async def test_a_prompt_that_no_database_can_parse_is_stored_all_the_same(records: Records) -> None:
    one = upload(metadata={"prompt": "before\0after"})
    await keep(records, one)
    assert one.id in ids(await records.gallery(ALL))
