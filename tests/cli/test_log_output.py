"""What stands in the log, and what never does."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import signal
import sys
import warnings
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.log_output import set_form, set_up
from bot.demo.homeserver import Homeserver
from tests.conftest import NewAccount, NewMember
from tests.running import ASKED
from tests.waiting import PATIENCE


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the program writes to its log, set up as it is for its operator."""
    root, stream = logging.getLogger(), io.StringIO()
    before, levels = root.handlers[:], {name: logging.getLogger(name).level for name in ("", "bot")}
    set_up(verbose=False)
    root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    yield stream
    set_form("text")
    root.handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


SAID = pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a server\n2026-01-01 ERROR bot: all is lost", r"a server\n2026-01-01 ERROR bot: all is lost"),
        ("red \x1b[31m", r"red \x1b[31m"),
        ("turned \u202e round", r"turned \u202e round"),
        ("a lone \udcff", r"a lone \udcff"),
        ("l’été, où\u00a0?", "l’été, où\u00a0?"),
    ],
)


@SAID
def test_no_words_from_outside_begin_a_line_or_steer_a_terminal(written: io.StringIO, said: str, shown: str) -> None:
    logging.getLogger("bot.test").warning("it says: %s", said)
    assert written.getvalue().endswith(f"WARNING bot.test: it says: {shown}\n")
    assert written.getvalue().count("\n") == 1


def test_where_an_error_of_ours_came_from_keeps_its_lines(written: io.StringIO) -> None:
    try:
        raise RuntimeError("oops")
    except RuntimeError:
        logging.getLogger("bot.test").exception("an error of ours")
    assert "\nTraceback (most recent call last):\n" in written.getvalue()


def test_libraries_are_not_heard_with_what_they_quote(written: io.StringIO) -> None:
    for library in ("nio", "sqlalchemy", "aiohttp"):
        logging.getLogger(library).info("Où se former ? token")
    logging.getLogger("psycopg").warning("Où se former ?")
    logging.getLogger("sqlalchemy.pool.impl.QueuePool").error("Où se former ?")
    logging.getLogger("nio").warning("Où se former ?")
    logging.getLogger("bot.test").debug("Où se former ?")
    assert written.getvalue() == ""


# One JSON object a line


def rows(text: str) -> list[dict[str, Any]]:
    """Whatever a reader takes for the end of a line, each of them is an object of its own."""
    return [json.loads(line) for line in text.splitlines()]


@SAID
def test_for_programs_a_record_is_one_line_and_its_words_come_back_whole(
    written: io.StringIO, said: str, shown: str
) -> None:
    set_form("json")
    logging.getLogger("bot.test").warning("it says: %s", said)
    (row,) = rows(written.getvalue())
    assert (row["level"], row["logger"], row["message"]) == ("WARNING", "bot.test", f"it says: {said}")
    assert datetime.now(UTC) - datetime.fromisoformat(row["time"]) < timedelta(minutes=1)
    assert row["time"].endswith("Z")
    assert written.getvalue().isascii()


def test_for_programs_an_error_of_ours_and_the_words_of_libraries_are_lines_like_others(written: io.StringIO) -> None:
    set_form("json")
    try:
        raise RuntimeError("oops")
    except RuntimeError:
        logging.getLogger("bot.test").exception("an error of ours")
    logging.getLogger("asyncio").warning("took\nlong")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn("old", stacklevel=1)
    ours, library, python = rows(written.getvalue())
    assert ours["exception"].endswith("RuntimeError: oops")
    assert (library["logger"], library["message"]) == ("asyncio", "took\nlong")
    assert "exception" not in library
    assert python["logger"] == "py.warnings"


async def concierge(folder: Path, *options: str, until: asyncio.Event | None = None, **environ: str) -> tuple[int, str]:
    """The exit code of `concierge run` and what it wrote; it is stopped by SIGTERM when `until` is set."""
    command = [sys.executable, "-m", "bot", "run", "--config", str(folder / "config.json"), *options]
    places = os.environ | environ
    process = await asyncio.create_subprocess_exec(*command, env=places, cwd=Path(__file__).parents[2], stderr=PIPE)
    ending = asyncio.create_task(process.communicate())
    try:
        if until:
            await asyncio.wait([ending, asyncio.create_task(until.wait())], return_when=asyncio.FIRST_COMPLETED)
            process.send_signal(signal.SIGTERM)
        _, heard = await asyncio.wait_for(asyncio.shield(ending), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await ending
    return process.returncode or 0, heard.decode()


async def test_a_run_for_programs_writes_nothing_but_objects_and_no_words_of_members(
    homeserver: Homeserver, member: NewMember, account: NewAccount, knowledge: Path, tmp_path: Path
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    room = await ana.create_room()
    matrix = {"homeserver": homeserver.url, "user": bot.user, "rooms": [room, "#nowhere:localhost"]}
    (tmp_path / "config.json").write_text(json.dumps({"language": "en", "matrix": matrix}), encoding="utf-8")
    answered = asyncio.Event()
    running = concierge(tmp_path, until=answered, CONCIERGE_LOG="json", CONCIERGE_MATRIX_PASSWORD=bot.password)
    run = asyncio.create_task(running)
    await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and raw["type"] == "m.room.message")
    question = await ana.say(room, f"concierge: {ASKED}")
    await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and question in json.dumps(raw))
    answered.set()
    code, heard = await run
    assert code == 0
    assert all({"time", "level", "logger", "message"} <= row.keys() for row in rows(heard))
    assert any("#nowhere:localhost" in row["message"] for row in rows(heard))
    assert "facilitateur" not in heard


async def test_the_last_word_of_a_run_for_programs_is_an_object_too(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"language": "en", "matrixx": {}}', encoding="utf-8")
    code, heard = await concierge(tmp_path, "--log", "json")
    assert code == 2
    assert "matrixx" in rows(heard)[0]["message"]
    assert {row["level"] for row in rows(heard)} == {"ERROR"}
