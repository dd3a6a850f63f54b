"""The moderators' desk in a real browser: on a phone and a large screen, light and dark, by keyboard alone, and without
scripts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest_asyncio
from playwright.async_api import Browser, Dialog, Locator, Page, expect

from bot.importing.plan import write_drafts
from bot.matching.decision import Thresholds
from bot.messages import Reaction
from bot.store import LinkState
from tests.browser import PHONE, check_looks, check_page, open_page
from tests.desk import browsing
from tests.desk.browsing import serving
from tests.desk.entry_forms import ID
from tests.desk.test_imported_page import imported
from tests.desk.test_upkeep_pages import FIRST, choose, overdue
from tests.moderation import LASER, PORTAL, command
from tests.scene import ANA, ASKED, BOB, ROOM, START, Scene

OURS = ("new", "figures?from=2020-01-01&to=2020-01-31", "e/nowhere")
"""Pages below `desk/` where all that stands is the bot's own French; on others members' and moderators' words do."""
PAGES = (
    *("", "questions/1/phrase?words=malle", "drafts", "drafts/4", "imported"),
    *("phrasings", "links", "readers", *OURS),
    *("entries", f"e/{ID}", f"e/{ID}/history", f"e/{ID}/remove", "figures", "figures/gaps"),
)
ANSWER = "Elles sont à l’accueil, demandez à l’équipe."


@pytest_asyncio.fixture(loop_scope="session")
async def served(desk: Scene, folder: Path) -> AsyncIterator[str]:
    """The address of a desk with something on each page; it ends in a slash."""
    await desk.say(PORTAL)
    await desk.say(PORTAL, BOB, room="!atelier")
    await desk.say(LASER)
    await desk.say(f"concierge : {ASKED}")
    await desk.bring(Reaction("paper", f"$r{next(desk.ids)}", ROOM, BOB, desk.last_reply, "👎"))
    await command(desk, "!modifier malle-robotique\nanswer: Elle est au fablab.")
    write_drafts(folder, [imported(number) for number in range(1, 27)])
    dead = LinkState(
        "https://formation.example/", "dead", "404", START, None, None, START - timedelta(days=9), START, 3
    )
    await desk.store.links.note_check([dead], START, None, START)
    for entry, value, words in ((ID, -1, ""), (ID, 0, "Il manque le prix."), ("gone", 0, "Le lien est mort.")):
        await desk.store.reader_notes.add(entry, value, words, START)
    async with serving(desk) as url, httpx.AsyncClient() as http:
        await choose(browsing.Browser(desk, http), FIRST, ANA)
        await overdue(desk, folder)
        desk.ruled(limits=Thresholds())
        yield f"{url}/"


async def link_of(desk: Scene) -> str:
    async with httpx.AsyncClient() as http:
        return (await browsing.Browser(desk, http).link()).removeprefix("/")


@asynccontextmanager
async def entered(browser: Browser, desk: Scene, served: str, **look: object) -> AsyncIterator[Page]:
    """A moderator's page, who has entered."""
    async with open_page(browser, served, **look) as page:  # type: ignore[arg-type]
        await enter(page, desk, served)
        yield page


async def enter(page: Page, desk: Scene, served: str) -> None:
    await page.goto(served + await link_of(desk))
    await page.get_by_role("button", name="Entrer en tant que").click()
    await page.wait_for_url(f"{served}desk")
    await desk.work()


async def test_everybody_can_use_every_page(browser: Browser, desk: Scene, served: str) -> None:
    async with open_page(browser, served) as page:
        for path in ("desk", "desk/enter/0", await link_of(desk)):  # why not, and who one is
            await page.goto(served + path)
            await check_looks(page)
        await page.get_by_role("button", name="Entrer en tant que").click()
        await page.wait_for_url(f"{served}desk")
        for path in PAGES:
            await page.goto(f"{served}desk/{path}".rstrip("/"))
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await expect(page.get_by_role("button").first).to_be_visible()
            for closed in await page.locator("details > summary").all():
                await closed.click()
            await check_looks(page, prose=path in OURS)
        await page.goto(f"{served}desk/imported")
        await page.get_by_label("Où ranger la caisse numéro 1 ?").check()
        await page.get_by_role("button", name="Écarter").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Réponses à écarter")
        await check_looks(page, prose=False)


