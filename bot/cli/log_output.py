"""The log on standard error: lines to read, or one JSON object a line."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from bot.app.served import served

Form = Literal["text", "json"]

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_QUIETER = {
    "nio": logging.ERROR,  # its warnings quote events, with what people wrote
    "sqlalchemy.pool": logging.CRITICAL,  # errors while it closes connections; the store reports the error itself
    "psycopg": logging.ERROR,  # likewise
}
_SPACES = "\u00a0\u202f"  # the no-break spaces of French sentences


def escape_controls(text: str) -> str:
    """Text from outside (a name, a server's error) that can neither start a line nor steer a terminal."""
    return "".join(sign if sign.isprintable() or sign in _SPACES else ascii(sign)[1:-1] for sign in text)


class _OneLine(logging.Formatter):
    """A process that serves several networks names each before its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        message = f"{name}: {record.message}" if (name := served.get()) else record.message
        return _FORMAT % (record.__dict__ | {"message": escape_controls(message)})


class _Json(logging.Formatter):
    """`{"time", "level", "logger", "message"}`, and where there is one, `"network"` and a traceback `"exception"`.

    The time is UTC as in RFC 3339, to the millisecond. All is ASCII, so no reader sees a line end inside.
    """

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        row = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if name := served.get():
            row["network"] = name
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row)


_FORMATTERS: dict[Form, logging.Formatter] = {"text": _OneLine(_FORMAT), "json": _Json()}


def set_up(verbose: bool) -> None:
    """`verbose`: debug lines of ours, which may quote messages; never those of libraries, which quote tokens."""
    logging.basicConfig(level=logging.WARNING, handlers=[logging.StreamHandler()], force=True)
    set_form("text")
    logging.getLogger("bot").setLevel(logging.DEBUG if verbose else logging.INFO)
    for name, level in _QUIETER.items():
        logging.getLogger(name).setLevel(level)


def set_verbose(verbose: bool) -> bool:
    """Callback of an option, whose value it returns."""
    if verbose:
        logging.getLogger("bot").setLevel(logging.DEBUG)
    return verbose


def set_form(form: Form) -> Form:
    """Likewise. In JSON, Python's warnings are lines of the log too."""
    logging.captureWarnings(form == "json")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_FORMATTERS[form])
    return form


def tell(sentence: str) -> None:
    """A sentence to the operator: plain, after the network if there are several, or a line of a JSON log."""
    if any(isinstance(handler.formatter, _Json) for handler in logging.getLogger().handlers):
        logging.getLogger("bot").error("%s", sentence)
    else:
        print(f"{name}: {sentence}" if (name := served.get()) else sentence, file=sys.stderr)
