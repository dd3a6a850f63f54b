"""What the program tells its operator while it works, on standard error."""

from __future__ import annotations

import logging

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_QUIETER = {
    "nio": logging.ERROR,  # its warnings quote events, and so what people wrote
    "sqlalchemy": logging.WARNING,
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


def set_up(verbose: bool) -> None:
    """`verbose` shows our own details, message texts among them; never those of the libraries: they quote tokens."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine(_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("bot").setLevel(logging.DEBUG if verbose else logging.INFO)
    for name, level in _QUIETER.items():
        logging.getLogger(name).setLevel(level)


def louder(verbose: bool) -> bool:
    """An option's callback: it gives the option its value."""
    if verbose:
        set_up(True)
    return verbose
