"""Nobody's words and nobody's user id stay in the files of the store."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import Dequeue, Draft, OptOut, Outcome, Post, Question, Rating, Store
from tests.store.samples import ANA, BEA, NOW, SOON, Sql, answer, event, finish, reply, send_all

WORDS = "mon fils cherche un stage de soudure"
SENTENCE = f'{{"body": "{WORDS}", "sender": "{ANA}"}}'


async def a_run(store: Store) -> None:
    """Questions short and long, answered, put off, queued, judged and deleted, and a person to be forgotten."""
    for n in range(18):
        heard = event(f"${n}", (ANA, BEA)[n % 2], content=SENTENCE * (1 + n * n), relates_to=f"${n - 1}")
        await store.journal.receive("matrix", [heard], f"s{n}")
        if n % 3 == 0:
            await store.finish(heard, Outcome("wait", retry_at=SOON), NOW)
        ask = question(heard.id, n, await store.queue.reserve_number()) if n % 5 == 0 else None
        post = Post(reply(f"{ANA} : {WORDS}", mentions=(ANA,)), "answer", ("role",), heard.id, ANA)
        outcome = Outcome("answered", addressed=True).also(post, ask, Rating("role", ANA, 1))
        await store.finish(heard, outcome, NOW)
        if ask and ask.number:
            draft = Draft(await store.queue.reserve_number(), "add", WORDS, BEA, NOW, ask.number)
            await finish(store, event(f"$draft-{n}", BEA), *shown(draft.number), draft)
        await finish(store, event(f"$redaction-{n}", BEA, "redaction", relates_to=heard.id), Dequeue(heard.id))
        if n % 7 == 0:
            await send_all(store)
    for user in (ANA, BEA):  # Bea was at the desk, and Ana has a link to it
        await store.sessions.offer(f"link {user}", await store.queue.reserve_number(), "matrix", user, "!dm", NOW)
    session = await store.sessions.open(f"link {BEA}", f"cookie {BEA}", BEA, NOW)
    assert session is not None
    await store.sessions.end(session.number)
    await finish(store, event("$forget", content=SENTENCE), answer("$forget"), OptOut(ANA))
    await send_all(store)


def question(id: str, times: int, number: int) -> Question:
    note = Post(reply(WORDS, "!moderation"), "asked", number=number)
    return Question(WORDS * times, "matrix", "!salon", id, ANA, NOW, number=number, note=note)


def shown(draft: int) -> tuple[Post, ...]:
    """What moderators read of a draft and of the queue."""
    numbered = (Post(reply(WORDS, "!moderation"), purpose, number=draft) for purpose in ("draft", "command"))
    return (*numbered, Post(reply(WORDS, "!moderation"), "list", question="$list"))


async def asked_and_unsent(store: Store) -> None:
    """Ana asks, is noted, listed and drafted while nothing can be sent, and says more that is put off."""
    number, draft = await store.queue.reserve_number(), await store.queue.reserve_number()
    await finish(store, event("$asked"), question("$asked", 1, number))
    await finish(store, event("$draft", BEA), *shown(draft), Draft(draft, "add", WORDS, BEA, NOW, number))
    await finish(store, event("$more", content=SENTENCE), retry_at=SOON)


def found(path: Path) -> list[str]:
    """Which files beside and at `path` hold words or a user id."""
    secrets = [secret.encode() for secret in (WORDS, WORDS[:20], WORDS[-20:], ANA, BEA, "ana:example")]
    files = sorted(path.parent.iterdir())
    return [file.name for file in files if any(secret in file.read_bytes() for secret in secrets)]


async def test_no_word_and_no_user_id_stay(sqlite_url: str, sqlite_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither while the store is open nor after it."""
    monkeypatch.setattr("bot.store.database.BETWEEN_CLEANINGS", 0.01)
    store = await Store.open(sqlite_url)
    await store.journal.receive("matrix", [event(content=SENTENCE)], "s0")
    assert found(sqlite_path), "the search does not find what is there"
    await store.finish(event(), Outcome("silence"), NOW)
    await a_run(store)
    while found(sqlite_path):  # noqa: ASYNC110 (a file tells nobody that it changed)
        await asyncio.sleep(0.01)
    await store.close()
    assert found(sqlite_path) == []


@pytest.mark.parametrize("withdrawal", [OptOut(ANA), Dequeue("$asked")], ids=["forgotten", "deleted"])
async def test_nor_where_it_waits_to_be_sent(sqlite_url: str, sqlite_path: Path, withdrawal: OptOut | Dequeue) -> None:
    store = await Store.open(sqlite_url)
    await asked_and_unsent(store)
    if isinstance(withdrawal, Dequeue):
        await store.journal.receive("matrix", [event("$redaction", kind="redaction", relates_to="$more")], "s2")
    assert found(sqlite_path)
    await finish(store, event("$withdrawal"), withdrawal)
    await store.finish(event("$redaction", kind="redaction"), Outcome("deleted"), NOW)
    await store.clean()
    assert found(sqlite_path) == []
    await store.close()


async def test_nor_after_a_kill_once_it_is_opened_again(sqlite_url: str, sqlite_path: Path, tmp_path: Path) -> None:
    store = await Store.open(sqlite_url)
    await a_run(store)
    left = Path(shutil.copytree(sqlite_path.parent, tmp_path / "var")) / sqlite_path.name  # as SIGKILL leaves them
    await store.close()
    assert found(left)
    again = await Store.open(f"sqlite:///{left}")
    assert found(left) == []
    await again.close()


async def test_files_in_use_are_clean_then(sqlite_url: str, sqlite_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.sqlite.PATIENCE", 0.01)
    store = await Store.open(sqlite_url)
    await store.journal.receive("matrix", [event(content=SENTENCE)], "s0")
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM journal").fetchall()
        await store.finish(event(), Outcome("silence"), NOW)
        await store.clean()
        assert found(sqlite_path)
    await store.clean()
    assert found(sqlite_path) == []
    await store.close()


async def test_no_column_of_no_table_holds_words_or_a_user_id_after_a_run(store: Store, sql: Sql) -> None:
    await a_run(store)
    await asked_and_unsent(store)
    await finish(store, event("$forget-again"), OptOut(ANA))
    tables = ("journal", "outbox", "questions", "askings", "drafts", "feedback", "forgotten", "hushes", "memory",
              "positions", "candidates", "sessions")  # fmt: skip
    everything = str([sql(f"SELECT * FROM {table}") for table in tables])  # noqa: S608 (names of our own)
    assert "$17" in everything
    assert not any(secret in everything for secret in (WORDS, ANA, BEA))


def test_no_message_shows_in_the_text_of_a_value() -> None:
    asked, draft = question("$q", 1, 1), Draft(1, "add", WORDS, ANA, NOW)
    values = (asked, event(content=SENTENCE), Outcome("asked").also(asked, draft), draft)
    assert WORDS not in "".join(map(repr, values))
