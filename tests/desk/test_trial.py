"""What the bot would answer with a text that is not saved yet."""

import re
from pathlib import Path

from tests.desk.browsing import ALONE, Browser
from tests.desk.entry_forms import ID, NEW, fill, send, shown
from tests.scene import ASKED, MODERATOR


async def ask(browser: Browser, path: str, question: str, **fields: object) -> str:
    form = await fill(browser, path, **fields)
    return shown(await send(browser, "try", form, do="ask", asked=question)).partition("Avec ce texte")[2]


async def test_the_bot_answers_as_in_the_room_with_a_text_that_is_not_saved(inside: Browser, folder: Path) -> None:
    page = await ask(inside, "/desk/new", "je voudrais ouvrir le portail", **NEW)
    assert "Les clés du portail Elles sont à l’accueil. Le plan" in page
    assert "les-cles" not in (folder / "materiel.yaml").read_text(encoding="utf-8")
    reply, *_ = await inside.scene.say("concierge : je voudrais ouvrir le portail")
    assert "Elles sont à l’accueil" not in reply.text
    hidden = {"rooms": "salon", "hidden": "yes"}  # is tried where it is shown
    assert "Elles sont à l’accueil." in await ask(inside, "/desk/new", "qui a les clés du portail ?", **NEW | hidden)
    # in the words of !pourquoi
    changed = {"answer": "Une coopérative forme. " + "Elle certifie aussi, après un an de pratique. " * 8}
    assert "Pour la suite, touchez ➕" in await ask(inside, f"/desk/e/{ID}", ASKED, **changed)  # as in the room
    for asked, told in (
        ("Où garer une montgolfière jaune ?", "je la transmets à l’équipe de modération"),
        ("bonjour et bonne journée à toute l’équipe", "Je n’ai pas reconnu de question."),
    ):
        assert told in await ask(inside, f"/desk/e/{ID}", asked)
    page = await ask(inside, f"/desk/e/{ID}", ASKED)
    alone = {"room": ALONE, "direct": True, "private": True}
    await inside.scene.say(ASKED, MODERATOR, **alone)
    [why] = await inside.scene.say("!pourquoi", MODERATOR, **alone)
    [sentence] = re.findall(r"Lu comme : question \(\d,\d\d\)", why.text.replace("\u00a0", " "))
    assert sentence in page
    page = await ask(inside, f"/desk/e/{ID}", "merci beaucoup, c’est parfait <b>!")
    assert re.search(r"Lu comme : merci \(\d,\d\d\) Exemples les plus proches : « .*merci", page)
    assert "Lu comme" not in await ask(inside, f"/desk/e/{ID}", "")


async def test_ways_to_ask_that_lead_elsewhere_or_are_taken_from_another_answer_are_named(inside: Browser) -> None:
    page = await ask(inside, "/desk/new", "", **NEW | {"questions": "Comment emprunter la malle robotique ?\nportail"})
    assert "Ces façons de demander ne mènent pas ici" in page
    assert "« Comment emprunter la malle robotique ? »" in page
    assert "Chaque façon de demander mène à cette réponse." in await ask(inside, "/desk/new", "", **NEW)
    taking = {"questions": "trouver une formation de facilitatrice\nformation pour devenir concierge, laquelle ?"}
    page = await ask(inside, "/desk/new", "", **NEW | taking | {"title": "Formation de facilitateur et de concierge"})
    assert "Se former à la facilitation de tiers-lieu" in page.partition("Prises à d’autres réponses")[2]
    assert "Prises" not in await ask(inside, f"/desk/e/{ID}", "")
