"""What the program tells its operator while it works, on standard error: lines to read, or one JSON object a line."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

Form = Literal["text", "json"]

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_QUIETER = {
    "nio": logging.ERROR,  # its warnings quote events, and so what people wrote
    "sqlalchemy": logging.WARNING,
    "sqlalchemy.pool": logging.CRITICAL,  # what it meets while it clears up; the error itself is said by the store
    "psycopg": logging.ERROR,  # the same
    "alembic": logging.WARNING,
    "aiohttp": logging.WARNING,
    "httpx": logging.WARNING,
    "asyncio": logging.WARNING,
}


_SPACES = "\u00a0\u202f"  # the no-break spaces of French sentences


class _OneLine(logging.Formatter):
    """What comes from outside (a name, a server's words) can neither begin a line of its own nor steer a terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        signs = (sign if sign.isprintable() or sign in _SPACES else ascii(sign)[1:-1] for sign in record.message)
        record.message = "".join(signs)
        return super().formatMessage(record)


class _Json(logging.Formatter):
    """`{"time", "level", "logger", "message"}` and, for an error of ours, `"exception"`; nothing but ASCII.

    The time is UTC as in RFC 3339, to the millisecond. All else is escaped, whatever a reader takes for a line's end.
    """

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said)


_FORMATTERS: dict[Form, logging.Formatter] = {"text": _OneLine(_FORMAT), "json": _Json()}


def set_up(verbose: bool) -> None:
    """`verbose` shows our own details, message texts among them; never those of the libraries: they quote tokens."""
    logging.basicConfig(level=logging.INFO, handlers=[logging.StreamHandler()], force=True)
    formed("text")
    logging.getLogger("bot").setLevel(logging.DEBUG if verbose else logging.INFO)
    for name, level in _QUIETER.items():
        logging.getLogger(name).setLevel(level)


def louder(verbose: bool) -> bool:
    """An option's callback: it gives the option its value."""
    if verbose:
        logging.getLogger("bot").setLevel(logging.DEBUG)
    return verbose


def formed(form: Form) -> Form:
    """The same for the form of the log; where it is for programs, Python's warnings are lines of it too."""
    logging.captureWarnings(form == "json")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_FORMATTERS[form])
    return form


def tell(sentence: str) -> None:
    """The last word of a command that cannot go on: as it stands, or in a log for programs as a line of it."""
    if any(isinstance(handler.formatter, _Json) for handler in logging.getLogger().handlers):
        logging.getLogger("bot").error("%s", sentence)
    else:
        print(sentence, file=sys.stderr)
