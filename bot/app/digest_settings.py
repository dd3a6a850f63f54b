"""The schedule and the publisher of the weekly digest, built from the settings."""

from collections.abc import Callable, Mapping, Set
from datetime import time
from typing import get_args

from bot.config.settings import Settings
from bot.config.types import Day
from bot.digest.publisher import DigestPublisher, DigestTarget, DigestVoice, unfiltered
from bot.digest.schedule import Schedule
from bot.knowledge.models import Knowledge
from bot.messages import TopicSearch
from bot.reading.model import shipped_model
from bot.reading.read import Reader
from bot.store import Store
from bot.text.folding import clean

MARKED, UNMARKED = 0.3, 0.6  # least probability of a question, with and without a question mark
DAYS = get_args(Day)


def schedule(settings: Settings) -> Schedule | None:
    """Return the weekly moment of the digest; None without a `digest` section."""
    if settings.digest is None:
        return None
    day, _, at = settings.digest.when.partition(" ")
    return Schedule(DAYS.index(day), time.fromisoformat(at), settings.timezone)


def weekly(settings: Settings) -> Schedule:
    """When moderators get their weekly lists: with the digest, else on Monday morning."""
    return schedule(settings) or Schedule(0, time(9), settings.timezone)


def publishing(
    settings: Settings,
    store: Store,
    knowledge: Callable[[], Knowledge],
    networks: Mapping[str, DigestVoice],
    dead: Callable[[], Set[str]],
    search: TopicSearch | None,
) -> DigestPublisher:
    """Without `search`, topics of a forum are not checked again."""
    targets = tuple(DigestTarget(one.name, place) for one in settings.networks for place in one.digest_places)
    still_open = search.still_open if search else unfiltered
    return DigestPublisher(store, knowledge, networks, weekly(settings), targets, dead, still_open, surely_asks)


def surely_asks(text: str) -> bool:
    """Whether a text is a question that may be put before everybody: by its form, and surer without a question mark."""
    probability = Reader(shipped_model(), None).inquires(clean(text))
    return probability >= (MARKED if "?" in text else UNMARKED)
