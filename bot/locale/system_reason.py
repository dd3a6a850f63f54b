"""The reason of an operating system error, as a value that is worded only in the sentence that quotes it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.locale import Wording


@dataclass(frozen=True, slots=True)
class SystemReason:
    """The reason of a system error.

    `name`: a key of `system` in the wording, the errno's name (EACCES) or the class of an error whose errno means
    something else. `text`: the system's own words, in English, for names without a sentence. `file`: for sentences that
    name none.
    """

    name: str
    text: str
    file: str = ""

    def say(self, words: Wording) -> str:
        key, file = f"system.{self.name}", f"{self.file}: " if self.file else ""
        return file + (words(key) if key in words else self.text)

    def __str__(self) -> str:
        return self.text


def system_reason(error: BaseException, *, name_file: bool = False) -> SystemReason:
    """Return the reason of an error, or of the system error that a library wraps. `name_file`: with its file."""
    reason = next((one for one in _chain(error) if isinstance(one, OSError) and _name(one)), error)
    text = (isinstance(reason, OSError) and reason.strerror) or str(error) or type(error).__name__
    file = getattr(reason, "filename", None) if name_file else None
    return SystemReason(_name(reason), text, str(file or ""))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and its causes, from the outside in.

    Of a group (asyncio's and anyio's attempts to connect) the first is followed. Contexts that `from None` hides are
    followed too: httpcore hides them.
    """
    while error is not None:
        yield error
        inside = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else None
        error = inside or error.__cause__ or error.__context__


def _name(error: BaseException) -> str:
    """Return the key of an error. SSLError and gaierror have their own `errno`; a TimeoutError often has none."""
    if isinstance(error, TimeoutError) or type(error).__module__ in ("ssl", "socket"):
        return type(error).__name__
    return errno.errorcode.get(getattr(error, "errno", None) or 0, "")
