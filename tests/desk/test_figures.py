"""Figures at the desk: what became of the questions, by day, period and answer, without who asked."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.desk.figures import to_csv
from bot.matching.decision import Thresholds
from bot.messages import Reaction, Redaction
from tests.desk.browsing import Browser
from tests.desk.entry_forms import ID, fill, save, shown
from tests.moderation import react
from tests.scene import ANA, ASKED, BOB, MODERATION, MODERATOR, OTHER, ROOM, Scene, text_of

SECRET = "qui a perdu la clé de la chambre froide ?"
CLEO, DORA, EVE = "@cleo:example.org", "@dora:example.org", "@eve:example.org"
MODERATORS = {"room": MODERATION, "moderators_room": True}


async def table(browser: Browser, name: str, query: str = "") -> list[list[str]]:
    await browser.get(f"/desk/figures/{name}.csv{query}")
    assert browser.page.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in browser.page.headers["content-disposition"]
    return [*csv.reader(io.StringIO(browser.page.content.decode("utf-8-sig"), newline=""), delimiter=";")]


async def figures(scene: Scene, first: date, last: date) -> dict[str, int]:
    """The sums that are not zero."""
    counts = await scene.store.stats.figures(first, last, UTC)
    sums: dict[str, int] = {}
    for (_, figure, _), number in counts.items():
        sums[figure] = sums.get(figure, 0) + number
    return sums


@pytest.fixture
async def busy(inside: Browser) -> Browser:
    """Two weeks: three answers, then one with a 👎, a question without an answer, and a private one."""
    scene = inside.scene
    scene.time -= timedelta(days=7)
    for person in (ANA, BOB, CLEO):
        await scene.say(f"concierge : {ASKED}", person, room=f"{ROOM}{person}")
    scene.time += timedelta(days=7)
    await scene.say(f"concierge : {ASKED}")
    await scene.bring(Reaction("paper", f"$r{next(scene.ids)}", ROOM, ANA, scene.last_reply, "👎"))
    await scene.say(f"concierge : {OTHER}")
    await scene.say(f"concierge : {SECRET}", room="!deux", direct=True, private=True)
    return inside


# What became of a question


async def test_each_question_counts_once_by_what_became_of_it(inside: Browser) -> None:
    """Counted by hand: answers with 👍, thanks, 👎, a 👎 that is taken back, and without a word; offers of which one is
    chosen, one refused, one ignored; two questions that nobody knew, of which a moderator answers one."""
    desk, ids = inside.scene, inside.scene.ids
    for person in (ANA, BOB, CLEO, DORA):
        await desk.say(f"concierge : {ASKED}", person, room=f"!{person}")
        if person == BOB:
            await desk.say("merci beaucoup !", person, room=f"!{person}", reply_to=desk.last_reply)
        elif person != DORA:
            await react(desk, desk.last_reply, "👍" if person == ANA else "👎", person, f"!{person}")
    await desk.say(f"concierge : {ASKED}", room="!autre")
    sign = f"$r{next(ids)}"
    await desk.bring(Reaction("paper", sign, "!autre", EVE, desk.last_reply, "👎"))
    await desk.bring(Redaction("paper", f"$d{next(ids)}", "!autre", EVE, sign))
    before = desk.ctx.settings.limits
    desk.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    for person, pick in ((ANA, "1"), (BOB, "aucune"), (CLEO, "")):
        [offer] = await desk.say("concierge : formation malle robotique", person, room=f"!offre{person}")
        assert "**1.**" in offer.text
        if pick:
            await desk.say(pick, person, room=f"!offre{person}", reply_to=desk.last_reply)
    desk.ruled(limits=before)
    await desk.say(f"concierge : {OTHER}")
    await desk.say("concierge : où sont rangés les tréteaux du marché ?")
    numbers = {queued.open_texts[0]: queued.number for queued in await desk.store.queue.questions()}
    desk.time += timedelta(hours=3)
    await desk.say(f"!repondre {numbers[OTHER]} https://lieu.example/reponse", MODERATOR, **MODERATORS)
    note = (await desk.store.posts.about(numbers["où sont rangés les tréteaux du marché ?"], "asked"))[0]
    assert note.event
    await react(desk, note.event, "❌", MODERATOR, MODERATION)
    today = desk.time.date()
    sums = await figures(desk, today, today)
    assert (sums["asked"], sums["answered"], sums["open"], sums["dismissed"]) == (10, 7, 2, 1)
    assert sums["resolved"] == 4  # 👍, thanked, chosen, answered by a person
    assert sums["refused"] == 2  # 👎, none of the offers; both still wait
    assert sums["missed"] == 3  # the refused and the ignored offer, and what was set aside
    assert (sums["liked"], sums["disliked"]) == (1, 1)
    assert [key[2] for key in await desk.store.stats.figures(today, today, UTC) if key[1] == "waited"] == ["180"]
    await inside.enter()
    assert "Attente 3 heures" in shown(await inside.get("/desk/figures"))
    assert await figures(desk, today - timedelta(days=9), today - timedelta(days=1)) == {}
    [stats] = await desk.say("!stats", MODERATOR, **MODERATORS)  # a chat says the same numbers
    assert "questions 10, avec réponse 7, résolues 4, refusées 2, sans réponse 3" in stats.text
    assert "Questions ouvertes\u00a0: " in stats.text
    assert "novembre 2026, 3 sur 10" in text_of(await desk.say("!lacunes", MODERATOR, **MODERATORS))


async def test_a_day_is_that_of_the_bots_own_clock(desk: Scene) -> None:
    desk.time = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # half past midnight in Paris
    await desk.say(f"concierge : {ASKED}")
    zone = desk.ctx.settings.timezone
    for _ in range(2):
        counts = await desk.store.stats.figures(date(2026, 1, 1), date(2027, 1, 1), zone)
        assert {day for day, *_ in counts} == {date(2026, 11, 25)}
        desk.time += timedelta(days=40)
        await desk.store.retention.erase_old(desk.time.astimezone(zone), 90)


# The page, and its tables


async def test_weeks_from_monday_on_or_the_days_that_were_asked_for_count_and_are_plotted(busy: Browser) -> None:
    head, *rows = await table(busy, "weeks")
    assert ", ".join(head) == (
        "À partir du, Posées, Avec réponse, Résolues, Refusées, Sans réponse, Ouvertes, Écartées, 👍, 👎, Attente (h)"
    )
    assert rows == [["2026-11-16", *"330000000", ""], ["2026-11-23", *"310122001", ""]]
    assert (await table(busy, "months"))[1:] == [["2026-11-01", *"640122001", ""]]
    page = await busy.get("/desk/figures")
    assert "Semaine du 23 novembre 2026 3 1 0 1 2 2 –" in shown(page)
    bars = re.findall(r'y="([\d.]+)" width="0.8" height="([\d.]+)"><title>(.*?)</title>', page.replace("\u00a0", " "))
    assert bars == [
        ("0", "3", "Semaine du 16 novembre 2026 – Avec réponse (3)"),
        ("2", "1", "Semaine du 23 novembre 2026 – Avec réponse (1)"),
        ("0", "2", "Semaine du 23 novembre 2026 – Sans réponse (2)"),
    ]
    for query, counts in (
        *(("from=2026-11-20&to=2026-11-30", ["3"]), ("from=2026-11-20&to=2026-11-01", ["3"])),
        ("from=2025-01-01&to=2025-12-31", []),
    ):
        assert [row[1] for row in (await table(busy, "weeks", f"?{query}"))[1:]] == counts
    page = shown(await busy.get("/desk/figures?from=2026-01-01&to=2026-12-31"))
    assert "Du 1er janvier 2026 au 24 novembre 2026" in page
    assert "Première question : le 17 novembre 2026." in page
    assert "novembre 2026 6 4 0 1 2 2 –" in page
    for wrong in ("from=hier&to=9999-12-31", "from=0001-01-01", "from=&to=", "from=2026-02-30"):
        assert "Posées 6" in shown(await busy.get(f"/desk/figures?{wrong}"))


async def test_each_figure_is_explained_and_opens_its_examples_but_none_asked_in_private(busy: Browser) -> None:
    page = await busy.get("/desk/figures")
    read = shown(page)
    assert "Posées 6 Questions posées au concierge, ou à tout le monde s’il y a répondu." in read
    assert "Avec réponse 4 67 % Le concierge a répondu, ou l’équipe plus tard." in read
    assert "Refusées 1 17 %" in read
    for figure, until, examples in (
        ("Avec réponse 4", "Résolues", ["Se former à la facilitation de tiers-lieu (4)"]),
        ("Ouvertes 2", "Écartées", [OTHER, ASKED]),
        ("Sans réponse 2", "Ouvertes", ["Sans exemple ici : 2"]),
    ):
        assert [one for one in examples if one not in read.partition(figure)[2].partition(until)[0]] == []
    assert SECRET not in read
    assert "style=" not in page
    assert "Emprunter la malle robotique" in read.partition("Jamais données 1")[2]
    assert "Se former" in read.partition("mal reçues")[2].partition("Jamais données")[0]
    head, first, second = await table(busy, "entries")
    assert head == ["Réponse", "Identifiant", "Fois", "👍", "👎"]
    assert first == ["Se former à la facilitation de tiers-lieu", ID, "4", "0", "1"]
    assert second == ["Emprunter la malle robotique", "malle-robotique", "0", "0", "0"]
    page = shown(await busy.get("/desk/figures/gaps"))
    assert (OTHER in page, SECRET in page) == (True, False)
    assert "novembre 2026 6 4 2" in page.partition("Sans réponse, mois par mois")[2]
    head, *rows = await table(busy, "gaps")
    assert head == ["Question", "Fois", "Réponse à compléter"]
    assert {row[0] for row in rows} == {OTHER, ASKED}  # the latter is not sure enough
    await busy.scene.say("oui", room="!deux", direct=True, private=True)  # moderators may answer it
    assert len(await busy.scene.store.queue.questions()) == 3
    for path in ("figures", "figures/gaps"):
        assert SECRET not in shown(await busy.get(f"/desk/{path}"))


async def test_before_anything_was_asked_there_is_a_page(inside: Browser) -> None:
    await save(inside, await fill(inside, f"/desk/e/{ID}", title="=1+1"))  # looks like a formula, and is a text
    assert ["'=1+1", ID, "0", "0", "0"] in await table(inside, "entries")
    assert len(await table(inside, "weeks")) == 1
    assert "Aucune." in await inside.get("/desk/figures")
    assert "Rien ne manque." in await inside.get("/desk/figures/gaps")
    for path in ("others.csv", "weeks", "..csv"):
        await inside.get(f"/desk/figures/{path}")
        assert inside.page.status_code == 404


def test_a_table_keeps_its_accents_commas_quotes_and_lines_and_no_cell_is_run_as_a_formula() -> None:
    cells = ["=1+1", "+33 1 23", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1"]
    data = to_csv([['Dite "école", oui\nnon', 3], cells])
    assert data.startswith(b"\xef\xbb\xbf")
    rows = [*csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";")]
    assert rows == [['Dite "école", oui\nnon', "3"], [f"'{cell}" for cell in cells]]
