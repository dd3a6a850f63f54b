"""When a link counts as dead, and the weekly round: when it is made, what it marks, what moderators read."""

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from bot.app import clock
from bot.knowledge.models import Entry, Knowledge, Link, Origin
from bot.linkcheck.links import changes, next_state, verdict
from bot.linkcheck.probe import ProbePolicy, ProbeResult, ProbeState
from bot.matching.index import Index
from bot.workers.link_check import LinkCheckJob
from tests.databases import execute
from tests.linkcheck.website import Site
from tests.running import FORMATION
from tests.scene import ASKED, MODERATION, MODERATOR, START, Scene
from tests.waiting import PATIENCE
from tests.web import running_pages

DEAD = "ce lien ne mène plus nulle part"
URL = "https://page.example/"
DETAILS: dict[ProbeState, str] = {"dead": "404", "unsure": "503", "right": "200", "moved": "https://new.example/"}
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


async def test_a_round_is_made_some_minutes_after_the_first_start_and_then_once_a_week(
    week: Week, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A day later after an error of ours; also where it is started again, and where the clock was a year ahead."""

    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    assert not await week.after(MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr("bot.workers.link_check.check", crash)
        assert await week.after(10 * MINUTE)
    assert "internal error in the link check" in caplog.text
    assert [await week.after(time) for time in (23 * HOUR, HOUR)] == [False, True]
    assert week.asked() == ["/a", "/b"]
    assert [await week.after(DAY) for _ in range(8)] == [False] * 6 + [True, False]
    assert week.asked() == ["/a", "/b"]
    await week.scene.store.links.schedule(week.scene.time + timedelta(days=365))
    assert not await week.after(MINUTE)
    assert await week.after(WEEK)
    week.asked()
    for _ in range(6):
        week = started(week.scene, week.site, knowledge(week.site, "/a"))
        assert not await week.after(DAY)
    assert await started(week.scene, week.site, knowledge(week.site, "/a")).after(DAY)


async def test_without_a_network_nothing_is_marked_or_told_and_it_tries_tomorrow(scene: Scene, site: Site) -> None:
    up = started(scene, site, knowledge(site, "/a", "/b"))
    await up.after(MINUTE)
    await up.after(10 * MINUTE)
    before = await scene.store.links.states()
    down = started(scene, site, knowledge(site, "/a", "/b"), site.web({"site.example": []}))
    assert [await down.after(DAY) for _ in range(12)] == [False] * 6 + [True] * 6
    assert await scene.store.links.states() == before
    assert down.rounds.dead() == frozenset()
    assert down.notes == []


async def test_moderators_read_once_what_died_or_came_back_also_after_a_restart(week: Week, ready_url: str) -> None:
    site = week.site
    await week.after(MINUTE)
    await week.after(10 * MINUTE)
    site.dead.add("/a")
    await week.after(WEEK)
    assert (week.notes, week.rounds.dead()) == ([], frozenset())
    await week.after(WEEK)
    assert week.rounds.dead() == {site.url("/a")}
    again = started(week.scene, site, knowledge(site, "/a"))
    await again.rounds.load()  # as after a restart
    assert (again.rounds.dead(), again.rounds.verdicts["dead"]) == ({site.url("/a")}, 1)
    await again.after(WEEK)
    assert execute(ready_url, "SELECT url FROM links") == [(site.url("/a"),)]  # none of a link that is gone
    [died] = week.notes
    assert "Ne mènent plus nulle part" in died
    assert "- Les pages\u00a0: [" in died
    assert f"]({site.url('/a')}) (knowledge/pages.yaml:3)" in died
    assert "/b" not in died
    site.dead.clear()
    await again.after(WEEK)
    assert again.rounds.dead() == frozenset()
    _, back = week.notes
    assert "Répondent de nouveau" in back
    note = week.scene.paper.replies[-1]
    assert (note.quiet, note.mentions) == (True, ())


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


async def test_a_bot_at_work_marks_a_dead_link_after_two_rounds(
    tmp_path: Path, knowledge: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = FORMATION.replace("https://formation.example/", site.url("/a"))
    (knowledge / "formations.yaml").write_text(text, encoding="utf-8")
    day = 0
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=day))
    monkeypatch.setattr("bot.workers.link_check.POLITE", site.web())
    monkeypatch.setattr("bot.workers.link_check.TICK", 0.01)
    site.dead.add("/a")
    async with running_pages(tmp_path, knowledge) as url, httpx.AsyncClient(base_url=url) as http:

        async def answer() -> str:
            return (await http.get("r/formation-facilitation")).text

        assert (site.url("/a") in await answer(), DEAD in await answer()) == (True, False)
        async with asyncio.timeout(PATIENCE):
            while DEAD not in await answer():
                day += 1
                await asyncio.sleep(0.05)
    assert day > 3


def test_dead_is_what_was_seen_dead_twice_three_days_apart_and_moderators_hear_of_what_changed() -> None:
    """What was seen on which day, as what it counts, and what is told."""
    for looks, counted, news in (
        ([(0, "dead")], "suspect", ""),
        ([(0, "dead"), (1, "dead"), (2.9, "dead")], "suspect", ""),
        ([(0, "dead"), (3, "dead")], "dead", "dead"),
        ([(0, "right"), (7, "dead"), (14, "dead")], "dead", "dead"),
        ([(0, "dead"), (7, "right"), (14, "dead")], "suspect", ""),
        ([(0, "dead"), (7, "unsure"), (14, "dead")], "dead", "dead"),
        ([(0, "dead"), (7, "dead"), (14, "unsure"), (21, "unsure")], "dead", ""),
        ([(0, "dead"), (7, "dead"), (14, "right")], "right", "alive"),
        ([(0, "dead"), (7, "dead"), (14, "moved")], "right", "alive moved"),
        ([(7, "dead"), (0, "dead")], "suspect", ""),  # the clock was set back
        ([(0, "moved"), (7, "moved")], "right", ""),
        ([(0, "moved"), (7, "right"), (14, "moved")], "right", "moved"),
        ([(0, "right"), (7, "unsure")], "untried", ""),
    ):
        before, now = None, None
        for days, state in looks:
            before, now = now, next_state(now, ProbeResult(URL, state, DETAILS[state]), START + timedelta(days=days))
        assert now, looks
        assert (verdict(now), now.is_dead) == (counted, counted == "dead"), looks
        found = zip(("dead", "alive", "moved"), changes({URL: before} if before else {}, [now]), strict=True)
        assert " ".join(kind for kind, changed in found if changed) == news, looks


def test_a_site_that_writes_another_ending_each_time_has_moved_once() -> None:
    first, second = (ProbeResult(URL, "moved", f"https://new.example/page?visit={n}") for n in (1, 2))
    before = next_state(None, first, START)
    assert not any(changes({URL: before}, [next_state(before, second, START + timedelta(days=7))]))
