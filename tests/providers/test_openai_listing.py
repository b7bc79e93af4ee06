"""Lists of models in OpenAI's manner: which entries make media, of what kind, from what."""

from __future__ import annotations

from typing import Any

import pytest

from flexura.providers.vendors.openai_listing import entries, input_schema, listed

BOTH = ["text-to-video", "image-to-video"]


@pytest.mark.parametrize(
    ("entry", "kind", "tasks"),
    [
        ({"id": "x", "type": "image"}, "image", ["text-to-image", "image-to-image"]),
        ({"id": "image-chat", "type": "chat"}, None, []),
        ({"id": "x", "type": "model", "output_modalities": ["video"]}, "video", BOTH),
        ({"id": "x", "architecture": {"output_modalities": ["image"], "input_modalities": ["text"]}},
         "image", ["text-to-image"]),
        ({"id": "x-image", "output_modalities": ["text"]}, None, []),
        ({"model_path": "x", "task_type": "TI2V"}, "video", BOTH),
        ({"id": "x", "task_type": "I2V"}, "video", ["image-to-video"]),
        ({"id": "x", "supported_endpoints": ["/v1/audio/speech"]}, "audio", ["text-to-speech"]),
        ({"id": "x-image", "supported_endpoints": ["/v1/chat/completions"]}, None, []),
        ({"id": "house-image-2"}, "image", ["text-to-image", "image-to-image"]),
        ({"id": "house/house-image-edit"}, "image", ["image-to-image"]),
        ({"id": "house-t2v-14b"}, "video", BOTH),
        ({"id": "house-tts"}, "audio", ["text-to-speech"]),
        ({"id": "house-music", "type": "audio"}, "audio", ["text-to-music"]),
        ({"id": "house-transcribe"}, None, []),
        ({"id": "speech-to-text-1"}, None, []),
        ({"id": "image-embedding"}, None, []),
        ({"id": "house-chat"}, None, []),
        ({"id": None, "name": 3}, None, []),
        ({"id": "x" * 400, "type": "image"}, None, []),
    ],
)  # fmt: skip
def test_what_the_server_tells_decides_and_the_name_is_the_last_resort(
    entry: dict[str, Any], kind: str | None, tasks: list[str]
) -> None:
    model = listed(entry)
    assert (model.kind if model else None) == kind
    assert list(model.tasks if model else []) == tasks


def test_an_entry_says_when_only_its_name_told_what_it_makes() -> None:
    by_name, by_type = listed({"id": "a-image"}), listed({"id": "a", "type": "image"})
    assert by_name and "read from its name" in by_name.description
    assert by_type and by_type.description == ""


def test_the_operators_word_for_the_kind_wins() -> None:
    model = listed({"id": "mystery"}, "video")
    assert model and (model.kind, model.description) == ("video", "")


@pytest.mark.parametrize(
    ("told", "date"),
    [
        ("2026-10-23", "2026-10-23"),
        (1792713600, "2026-10-23"),
        (None, None),
        (True, None),
        (1e30, None),
        ({"a": 1}, None),
    ],
)
def test_a_shutdown_date_is_read_however_it_is_written(told: Any, date: str | None) -> None:
    model = listed({"id": "a-image", "shutdown_date": told})
    assert model and model.shutdown_date == date


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"object": "list", "data": [{"id": "a"}, 3, None, "b"]}, 2),
        ([{"id": "a"}], 1),
        ([], 0),
        ({"models": [{"id": "a"}]}, 1),
        ({"model_path": "a", "task_type": "T2I"}, 1),
        ({"detail": "no"}, None),
        ("a", None),
        (None, None),
    ],
)
def test_a_list_is_read_in_any_of_its_shapes(body: Any, count: int | None) -> None:
    found = entries(body)
    assert (None if found is None else len(found)) == count


def test_a_model_that_takes_no_pictures_has_no_place_for_them() -> None:
    without = listed({"id": "a", "output_modalities": ["image"], "input_modalities": ["text"]})
    with_them = listed({"id": "a", "type": "image"})
    assert without and with_them
    assert "image" not in (input_schema("server", without) or {})["properties"]
    assert {"image", "mask"} <= set((input_schema("server", with_them) or {})["properties"])
