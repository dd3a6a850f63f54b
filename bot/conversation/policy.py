"""May the bot speak here and now? Pure: the time and what happened before are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.messages import Message

OVERHEARD_DELAY = timedelta(seconds=20)
"""How long a person gets to reply before the bot does."""
ADDRESSED_AGE = timedelta(hours=6)
OVERHEARD_AGE = timedelta(minutes=15)
LATE = timedelta(minutes=5)
"""From this age on a reply says when the question was asked."""
COOL_DOWN = timedelta(hours=1)
CHOICE_AGE = timedelta(days=1)
KEY_PATIENCE = timedelta(minutes=1)
"""How long the key of an encrypted message may take before the room is told that it cannot be read."""
KEY_LOOKS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 120, 240, 480, 900, 1800))
SOON = timedelta(seconds=2)
"""How long to wait for a post that is being sent, or a message that is being handled."""
TRIES = 3
"""How often an event may hang the program, and end it, before it is given up."""
NEWS_AGE = timedelta(days=30)
"""Whoever asked longer ago is not notified of an answer."""
NOTES = 6
"""New questions posted to moderators one by one within an hour; after that, one line says that there are more."""


@dataclass(frozen=True, slots=True)
class Rules:
    """From the settings: overheard answers a room and hour; addressed questions a person within `flood_window`.

    `overheard_age`: how old an overheard question may be; a forum is slower than a chat.
    """

    per_hour: int = 6
    flood_questions: int = 30  # 0: no limit
    flood_window: timedelta = timedelta(minutes=10)
    overheard_age: timedelta = OVERHEARD_AGE


@dataclass(frozen=True, slots=True)
class RecentActivity:
    """What the store knows about the place and the person, at the time of the decision."""

    replied: bool = False  # a person replied to it
    forgotten: bool = False  # its author asked not to be overheard
    hushed: bool = False  # a moderator asked for quiet here
    overheard: int = 0  # overheard answers here within the hour
    asked: int = 0  # the person's addressed questions and commands within the flood window
    flood_told: bool = False  # the person was told within the window


@dataclass(frozen=True, slots=True)
class Respond:
    """Go on. `late`: when it was asked, where that is long enough ago to be said."""

    late: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ignore:
    """Say nothing, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class WarnFlood:
    """Ask the person, once, to slow down."""


Verdict = Respond | Ignore | WarnFlood


def overhears(message: Message) -> bool:
    """Whether a message that is not addressed may be overheard at all: said openly, to nobody in particular."""
    spoken_to_somebody = message.reply_to or message.thread or message.mentions_others
    return not spoken_to_somebody and not message.moderators_room and message.listen != "mentions"


def addressed(message: Message, history: RecentActivity, rules: Rules, now: datetime, any_age: bool = False) -> Verdict:
    """The same for questions and commands. Moderators at work among themselves flood nobody. `any_age`: a wish that an
    outage must not outlast."""
    age = now - message.sent
    if age > ADDRESSED_AGE and not any_age:
        return Ignore("asked more than six hours ago")
    if rules.flood_questions and history.asked >= rules.flood_questions and not message.moderators_room:
        return Ignore("flood") if history.flood_told else WarnFlood()
    return Respond(late=message.sent if age > LATE else None)


def overheard(message: Message, history: RecentActivity, rules: Rules, now: datetime) -> Verdict:
    reasons = (
        (history.replied, "a person replied"),
        (history.forgotten, "its author does not want to be overheard"),
        (history.hushed, "a moderator asked for quiet"),
        (now - message.sent > rules.overheard_age, "said too long ago"),
        (history.overheard >= rules.per_hour, "enough overheard answers this hour"),
    )
    return next((Ignore(reason) for holds, reason in reasons if holds), Respond())


def next_look(waited: timedelta) -> timedelta:
    """How long after it came in a message without its key is tried again, even if no key is known to have come."""
    return next((look for look in KEY_LOOKS if look > waited), waited + KEY_LOOKS[-1])


def answer_after(message: Message) -> datetime:
    """When an overheard message may be answered."""
    return message.sent + OVERHEARD_DELAY
