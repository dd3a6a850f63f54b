"""The bot, which ends itself with SIGKILL at a named point of a question's path.

python -m tests.reliability.dying POINT run --config F
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

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


POINTS: dict[str, tuple[type, str, Callable[..., bool], bool]] = {  # class, method, for which calls, after it
    "before the journal": (Store, "receive", a_question_in, False),
    "after the journal": (Store, "receive", a_question_in, True),
    "while it is heard": (MatrixChannel, "read", of_a_message, True),
    "before the outbox": (Store, "finish", with_a_reply, False),
    "after the outbox": (Store, "finish", with_a_reply, True),
    "before it is sent": (MatrixChannel, "send", a_reply, False),
    "after it is sent, before that is marked": (MatrixChannel, "send", a_reply, True),
    "after it is marked": (Store, "sent", lambda *_: True, True),
}


def arm(point: str) -> None:
    owner, name, concerns, after = POINTS[point]
    method: Method = getattr(owner, name)

    async def dying(*arguments: Any, **named: Any) -> Any:
        if not concerns(*arguments, **named):
            return await method(*arguments, **named)
        if after:
            await method(*arguments, **named)
        die()

    setattr(owner, name, dying)


if __name__ == "__main__":
    arm(sys.argv.pop(1))
    from bot.cli import main

    main()
