"""One week of the digest: its schedule, moments around it, and an entry."""

from dataclasses import dataclass
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from bot.digest.schedule import Schedule, Week
from bot.knowledge.models import Entry, Link
from bot.replies import Replies
from tests.paper import Paper

ZONE = ZoneInfo("Europe/Paris")
SCHEDULE = Schedule(0, time(9), ZONE)
WEEK = Week(2026, 48)
NOW = SCHEDULE.moment(WEEK) + timedelta(minutes=5)
BEFORE, LONG_AGO = NOW - timedelta(days=3), NOW - timedelta(days=30)


@dataclass(frozen=True)
class Speaking:
    channel: Paper
    replies: Replies


def entry(id: str, title: str = "", answer: str = "Ici.") -> Entry:
    link = Link(title="lien", url=f"https://{id}.example/")
    return Entry(id=id, title=title or id.upper(), questions=("Où ?",), answer=answer, links=(link,))
