"""When a link counts as dead, and what moderators hear of: tables of looks, by the day on which each was made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.linkcheck.links import changes, next_state, verdict
from bot.linkcheck.probe import ProbeResult, ProbeState
from bot.store import LinkState

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
URL = "https://page.example/"
DETAILS: dict[ProbeState, str] = {"dead": "404", "unsure": "503", "right": "200", "moved": "https://new.example/"}

Looks = list[tuple[float, ProbeState]]


def standings(looks: Looks) -> list[LinkState]:
    """After each of the looks."""
    found: list[LinkState] = []
    for days, state in looks:
        checked = ProbeResult(URL, state, DETAILS[state])
        found.append(next_state(found[-1] if found else None, checked, START + timedelta(days=days)))
    return found


@pytest.mark.parametrize(
    ("looks", "counted", "news"),
    [
        ([(0, "dead")], "suspect", ""),
        ([(0, "dead"), (1, "dead"), (2.9, "dead")], "suspect", ""),
        ([(0, "dead"), (3, "dead")], "dead", "dead"),
        ([(0, "right"), (7, "dead"), (14, "dead")], "dead", "dead"),
        ([(0, "dead"), (7, "right"), (14, "dead")], "suspect", ""),
        ([(0, "dead"), (7, "unsure"), (14, "dead")], "dead", "dead"),
        ([(0, "dead"), (7, "dead"), (14, "dead")], "dead", ""),
        ([(0, "dead"), (7, "dead"), (14, "unsure"), (21, "unsure")], "dead", ""),
        ([(0, "dead"), (7, "dead"), (14, "right")], "right", "alive"),
        ([(0, "dead"), (7, "dead"), (14, "moved")], "right", "alive moved"),
        ([(0, "dead"), (7, "dead"), (14, "right"), (21, "dead")], "suspect", ""),
        ([(7, "dead"), (0, "dead")], "suspect", ""),  # the clock was set back
        ([(0, "right")], "right", ""),
        ([(0, "moved")], "right", "moved"),
        ([(0, "moved"), (7, "moved")], "right", ""),
        ([(0, "moved"), (7, "unsure"), (14, "moved")], "right", ""),
        ([(0, "moved"), (7, "right"), (14, "moved")], "right", "moved"),
        ([(0, "unsure")], "untried", ""),
        ([(0, "right"), (7, "unsure")], "untried", ""),
    ],
)
def test_dead_is_what_was_seen_dead_twice_three_days_apart_and_moderators_hear_of_what_changed(
    looks: Looks, counted: str, news: str
) -> None:
    *_, before, now = [None, *standings(looks)]
    assert now
    assert (verdict(now), now.is_dead) == (counted, counted == "dead")
    found = zip(("dead", "alive", "moved"), changes({URL: before} if before else {}, [now]), strict=True)
    assert " ".join(kind for kind, changed in found if changed) == news


def test_a_site_that_writes_another_ending_each_time_has_moved_once() -> None:
    first, second = (ProbeResult(URL, "moved", f"https://new.example/page?visit={n}") for n in (1, 2))
    before = next_state(None, first, START)
    assert not any(changes({URL: before}, [next_state(before, second, START + timedelta(days=7))]))
