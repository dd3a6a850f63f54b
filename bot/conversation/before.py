"""The context of a message: the bot's last post to its author in that place, and whether others spoke since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.conversation.context import Context
from bot.conversation.policy import CHOICE_AGE
from bot.messages import Message
from bot.reading import Said
from bot.store import Purpose, SentPost

TALK = timedelta(minutes=10)
"""How long after the bot's post a person's next message may go on from it."""
_SAID: Mapping[Purpose, Said] = {
    "answer": "answer",
    "short": "answer",
    "told": "answer",
    "suggest": "offer",
    "draft": "confirm",
    "session": "confirm",
    "asked": "confirm",
    "relayed": "confirm",
}


@dataclass(frozen=True, slots=True)
class Before:
    """The context of a message.

    `post`: the one that the message replies to, else the last one to its author; `said`: its kind. `is_reply`: the
    message replies to that post. `is_next`: it comes within `TALK`, and nobody else spoke since. `is_last`: the bot
    posted nothing else to its author since. `offer`: the latest suggestions, if no answer followed.
    """

    post: SentPost | None = None
    said: Said = "nothing"
    is_reply: bool = False
    is_next: bool = False
    is_last: bool = False
    offer: SentPost | None = None


async def last_words(ctx: Context, message: Message, replied_to: SentPost | None) -> Before:
    """Return the context of a message. `replied_to`: the bot's post that the message replies to."""
    if replied_to:
        return Before(replied_to, _said(replied_to, message), is_reply=True, is_last=True)
    if message.reply_to:
        return Before()
    recent = await ctx.store.posts.recent_to(message, [*_SAID, "unknown"], ctx.clock() - CHOICE_AGE)
    if not recent:
        return Before()
    latest = recent[0]
    other = next((one for one in recent if one.post.purpose != "unknown"), None)
    said, is_old = _said(latest.post, message), ctx.clock() - latest.post.made > TALK
    is_there = message.thread is None or message.thread == latest.post.question
    return Before(
        latest.post,
        "nothing" if is_old and said == "answer" else said,
        is_next=is_there and not (is_old or latest.others_spoke or message.mentions_others),
        is_last=latest.is_last,
        offer=other.post if other and other.post.purpose == "suggest" else None,
    )


def _said(post: SentPost, message: Message) -> Said:
    if post.purpose == "unknown":  # in private it asks whether to pass it on
        return "confirm" if message.private else "unknown"
    return _SAID.get(post.purpose, "nothing")
