"""Imported drafts at the desk: found, edited, kept and discarded, one by one and many at once."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.importing.plan import write_drafts
from bot.knowledge.entry_input import draft
from bot.knowledge.models import Entry
from tests.desk.browsing import Browser
from tests.desk.entry_forms import compared, filled, log, save, send, shown
from tests.scene import text_of

MANY = 60


def imported(number: int) -> Entry:
    return draft(
        {
            "id": f"question-{number}",
            "title": f"Où ranger la caisse numéro {number} ?",
            "questions": [f"la caisse {number}, où va-t-elle ?"],
            "answer": f"Sur l’étagère {number}, près de la porte.",
            "updated": "2026-11-20",
            "source": f"faq.csv:{number}",
        }
    )


@pytest.fixture
async def table(inside: Browser, repository: Path) -> Path:
    """A file of drafts, and the path of it."""
    [file] = write_drafts(repository, [imported(number) for number in range(1, MANY + 1)])
    return file


async def opened(inside: Browser, number: int) -> dict[str, Any]:
    """The fields of the form of a draft."""
    box = keys(await inside.get(f"/desk/imported?q=numero {number} ?"))[0]
    return filled(await inside.send("/imported", edit=box))


def keys(page: str) -> list[str]:
    """The values of the boxes of a page, in order."""
    return re.findall(r'name="pick" value="(\w+)"', page)


async def test_a_table_of_drafts_is_searched_and_many_are_kept_and_answered_with(inside: Browser, table: Path) -> None:
    assert "Réponses importées à relire : 60" in shown(await inside.get("/desk/drafts"))
    page = await inside.get("/desk/imported")
    assert "Page 1 sur 3" in shown(page)
    assert len(keys(page)) == 25
    assert "Où ranger la caisse numéro 1 ?" in page
    assert "Sur l’étagère 1, près" in page
    assert "faq.csv:1" in page
    assert len(keys(await inside.get("/desk/imported?page=3"))) == 10
    assert len(keys(await inside.get("/desk/imported?page=99&q=caisse"))) == 10
    page = await inside.get("/desk/imported?q=ETAGERE 42")
    assert "Trouvées : 1." in shown(page)
    assert "numéro 42" in page
    assert "Trouvées : 0." in shown(await inside.get("/desk/imported?q=piscine"))
    boxes = keys(await inside.get("/desk/imported?q=caisse&page=2"))
    page = await inside.send("/imported", pick=boxes[:2], theme="materiel.yaml", decision="keep")
    assert "Réponses gardées : 2." in shown(page)
    assert 'value="caisse"' in page  # still the same search, and the same page of it
    assert "Page 2 sur 3" in shown(page)
    kept = (table.parent / "materiel.yaml").read_text("utf-8")
    assert kept.count("- id: question-") == 2
    assert table.read_text("utf-8").count("- id: question-") == MANY - 2
    assert log(table.parent)[0].startswith("@mod:example.org: ")
    assert "étagère 26" in text_of(await inside.scene.say("concierge : la caisse 26, où va-t-elle ?"))
    assert "faq.csv:26" in kept
    boxes = keys(await inside.get("/desk/imported?page=3"))
    page = await inside.send("/imported", shown=boxes[:3], all="yes", new_theme="Rangements", decision="keep")
    assert "Réponses gardées : 3." in shown(page)
    assert (table.parent / "rangements.yaml").read_text("utf-8").count("- id:") == 3


async def test_nothing_is_kept_without_tick_and_theme_and_discarding_asks_first(inside: Browser, table: Path) -> None:
    before = table.read_text("utf-8")
    for fields, said in (
        ({"theme": "materiel.yaml"}, "Cochez d’abord"),
        *(({"theme": theme, "pick": "x"}, "Choisissez d’abord le thème") for theme in ("", "../../etc")),
    ):
        assert said in await inside.send_from("/desk/imported", "/imported", decision="keep", **fields)
        assert inside.page.status_code == 400
    boxes = keys(await inside.get("/desk/imported"))
    page = await inside.send("/imported", pick=boxes[:3], decision="discard")
    assert "Réponses à écarter 3" in shown(page)
    assert table.read_text("utf-8") == before
    fields = inside.hidden("/imported") | {"pick": keys(page), "decision": "discard_surely"}
    for _ in range(2):  # a double click
        inside.page = await inside.http.post("/desk/imported", data=fields)
        assert "Réponses écartées : 3." in shown(inside.page.text)
    assert table.read_text("utf-8").count("- id:") == MANY - 3
    assert "Retrait de question-3" in log(table.parent)[0]


async def test_what_was_edited_in_the_file_meanwhile_is_not_kept_unseen(inside: Browser, table: Path) -> None:
    """Nor opened, nor overwritten from its form."""
    fields = await compared(inside, await opened(inside, 1) | {"theme": "materiel.yaml", "title": "La caisse 1"})
    boxes = keys(await inside.get("/desk/imported"))
    table.write_text(table.read_text("utf-8").replace("Sur l’étagère 1,", "Dans la cave 1,"), "utf-8")
    page = await inside.send("/imported", pick=boxes[:2], theme="materiel.yaml", decision="keep")
    assert "Réponses gardées : 1." in shown(page)
    assert "Dans la cave 1," in page
    assert "n’attend plus" in await inside.send("/imported", edit=boxes[0])
    page = await send(inside, "save", fields)
    assert ("a changé entre-temps" in page, "La caisse 1" in page) == (True, True)
    assert "Dans la cave 1," in table.read_text("utf-8")


async def test_an_imported_draft_is_edited_and_saving_keeps_it(inside: Browser, table: Path) -> None:
    fields = await opened(inside, 7)
    assert fields["title"] == ["Où ranger la caisse numéro 7 ?"]
    assert "Choisissez un thème" in shown(await send(inside, "try", fields, do="compare"))
    assert "C’est enregistré." in await save(inside, fields | {"title": "Ranger la caisse 7", "theme": "materiel.yaml"})
    assert (inside.page.url.path, inside.page.status_code) == ("/desk/imported", 200)
    assert "caisse numéro 7 ?" not in table.read_text("utf-8")
    text = (table.parent / "materiel.yaml").read_text("utf-8")
    assert ('title: "Ranger la caisse 7"' in text, "faq.csv:7" in text) == (True, True)
    assert "Aucun brouillon n’attend" in await inside.get("/desk/drafts")
    fields = await compared(inside, await opened(inside, 8) | {"theme": "materiel.yaml"})  # as it is
    for _ in range(2):  # a double click
        assert "C’est enregistré." in await send(inside, "save", fields)
    assert (table.parent / "materiel.yaml").read_text("utf-8").count("question-8") == 1


async def test_a_broken_file_of_drafts_or_the_theme_is_named_and_no_draft_is_lost(inside: Browser, table: Path) -> None:
    before, theme = table.read_text("utf-8"), table.with_name("materiel.yaml")
    table.with_name("brouillons-2.yaml").write_text("theme: Brouillons\nentries: [", "utf-8")
    sound = theme.read_text("utf-8")
    theme.write_text("entries: [", "utf-8")
    for broken in ({"theme": "materiel.yaml"}, {"new_theme": "Matériel"}):
        boxes = keys(await inside.get("/desk/imported"))
        assert "brouillons-2.yaml:2" in inside.page.text
        page = await inside.send("/imported", pick=boxes[:2], decision="keep", **broken)
        assert (inside.page.status_code, "materiel.yaml" in page) == (409, True)
    assert table.read_text("utf-8") == before
    theme.write_text(sound, "utf-8")
    fields = await opened(inside, 7) | {"theme": "materiel.yaml"}
    table.write_text("entries: [", "utf-8")
    page = await send(inside, "try", fields, do="compare")
    assert "brouillons.yaml" in page
    assert filled(page)["title"] == fields["title"]
    assert "Aucune réponse importée n’attend" in await inside.get("/desk/imported")


async def test_html_in_an_imported_draft_is_text(inside: Browser, repository: Path) -> None:
    nasty = {"id": "x", "title": "<script>alert(1)</script>", "questions": ["<b>?</b> a"], "answer": "<img src=x>"}
    write_drafts(repository, [draft(nasty)])
    for page in (await inside.get("/desk/imported"), await inside.send("/imported", edit=keys(inside.page.text)[0])):
        assert [tag for tag in ("<script>alert", "<img") if tag in page] == []
