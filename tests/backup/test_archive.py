"""A file that is no backup, not a whole one or a hostile one is refused in a sentence, and nothing is written."""

import asyncio
import json
import shutil
import signal
import stat
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.backup import BackupError, back_up, restore
from bot.locale import wording
from bot.store import Store, StoreError, StoreLocked
from tests.backup.conftest import NewUrl
from tests.backup.samples import lived
from tests.databases import execute, new_schema

KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from bot import backup
module, _, name = sys.argv[1].rpartition(".")
setattr(importlib.import_module(module), name, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
backup.restore(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
"""
Members = dict[str, bytes]
Spoil = Callable[[Members], Members | bytes]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small store and keys, and a backup of both."""
    folder = tmp_path_factory.mktemp("saved")
    url, keys = f"sqlite:///{folder}/before/store.db", folder / "before" / "keys"
    asyncio.run(lived(url))
    keys.mkdir()
    (keys / "ana.trusted_devices").write_text("a line", encoding="utf-8")
    (keys / ".hidden").write_text("of another program", encoding="utf-8")  # a restore takes no such name
    back_up(url, keys, folder / "b.zip")
    return folder


@pytest.fixture
def backup(saved: Path, tmp_path: Path) -> Path:
    shutil.copytree(saved, tmp_path, dirs_exist_ok=True)
    return tmp_path / "b.zip"


def unpacked(file: Path) -> Members:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(file: Path, members: Members) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def sealed(members: Members, **changes: Any) -> Members:
    """With a manifest that fits them."""
    manifest = json.loads(members["manifest.json"]) | changes
    rest = {name: content for name, content in members.items() if name != "manifest.json"}
    sums = {name: {"size": len(content), "sha256": sha256(content).hexdigest()} for name, content in rest.items()}
    return rest | {"manifest.json": json.dumps(manifest | {"members": sums}).encode()}


def with_lines(members: Members, table: str, *lines: object) -> Members:
    text = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    return sealed(members | {f"store/{table}.jsonl": text})


def with_value(members: Members, table: str, column: str, value: object) -> Members:
    """In place of what its last row holds there."""
    names, *rows = map(json.loads, members[f"store/{table}.jsonl"].splitlines())
    rows[-1][names.index(column)] = value
    return with_lines(members, table, names, *rows)


JOURNAL = "store/journal.jsonl"
MEMORY, BEGINNING, END = ["name", "value"], "0001-01-01T00:00:00", "9999-12-31T23:59:59"
SPOILED: dict[str, tuple[Spoil, str]] = {
    "no archive": (lambda _: b"PK\x03\x04 hello", "is no backup"),
    "nothing": (lambda _: b"", "is no backup"),
    "another archive": (lambda _: {"a.txt": b"a"}, "is no backup"),
    "a member missing": (lambda members: {n: members[n] for n in members if "journal" not in n}, "is no backup"),
    "a member more": (lambda members: members | {"store/more.jsonl": b"[]"}, "is no backup"),
    "a member changed": (lambda them: them | {JOURNAL: them[JOURNAL].replace(b"$1", b"$9", 1)}, "is no backup"),
    "a manifest of another kind": (lambda members: members | {"manifest.json": b"[1]"}, "is no backup"),
    "a manifest without end": (lambda members: members | {"manifest.json": b" " * (1 << 21)}, "is no backup"),
    "a deep manifest": (lambda members: members | {"manifest.json": b"[" * 100_000}, "is no backup"),
    "a way out": (lambda members: sealed(members | {"keys/../../out": b"x"}), "is no backup"),
    "a hidden name": (lambda members: sealed(members | {"keys/.ssh": b"x"}), "is no backup"),
    "a bomb": (lambda members: sealed(members | {"keys/bomb": bytes(64 << 20)}), "would unpack to 64 MB"),
    "no moment": (lambda members: sealed(members, taken="soon"), "is no backup"),
    "a newer format": (lambda members: sealed(members, format=2, program="9.0"), r"newer version of Concierge \(9.0\)"),
    "tables too old": (lambda members: sealed(members, revision="0010"), "restore it with that of commit 8e1fcf5"),
    "newer tables": (lambda members: sealed(members, revision="9999"), "newer version of Concierge"),
    "no lines": (lambda members: sealed(members | {"store/memory.jsonl": b"{}\n"}), "is no backup"),
    "an unknown table": (lambda members: with_lines(members, "users", MEMORY), "unknown table 'users'"),
    "an unknown column": (lambda members: with_lines(members, "memory", ["x"], [1]), "unknown columns"),
    "a short row": (lambda members: with_lines(members, "memory", MEMORY, ["a"]), "another length"),
    "a number for words": (lambda members: with_lines(members, "memory", MEMORY, ["a", 1]), "memory.value"),
    "a row twice": (lambda members: with_lines(members, "memory", MEMORY, ["a", "b"], ["a", "b"]), "do not fit"),
    "nothing where something must be": (lambda members: with_lines(members, "memory", MEMORY, ["a", None]), "fit"),
    "half a character": (lambda members: with_lines(members, "memory", MEMORY, ["a", "\ud800"]), "do not fit"),
    "a huge number": (lambda members: with_lines(members, "questions", ["number", "opened"], [2**70, None]), "fit"),
    "a number for truth": (lambda members: with_value(members, "journal", "addressed", 1), "journal.addressed"),
    "truth for a number": (lambda members: with_value(members, "feedback", "value", True), "feedback.value"),
    "the last number": (lambda members: with_value(members, "journal", "id", 2**31 - 1), "journal.id"),
    "too large a number": (lambda members: with_value(members, "feedback", "value", 2**15), "feedback.value"),
    "a row without zone": (lambda members: with_value(members, "journal", "sent", "2026-11-24T09:00:00"), "sent"),
    "the end of time": (lambda members: with_value(members, "journal", "sent", f"{END}+00:00"), "journal.sent"),
    "beyond its end": (lambda members: with_value(members, "outbox", "made", f"{END}-05:00"), "outbox.made"),
    "before its beginning": (lambda members: with_value(members, "hushes", "until", f"{BEGINNING}+14:00"), "until"),
    "a backup of the end of time": (lambda members: sealed(members, taken=f"{END}+00:00"), "is no backup"),
    "no list of ids": (lambda members: with_value(members, "outbox", "entries", "role"), "cannot be read again"),
    "no last number": (lambda members: with_lines(members, "memory", MEMORY, ["store: number", "7e9"]), "number"),
    "no salt": (lambda members: with_lines(members, "memory", MEMORY, ["store: salt", "salty"]), "salt"),
    "damaged keys": (lambda members: sealed(members | {"keys/a.db": b"SQLite format 3\0"}), "a.db is damaged"),
}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def test_an_unsound_backup_is_refused_writing_nothing(backup: Path, request: pytest.FixtureRequest, kind: str) -> None:
    address = "" if kind == "sqlite" else str(request.getfixturevalue("postgres"))
    for number, (name, (spoil, sentence)) in enumerate(SPOILED.items()):
        folder = backup.parent / str(number)
        spoiled = spoil(unpacked(backup))
        file = folder / "spoiled.zip"
        folder.mkdir()
        file.write_bytes(spoiled) if isinstance(spoiled, bytes) else packed(file, spoiled)
        url = new_schema(address) if address else f"sqlite:///{folder}/var/store.db"
        with pytest.raises(BackupError) as refused:
            restore(url, folder / "var" / "keys", file)
        said = refused.value.say(wording("en"))
        assert sentence.replace("\\", "") in said, (name, said)
        assert "Nothing was changed" in said, name
        files = {path.name for path in folder.rglob("*") if path.is_file()}
        assert {name for name in files if not name.startswith("store.db")} == {"spoiled.zip"}, name
        assert _tables(url) == [], name
    assert restore(url, folder / "var" / "keys", backup).rows  # the place is as good as new


def _tables(url: str) -> list[tuple[Any, ...]]:
    if not url.startswith("sqlite"):
        return execute(url, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    there = Path(url.removeprefix("sqlite:///")).exists()
    return execute(url, "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'") if there else []


def test_a_backup_cut_short_is_refused_and_a_flipped_bit_unless_it_means_nothing(backup: Path, tmp_path: Path) -> None:
    whole, random, after = backup.read_bytes(), Random(3), tmp_path / "after"
    for length in (1, 30, len(whole) - 1, *(random.randrange(len(whole)) for _ in range(20))):
        backup.write_bytes(whole[:length])
        with pytest.raises(BackupError, match="damaged"):
            restore(f"sqlite:///{after}/store.db", after / "keys", backup)
    assert not after.exists()
    for number, place in enumerate(random.sample(range(len(whole)), 30)):
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << random.randrange(8)]) + whole[place + 1 :])
        after = tmp_path / str(number)
        try:
            restore(f"sqlite:///{after}/store.db", after / "keys", backup)
        except BackupError:
            assert not after.exists() or _tables(f"sqlite:///{after}/store.db") == []
        else:  # of a time, or of what may be read in two places
            assert (after / "keys" / "ana.trusted_devices").read_text(encoding="utf-8") == "a line"


