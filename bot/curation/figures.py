"""`!stats`: how it goes, and what wants a look."""

from __future__ import annotations

from datetime import timedelta

from bot.context import Context
from bot.replies.figures import Figures, Judged
from bot.store import QueuedQuestion

WEEK = timedelta(days=7)
MANY = 3
"""👎 from which on an entry wants a look, where they are more than the 👍."""
_ANSWERED = ("answer", "short", "told")


async def figures(here: Context) -> Figures:
    said = await here.store.said_since(here.clock() - WEEK)
    verdicts = await here.store.verdicts()
    given = await here.store.given()
    judged = [Judged(id, up, down) for id, (up, down) in verdicts.items() if id in here.knowledge.entries]
    return Figures(
        answered=sum(said[purpose] for purpose in _ANSWERED),
        suggested=said["suggest"],
        unknown=said["unknown"],
        judged=tuple(sorted(judged, key=lambda one: (-one.down, -one.up, one.id))),
        doubtful=tuple(one.id for one in judged if one.down >= MANY and one.down > one.up),
        unasked=tuple(id for id in here.knowledge.entries if id not in given),
        waiting=_by_age(here, await here.store.questions()),
    )


def _by_age(here: Context, queue: list[QueuedQuestion]) -> tuple[int, int, int]:
    """Open questions of this week, of this month, older."""
    ages = [here.clock() - queued.askings[0].asked for queued in queue]
    week = sum(age <= WEEK for age in ages)
    month = sum(WEEK < age <= 30 * WEEK / 7 for age in ages)
    return week, month, len(ages) - week - month
