"""`!liens`: what became of the addresses in the answers, and which answers are to be read again."""

from __future__ import annotations

from collections.abc import Iterator

from bot.context import Context
from bot.links import places
from bot.replies.links import Due, Row, Watched
from bot.store import LinkState


async def watched(here: Context) -> Watched:
    standings = await here.store.standings()
    known: dict[str, list[Row]] = {kind: [] for kind in ("dead", "once", "moved", "unsure", "")}
    for place in places(here.knowledge):
        if standing := standings.get(place.url):
            kind = _kind(standing)
            detail = standing.moved_to if kind == "moved" else standing.detail
            known[kind].append(Row(place.title, place.where, place.url, detail or ""))
    return Watched(
        dead=known["dead"],
        once=known["once"],
        moved=known["moved"],
        unsure=known["unsure"],
        review=tuple(_due(here)),
        looked=max((standing.checked for standing in standings.values()), default=None),
        then=await here.store.next_look(),
    )


def _kind(standing: LinkState) -> str:
    """Under which it is listed; nothing: it is as it should be."""
    if standing.dead_times:
        return "dead" if standing.dead else "once"
    if standing.state == "unsure":
        return "unsure"
    return "moved" if standing.moved_to else ""


def _due(here: Context) -> Iterator[Due]:
    """The longest past first."""
    late = [entry for entry in here.knowledge.entries.values() if entry.review_by and entry.review_by < here.today]
    for entry in sorted(late, key=lambda entry: str(entry.review_by)):
        origin = here.knowledge.origins.get(entry.id)
        if entry.review_by:
            yield Due(entry.title, origin.at("review_by") if origin else entry.id, entry.review_by)
