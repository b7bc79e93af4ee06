"""The ground under every test: a home of its own, no keys from outside, no process left behind."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from postgres_house import postgres_cluster, postgres_url
from processes import end_all, started_below

__all__ = ["postgres_cluster", "postgres_url"]

ON_CI = os.environ.get("CI") == "true"
FROM_OUTSIDE = ("FLEXURA_", "MEDIA_GATEWAY_", "XDG_")
# A developer's own keys: no test may ask a vendor, let alone order something.
OF_PROVIDERS = ("_API_KEY", "_KEY", "_TOKEN", "_API_SECRET", "_BASE_URL")
ROOT = pytest.StashKey[Path]()
LEFT = pytest.StashKey[list[str]]()
# Tests of these rooms start processes and wait for them.
_WITH_PROCESSES = ("acceptance", "bridge", "cli", "house", "local", "client")


# A deadline per example measures how busy the machine is. On CI the same examples every time.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=ON_CI, max_examples=60 if ON_CI else 100
)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Give the session its own HOME before anything of ours is imported."""
    root = Path(tempfile.mkdtemp(prefix="flexura-tests-")).resolve()
    config.stash[ROOT] = root
    config.stash[LEFT] = []
    for name in list(os.environ):
        if name.startswith(FROM_OUTSIDE) or name.endswith(OF_PROVIDERS):
            del os.environ[name]
    for name in ("home", "flexura", "tmp"):
        (root / name).mkdir()
    os.environ["HOME"] = str(root / "home")
    os.environ["FLEXURA_HOME"] = str(root / "flexura")
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(root / "tmp")
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail when a process that a test started outlives the tests."""
    root = session.config.stash[ROOT]
    worker = getattr(session.config, "workeroutput", None)
    left: list[str] = session.config.stash[LEFT]
    if worker is not None or not session.config.getoption("numprocesses", None):
        found = started_below(_places(session.config), grace_seconds=6)
        end_all(found)
        left += map(str, found)
    if worker is not None:
        worker["left"] = left
    elif left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        for process in left:
            print(f"\nleft running by the tests: {process}", file=sys.stderr)
    shutil.rmtree(root, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from each parallel worker what its tests left running."""
    node.config.stash[LEFT] += getattr(node, "workeroutput", {}).get("left", [])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Of two parallel workers one alone starts processes, which so have a core for themselves."""
    from xdist.scheduler import LoadScopeScheduling

    class Rooms(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "processes" if file.split("/")[1] in _WITH_PROCESSES else file

    return Rooms(config, log)


def _places(config: pytest.Config) -> list[Path]:
    """The directories that are only ours: a worker's temporary ones lie in those of the whole run."""
    factory: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]
    return [config.stash[ROOT], factory.getbasetemp()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about another platform; a skip would claim that it could have run."""
    elsewhere = [i for i in items if any(sys.platform not in m.args for m in _only_on(i))]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [i for i in items if i not in elsewhere]


def _only_on(item: pytest.Item) -> Iterator[pytest.Mark]:
    return item.iter_markers("only_on")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """On CI everything is installed, so a skipped test is a hole: it fails."""
    report: pytest.TestReport = yield
    if ON_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped on CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a whole file that skips itself."""
    report: pytest.CollectReport = yield
    if ON_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped on CI: {report.longrepr}"
    return report


@pytest.fixture(scope="module")
def unmeasured() -> Iterator[None]:
    """Take no coverage of the processes that a file starts: others test the same lines, and faster."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE")}
    yield
    os.environ.update(kept)


@pytest.fixture(scope="session", autouse=True)
def schema_made_once(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], None]]:
    """Copy the schema into each new store of this process instead of migrating a thousand; what migrates.

    The tests of the storage and all started processes migrate in earnest.
    """
    from flexura.storage import migrate

    in_earnest, one_at_a_time = migrate._upgrade, threading.Lock()
    template = request.config.stash[ROOT] / "schema.db"

    def upgrade(path: Path) -> None:
        if migrate.current(path):
            return in_earnest(path)
        with one_at_a_time:
            if not template.exists():
                in_earnest(template)
        with closing(sqlite3.connect(template)) as made, closing(sqlite3.connect(path)) as new:
            made.backup(new)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "_upgrade", upgrade)
        yield in_earnest


@pytest.fixture
def anyio_backend() -> str:
    """The gateway runs on asyncio, so the tests do."""
    return "asyncio"


@pytest.fixture
def flexura_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty FLEXURA_HOME for this test alone."""
    home = tmp_path / "flexura-home"
    home.mkdir()
    monkeypatch.setenv("FLEXURA_HOME", str(home))
    return home


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[Any]:
    """An empty store (`SqliteRecords`), for whoever needs no gateway around it."""
    # Not before HOME has been set.
    from flexura.storage.migrate import migrate
    from flexura.storage.sqlite import SqliteRecords

    migrate(tmp_path / "flexura.db")
    store = SqliteRecords(tmp_path / "flexura.db")
    yield store
    await store.aclose()