async def is_back(url: str) -> None:
    store = await Store.open(url)
    assert await store.journal.position("matrix") == "s1"
    await store.close()


def test_a_backup_is_for_its_owner_alone_and_gives_way_to_another_that_is_whole(backup: Path, tmp_path: Path) -> None:
    url, keys = f"sqlite:///{tmp_path}/before/store.db", tmp_path / "before" / "keys"
    kept = backup.read_bytes()
    (keys / "bot.db").write_bytes(b"no database, but long enough to be taken for one" * 100)
    with pytest.raises(BackupError, match="keys_unreadable"):
        back_up(url, keys, backup, force=True)
    assert backup.read_bytes() == kept
    (keys / "bot.db").unlink()
    execute(url, "DELETE FROM journal")
    back_up(url, keys, backup, force=True)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert len(unpacked(backup)[JOURNAL].splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "before"]  # nothing half is left beside it


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_it_is_restored_into_empty_tables_alone(backup: Path, new_url: NewUrl, tmp_path: Path, kind: str) -> None:
    other = new_url(kind)
    store = await Store.open(other)
    await store.memory.set("token", "mine")
    with pytest.raises(StoreLocked):
        restore(other, tmp_path / "keys", backup)
    await store.close()
    with pytest.raises(BackupError, match="not_empty"):
        restore(other, tmp_path / "keys", backup)
    assert execute(other, "SELECT value FROM memory WHERE name = 'token'") == [("mine",)]
    assert not (tmp_path / "keys").exists()
    execute(other, "DELETE FROM memory WHERE name = 'token'")
    restore(other, tmp_path / "keys", backup)
    await is_back(other)


