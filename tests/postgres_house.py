"""A real PostgreSQL that the tests start themselves, and a fresh, migrated database for each test."""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    # Not before HOME has been set.
    from flexura.settings import Settings

_TEMPLATE = "flexura_template"
_NUMBERS = itertools.count(1)
_ACCOUNTS = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; then one of these runs it."""


def binaries() -> Path | None:
    """The folder of the server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: p.parts[-3])
    known = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(known).resolve().parent if known else None


def _account() -> dict[str, object]:
    """As whom the server runs, for subprocess."""
    if os.geteuid() != 0:
        return {}
    for name in _ACCOUNTS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise RuntimeError(f"none of {_ACCOUNTS} is an account here")


class Cluster:
    """A PostgreSQL server of our own, on loopback, below a folder; `durable` = with fsync, as in earnest."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        found = binaries()
        assert found is not None, "PostgreSQL is not installed"
        self._programs, self._as = found, _account()
        self._folder = folder
        folder.mkdir(parents=True)
        if owner := self._as.get("user"):
            os.chown(folder, int(str(owner)), int(str(self._as["group"])))
            for parent in folder.parents:
                # The server's account must be able to come here.
                if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)
        self.port = _free_port()
        self._run(
            "initdb", "-D", str(folder / "data"), "-U", "flexura", "-A", "trust", "-E", "UTF8"
        )
        self._durable = durable
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        # Output into a file: a server that inherits a pipe would keep it open.
        with (self._folder.parent / f"{self._folder.name}.log").open("ab") as log:
            command = [str(self._programs / program), *arguments]
            subprocess.run(
                command, check=True, stdout=log, stderr=log, cwd="/", env=_plain(), **self._as
            )  # type: ignore[call-overload]

    def start(self) -> None:
        """Start the server; ready when this returns."""
        told = ["-c listen_addresses=127.0.0.1", f"-p {self.port}", "-c unix_socket_directories="]
        told += ["-c max_connections=200"]
        if not self._durable:
            told += ["-c fsync=off", "-c synchronous_commit=off", "-c full_page_writes=off"]
        data, log = str(self._folder / "data"), str(self._folder / "server.log")
        self._run("pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-o", " ".join(told), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server."""
        data = str(self._folder / "data")
        self._run("pg_ctl", "-D", data, "-m", mode, "-w", "stop")

    def url(self, database: str = "postgres") -> str:
        """The URL of a database."""
        return f"postgresql://flexura@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """The URL of a new database with this release's schema."""
        import psycopg

        name = _name()
        with psycopg.connect(self.url(), autocommit=True) as connection:
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]
            ).fetchone():
                self._make_template(connection)
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url(name)

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""
        import psycopg

        name = _name()
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def _make_template(self, connection: object) -> None:
        from flexura.storage.postgres_schema import migrate

        connection.execute(f"CREATE DATABASE {_TEMPLATE}")  # type: ignore[attr-defined]
        migrate(self.url(_TEMPLATE))


def _name() -> str:
    return f"t{os.getpid()}_{next(_NUMBERS)}"


def _plain() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One server for all tests of this worker, started by the first that wants it."""
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    cluster = Cluster(tmp_path_factory.mktemp("postgres") / "cluster")
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> str:
    """An empty store of a team: a fresh database with this release's schema."""
    return postgres_cluster.fresh()


_STORES: dict[Path, str] = {}
_SHARED: list[Cluster] = []


def on_the_store_of_this_run(settings: Settings) -> Settings:
    """With TEST_STORE=postgres the same settings on a PostgreSQL store, one for each home; else as they are.

    So the tests of the whole gateway can be run against either store by hand.
    """
    if os.environ.get("TEST_STORE") != "postgres" or settings.database_url:
        return settings
    if not _SHARED:
        folder = Path(tempfile.mkdtemp(prefix="flexura-postgres-"))
        _SHARED.append(Cluster(folder / "cluster"))
        atexit.register(_SHARED[0].stop)
    if settings.home not in _STORES:
        _STORES[settings.home] = _SHARED[0].fresh()
    return replace(settings, database_url=_STORES[settings.home])
