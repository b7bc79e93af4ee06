"""Cases that need a real file: behind a symlink, or one that may not be written."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from flexura_installer.engine import fulfil, withdraw
from flexura_installer.errors import InstallError
from flexura_installer.formats import prove
from flexura_installer.formats.dialects import dialect as dialect_named
from flexura_installer.ledger import Ledger
from flexura_installer.wishes import EntryWish, Outcome
from installer.fuzz.cases import Case
from installer.fuzz.trials import require

KINDS = frozenset({"symlink", "read-only"})
_MODE = 0o640


def judge_on_disk(case: Case) -> None:
    """Install into a real file, twice, and uninstall. Raises Broken."""
    with TemporaryDirectory(prefix="flexura-fuzz-") as made:
        home = Path(made).resolve()
        if case.kind == "symlink":
            _behind_a_symlink(case, home)
        else:
            _read_only(case, home)


def _behind_a_symlink(case: Case, home: Path) -> None:
    (home / "dotfiles").mkdir()
    target, link = home / "dotfiles" / "config", home / "config"
    target.write_bytes(case.data)
    target.chmod(_MODE)
    link.symlink_to(Path("dotfiles", "config"))
    wanted = _wanted(case)
    done = _fulfilled(case, link, home)
    held = case.data if wanted is None else wanted
    action = "refused" if wanted is None else "unchanged" if wanted == case.data else "added"
    require(done.action == action, f"{done.action} instead of {action}: {done.why}")
    require(target.read_bytes() == held, "not the bytes that were proven")
    if wanted is not None:
        record = (home / "state" / "install.json").read_bytes()
        require(_fulfilled(case, link, home).action == "unchanged", "a second run did something")
        require(target.read_bytes() == held, "a second run changed the file")
        require(
            (home / "state" / "install.json").read_bytes() == record,
            "a second run changed the record",
        )
    ledger = Ledger.load(home / "state")
    for one in reversed(list(ledger.records)):
        gone = withdraw(one, ledger, agent=None, force=False, dry_run=False)
        require(gone.good, f"{gone.action}: {gone.why}")
    require(target.read_bytes() == case.data, "the old bytes did not come back")
    require(link.is_symlink(), "the link became a file")
    require(target.stat().st_mode & 0o7777 == _MODE, "the mode changed")
    left = sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file())
    require(left == ["config", "dotfiles/config"], f"something was left behind: {left}")


def _read_only(case: Case, home: Path) -> None:
    path = home / "config"
    path.write_bytes(case.data)
    path.chmod(0o400)
    was = path.stat()
    wanted = _wanted(case)
    done = _fulfilled(case, path, home)
    action = "refused" if wanted is None else "unchanged" if wanted == case.data else "failed"
    require(done.action == action, f"{done.action} instead of {action}: {done.why}")
    now = path.stat()
    require(path.read_bytes() == case.data, "a file that is read-only was changed")
    require(
        (was.st_ino, was.st_mtime_ns, was.st_mode) == (now.st_ino, now.st_mtime_ns, now.st_mode),
        "replaced",
    )


def _wanted(case: Case) -> bytes | None:
    try:
        return prove.put(dialect_named(case.dialect), case.data, case.slot, case.value).after
    except InstallError:
        return None


def _fulfilled(case: Case, path: Path, home: Path) -> Outcome:
    wish = EntryWish("fuzz", path, case.dialect, ((case.slot, case.value),), home)
    ledger = Ledger.load(home / "state")
    return fulfil(wish, ledger, force=False, dry_run=False, again={})
