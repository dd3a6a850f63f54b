"""A bot that ends itself with SIGKILL at a named point of a question's path."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from bot.channels.discourse import DiscourseChannel
from bot.channels.matrix import MatrixChannel
from bot.messages import Reply
from bot.store import Store

Method = Callable[..., Awaitable[Any]]


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def a_question_in(_: object, __: str, events: Any, ___: str) -> bool:
    return any(event.kind == "message" for event in events)


def of_a_message(_: object, event: Any, *__: object) -> bool:
    return bool(event.kind == "message")


def with_a_reply(_: object, __: object, outcome: Any, ___: object) -> bool:
    return any(post.question for post in outcome.posts)


def a_reply(_: object, outgoing: Any, __: str) -> bool:
    return isinstance(outgoing, Reply) and outgoing.to is not None


STORE, CHANNELS = (Store,), (MatrixChannel, DiscourseChannel)
POINTS: dict[str, tuple[tuple[type, ...], str, Callable[..., bool], bool]] = {  # classes, method, which calls, after it
    "before the journal": (STORE, "receive", a_question_in, False),
    "after the journal": (STORE, "receive", a_question_in, True),
    "while it is heard": (CHANNELS, "read", of_a_message, True),
    "before the outbox": (STORE, "finish", with_a_reply, False),
    "after the outbox": (STORE, "finish", with_a_reply, True),
    "before it is sent": (CHANNELS, "send", a_reply, False),
    "after it is sent, before that is marked": (CHANNELS, "send", a_reply, True),
    "after it is marked": (STORE, "sent", lambda *_: True, True),
}


def arm(point: str) -> None:
    owners, name, concerns, after = POINTS[point]
    for owner in owners:
        setattr(owner, name, _dying(getattr(owner, name), concerns, after))


def _dying(method: Method, concerns: Callable[..., bool], after: bool) -> Method:
    async def dying(*arguments: Any, **named: Any) -> Any:
        if not concerns(*arguments, **named):
            return await method(*arguments, **named)
        if after:
            await method(*arguments, **named)
        die()

    return dying
