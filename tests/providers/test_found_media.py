"""Files in an answer of whatever shape, and what models make: a stranger's JSON never makes it fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter_runs import order
from flexura.domain.errors import OutcomeUnknown
from flexura.domain.model import KINDS
from flexura.ports.provider import Done, Failed
from flexura.providers.found_media import finished, found_media, told_kind
from flexura.providers.media_tasks import TASKS, kind_of, task_of
from flexura.providers.staging import Staging
from flexura.providers.vendors.replicate_models import Listed, collected, offer_of

ADDRESSES = st.sampled_from(
    [
        "https://x.example/a.png",
        "http://[",
        "https://[::1",
        "https://a?b#c",
        "data:image/png;base64,aGk=",
        "data:",
    ]
)
SHAPES = {
    "url": {"content_type": 1, "file_name": 1, "width": 1, "image": 1},
    "owner": {"name": 1, "id": 1, "default_example": 1},
    "latest_version": {"openapi_schema": 1, "components": 1, "schemas": 1, "Input": 1, "Output": 1},
    "properties": {"type": 1, "format": 1},
}
KEYS = st.sampled_from([key for outer, inner in SHAPES.items() for key in (outer, *inner)])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | ADDRESSES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from(KINDS))
def test_whatever_is_answered_the_files_in_it_are_media_or_there_are_none(
    answer: Any, kind: Any
) -> None:
    for found in found_media(answer, kind):
        assert found.kind in KINDS
        assert found.url.startswith(("http://", "https://", "data:"))
    assert told_kind(answer) in (None, *KINDS)


@given(JSON, st.lists(st.text(max_size=20), max_size=3))
def test_whatever_a_row_says_a_model_makes_media_or_is_left_out(row: Any, filed: list[str]) -> None:
    shelf: dict[str, Listed] = {}
    collected([row] if isinstance(row, dict) else [], "text-to-image", shelf)
    offer = offer_of(row if isinstance(row, dict) else {}, filed)
    if offer is not None:
        assert offer.kinds and set(offer.kinds) <= set(KINDS)
        assert set(offer.tasks) <= set(TASKS)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_task_is_one_of_the_vocabulary_or_none(category: str, hints: str) -> None:
    assert task_of(category, hints) in ("", *TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_stands_for_itself_and_has_a_kind(task: str) -> None:
    assert task_of(task) == task
    assert kind_of(task) in KINDS


@pytest.mark.anyio
async def test_files_inside_of_an_answer_are_written_down_and_others_stay_addresses(
    tmp_path: Path,
) -> None:
    files = found_media(
        {"images": ["data:image/png;base64,aGk=", "https://x.example/b.webp"]}, "image"
    )
    done = await finished(files, order("a/b"), Staging(tmp_path), "Somebody")
    assert isinstance(done, Done)
    first, second = done.outputs
    assert first.path is not None and first.path.read_bytes() == b"hi"
    assert (second.path, second.url) == (None, "https://x.example/b.webp")


@pytest.mark.anyio
async def test_an_answer_without_files_is_a_failure_and_broken_data_an_unknown_outcome(
    tmp_path: Path,
) -> None:
    none = await finished([], order("a/b"), Staging(tmp_path), "Somebody")
    assert isinstance(none, Failed)
    broken = found_media({"image": "data:image/png;base64,"}, "image")
    with pytest.raises(OutcomeUnknown):
        await finished(broken, order("a/b"), Staging(tmp_path), "Somebody")
