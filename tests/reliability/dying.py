"""A bot that ends itself with SIGKILL at a named point of a question's path."""

import inspect
import os
import re
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.app import watchdog
from bot.channels.discourse.channel import DiscourseChannel
from bot.channels.matrix.channel import MatrixChannel
from bot.conversation.moderation import actions
from bot.matching.index import EncodedMessage, Index
from bot.messages import Event, Outgoing, Removal, Reply
from bot.store import DraftDecision, Outcome, Store
from bot.store.journal import Journal
from bot.store.outbox import Outbox

Method = Callable[..., Awaitable[Any]]

STORE, JOURNAL, OUTBOX = (Store,), (Journal,), (Outbox,)
CHANNELS = (MatrixChannel, DiscourseChannel)
Points = dict[str, tuple[tuple[Any, ...], str, Callable[..., bool], bool]]
"""By name: the classes, the method, which of its calls (by their arguments, `self` first), and whether after it."""


def any_call(*_: object) -> bool:
    return True


def a_question_in(_: object, __: str, events: Sequence[Event], ___: str) -> bool:
    return any(event.kind == "message" for event in events)


def with_a_reply(_: object, __: object, outcome: Outcome, ___: object) -> bool:
    return any(post.question for post in outcome.posts)


def deciding(_: object, __: object, outcome: Outcome, ___: object) -> bool:
    return outcome.find(DraftDecision) is not None


def a_reply(_: object, outgoing: Outgoing, __: str) -> bool:
    return isinstance(outgoing, Reply) and outgoing.to is not None


def a_removal(_: object, outgoing: Outgoing, __: str) -> bool:
    return isinstance(outgoing, Removal)


def saying(words: str) -> Callable[..., bool]:
    return lambda _, outgoing, __: isinstance(outgoing, Reply) and words in outgoing.text


POINTS: Points = {
    "before the journal": (JOURNAL, "receive", a_question_in, False),
    "after the journal": (JOURNAL, "receive", a_question_in, True),
    "while it is heard": (CHANNELS, "read", lambda _, event, *__: event.kind == "message", True),
    "before the outbox": (STORE, "finish", with_a_reply, False),
    "after the outbox": (STORE, "finish", with_a_reply, True),
    "before it is sent": (CHANNELS, "send", a_reply, False),
    "after it is sent, before that is marked": (CHANNELS, "send", a_reply, True),
    "after it is marked": (OUTBOX, "mark_sent", any_call, True),
}
LEARNING: Points = {  # what a moderator's yes sets off
    "before the file is written": ((actions,), "carry_out", any_call, False),
    "after the file is written": ((actions,), "carry_out", any_call, True),
    "before the yes is noted": (STORE, "finish", deciding, False),
    "after the yes is noted": (STORE, "finish", deciding, True),
    "before the news is sent": (CHANNELS, "send", saying("j’ai maintenant"), False),
    "after the news is sent, before that is marked": (CHANNELS, "send", saying("j’ai maintenant"), True),
}
REMOVAL: Points = {
    "before a post is removed": (CHANNELS, "send", a_removal, False),
    "after a post is removed, before that is marked": (CHANNELS, "send", a_removal, True),
}

POISON = "moulin à vent"
HELD_UP, HELD_UP_FOR_LONG = "held up while it searches", "held up for longer than it is killed"


def hold_up(limit: float) -> None:
    """A search that holds the interpreter for ever, as a pattern did that backtracked; `limit`: of the watchdog."""
    encode = Index.encode

    def searching(self: Index, text: str) -> EncodedMessage:
        if POISON in text:
            re.match(r"^(?:\S+\s*){1,5}$", "x" * 400 + " a b c d e f")
        return encode(self, text)

    watchdog.LIMIT, watchdog.TICK = limit, 0.1
    Index.encode = searching  # type: ignore[method-assign]


def arm(point: str) -> None:
    if point in (HELD_UP, HELD_UP_FOR_LONG):
        return hold_up(0.5 if point == HELD_UP else 600.0)
    owners, name, concerns, after = (POINTS | LEARNING | REMOVAL)[point]
    for owner in owners:
        method = getattr(owner, name)
        mortal = _dying if inspect.iscoroutinefunction(method) else _dying_in_a_thread
        setattr(owner, name, mortal(method, concerns, after))


def _dying_in_a_thread(work: Callable[..., Any], concerns: Callable[..., bool], after: bool) -> Callable[..., Any]:
    def dying(*arguments: Any, **named: Any) -> None:
        if after:
            work(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return dying


def _dying(method: Method, concerns: Callable[..., bool], after: bool) -> Method:
    async def dying(*arguments: Any, **named: Any) -> Any:
        if not concerns(*arguments, **named):
            return await method(*arguments, **named)
        if after:
            await method(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return dying