def test_keys_that_are_there_are_left_alone(backup: Path, tmp_path: Path) -> None:
    url, keys = f"sqlite:///{tmp_path}/x/store.db", tmp_path / "x" / "keys"
    keys.mkdir(parents=True)
    (keys / "mine.db").write_bytes(b"mine")
    with pytest.raises(BackupError, match="keys_there"):
        restore(url, keys, backup)
    assert [path.name for path in (tmp_path / "x").rglob("*") if path.is_file()] == ["mine.db"]
    shutil.rmtree(keys)
    restore(url, keys, backup)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}


@pytest.mark.parametrize(("kind", "at"), [("postgresql", "store.rows.set_value"), ("sqlite", "backup.BackupSummary")])
async def test_a_killed_restore_is_undone(backup: Path, new_url: NewUrl, tmp_path: Path, kind: str, at: str) -> None:
    """While rows are kept, and when the keys are in their place."""
    other, keys = new_url(kind), tmp_path / "after" / "keys"
    command = [sys.executable, "-c", KILLED, f"bot.{at}", other, str(keys), str(backup)]
    killed = await asyncio.create_subprocess_exec(*command)
    assert await killed.wait() == -signal.SIGKILL
    if keys.exists():
        with pytest.raises(BackupError, match="keys_there"):
            restore(other, keys, backup)
        shutil.rmtree(keys)
    restore(other, keys, backup)
    await is_back(other)
    assert [path.name for path in keys.iterdir()] == ["ana.trusted_devices"]


def test_a_damaged_store_is_no_backup_and_is_named(backup: Path, tmp_path: Path) -> None:
    path = tmp_path / "before" / "store.db"
    content = bytearray(path.read_bytes())
    content[8192:] = bytes(len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"before/store.db is damaged; stop the bot and bring back a backup"):
        back_up(f"sqlite:///{path}", tmp_path / "none", tmp_path / "new.zip")
    assert sorted(found.name for found in tmp_path.iterdir()) == ["b.zip", "before"]