async def test_a_moderator_answers_keeps_and_sets_aside_without_scripts(
    browser: Browser, desk: Scene, served: str, folder: Path
) -> None:
    async with entered(browser, desk, served, width=PHONE, scripts=False) as page:
        card, done = page.get_by_role("region", name="Question n° 1"), page.get_by_role("status")
        await card.get_by_text("Répondre").click()
        await card.get_by_label("Votre réponse").fill(ANSWER)
        await card.get_by_role("button", name="Envoyer la réponse").click()
        await expect(done).to_contain_text("est partie")
        card = page.get_by_role("region", name="Question n° 2")
        surely = card.get_by_role("button", name="Écarter la question")
        await expect(surely).to_be_hidden()
        await card.get_by_text("Écarter", exact=True).click()
        await expect(card).to_contain_text("ne s’annule pas")
        assert 2 in {queued.number for queued in await desk.store.queue.questions()}
        await surely.click()
        await expect(done).to_contain_text("est écartée")
        await expect(card).to_have_count(0)
        await page.get_by_role("link", name="Brouillons").click()
        draft = page.get_by_role("region", name="Nouvelle réponse")
        await draft.get_by_label("Dans quel thème").select_option("Prêt & matériel")
        await draft.get_by_role("button", name="Garder").click()
        await expect(done).to_contain_text("est gardé")
        assert ANSWER in (folder / "materiel.yaml").read_text("utf-8")
        await page.get_by_role("link", name="Réponses importées").click()
        await page.get_by_role("button", name="Modifier").first.click()
        await expect(page.get_by_label("Titre", exact=True)).to_have_value("Où ranger la caisse numéro 1 ?")
        await page.get_by_role("button", name="Terminer la session").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Session terminée")


async def test_an_answer_is_tried_compared_and_saved(browser: Browser, desk: Scene, served: str, folder: Path) -> None:
    file, before = folder / "materiel.yaml", (folder / "materiel.yaml").read_text("utf-8")
    for scripts in (True, False):
        async with entered(browser, desk, served, width=PHONE, scripts=scripts) as page:
            title = await fill_in(page, served)
            await page.get_by_label("Lien 1 : titre").fill("Le plan")
            await page.get_by_label("Lien 1 : adresse").fill("https://accueil.example/plan")
            question = page.get_by_label("Une question, avec vos mots")
            await question.fill("je voudrais ouvrir le portail")
            await question.press("Enter")  # asks, and saves nothing
            trial = page.get_by_role("region", name="Avec ce texte, le concierge répondrait")
            await expect(trial).to_contain_text("Elles sont à l’accueil.")
            if scripts:  # axe is one
                await check_looks(page, prose=False)
            await page.get_by_role("button", name="Voir ce qui change").click()
            await expect(page.get_by_role("region", name="Ce qui change")).to_contain_text("ouvrir le portail")
            if scripts:
                await check_looks(page, prose=False)
            await title.press("Enter")  # saves nothing either
            await expect(trial).to_be_visible()
            assert file.read_text("utf-8") == before
            await save(page)
            assert "Les clés du portail" in file.read_text("utf-8")
        file.write_text(before, "utf-8")
        await desk.ctx.bot.reload()


async def fill_in(page: Page, served: str) -> Locator:
    """A new answer; the field with its title."""
    await page.goto(f"{served}desk/new")
    title = page.get_by_label("Titre", exact=True)
    await title.fill("Les clés du portail")
    await page.get_by_label("Thème", exact=True).select_option("Prêt & matériel")
    await page.get_by_label("Façons de poser la question").fill("qui a les clés ?\nouvrir le portail")
    await page.get_by_label("Réponse", exact=True).fill("Elles sont à l’accueil.")
    return title


async def save(page: Page) -> None:
    await page.get_by_role("button", name="Voir ce qui change").click()
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_text("C’est enregistré.")).to_be_visible()


async def test_a_form_says_while_typed_what_is_missing_or_too_long(browser: Browser, desk: Scene, served: str) -> None:
    async with entered(browser, desk, served, width=PHONE, dark=True) as page:
        await page.goto(f"{served}desk/e/{ID}")
        title, problems = page.get_by_label("Titre", exact=True), page.locator("#problems-title")
        await title.fill("")
        await expect(problems).to_contain_text("Il manque")
        await expect(title).to_have_attribute("aria-invalid", "true")
        await check_page(page, prose=False)
        await title.fill("Se former")
        await expect(problems).to_be_empty()
        await expect(title).not_to_have_attribute("aria-invalid", "true")
        answer, said = page.get_by_label("Réponse", exact=True), page.locator("#length")
        await answer.fill("é" * 24_000)
        await expect(said).to_be_visible()
        await expect(said).not_to_contain_text("plein")
        await answer.press("ControlOrMeta+End")
        await page.keyboard.insert_text("é" * 10_000)
        assert len(await answer.input_value()) == 25_000
        await expect(said).to_contain_text("Ce champ est plein")
        await page.get_by_label("Mots-clés").fill("mot " * 2_000)
        await expect(page.get_by_text("caractères en tout, et 30000 sont permis")).to_be_visible()
        await check_page(page, prose=False)


