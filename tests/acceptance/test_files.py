"""Every format of every live model is read back by programs of others, and is what was asked."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import httpx2
import pytest
from PIL import Image

from acceptance.every_format import FPS, HEIGHT, KIND_OF, PROMPT, SECONDS, WIDTH, Made, Studio
from acceptance.town import Town
from flexura.provenance.reading import record_in

pytestmark = pytest.mark.timeout(240)
PICTURES = {"png": "PNG", "webp": "WEBP", "jpeg": "JPEG", "avif": "AVIF"}
CODECS = {
    "mp4": {"video": "h264", "audio": "aac"},
    "webm": {"video": "vp9", "audio": "opus"},
    "gif": {"video": "gif"},
    "wav": {"audio": "pcm_s16le"},
    "mp3": {"audio": "mp3"},
    "ogg": {"audio": "opus"},
}
NEARLY = 0.15
"""Seconds: a frame of video, the padding of MP3."""


@pytest.fixture(scope="module")
def made(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Made]]:
    bearer = {"Authorization": f"Bearer {town.key}"}
    with httpx2.Client(base_url=town.url, headers=bearer, timeout=70) as http:
        yield Studio(http, tmp_path_factory.mktemp("files")).all()


def test_every_kind_and_every_format_is_among_them(made: list[Made]) -> None:
    assert {file.format for file in made} == set(KIND_OF)
    assert {file.kind for file in made} == {"image", "video", "audio"}


def test_a_download_is_what_the_gateway_says(made: list[Made]) -> None:
    for file in made:
        content = file.path.read_bytes()
        assert len(content) == file.asset["bytes"], file
        assert hashlib.sha256(content).hexdigest() == file.asset["sha256"], file
        if file.kind != "audio":
            assert (file.asset["width"], file.asset["height"]) == (WIDTH, HEIGHT), file
        if file.kind != "image":
            assert file.asset["seconds"] > 0.05, file


def test_pillow_reads_every_picture_in_the_size_that_was_asked(made: list[Made]) -> None:
    for file in (f for f in made if f.format in PICTURES):
        with Image.open(file.path) as picture:
            picture.load()
            assert picture.format == PICTURES[file.format], file
            assert picture.size == (WIDTH, HEIGHT), file
            assert len(set(picture.convert("L").resize((16, 16)).get_flattened_data())) > 3, file


def test_every_svg_is_xml_of_the_size_that_was_asked(made: list[Made]) -> None:
    for file in (f for f in made if f.format == "svg"):
        root = ElementTree.parse(file.path).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert (root.get("width"), root.get("height")) == (str(WIDTH), str(HEIGHT))
        assert len(list(root.iter())) > 3


def test_pyav_decodes_every_film_and_every_sound(made: list[Made]) -> None:
    for file in (f for f in made if f.format in CODECS):
        with av.open(str(file.path)) as container:
            streams = {s.type: s.codec_context.name for s in container.streams}
            assert streams.keys() == CODECS[file.format].keys(), file
            frames = {kind: 0 for kind in streams}
            for frame in container.decode():
                if isinstance(frame, av.VideoFrame):
                    assert (frame.width, frame.height) == (WIDTH, HEIGHT), file
                    frames["video"] += 1
                else:
                    assert isinstance(frame, av.AudioFrame)
                    frames["audio"] += frame.samples / frame.sample_rate
        if "video" in frames:
            assert frames["video"] == pytest.approx(SECONDS * FPS, abs=2), file
        if "audio" in frames and "seconds" in file.asked:
            assert frames["audio"] == pytest.approx(SECONDS, abs=NEARLY), file


def test_ffprobe_sees_the_codecs_and_durations_that_were_asked(made: list[Made]) -> None:
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed; `scripts/system-packages ffmpeg` installs it")
    for file in (f for f in made if f.format in CODECS):
        probed = ffprobe(file.path)
        codecs = {s["codec_type"]: s["codec_name"] for s in probed["streams"]}
        assert codecs == CODECS[file.format], file
        if "seconds" in file.asked:
            duration = float(probed["format"]["duration"])
            assert duration == pytest.approx(SECONDS, abs=NEARLY), file
            assert file.asset["seconds"] == pytest.approx(duration, abs=NEARLY), file
        for video in (s for s in probed["streams"] if s["codec_type"] == "video"):
            assert (video["width"], video["height"]) == (WIDTH, HEIGHT), file
            assert file.format == "gif" or video["pix_fmt"] == "yuv420p", file


def ffprobe(path: Path) -> dict[str, Any]:
    """What ffprobe says of a file; it may not complain about anything."""
    command = ["ffprobe", "-v", "warning", "-of", "json", "-show_format", "-show_streams", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == "", path
    return json.loads(done.stdout)


def test_every_mp4_starts_to_play_before_it_has_arrived(made: list[Made]) -> None:
    for file in (f for f in made if f.format == "mp4"):
        content = file.path.read_bytes()
        assert 0 < content.index(b"moov") < content.index(b"mdat"), file


def test_every_file_says_from_what_it_was_made(made: list[Made]) -> None:
    for file in made:
        found = record_in(file.path)
        assert found is not None, file
        assert found.prompt == PROMPT, file
        assert found.model == file.model["id"], file
        assert found.seed == file.job["seed"], file
        assert len(found.inputs) == len(file.inputs), file
