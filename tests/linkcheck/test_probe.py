"""Which links are called dead, moved or doubtful: a real web server on this machine, asked as any other."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from bot.cli.link_report import check_links
from bot.knowledge.models import Entry, Link
from bot.knowledge.yaml.problems import Problem
from bot.linkcheck.links import addresses
from bot.linkcheck.probe import check
from bot.locale import wording
from bot.store import LinkState, Store
from tests.linkcheck.website import Site

KNOWLEDGE = """\
theme: "Liens"
entries:
  - id: pages
    title: "Les pages"
    questions: ["Où sont les pages ?"]
    answer: "Voyez [là](http://127.0.0.1:{port}/removed)."
    links:
      - {{title: "Bonne", url: "http://127.0.0.1:{port}/fine"}}
      - {{title: "Ailleurs", url: "http://127.0.0.1:{port}/old"}}
      - {{title: "Disparue", url: "http://127.0.0.1:{port}/gone"}}
      - {{title: "Occupée", url: "http://127.0.0.1:{port}/busy"}}
"""
Beside = Callable[[str], Awaitable[tuple[list[str], list[Problem]]]]
LEADS = {  # state and detail, by host and path
    "a.example/fine": ("right", "200"),
    "a.example/no-head": ("right", "200"),
    "a.example/for-now": ("right", "200"),
    "a.example/old": ("moved", "/new"),
    "a.example/old#part": ("moved", "/new#part"),
    "a.example/old-and-dead": ("dead", "404"),
    "a.example/gone": ("dead", "404"),
    "a.example/removed": ("dead", "410"),
    "a.example/members": ("unsure", "401"),
    "a.example/busy": ("unsure", "503"),
    "a.example/loop": ("unsure", "too many redirects"),
    "a.example/step/4": ("right", "200"),
    "a.example/step/500": ("unsure", "too many redirects"),
    "unknown.example/": ("dead", "no such host"),
    "busy.example/much": ("unsure", "429"),
    "busy.example/alive": ("unsure", "429"),  # it was asked too much already
}


async def test_what_a_link_leads_to(site: Site) -> None:
    """Each address is asked once, and a host no more once it has been asked too much."""
    found = {
        site.url("/" + path, host): expected
        for (host, _, path), expected in ((place.partition("/"), expected) for place, expected in LEADS.items())
    }
    results = await check([*found, *found], policy=site.web({"unknown.example": []}, pause=0.01))
    assert {one.url for one in results} == found.keys()
    for one in results:
        state, detail = found[one.url]
        assert (one.state, detail in one.detail) == (state, True), one
    asked = Counter(site.requests)
    assert asked["HEAD", "/members"] == asked["HEAD", "/much"] == 1
    assert asked["GET", "/much"] == asked["HEAD", "/alive"] == 0
    assert asked.total() < 60


def test_addresses_in_the_text_of_an_answer_count_as_well() -> None:
    text = "[là](https://a.example/x), <https://b.example/>, `https://code.example/`, [à Ana](mailto:a@b.example)."
    links = (Link(title="A", url="https://a.example/x"),)
    entry = Entry(id="un", title="Un", questions=("Un ?",), answer=text, links=links)
    assert addresses(entry) == ["https://a.example/x", "https://b.example/"]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("screen", [Terminal, StringIO])
async def test_a_dead_link_is_told_with_its_place_and_a_bar_shows_on_a_terminal_how_far_it_is(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, screen: type[StringIO]
) -> None:
    (tmp_path / "liens.yaml").write_text(KNOWLEDGE.format(port=site.port), encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", error := screen())
    monkeypatch.setattr(sys, "stdout", out := StringIO())
    monkeypatch.setenv("TERM", "xterm")
    dead = await asyncio.to_thread(check_links, tmp_path, date(2026, 11, 24), wording("fr"), site.web())
    said = sorted(one.say(wording("fr")) for one in dead)
    assert all(sentence.startswith(f"{tmp_path / 'liens.yaml'}:3: ") for sentence in said)
    assert all("(statut 4" in sentence for sentence in said)
    assert ["/gone" in said[0], "/removed" in said[1], len(said)] == [True, True, 2]
    assert f"127.0.0.1:{site.port}/new" in out.getvalue()
    assert ("Liens" in error.getvalue() and "100%" in error.getvalue()) is error.isatty()


async def test_without_any_network_no_link_is_called_dead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    urls = ("https://nowhere.invalid/", "https://elsewhere.invalid/", "mailto:ana@example.org")
    links = [{"title": "A", "url": url} for url in urls]
    entry = json.dumps({"id": "un", "title": "Un", "questions": ["Un ?"], "links": links})
    (tmp_path / "liens.yaml").write_text(f"theme: Liens\nentries: [{entry}]\n", encoding="utf-8")
    [warning] = await asyncio.to_thread(check_links, tmp_path, date(2026, 11, 24), wording("fr"))
    assert "Aucun lien n’a pu être essayé (sur 2)" in warning.say(wording("fr"))
    assert capsys.readouterr().out == ""


@pytest.fixture
def beside(site: Site, tmp_path: Path) -> Beside:
    """The command beside a bot's store: the paths that it asks for, and what is dead."""
    (tmp_path / "pages.yaml").write_text(KNOWLEDGE.format(port=site.port), encoding="utf-8")

    async def look(store: str) -> tuple[list[str], list[Problem]]:
        site.asked.clear()
        given = (tmp_path, date(2026, 11, 24), wording("fr"), site.web(), store)
        dead = await asyncio.to_thread(check_links, *given)
        return sorted({path for _, path in site.requests}), dead

    return look


async def test_what_was_right_within_a_day_is_said_and_not_asked_for_again_before_that_day_is_over(
    beside: Beside, site: Site, ready_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A look by hand changes nothing of what the weekly one concluded."""
    url, then = f"http://127.0.0.1:{site.port}/fine", datetime(2026, 11, 20, tzinfo=UTC)
    dead = LinkState(url, "dead", "404", then, dead_since=then - timedelta(days=4), dead_last=then, dead_times=2)
    store = await Store.open(ready_url)
    await store.links.note_check([dead], then, None, then)
    await store.close()
    all_paths, first = await beside(ready_url)
    assert all_paths == ["/busy", "/fine", "/gone", "/new", "/old", "/removed"]
    before = capsys.readouterr()
    assert "moins d’un jour" not in before.err
    again, second = await beside(ready_url)
    assert (again, second) == (["/busy", "/gone", "/removed"], first)
    after = capsys.readouterr()
    assert "2 sur 5" in after.err
    assert sorted(after.out.splitlines()) == sorted(before.out.splitlines())
    store = await Store.open(ready_url)
    states = await store.links.states()
    assert [(one.state, one.is_dead) for one in states.values() if one.url == url] == [("right", True)]
    await store.links.note_manual([replace(one, checked=one.checked - timedelta(days=1)) for one in states.values()])
    await store.close()
    assert len((await beside(ready_url))[0]) == 6


async def test_it_works_without_a_store(beside: Beside, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = f"sqlite:///{tmp_path}/none.db"
    assert [len((await beside(store))[0]) for _ in range(2)] == [6, 6]
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "none.db").write_text("no database", encoding="utf-8")
    assert len((await beside(store))[0]) == 6
    assert "none.db" in capsys.readouterr().err
