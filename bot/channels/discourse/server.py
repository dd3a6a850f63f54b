"""One call to the forum, and what its answers mean: the only place where HTTP's errors become ours."""

from __future__ import annotations

from bot.messages import Refused, Unreachable


class ReadOnly(Unreachable):
    """The forum takes nothing at present: it is being backed up or upgraded."""


class Denied(Refused):
    """The forum's own refusal: its status and its sentences, in the language of the site: not to be matched."""

    def __init__(self, said: str, status: int, sentences: tuple[str, ...] = ()) -> None:
        super().__init__(said)
        self.status, self.sentences = status, sentences


class Missing(Denied):
    """It does not exist, or not for us (404, 410)."""


class Forbidden(Denied):
    """We may not (401, 403). A wrong key, a key that is not for this and a want of rights all get this answer."""


class Invalid(Denied):
    """What we wrote is not taken (422): too short, too similar, a closed topic, too late to edit …"""


class Conflict(Denied):
    """Somebody changed it meanwhile (409)."""
