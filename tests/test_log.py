"""What stands in the log, and what never does."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from bot.cli.logs import set_up


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the program writes to its log, set up as it is for its operator."""
    root, stream = logging.getLogger(), io.StringIO()
    before, levels = root.handlers[:], {name: logging.getLogger(name).level for name in ("", "bot")}
    set_up(verbose=False)
    root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
    yield stream
    root.handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a server\n2026-01-01 ERROR bot: all is lost", r"a server\n2026-01-01 ERROR bot: all is lost"),
        ("red \x1b[31m", r"red \x1b[31m"),
        ("turned \u202e round", r"turned \u202e round"),
        ("a lone \udcff", r"a lone \udcff"),
        ("l'été, où\u00a0?", "l'été, où\u00a0?"),
    ],
)
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
    logging.getLogger("nio").warning("Où se former ?")
    logging.getLogger("bot.test").debug("Où se former ?")
    assert written.getvalue() == ""
