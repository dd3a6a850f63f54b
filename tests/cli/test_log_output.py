"""What stands in the log, and what never does."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.cli.log_output import set_form, set_up


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the program writes to its log, set up as it is for its operator."""
    stream = io.StringIO()
    set_up(verbose=False)
    logging.getLogger().handlers[0].setStream(stream)  # type: ignore[attr-defined]
    yield stream
    set_form("text")


def rows(text: str) -> list[dict[str, Any]]:
    """Whatever a reader takes for the end of a line, each of them is an object of its own."""
    return [json.loads(line) for line in text.splitlines()]


def test_no_words_from_outside_begin_a_line_or_steer_a_terminal_and_programs_get_them(written: io.StringIO) -> None:
    for said, shown in (
        ("a server\n2026-01-01 ERROR bot: all is lost", r"a server\n2026-01-01 ERROR bot: all is lost"),
        ("red \x1b[31m", r"red \x1b[31m"),
        ("turned \u202e round", r"turned \u202e round"),
        ("a lone \udcff", r"a lone \udcff"),
        ("l’été, où\u00a0?", "l’été, où\u00a0?"),
    ):
        logging.getLogger("bot.test").warning("it says: %s", said)
        assert written.getvalue().endswith(f"WARNING bot.test: it says: {shown}\n")
        assert written.getvalue().count("\n") == 1
        written.truncate(written.seek(0))
        set_form("json")
        logging.getLogger("bot.test").warning("it says: %s", said)
        (row,) = rows(written.getvalue())
        assert (row["level"], row["logger"], row["message"]) == ("WARNING", "bot.test", f"it says: {said}")
        assert datetime.now(UTC) - datetime.fromisoformat(row["time"]) < timedelta(minutes=1)
        assert (row["time"][-1], written.getvalue().isascii()) == ("Z", True)
        written.truncate(written.seek(0))
        set_form("text")


def test_where_an_error_of_ours_came_from_keeps_its_lines_and_for_programs_all_is_one(written: io.StringIO) -> None:
    def fail() -> None:
        try:
            raise RuntimeError("oops")
        except RuntimeError:
            logging.getLogger("bot.test").exception("an error of ours")

    fail()
    assert "\nTraceback (most recent call last):\n" in written.getvalue()
    written.truncate(written.seek(0))
    set_form("json")
    fail()
    logging.getLogger("asyncio").warning("took\nlong")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn("old", stacklevel=1)
    ours, library, python = rows(written.getvalue())
    assert ours["exception"].endswith("RuntimeError: oops")
    assert (library["logger"], library["message"]) == ("asyncio", "took\nlong")
    assert "exception" not in library
    assert python["logger"] == "py.warnings"


def test_libraries_are_not_heard_with_what_they_quote(written: io.StringIO) -> None:
    for library in ("nio", "sqlalchemy", "aiohttp"):
        logging.getLogger(library).info("Où se former ? token")
    for library in ("psycopg", "nio"):
        logging.getLogger(library).warning("Où se former ?")
    logging.getLogger("sqlalchemy.pool.impl.QueuePool").error("Où se former ?")
    logging.getLogger("bot.test").debug("Où se former ?")
    assert written.getvalue() == ""
