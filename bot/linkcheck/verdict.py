"""What is known of an address after one look more. Pure; the time is an argument.

Dead is what was seen dead twice, three days or more apart, and not right in between: a site that is down for a day, or
being moved, is not marked. What could not be tried says nothing, neither for nor against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.linkcheck.probe import Checked
from bot.store import LinkState

Verdict = Literal["right", "dead", "suspect", "untried"]
"""`suspect`: not there at the last look, and not for long enough; `untried`: it could not be tried."""


@dataclass(frozen=True, slots=True)
class LinkChanges:
    """What moderators want to hear of."""

    dead: tuple[LinkState, ...] = ()
    alive: tuple[LinkState, ...] = ()
    moved: tuple[LinkState, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dead or self.alive or self.moved)


def verdict(standing: LinkState) -> Verdict:
    if standing.dead:
        return "dead"
    kinds: dict[str, Verdict] = {"right": "right", "moved": "right", "dead": "suspect"}
    return kinds.get(standing.state, "untried")


def seen(before: LinkState | None, checked: Checked, now: datetime) -> LinkState:
    known = before or LinkState(checked.url, checked.state, checked.detail, now)
    known = replace(known, state=checked.state, detail=checked.detail, checked=now)
    match checked.state:
        case "dead":
            return replace(known, dead_since=known.dead_since or now, dead_times=known.dead_times + 1, dead_last=now)
        case "unsure":
            return known
        case _:
            moved_to = checked.detail if checked.state == "moved" else None
            return replace(known, dead_since=None, dead_times=0, dead_last=None, right_last=now, moved_to=moved_to)


def changes(before: Mapping[str, LinkState], after: Iterable[LinkState]) -> LinkChanges:
    pairs = [(before.get(now.url), now) for now in after]
    return LinkChanges(
        dead=tuple(now for was, now in pairs if now.dead and not (was and was.dead)),
        alive=tuple(now for was, now in pairs if was and was.dead and not now.dead),
        moved=tuple(now for was, now in pairs if now.moved_to and _page(now) != _page(was)),
    )


def _page(standing: LinkState | None) -> str | None:
    """Where it moved to; behind the question mark some sites write something else each time."""
    return standing.moved_to.partition("?")[0] if standing and standing.moved_to else None
