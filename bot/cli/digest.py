"""`digest`: this week's post, shown from the store without the network, or put into the outbox."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.opening import fail, loaded, required_settings, words_of
from bot.cli.options import AsJson, Config, Verbose

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.digest.publishing import Publishing, Spot
    from bot.store import Store

Publish = Annotated[bool, typer.Option("--publish", help="Post it; if it is posted already, give it the new words.")]
Since = Annotated[
    datetime | None,
    typer.Option("--since", metavar="DAY", formats=["%Y-%m-%d"], help="Show what is new since that day (YYYY-MM-DD)."),
]


def digest(
    publish: Publish = False,
    as_json: AsJson = False,
    since: Since = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Show this week's digest, or post it.

    It may run beside the bot, which then sends it at once; without one it is sent when the bot starts.

    \b
    Example:
      concierge digest --config config.yaml
      concierge digest --publish
    """
    settings = required_settings(config)
    words = words_of(settings)
    if settings.digest is None:
        fail(words("program.digest_off"), 2)
    if publish and since:
        fail(words("program.digest_since"), 2)
    held = _running(settings)
    shown = asyncio.run(_work(settings, publish, since))
    _print(settings, shown, as_json)
    if publish and not held and {"new", "edited"} & {one["done"] for one in shown}:
        _tell(words("program.digest_later"), as_json)


def _running(settings: Settings) -> bool:
    """Whether a bot uses the store; one that never ran has nothing to tell of."""
    from bot.store import StoreError
    from bot.store.glance import glance

    words = words_of(settings)
    try:
        seen = glance(settings.store.get_secret_value())
    except StoreError as error:
        fail(str(error), 1)
    if seen.tables == "none":
        fail(words("program.digest_no_store"), 1)
    return seen.held


async def _work(settings: Settings, publish: bool, since: datetime | None) -> list[dict[str, str]]:
    from bot.store import Store, StoreError

    try:
        store = await Store.open(settings.store.get_secret_value(), lock=False)
    except StoreError as error:
        fail(str(error), 1)
    try:
        return await _in_each_place(settings, store, publish, since)
    finally:
        await store.close()


async def _in_each_place(
    settings: Settings, store: Store, publish: bool, since: datetime | None
) -> list[dict[str, str]]:
    from bot.app.digests import publishing, schedule
    from bot.app.networks import networks
    from bot.app.work import clock

    found = {network.channel.name: network for network in networks(settings, store, clock())}
    for network in found.values():
        await network.channel.recall()
    knowledge = (await asyncio.to_thread(loaded, settings)).knowledge
    dead = frozenset(url for url, one in (await store.standings()).items() if one.dead)
    made, when = publishing(settings, store, lambda: knowledge, found, lambda: dead), schedule(settings)
    if made is None or when is None:
        return []
    now = datetime.now(UTC)
    week = when.last(now)
    begin = since.replace(tzinfo=settings.timezone) if since else made.since(week)
    try:
        done = await made.publish(week, now) if publish else {}
        return [await _shown(made, spot, begin, now, done.get(spot.name, "")) for spot in made.places()]
    finally:
        for network in found.values():
            await network.channel.stop()


async def _shown(made: Publishing, spot: Spot, since: datetime, now: datetime, done: str) -> dict[str, str]:
    return {"channel": spot.channel, "place": spot.name, "done": done, "text": await made.shown(spot, since, now)}


def _print(settings: Settings, shown: list[dict[str, str]], as_json: bool) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    if as_json:
        print(json.dumps({"places": shown}, ensure_ascii=False))
        return
    words, console = words_of(settings), Console()
    for one in shown:
        console.rule(one["place"])
        console.print(Markdown(one["text"] or words("program.digest_empty"), hyperlinks=False))
        if one["done"] and one["done"] != "empty":
            console.print(words(f"program.digest_done_{one['done']}"))


def _tell(sentence: str, as_json: bool) -> None:
    import sys

    print(sentence, file=sys.stderr if as_json else sys.stdout)
