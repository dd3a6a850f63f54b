"""The weekly round: when it is made, what it marks, what moderators read; a real store, a web on this machine."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app import bot, clock, main
from bot.app.networks import Network
from bot.config.loading import load
from bot.conversation.policy import Rules
from bot.knowledge.models import Entry, Knowledge, Link, Origin
from bot.linkcheck.probe import ProbePolicy
from bot.locale import Language, wording
from bot.matching.index import Index
from bot.messages import Event, Message, Receive
from bot.replies import Replies
from bot.workers.link_check import LinkCheckJob
from tests.databases import execute
from tests.linkcheck.website import Site
from tests.paper import Paper
from tests.running import FORMATION
from tests.scene import ANA, ASKED, MODERATION, MODERATOR, ROOM, Scene
from tests.waiting import PATIENCE, until

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)


def knowledge(site: Site, *paths: str) -> Knowledge:
    """One entry with a link to each of these."""
    links = tuple(Link(title=f"Page {path}", url=site.url(path)) for path in paths)
    entry = Entry(id="pages", title="Les pages", questions=("Où sont les pages ?",), links=links)
    return Knowledge({"pages": entry}, origins={"pages": Origin("knowledge/pages.yaml", 3, "Pages")})


@dataclass
class Week:
    """Rounds in a scene whose clock we move."""

    scene: Scene
    site: Site
    rounds: LinkCheckJob

    async def after(self, time: timedelta) -> bool:
        """Whether a round was made when the time had passed."""
        self.scene.time += time
        due = await self.rounds.step()
        await self.scene.work()
        return due

    @property
    def notes(self) -> list[str]:
        return [reply.text for reply in self.scene.paper.replies if reply.room == MODERATION]

    def asked(self) -> list[str]:
        """The paths asked since the last time, each as often as it was."""
        paths = [path for method, path in self.site.requests if method == "HEAD"]
        self.site.asked.clear()
        return sorted(paths)


@pytest.fixture
def week(scene: Scene, site: Site) -> Week:
    """With an address without end, which is left out."""
    return started(scene, site, knowledge(site, "/a", "/b", "/" + "x" * 5_000))


def started(scene: Scene, site: Site, known: Knowledge, web: ProbePolicy | None = None) -> Week:
    rounds = LinkCheckJob(scene.store, lambda: known, {"paper": scene.ctx}, scene.now, lambda: None, web or site.web())
    return Week(scene.ruled(dead=rounds.dead), site, rounds)


async def test_the_first_round_comes_some_minutes_after_the_first_start_and_then_one_a_week(week: Week) -> None:
    assert not await week.after(MINUTE)
    assert await week.after(10 * MINUTE)
    assert week.asked() == ["/a", "/b"]
    assert [await week.after(DAY) for _ in range(8)] == [False] * 6 + [True, False]
    assert week.asked() == ["/a", "/b"]


async def test_a_restart_begins_no_new_week_nor_puts_off_a_clock_that_was_a_year_ahead(week: Week) -> None:
    await week.scene.store.links.schedule(week.scene.time + timedelta(days=365))
    assert not await week.after(MINUTE)
    assert await week.after(WEEK)
    week.asked()
    for _ in range(6):
        week = started(week.scene, week.site, knowledge(week.site, "/a"))
        assert not await week.after(DAY)
    assert await started(week.scene, week.site, knowledge(week.site, "/a")).after(DAY)


async def test_an_internal_error_ends_only_this_round_which_is_made_again_a_day_later(
    week: Week, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    await week.after(MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr("bot.workers.link_check.check", crash)
        assert await week.after(10 * MINUTE)
    assert "internal error in the link check" in caplog.text
    assert not await week.after(23 * HOUR)
    assert await week.after(HOUR)


async def test_without_a_network_nothing_is_marked_nobody_is_told_and_it_tries_again_tomorrow(
    scene: Scene, site: Site
) -> None:
    up = started(scene, site, knowledge(site, "/a", "/b"))
    await up.after(MINUTE)
    await up.after(10 * MINUTE)
    before = await scene.store.links.states()
    down = started(scene, site, knowledge(site, "/a", "/b"), site.web({"site.example": []}))
    assert [await down.after(DAY) for _ in range(12)] == [False] * 6 + [True] * 6
    assert await scene.store.links.states() == before
    assert down.rounds.dead() == frozenset()
    assert down.notes == []


async def test_moderators_read_once_what_died_what_came_back_and_what_moved(week: Week) -> None:
    site = week.site
    await week.after(MINUTE)
    await week.after(10 * MINUTE)
    site.dead.add("/a")
    await week.after(WEEK)
    assert (week.notes, week.rounds.dead()) == ([], frozenset())
    await week.after(WEEK)
    assert week.rounds.dead() == {site.url("/a")}
    await week.after(WEEK)
    [died] = week.notes
    assert "Ne mènent plus nulle part" in died
    assert "- Les pages\u00a0: [" in died
    assert f"]({site.url('/a')}) (knowledge/pages.yaml:3)" in died
    assert "/b" not in died
    site.dead.clear()
    await week.after(WEEK)
    assert week.rounds.dead() == frozenset()
    _, back = week.notes
    assert "Répondent de nouveau" in back
    note = week.scene.paper.replies[-1]
    assert (note.quiet, note.mentions) == (True, ())


async def test_what_is_marked_is_known_after_a_restart_and_in_no_row_of_a_link_that_is_gone(
    week: Week, ready_url: str
) -> None:
    week.site.dead |= {"/a", "/b"}
    await week.after(MINUTE)
    await week.after(10 * MINUTE)
    await week.after(WEEK)
    again = started(week.scene, week.site, knowledge(week.site, "/a"))
    await again.rounds.load()
    assert again.rounds.dead() == {week.site.url("/a"), week.site.url("/b")}
    assert again.rounds.verdicts == {"dead": 2}
    await again.after(WEEK)
    assert execute(ready_url, "SELECT url FROM links") == [(week.site.url("/a"),)]


async def test_the_list_tells_each_kind_with_its_place_and_when_it_was_looked_at(scene: Scene, site: Site) -> None:
    known = knowledge(site, "/a", "/gone", "/old", "/closed", "/fine")
    late = known.entries["pages"].model_copy(update={"review_by": date(2026, 9, 1)})
    known = replace(known, entries={"pages": late})
    week = started(scene, site, known)
    scene.ruled(index=lambda: Index(known))
    said = await listed(scene)
    assert "n’ont pas encore été regardés" in said
    assert "aucun lien mort" not in said
    await week.after(MINUTE)
    assert "ce sera le 24\u00a0novembre" in await listed(scene)
    await week.after(10 * MINUTE)
    said = await listed(scene)
    assert "Liens regardés le 24\u00a0novembre\u00a0; prochaine fois le 1er\u00a0décembre." in said
    assert section(said, "à confirmer") == ["/gone"]
    assert section(said, "Ont déménagé") == ["/old"]
    assert section(said, "essayés") == ["/closed"]
    assert "statut 403" in said
    assert f"→ `{site.url('/new')}`" in said
    assert "Les pages (knowledge/pages.yaml:3), depuis le 1er\u00a0septembre 2026" in said
    assert "Pas encore regardés" not in said
    known.entries["new"] = late.model_copy(update={"id": "new", "links": (Link(title="Neuf", url=site.url("/neuf")),)})
    assert "Pas encore regardés\u00a0: 1." in await listed(scene)
    await week.after(WEEK)
    assert section(await listed(scene), "Ne mènent plus nulle part") == ["/gone"]


async def listed(scene: Scene) -> str:
    [reply] = await scene.say("!liens", MODERATOR, room=MODERATION, moderators_room=True)
    return reply.text


def section(text: str, heading: str) -> list[str]:
    """The paths of the links below a heading."""
    below = text.partition(heading)[2].split("\n\n")[1]
    return re.findall(r"\]\(http://[^/]+(/[^)]*)\)", below)


# What members see


async def test_a_dead_link_is_marked_in_every_form_of_an_answer(scene: Scene) -> None:
    marked = "[La formation (lien à vérifier)](https://formation.example/)"
    scene.ruled(dead=lambda: {"https://formation.example/"})
    [full] = await scene.say(f"concierge : {ASKED}")
    [short] = await scene.say(f"concierge : {ASKED}", "@bob:example.org")
    [found] = await scene.say("!chercher formation facilitateur", direct=True, room="!deux")
    assert [marked in reply.text for reply in (full, short, found)] == [True] * 3
    assert "Une coopérative" not in short.text
    [overheard] = await scene.say(ASKED, room="!autre") or await scene.later(timedelta(seconds=20))
    assert marked in overheard.text


async def test_suggestions_show_the_first_living_link_and_so_does_the_choice(scene: Scene) -> None:
    first, second = (Link(title=f"Page {n}", url=f"https://{n}.example/") for n in (1, 2))
    entry = Entry(id="pages", title="Les pages", questions=("Où sont les pages ?",), links=(first, second))
    given = scene.ctx.replies.mark_dead_links(entry, {first.url})
    said = scene.ctx.replies.suggest([given], Knowledge({"pages": entry}), date(2026, 11, 24))
    assert (second.url in said, first.url in said) == (True, False)
    assert "vérifier" not in said


@pytest.mark.parametrize("language", ["fr", "en"])
def test_where_all_are_dead_all_are_shown_and_marked(language: Language) -> None:
    links = tuple(Link(title="x" * 300, url=f"https://{n}.example/") for n in (1, 2))
    entry = Entry(id="pages", title="Les pages", questions=("Où ?",), answer="[là](https://1.example/)", links=links)
    mark = {"fr": "(lien à vérifier)", "en": "(link to be checked)"}[language]
    replies = Replies(wording(language), "Concierge", "!", ZoneInfo("Europe/Paris"))
    given = replies.mark_dead_links(entry, {link.url for link in links})
    said = replies.answer([given], Knowledge({"pages": entry}), date(2026, 11, 24))
    assert said.count(mark) == 2  # the one in the text, and the other one
    assert f"[là](https://1.example/) *{mark}*" in said


# The whole bot


@dataclass
class Desk(Paper):
    """A channel that hears what is put on it, while a bot is at work whose clock we move."""

    time: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    heard: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)

    async def listen(self, receive: Receive, since: str | None) -> None:
        while True:
            await receive([await self.heard.get()], "s")

    async def ask(self, text: str) -> str:
        before, id = len(self.replies), f"$ask-{len(self.written)}"
        message = Message("paper", id, ROOM, ANA, f"concierge : {text}", self.time)
        self.heard.put_nowait(self.event(message, self.time))
        await until(lambda: len(self.replies) > before)
        return self.replies[-1].text

    async def pass_until(self, time: timedelta, reached: Callable[[], bool]) -> None:
        while not reached():
            self.time += time
            await asyncio.sleep(0.05)


async def test_a_bot_at_work_marks_a_dead_link_after_two_rounds(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    text = FORMATION.replace("https://formation.example/", site.url("/a"))
    (folder / "formations.yaml").write_text(text, encoding="utf-8")
    account = {"homeserver": "https://paper.example", "user": "@concierge:paper.example", "rooms": [ROOM]}
    given = {"matrix": account, "knowledge": str(folder), "matching": {"encoder": False}}
    (tmp_path / "config.json").write_text(json.dumps(given), encoding="utf-8")
    desk = Desk(moderators_room=MODERATION)
    replies = Replies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"))
    monkeypatch.setattr(bot, "networks", lambda *_: [Network(desk, replies, ("Concierge",), Rules())])
    monkeypatch.setattr(clock, "now", lambda: desk.time)
    monkeypatch.setattr("bot.workers.link_check.POLITE", site.web())
    monkeypatch.setattr("bot.workers.link_check.TICK", 0.01)
    site.dead.add("/a")
    stop = asyncio.Event()
    running = asyncio.create_task(main.run(load(tmp_path / "config.json", {}), stop=stop))
    async with asyncio.timeout(PATIENCE):
        assert f"[La formation]({site.url('/a')})" in await desk.ask(ASKED)
        await desk.pass_until(2 * DAY, lambda: any("/a" in one.text for one in desk.replies if one.room == MODERATION))
        assert f"[La formation (lien à vérifier)]({site.url('/a')})" in await desk.ask(ASKED)
    stop.set()
    assert await running == 0
