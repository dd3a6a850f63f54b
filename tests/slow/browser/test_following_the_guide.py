"""A moderator who has never seen YAML has the French guide alone: from an open question to an answer that is in the
room, on the page and in git. What is clicked is named in the guide. Its pictures are taken on the way:

PICTURES=docs/images .venv/bin/python -m pytest -n 0 tests/slow/browser/test_following_the_guide.py
"""

import os
import re
import shutil
from pathlib import Path

from playwright.async_api import Page, expect

from bot.demo.homeserver import free_port
from bot.knowledge.git import git
from tests.browser import needs_browser, open_browser, open_page
from tests.conftest import NewBot, NewMember
from tests.running import from_bot
from tests.slow.browser.conftest import KNOWLEDGE
from tests.test_learning import saying

GUIDE = (Path(__file__).parents[3] / "docs" / "moderateurs.md").read_text(encoding="utf-8").replace("\u00a0", " ")
QUESTION = "qui prête une thermoformeuse pour un week-end ?"
ANSWER = "L’atelier la prête du vendredi au lundi, contre une caution."
WIDTH = 800  # pixels of the pictures


def named(label: str) -> str:
    """A label of the page, which the guide must name."""
    assert label in GUIDE, label
    return label


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled", caret="hide")


async def write_an_answer(page: Page) -> None:
    """From the list of questions to the saved answer."""
    card = page.locator("section.card").filter(has_text="thermoformeuse")
    await picture(page, "bureau-questions")
    await card.get_by_role("link", name=named("En faire une réponse")).click()
    await page.get_by_label("Titre", exact=True).fill("Emprunter la thermoformeuse")
    await page.get_by_label("Thème", exact=True).select_option(label="Labs et école")
    await page.get_by_label("Réponse", exact=True).fill(ANSWER)
    await page.get_by_role("button", name=named("Vérifier")).click()
    await expect(page.get_by_text("Rien à corriger.")).to_be_visible()
    assert named("Que répondrait le concierge") in await page.content()
    await page.get_by_label("Une question, avec vos mots").fill("je peux emprunter la thermoformeuse ?")
    await page.get_by_role("button", name="Demander").click()
    await expect(page.locator("#result")).to_contain_text(ANSWER)
    await page.locator("#result").scroll_into_view_if_needed()
    await picture(page, "bureau-essai")
    await page.get_by_role("button", name=named("Voir ce qui change")).click()
    await expect(page.locator("#result")).to_contain_text(ANSWER)
    await page.get_by_role("button", name=named("Enregistrer")).click()
    await expect(page.get_by_text("C’est enregistré")).to_be_visible()


@needs_browser
async def test_who_follows_the_guide_answers_for_good(member: NewMember, new_bot: NewBot, tmp_path: Path) -> None:
    shipped = Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))
    git(shipped, "init", "--quiet")
    ana, bea = await member("ana"), await member("bea")
    room, moderation = await ana.create_room(room_alias_name="le-moulin"), await ana.create_room(name="Modération")
    await bea.join(room)
    web = {"address": (port := free_port()), "pages": True}
    more = {"web": web, "knowledge_git": True, "matching": {"encoder": False}}
    running = await new_bot("#le-moulin:localhost", knowledge=shipped, matrix={"moderators_room": moderation}, **more)
    address = f"http://127.0.0.1:{port}/"
    async with running.up(), open_browser() as browser, open_page(browser, address, width=WIDTH) as page:
        await ana.wait_for(room, from_bot(running))
        await bea.say(room, f"concierge : {QUESTION}")
        await bea.wait_for(room, saying(running, "équipe de modération"))
        alone = await ana.direct_room(running.bot.user)
        await ana.say(alone, named("!page"))
        offer = await ana.wait_for(alone, saying(running, "/desk/enter/"))
        await page.goto(address + re.findall(r"desk/enter/\w+", offer["content"]["body"])[0])
        await page.get_by_role("button", name=named("Entrer en tant que")).click()
        await write_an_answer(page)
        await bea.wait_for(room, saying(running, ANSWER))
        again = await bea.say(room, "concierge : la thermoformeuse, on peut l’emprunter ?")
        await bea.wait_for(room, lambda raw: from_bot(running, again)(raw) and ANSWER in raw["content"]["body"])
        await page.goto(f"{address}?q=emprunter thermoformeuse")
        await page.get_by_role("link", name="Emprunter la thermoformeuse").first.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Emprunter la thermoformeuse")
        await expect(page.get_by_text(ANSWER)).to_be_visible()
    log = git(shipped, "log", "--format=%an %s", "--", "labs-et-ecole.yaml")
    assert re.search("ana.*emprunter-la-thermoformeuse", log), log