async def test_what_was_typed_is_offered_again_and_leaving_asks(browser: Browser, desk: Scene, served: str) -> None:
    async with entered(browser, desk, served, width=PHONE) as page:
        title, kept = await fill_in(page, served), page.get_by_text("pas enregistré est gardé")
        asked: list[str] = []

        async def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            await (dialog.accept() if len(asked) > 1 else dialog.dismiss())

        page.on("dialog", stay)
        await page.get_by_role("link", name="Liens").click(no_wait_after=True)
        await expect(title).to_have_value("Les clés du portail")
        await page.get_by_role("link", name="Liens").click()
        await page.wait_for_url(f"{served}desk/links")
        assert asked == ["beforeunload", "beforeunload"]
        await expect(kept).to_be_visible()
        await check_page(page, prose=False)
        await page.goto(f"{served}desk/new")
        await title.fill("Autre chose")  # a text of its own
        await page.get_by_role("button", name="Reprendre « Les clés du portail »").click()
        await expect(title).to_have_value("Les clés du portail")
        await expect(page.get_by_label("Réponse", exact=True)).to_have_value("Elles sont à l’accueil.")
        await save(page)
        await expect(page.get_by_role("button", name="Les clés du portail")).to_have_count(0)
        await page.get_by_role("button", name="Effacer « Autre chose »").click()
        await expect(kept).to_be_hidden()
        await page.goto(f"{served}desk")
        await expect(kept).to_be_hidden()
        card = page.get_by_role("region", name="Question n° 1")
        await card.get_by_text("Répondre").click()
        await card.get_by_label("Votre réponse").fill(ANSWER)  # and is not sent
        await page.goto(f"{served}desk/links")
        await page.goto(f"{served}desk")
        await expect(card.get_by_label("Votre réponse")).to_have_value(ANSWER)


async def test_back_leads_from_what_changes_to_the_form_as_typed(browser: Browser, desk: Scene, served: str) -> None:
    for scripts in (True, False):
        async with entered(browser, desk, served, scripts=scripts) as page:
            await page.goto(f"{served}desk/e/{ID}")
            answer = page.get_by_label("Réponse", exact=True)
            await answer.fill("Une coopérative forme.")
            await page.get_by_role("button", name="Voir ce qui change").click()
            await expect(page.get_by_role("region", name="Ce qui change")).to_be_visible()
            await page.go_back()
            await expect(page.get_by_role("region", name="Ce qui change")).to_have_count(0)
            await expect(answer).to_have_value("Une coopérative forme.")
            await expect(page.get_by_text("pas enregistré est gardé")).to_be_hidden()
            await page.go_forward()
            await expect(page.get_by_role("region", name="Ce qui change")).to_be_visible()
            await page.reload()
            await expect(answer).to_have_value("Une coopérative forme.")


async def test_after_the_end_of_the_session_the_text_is_there_again(browser: Browser, desk: Scene, served: str) -> None:
    context = await browser.new_context(locale="fr-FR")  # the console has the browser's own line about the answer 403
    page = await context.new_page()
    await enter(page, desk, served)
    await page.goto(f"{served}desk/e/{ID}")
    desk.time += timedelta(hours=3)
    await page.get_by_label("Réponse", exact=True).fill("Une coopérative forme.")
    await expect(page.get_by_text("votre texte est gardé dans ce navigateur")).to_be_visible()
    await expect(page.get_by_label("Réponse", exact=True)).to_have_value("Une coopérative forme.")
    other = await context.new_page()
    await other.goto(served + await link_of(desk))
    await other.get_by_role("button", name="Entrer en tant que").click()
    await other.get_by_role("button", name="Reprendre « Se former").click()
    await expect(other.get_by_label("Réponse", exact=True)).to_have_value("Une coopérative forme.")
    await context.close()
