"""What happens when a file is late, half there, or brought home by two agents at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from flexura.bridge import folder, save_to
from flexura.bridge.bring_home import Homecoming, Wanted, asset_of
from flexura.bridge.call import Call, Cancelled
from flexura.bridge.deadline import Deadline
from flexura.bridge.errand import Errand
from flexura.bridge.link import Link
from flexura.bridge.project import Project
from flexura.bridge.saved import Order, SavedFiles, Wish, order_name
from flexura.bridge.seam import ConnectionBroken, Request
from flexura.local import paths

JOB: dict[str, Any] = {
    "job_id": "job_1",
    "status": "completed",
    "files": [{"url": "http://gateway/api/assets/a.png?sig=1", "mime": "image/png"}],
}


class Answer:
    """A reply whose body is a script."""

    status = 200
    headers: dict[str, str]

    def __init__(self, chunks: Callable[[], Iterator[bytes]]) -> None:
        self.headers = {}
        self._chunks = chunks

    def chunks(self) -> Iterator[bytes]:
        return self._chunks()

    def close(self) -> None:
        pass


class Gateway:
    """A link whose gateway answers every download with the same script."""

    def __init__(self, chunks: Callable[[], Iterator[bytes]]) -> None:
        self.asked: list[str] = []
        self._chunks = chunks

    def exchange(self, request: Request, call: Call, _: Deadline) -> Answer:
        if request.path.startswith("/api/jobs/"):
            return Answer(lambda: iter([b'{"prompt":"A red fox","type":"image"}']))
        self.asked.append(request.path)
        call.check()
        return Answer(self._chunks)


@pytest.fixture
def here(project: Path, flexura_home: Path) -> Project:
    return Project(project)


def homecoming(
    here: Project,
    gateway: Gateway,
    *,
    seconds: float = 20,
    wish: str | None = None,
    stem: str = "fox",
) -> Homecoming:
    errand = Errand(cast("Link", gateway), {}, Call(), Deadline(time.monotonic(), seconds))
    wanted = Wanted(save_to.read(wish, here), stem)
    return Homecoming(here, SavedFiles("f" * 32), wanted, errand)


def whole() -> Iterator[bytes]:
    yield b"pic"
    yield b"ture"


def nothing_saved(here: Project) -> bool:
    return not [p for p in here.root.rglob("*") if p.is_file()]


def test_the_query_of_a_link_goes_along(here: Project) -> None:
    gateway = Gateway(whole)
    brought = homecoming(here, gateway).bring(JOB)
    assert gateway.asked == ["/api/assets/a.png?sig=1"]
    assert Path(brought["files"][0]["path"]).read_bytes() == b"picture"


def test_candidates_come_home_for_whoever_has_to_choose_and_nothing_else_of_a_running_job(
    here: Project,
) -> None:
    waiting = {**JOB, "status": "processing", "phase": "awaiting_approval"}
    brought = homecoming(here, Gateway(whole)).bring(waiting)
    assert Path(brought["files"][0]["path"]).read_bytes() == b"picture"
    gateway = Gateway(whole)
    picked = homecoming(here, gateway).bring(JOB)
    assert picked["files"][0]["path"] == brought["files"][0]["path"], "it is here already"
    running = {**JOB, "status": "processing", "phase": "running"}
    assert homecoming(here, gateway).bring(running) == running
    assert gateway.asked == []


def test_past_the_deadline_nothing_is_begun_and_the_next_step_is_said(here: Project) -> None:
    gateway = Gateway(whole)
    late = homecoming(here, gateway, seconds=0)
    assert late.bring(JOB) == JOB
    assert gateway.asked == []
    assert "job_status" in late.notes[0]
    assert late.unsaved == {"job_1"}


@pytest.mark.parametrize(
    ("error", "words"),
    [(TimeoutError(), "job_status"), (ConnectionBroken("It broke.", next_step=""), "It broke.")],
)
def test_half_a_file_is_never_left(here: Project, error: Exception, words: str) -> None:
    def half() -> Iterator[bytes]:
        yield b"pic"
        raise error

    cut = homecoming(here, Gateway(half))
    assert cut.bring(JOB) == JOB
    assert words in cut.notes[0]
    assert nothing_saved(here)


def test_a_cancelled_call_leaves_nothing_behind(here: Project) -> None:
    def cancelled() -> Iterator[bytes]:
        yield b"pic"
        raise Cancelled

    with pytest.raises(Cancelled):
        homecoming(here, Gateway(cancelled)).bring(JOB)
    assert nothing_saved(here)


def test_two_agents_of_a_project_that_bring_the_same_file_home_keep_one(here: Project) -> None:
    other = homecoming(here, Gateway(whole))

    def slower() -> Iterator[bytes]:
        yield b"pic"
        assert "path" in other.bring(JOB)["files"][0]
        yield b"ture"

    brought = homecoming(here, Gateway(slower)).bring(JOB)
    assert [p.name for p in here.root.rglob("*.*")] == ["fox.png"]
    assert brought["files"][0]["path"] == str(here.root / "flexura-out" / "fox.png")


def test_the_wish_of_the_call_that_made_the_job_counts_unless_this_call_has_one(
    here: Project,
) -> None:
    SavedFiles("f" * 32).add(Wish("job_1", "art/hero.png", "fox"))
    assert homecoming(here, Gateway(whole)).bring(JOB)["files"][0]["path"].endswith("art/hero.png")
    mine = homecoming(here, Gateway(whole), wish="other/").bring(JOB)
    assert mine["files"][0]["path"].endswith("other/fox.png")


def test_a_job_whose_id_its_call_never_learned_is_known_by_its_prompt(here: Project) -> None:
    """Cancelled by the agent, or killed with its bridge."""
    nameless = homecoming(here, Gateway(whole), stem="").bring(JOB)
    assert nameless["files"][0]["path"].endswith("flexura-out/a-red-fox.png")
    SavedFiles("e" * 32).add(Order(order_name("image", "A red fox"), "art/hero.png", "a-red-fox"))
    late = homecoming(here, Gateway(whole), stem="")
    late.saved = SavedFiles("e" * 32)
    assert late.bring(JOB)["files"][0]["path"].endswith("art/hero.png")


def test_a_damaged_record_costs_only_the_memory(here: Project) -> None:
    file = paths.saved_file("f" * 32)
    file.parent.mkdir()
    file.write_bytes(
        b'\xff\n{"asset":"a.png"}\n{"job_id":"job_1","x":1}\n{"order":1}\n[]\n{"asset"'
    )
    assert "path" in homecoming(here, Gateway(whole)).bring(JOB)["files"][0]


def test_without_hard_links_the_name_is_claimed_first(
    here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(folder.os, "link", no_links)
    (here.root / "flexura-out").mkdir()
    (here.root / "flexura-out" / "fox.png").write_bytes(b"mine")
    homecoming(here, Gateway(whole)).bring(JOB)
    assert (here.root / "flexura-out" / "fox.png").read_bytes() == b"mine"
    assert (here.root / "flexura-out" / "fox-2.png").read_bytes() == b"picture"
    assert len(list((here.root / "flexura-out").iterdir())) == 2


@pytest.mark.parametrize(
    ("url", "asset"),
    [
        ("http://h/api/assets/a.png", "a.png"),
        ("https://h/below/api/assets/a%20b.png?x=/api/assets/c", "a b.png"),
        ("/api/v1/artifacts/art_1", "art_1"),
        ("http://h/api/assets/", ""),
        ("http://h/api/assets/a/b", ""),
        ("http://h/other/a.png", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_the_gateways_files_are_known_by_their_route(url: str, asset: str) -> None:
    assert asset_of(url) == asset


def test_candidates_come_home_aside_and_the_picked_one_to_the_place_that_was_wished(
    here: Project,
) -> None:
    waits = {**JOB, "status": "processing", "phase": "awaiting_approval"}
    asked = homecoming(here, Gateway(whole), wish="art/hero.png").bring(waits)
    assert asked["files"][0]["path"] == str(here.root / "flexura-out" / "fox.png")
    later = homecoming(here, Gateway(whole))
    assert later.bring(waits)["files"][0]["path"] == asked["files"][0]["path"]
    later.saved.add(Wish("job_1", "art/hero.png", "fox"))
    picked = later.bring(JOB)["files"][0]["path"]
    assert picked == str(here.root / "art" / "hero.png")
    assert later.bring(JOB)["files"][0]["path"] == picked
