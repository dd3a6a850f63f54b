"""Figures at the desk: what was asked and given, by week and by answer, without who asked."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from bot.messages import Reaction
from tests.desk.browsing import Browser
from tests.desk.entry_forms import ID, fill, save, shown
from tests.scene import ANA, ASKED, BOB, MODERATION, MODERATOR, OTHER, ROOM

SECRET = "qui a perdu la clé de la chambre froide ?"


async def table(browser: Browser, name: str) -> list[list[str]]:
    await browser.get(f"/desk/figures/{name}.csv")
    assert browser.page.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in browser.page.headers["content-disposition"]
    return [*csv.reader(io.StringIO(browser.page.content.decode("utf-8-sig"), newline=""), delimiter=";")]


@pytest.fixture
async def busy(inside: Browser) -> Browser:
    """Two weeks: three answers, then one with a 👎, a question without an answer, and a private one."""
    scene = inside.scene
    scene.time -= timedelta(days=7)
    for person in (ANA, BOB, "@cleo:example.org"):
        await scene.say(f"concierge : {ASKED}", person, room=f"{ROOM}{person}")
    scene.time += timedelta(days=7)
    await scene.say(f"concierge : {ASKED}")
    await scene.bring(Reaction("paper", f"$r{next(scene.ids)}", ROOM, ANA, scene.last_reply, "👎"))
    await scene.say(f"concierge : {OTHER}")
    await scene.say(f"concierge : {SECRET}", room="!deux", direct=True, private=True)
    return inside


async def test_weeks_are_counted_from_monday_on(busy: Browser) -> None:
    head, *rows = await table(busy, "weeks")
    assert ", ".join(head) == (
        "Semaine du, Questions, Avec réponse, Propositions, Sans réponse, 👍, 👎, Heures d’attente"
    )
    assert rows == [["2026-11-16", "3", "3", "0", "0", "0", "0", ""], ["2026-11-23", "3", "1", "0", "2", "0", "1", ""]]


async def test_a_question_that_moderators_answered_counts_once_with_the_hours_it_took(busy: Browser) -> None:
    scene, moderators = busy.scene, {"room": MODERATION, "moderators_room": True}
    number = next(one.number for one in await scene.store.queue.questions() if one.open_texts == (OTHER,))
    scene.time += timedelta(minutes=100)
    await scene.say(f"!repondre {number} https://lieu.example/reponse", MODERATOR, **moderators)
    weeks = (await table(busy, "weeks"))[1:]
    assert [row[-1] for row in weeks] == ["", "2"]
    assert [sum(int(row[at]) for row in weeks) for at in (2, 3, 4)] == [4, 0, 2]
    [stats] = await scene.say("!stats", MODERATOR, **moderators)
    assert "réponses 1, propositions 0, sans réponse 2" in stats.text  # of seven days, not since Monday


async def test_the_page_shows_the_same_numbers_beside_its_plots(busy: Browser) -> None:
    page = await busy.get("/desk/figures")
    assert "23 novembre 2026 3 1 0 2 0 1 –" in shown(page)
    assert "16 novembre 2026 3 3 0 0 0 0 –" in shown(page)
    plots = re.findall(r"<svg .*?</svg>", page, re.DOTALL)
    assert "2 semaines, 6 questions : 4 avec une réponse, 0 avec des propositions, 2 sans réponse." in shown(plots[0])
    assert "16/11 – Avec réponse (3)" in plots[0]
    assert "style=" not in page


async def test_answers_are_counted_and_those_never_given_are_named(busy: Browser) -> None:
    head, first, second = await table(busy, "entries")
    assert head == ["Réponse", "Identifiant", "Fois", "👍", "👎"]
    assert first == ["Se former à la facilitation de tiers-lieu", ID, "4", "0", "1"]
    assert second == ["Emprunter la malle robotique", "malle-robotique", "0", "0", "0"]
    page = shown(await busy.get("/desk/figures"))
    assert "Emprunter la malle robotique" in page.partition("Jamais données 1")[2]
    assert "Se former" in page.partition("mal reçues")[2].partition("Jamais données")[0]


async def test_gaps_are_named_but_never_what_was_asked_in_private(busy: Browser) -> None:
    page = shown(await busy.get("/desk/figures/gaps"))
    assert OTHER in page
    assert SECRET not in page
    head, *rows = await table(busy, "gaps")
    assert head == ["Question", "Fois", "Réponse à compléter"]
    assert {row[0] for row in rows} == {OTHER, ASKED}  # the latter is not sure enough


async def test_a_title_that_looks_like_a_formula_is_a_text(busy: Browser) -> None:
    await save(busy, await fill(busy, f"/desk/e/{ID}", title="=1+1"))
    assert ["'=1+1", ID, "4", "0", "1"] in await table(busy, "entries")


async def test_before_anything_was_asked_there_is_one_week_and_a_page(inside: Browser) -> None:
    assert len(await table(inside, "weeks")) == 2
    assert "Aucune." in await inside.get("/desk/figures")
    assert "Rien ne manque." in await inside.get("/desk/figures/gaps")


async def test_there_are_no_other_tables_and_all_are_for_who_entered(browser: Browser) -> None:
    for path in ("figures", "figures/gaps", "figures/weeks.csv", "entries", f"e/{ID}", f"e/{ID}/history"):
        await browser.get(f"/desk/{path}")
        assert browser.page.status_code == 403
    await browser.enter()
    for path in ("figures/others.csv", "figures/weeks", "figures/..csv"):
        await browser.get(f"/desk/{path}")
        assert browser.page.status_code == 404
