"""Whether the bot may reply to a message, and when: by age, flood, mutes and people's replies. Pure.

`matching/decision.py` decides whether it knows an answer that is sure enough. The time and the recent activity are
arguments.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation.addressing import Utterance
from bot.matching.follow_up import goes_on
from bot.messages import Message
from bot.reading import Reading
from bot.text.folding import clean

OVERHEARD_DELAY = timedelta(seconds=20)
"""How long people get to answer an overheard question first."""
CANDIDATE = 0.4
"""Least first confidence of an overheard message that is judged after the delay; 1 % of answers lie below it."""
ADDRESSED_AGE = timedelta(hours=6)
"""Greatest age of a question or command, and of a reply to be sent."""
OVERHEARD_AGE = timedelta(minutes=15)
"""The same for overheard questions."""
LATE = timedelta(minutes=5)
"""Age of a question from which its reply says when it was asked."""
PRESENT = timedelta(minutes=2)
"""How long askers are assumed to be still there, and need no mention."""
COOL_DOWN = timedelta(hours=1)
"""How long an entry is not given again in full in a room, and the period of limits that are an hour's."""
CHOICE_AGE = timedelta(days=1)
"""How long suggestions can be chosen from, and a post counts as the bot's last words."""
KEY_PATIENCE = timedelta(minutes=1)
"""How long the key of an encrypted message may take before the bot says that it cannot read it."""
KEY_LOOKS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 120, 240, 480, 900, 1800))
"""Times after its arrival at which a message without its key is retried; after that, at the last interval."""
SOON = timedelta(seconds=2)
"""How long to wait for a post that is being sent, or a message that is being handled."""
TRIES = 3
"""How many times an event may hang the program, which ends it, before it is given up."""
NEWS_AGE = timedelta(days=30)
"""Age of a question beyond which its asker is not notified of an answer."""
ASKS_NOTHING, ASKS_NOTHING_MARKED = 0.25, 0.01
"""Probabilities below which a message asks nothing of anybody: without a question mark, and with one."""
GOES_ON = 0.3  # least probability that the next message of whoever was answered asks again; chosen on `nadine`
TALKS_ON = 0.7
"""The same, so surely that it is a question to the bot; at 0.7 one in a hundred of other messages is, on `nadine`."""
NOTES = 6
"""New questions posted to moderators one by one within an hour; after that, one line says that there are more."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits from the settings; 0: no limit.

    `per_hour`: overheard answers in a room; `flood_questions`: addressed messages of a person within `flood_window`;
    `overheard_age`: the greatest age of an overheard question (a forum is slower than a chat).
    """

    per_hour: int = 6
    flood_questions: int = 30
    flood_window: timedelta = timedelta(minutes=10)
    overheard_age: timedelta = OVERHEARD_AGE


@dataclass(frozen=True, slots=True)
class RecentActivity:
    """The recent activity in the room of an overheard message, from the store."""

    has_reply: bool = False  # from a person
    has_opted_out: bool = False  # the sender, of being overheard
    is_muted: bool = False  # the room, by a moderator
    overheard_answers: int = 0  # in the room, within the hour


def is_said_openly(utterance: Utterance) -> bool:
    """Whether a message that does not address the bot may be overheard.

    It is in the open, addresses nobody else, and does not go on from an earlier one.
    """
    message = utterance.message
    addresses_others = message.reply_to or message.thread or message.mentions_others
    is_open = not addresses_others and not message.moderators_room and message.listen != "mentions"
    return is_open and not goes_on(utterance.text)


def talks_on(utterance: Utterance, reading: Reading) -> bool:
    """Whether the next message of whoever was just answered surely asks the bot again, though it names nobody."""
    message = utterance.message
    is_to_others = message.moderators_room or message.reply_to or utterance.command is not None
    return not is_to_others and reading.act is None and reading.asks >= TALKS_ON


def asks_nothing(reading: Reading) -> bool:
    """Whether a message surely asks nothing of anybody: neither moderators nor the digest should show it."""
    limit = ASKS_NOTHING_MARKED if "?" in clean(reading.text) else ASKS_NOTHING
    return reading.inquires < limit


def is_flood(message: Message, addressed: int, rules: Rules) -> bool:
    """Whether the author has addressed the bot too often to do so again now; moderators in their room never have."""
    return 0 < rules.flood_questions <= addressed and not message.moderators_room


def why_not_overheard(message: Message, activity: RecentActivity, rules: Rules, now: datetime) -> str | None:
    """Return why an overheard question gets no answer, or None."""
    reasons = (
        (activity.has_reply, "a person replied"),
        (activity.has_opted_out, "its author does not want to be overheard"),
        (activity.is_muted, "a moderator asked for quiet"),
        (now - message.sent > rules.overheard_age, "said too long ago"),
        (activity.overheard_answers >= rules.per_hour, "enough overheard answers this hour"),
    )
    return next((reason for holds, reason in reasons if holds), None)
