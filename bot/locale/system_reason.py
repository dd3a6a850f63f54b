"""Why the operating system refused, as a value that is worded only in the sentence that quotes it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.locale import Wording


@dataclass(frozen=True, slots=True)
class SystemReason:
    """`name`: under `system` in the wording: of the errno (EACCES), or of a class whose errno means something else;
    `text`: the system's own, in English, for what has no name there; `file`: where the sentence around names none.
    """

    name: str
    text: str
    file: str = ""

    def say(self, words: Wording) -> str:
        file = f"{self.file}: " if self.file else ""
        try:
            return file + words(f"system.{self.name}")
        except KeyError:
            return file + self.text

    def __str__(self) -> str:
        return self.text


def system_reason(error: BaseException, *, name_file: bool = False) -> SystemReason:
    """Of the error, or of the one of the system that a library wraps in its own. `name_file`: that it is about."""
    reason = next((one for one in _chain(error) if isinstance(one, OSError) and _name(one)), error)
    text = (isinstance(reason, OSError) and reason.strerror) or str(error) or type(error).__name__
    file = getattr(reason, "filename", None) if name_file else None
    return SystemReason(_name(reason), text, str(file or ""))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """From the outside in: causes, the first of a group (asyncio's and anyio's attempts to connect), and contexts, also
    those that `from None` hides, as httpcore does.
    """
    while error is not None:
        yield error
        inside = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else None
        error = inside or error.__cause__ or error.__context__


def _name(error: BaseException) -> str:
    """SSLError and gaierror have an `errno` of their own; a TimeoutError often has none."""
    if isinstance(error, TimeoutError) or type(error).__module__ in ("ssl", "socket"):
        return type(error).__name__
    return errno.errorcode.get(getattr(error, "errno", None) or 0, "")
