"""A backup that comes from anywhere is read with suspicion, and one of ours is proven byte by byte."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flexura.domain.errors import FlexuraError, InvalidRequest, StoreDamaged
from flexura.runtime.backups import back_up, check_backup
from flexura.storage.archive_format import MANIFEST, MEMBERS
from flexura.storage.archive_reader import reading
from flexura.storage.archive_writer import writing
from flexura.storage.plain_configuration import without_secrets
from flexura.storage.restore import unpack
from portable_house import Furnished, furnish, settings_of

DIGEST = hashlib.sha256(b"x").hexdigest()
BLOB = f"artifacts/{DIGEST[:2]}/{DIGEST[2:]}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    return asyncio.run(furnish(tmp_path_factory.mktemp("made")))


@pytest.fixture(scope="module")
def whole(made: Furnished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "backup.tar"
    back_up(made.settings, path.parent / "config.toml", path)
    return path


def members(path: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(path) as tar:
        return [(one, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]


def written(path: Path, found: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for head, data in found:
            tar.addfile(head, io.BytesIO(data))


def listed(found: list[tuple[tarfile.TarInfo, bytes]]) -> list[tuple[tarfile.TarInfo, bytes]]:
    """With lists that fit, as somebody makes them who means harm."""
    inner = [(head, data) for head, data in found if head.name not in (MEMBERS, MANIFEST)]
    lines = "".join(
        json.dumps(
            {"name": h.name, "bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()},
            separators=(",", ":"),
        )
        + "\n"
        for h, d in inner
    ).encode()
    manifest = json.loads(next(data for head, data in found if head.name == MANIFEST))
    manifest |= {"members": len(inner), "members_sha256": hashlib.sha256(lines).hexdigest()}
    lists = [(MEMBERS, lines), (MANIFEST, json.dumps(manifest).encode())]
    return [*inner, *((named(name, data)) for name, data in lists)]


def named(
    name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE
) -> tuple[tarfile.TarInfo, bytes]:
    head = tarfile.TarInfo(name)
    head.size, head.type = len(data), kind
    return head, data


def linked(name: str, to: str, kind: bytes) -> tuple[tarfile.TarInfo, bytes]:
    head = tarfile.TarInfo(name)
    head.type, head.linkname = kind, to
    return head, b""


def test_a_backup_is_a_tar_that_any_program_lists(whole: Path) -> None:
    found = {head.name: data for head, data in members(whole)}
    assert next(iter(found)) == "flexura.db"
    assert list(found)[-2:] == [MEMBERS, MANIFEST]
    manifest = json.loads(found[MANIFEST])
    assert manifest["counts"]["jobs"] == 12
    assert manifest["counts"]["unfinished_jobs"] == 9
    assert manifest["members_sha256"] == hashlib.sha256(found[MEMBERS]).hexdigest()
    for line in found[MEMBERS].splitlines():
        one = json.loads(line)
        data = found[one["name"]]
        assert (one["bytes"], one["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert whole.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "strange",
    [
        named("../../etc/cron.d/mine"),
        named("/etc/passwd"),
        named("artifacts/../flexura.db"),
        named("artifacts/aa/../../x"),
        named(f"artifacts/{'a' * 2}/{'A' * 62}"),
        named("flexura.db-wal"),
        named("credentials.json"),
        named("records/secrets.jsonl"),
        linked(BLOB, "/etc/passwd", tarfile.SYMTYPE),
        linked(BLOB, "flexura.db", tarfile.LNKTYPE),
        linked(BLOB, "", tarfile.CHRTYPE),
        linked(BLOB, "", tarfile.FIFOTYPE),
        linked("artifacts", "", tarfile.DIRTYPE),
        named("x" * 300),
        named(BLOB, b"path=../../x", tarfile.XHDTYPE),
        named(BLOB, b"y" * 100, tarfile.GNUTYPE_LONGNAME),
        named(BLOB, b"y", tarfile.GNUTYPE_SPARSE),
    ],
    ids=lambda one: f"{one[0].name[:30]}-{one[0].type.decode()}",
)
def test_what_flexura_does_not_write_is_not_read(
    whole: Path, tmp_path: Path, strange: tuple[tarfile.TarInfo, bytes]
) -> None:
    found = members(whole)
    target = tmp_path / "hostile.tar"
    written(target, listed([found[0], strange, *found[-2:]]))
    inside = tmp_path / "inside"
    inside.mkdir()
    before = {path for path in tmp_path.rglob("*") if inside not in path.parents}
    with pytest.raises(StoreDamaged):
        unpack(target, inside, with_blobs=True)
    assert {path for path in tmp_path.rglob("*") if inside not in path.parents} == before


@pytest.mark.parametrize(
    "change",
    [
        lambda found: [found[1], found[0], *found[2:]],
        lambda found: [found[0], found[1], *found[1:]],
        lambda found: [found[0], found[0], *found[1:]],
        lambda found: found[1:],
    ],
    ids=["in another order", "a file twice", "a database twice", "no database"],
)
def test_members_stand_in_their_order_and_once(
    whole: Path, tmp_path: Path, change: Callable[[list[object]], list[object]]
) -> None:
    target = tmp_path / "hostile.tar"
    written(target, listed(change(members(whole))))  # type: ignore[arg-type]
    (tmp_path / "inside").mkdir()
    with pytest.raises(StoreDamaged):
        unpack(target, tmp_path / "inside", with_blobs=True)


def test_a_number_of_bytes_that_cannot_be_takes_no_memory(whole: Path, tmp_path: Path) -> None:
    head, _ = named("flexura.db")
    head.size = 1 << 62
    target = tmp_path / "hostile.tar"
    target.write_bytes(head.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    with pytest.raises(StoreDamaged), reading(target) as archive:
        list(archive.entries())


def test_a_file_that_is_missing_in_a_backup_is_named(whole: Path, tmp_path: Path) -> None:
    found = members(whole)
    gone = found[2][0].name.replace("artifacts/", "").replace("/", "")
    target = tmp_path / "less.tar"
    written(target, listed([*found[:2], *found[3:]]))
    done = asyncio.run(check_backup(settings_of(tmp_path), target))
    assert (done.lost, done.problems) == ([gone], [])


def test_a_file_with_other_bytes_than_its_name_says_is_named(whole: Path, tmp_path: Path) -> None:
    found = members(whole)
    found[2] = (found[2][0], b"z" * len(found[2][1]))
    target = tmp_path / "other.tar"
    written(target, listed(found))
    assert asyncio.run(check_backup(settings_of(tmp_path), target)).lost_count == 1


def test_a_damaged_database_in_a_backup_is_told(whole: Path, tmp_path: Path) -> None:
    found = members(whole)
    data = bytearray(found[0][1])
    data[4096 * 20 : 4096 * 40] = b"\xa5" * 4096 * 20
    found[0] = (found[0][0], bytes(data))
    target = tmp_path / "spoiled.tar"
    written(target, listed(found))
    assert asyncio.run(check_backup(settings_of(tmp_path), target)).problems


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_bit_changes_unseen(whole: Path, tmp_path: Path, place: float, bit: int) -> None:
    data = bytearray(whole.read_bytes())
    at = int(place * len(data))
    data[at] ^= 1 << bit
    target = tmp_path / "changed.tar"
    target.write_bytes(data)
    try:
        with reading(target) as archive:
            for _ in archive.entries():
                pass
            assert archive.manifest.format == "flexura-backup"
    except FlexuraError as error:
        assert error.next_step
        return
    # Bytes that mean nothing: owner and time in a header, what fills a block up, the manifest's notes.
    original = {head.name: data for head, data in members(whole) if head.name != MANIFEST}
    assert {h.name: d for h, d in members(target) if h.name != MANIFEST} == original


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.floats(0, 0.999))
def test_a_file_that_was_cut_off_is_no_backup(whole: Path, tmp_path: Path, part: float) -> None:
    target = tmp_path / "cut.tar"
    # The last 1,024 bytes are the end mark of a tar, which holds nothing; the manifest's block is filled up.
    target.write_bytes(whole.read_bytes()[: int(part * (whole.stat().st_size - 2048))])
    with pytest.raises(StoreDamaged), reading(target) as archive:
        for _ in archive.entries():
            pass
        _ = archive.manifest


@given(data=st.binary(max_size=4096))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_at_all_are_refused(tmp_path: Path, data: bytes) -> None:
    target = tmp_path / "any.tar"
    target.write_bytes(data)
    with pytest.raises(StoreDamaged), reading(target) as archive:
        list(archive.entries())
        _ = archive.manifest


def test_a_later_version_of_the_format_says_to_upgrade(whole: Path, tmp_path: Path) -> None:
    found = members(whole)
    table = json.loads(found[-1][1]) | {"version": 99}
    target = tmp_path / "later.tar"
    written(target, [*found[:-1], named(MANIFEST, json.dumps(table).encode())])
    with pytest.raises(InvalidRequest, match="version 99"), reading(target) as archive:
        list(archive.entries())


def test_a_packed_backup_is_the_same(made: Furnished, whole: Path, tmp_path: Path) -> None:
    packed = tmp_path / "backup.tar.gz"
    back_up(made.settings, tmp_path / "config.toml", packed)
    assert packed.stat().st_size < whole.stat().st_size / 2
    with reading(packed) as archive:
        assert [entry.name for entry in archive.entries()] == [
            head.name for head, _ in members(whole)[:-2]
        ]
    half = packed.read_bytes()[: packed.stat().st_size // 2]
    packed.write_bytes(half)
    with pytest.raises(StoreDamaged), reading(packed) as archive:
        list(archive.entries())


def test_what_fails_while_it_is_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk"), writing(tmp_path / "b.tar", 0) as archive:
        archive.add_bytes("config.toml", b"x")
        raise OSError(28, "the disk is full")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_backup(tmp_path: Path) -> None:
    pid = os.fork()
    if not pid:
        with writing(tmp_path / "b.tar", 0):
            os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".flexura-")
    with writing(tmp_path / "c.tar", 0):
        assert not left.exists()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("[gateway]\npublic_url = 'https://x'\n[providers]\nFAL_KEY = 'secret'\n", True),
        ("[destinations.s3]\nsecret = 'secret'\n\n[policy]\norder = 'best'\n", True),
        ("[[destinations]]\nsecret = 'secret'\n[policy]\norder = 'best'\n", True),
        ("[ 'providers' ]\nA = '''\n[policy]\nsecret'''\n", False),
        ("providers.FAL_KEY = 'secret'\n[policy]\norder = 'best'\n", False),
        ("providers = { FAL_KEY = 'secret' }\n", False),
        ("this is no toml", False),
    ],
)
def test_no_secret_of_the_configuration_comes_along(tmp_path: Path, text: str, kept: bool) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    plain, note = without_secrets(path)
    assert b"secret" not in plain
    assert bool(plain) == kept
    assert note
