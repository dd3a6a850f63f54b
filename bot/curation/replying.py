"""`!repondre`: an answer for those who asked, where they asked, and a draft to keep it."""

from __future__ import annotations

import re
from dataclasses import replace

from bot import answering
from bot.context import Context
from bot.curation import drafts, keeping, telling
from bot.messages import Message
from bot.store import Outcome, QueuedQuestion


async def answer(here: Context, message: Message, words: str) -> Outcome:
    found = re.match(r"(\d{1,9})[\s:.,)]+(?=\S)(.+)", words.strip(), re.DOTALL)
    if not found:
        return _said(here, message, here.replies.help_one("repondre"))
    queued = await here.store.question(int(found[1]))
    if queued is None or queued.closed:
        return _said(here, message, here.replies.no_open_question(int(found[1])))
    return await _answered(here, message, queued, found[2].strip())


async def _answered(here: Context, message: Message, queued: QueuedQuestion, text: str) -> Outcome:
    posts = await telling.told(here, queued, lambda there, names: there.replies.answered(names, text))
    said = _said(here, message, here.replies.answer_sent(queued.number, len(posts)))
    done = replace(said, reason="answered", posts=(*posts, *said.posts), close=telling.closing(queued))
    return drafts.both(done, await keeping.propose(drafts.Place.of(here, message), queued, text, None))


def _said(here: Context, message: Message, text: str) -> Outcome:
    return Outcome("command repondre", (answering.post(message, text, "command"),), addressed=True)
