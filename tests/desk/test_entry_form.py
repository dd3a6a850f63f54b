"""The form of an answer over real HTTP, with knowledge files in a real git repository behind it."""

import errno
import os
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.desk.browsing import Browser, another_moderator
from tests.desk.entry_forms import ID, NEW, compared, fill, filled, log, save, send, shown
from tests.moderation import PORTAL, PRIVATE, react, told_to
from tests.scene import ANA, BOB, ROOM


async def test_only_what_changed_and_was_shown_is_written_once_be_it_long(inside: Browser, repository: Path) -> None:
    before = (repository / "formations.yaml").read_text(encoding="utf-8")
    page = await send(inside, "try", await fill(inside, f"/desk/e/{ID}"), do="compare")
    assert "Rien n’a changé" in page
    await send(inside, "save", filled(page))
    fields = await fill(inside, f"/desk/e/{ID}", answer="Une coopérative forme.")
    page = await send(inside, "save", await compared(inside, fields) | {"answer": "Tout autre chose."})
    assert "ajouté : Tout autre chose." in shown(page)
    assert len(log(repository)) == 1
    page = shown(await send(inside, "try", fields, do="compare"))
    difference = page.partition("Ce qui change")[2].partition("Enregistrer")[0]
    assert "enlevé : Une coopérative forme et certifie. ajouté : Une coopérative forme." in difference
    assert "Façons de poser" not in difference
    seen = await compared(inside, fields)
    for _ in range(2):  # a double click
        assert "C’est enregistré." in await send(inside, "save", seen)
    assert len(log(repository)) == 2
    after = (repository / "formations.yaml").read_text(encoding="utf-8")
    assert {*before.splitlines()} - {*after.splitlines()} == {'    answer: "Une coopérative forme et certifie."'}
    assert "updated: 2026-11-24" in after
    answer = "La clé est à l’accueil du lundi au vendredi. " * 450
    for more in ("", "Le badge y est toute la semaine."):
        answer += more
        await save(inside, await fill(inside, f"/desk/e/{ID}", answer=answer, title="Portail " * 40))
        assert "C’est enregistré." in inside.page.text
    page = await send(inside, "try", await fill(inside, f"/desk/e/{ID}"), do="check")
    assert "Ce titre a 319 caractères" in shown(page)
    for times, sentence in ((2, "caractères en tout, et 30000 sont permis"), (30, "30\u00a0000 caractères au plus")):
        page = await send(inside, "save", await fill(inside, f"/desk/e/{ID}", answer=answer * times))
        assert (inside.page.status_code, sentence in page) == (413, True)
        assert times > 2 or filled(page)["answer"] == [answer * times]
    assert answer * 2 not in (repository / "formations.yaml").read_text(encoding="utf-8")


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"title": ""}, "title", "Il manque : Titre."),
    ({"questions": " \n"}, "questions", "Il manque : Façons de poser la question."),
    ({"answer": "", "link_title": "", "link_url": ""}, "answer", "Il manque la réponse"),
    ({"link_title": ["Le cours"], "link_url": ["ftp://x.example/"]}, "links", "elle commence par https://, http://"),
    ({"link_title": ["Sans adresse"], "link_url": [""]}, "links", "Il manque : Adresse."),
    ({"questions": "??"}, "questions", "formulation sans aucun mot"),
    *(({"review_by": "demain"}, "review_by", "une date s’écrit"), ({"hidden": "yes"}, "rooms", "doit en avoir un")),
    ({"see_also": "Une réponse qui n’existe pas"}, "see_also", "Aucune réponse n’a pour titre"),
]


async def test_an_error_stands_at_its_field_while_typing_too_and_no_word_is_lost(inside: Browser, folder: Path) -> None:
    for fields, name, sentence in WRONG:
        form = await fill(inside, f"/desk/e/{ID}", **fields)
        for do in ("check", "compare"):
            page = await send(inside, "try", form, do=do)
            box = page.partition(f'data-problems="{name}"')[2].partition("</div>")[0]
            assert sentence in shown(f"<{box}")
            for part in (f'problems-{name}" aria-invalid="true"', f'href="#place-{name}"', f'id="place-{name}"'):
                assert part in page
            for field, value in fields.items():
                assert filled(page)[field][0].strip() == str(value[0] if isinstance(value, list) else value).strip()
        await send(inside, "save", form | {"shown": "forged"})
        assert (inside.page.url.path, "notice" in inside.page.url.params) == (f"/desk/e/{ID}", False)
    assert "certifie" in (folder / "formations.yaml").read_text(encoding="utf-8")
    form = await fill(inside, f"/desk/e/{ID}", questions="Comment emprunter la malle robotique ?")
    found = [(await inside.http.post("/desk/check", data=form | {"title": title})).json() for title in ("", "Titre")]
    [[missing], [repeated]] = [one["problems"] for one in found]
    assert (missing["field"], missing["warning"]) == ("title", False)
    assert (repeated["field"], repeated["warning"]) == ("questions", True)
    assert "déjà une façon de demander : « Emprunter la malle robotique »" in shown(repeated["text"])


async def test_without_token_or_session_nothing_is_saved_and_the_text_is_shown(inside: Browser, folder: Path) -> None:
    fields = await compared(inside, await fill(inside, "/desk/new", **NEW, contacts="<b>Zoé</b>"))
    for where in ("check", "try", "save", "save "):
        if where == "save ":
            inside.http.cookies.clear()
        page = await send(inside, where.strip(), fields | {"csrf": "x"})
        assert inside.page.status_code == 403
        for text in ("qui a les clés du portail ?", "https://accueil.example/plan", "Elles sont **à l’accueil**."):
            assert text in unescape(page)
        assert "&lt;b&gt;Zoé&lt;/b&gt;" in page
        assert "{" not in shown(page).partition("Votre texte")[2]
    assert "Pour entrer sur le bureau" in page
    assert "Elles sont" not in (folder / "materiel.yaml").read_text(encoding="utf-8")


async def test_an_open_question_becomes_an_answer_and_who_asked_is_told(inside: Browser) -> None:
    await inside.scene.say(PORTAL)
    private = "qui a donc les clés du portail bleu ?"
    await inside.scene.say(f"concierge : {private}", BOB, **PRIVATE)
    await react(inside.scene, inside.scene.last_reply, "✅", BOB, "!deux")
    [question] = await inside.scene.store.queue.questions()
    assert {asking.private for asking in question.askings} == {True, False}
    fields = await fill(inside, f"/desk/new?q={question.number}")
    assert fields["questions"] == ["qui a les clés du portail bleu ?"]
    assert private not in unescape(inside.page.text)
    assert "1 fois posée en privé" in shown(inside.page.text)
    await save(inside, fields | {"theme": "materiel.yaml", "answer": "À l’accueil."})
    assert "C’est enregistré." in inside.page.text
    assert await inside.scene.store.queue.questions() == []
    told = [reply for reply in await inside.scene.work() if reply.room == ROOM]
    assert [(told_to(reply), "À l’accueil." in reply.text) for reply in told] == [((ANA,), True)]
    assert "n’est plus ouverte" in await inside.get(f"/desk/new?q={question.number}")
    assert inside.page.status_code == 404


async def test_who_saves_or_removes_second_sees_the_change_and_loses_nothing(inside: Browser, repository: Path) -> None:
    mine = await fill(inside, f"/desk/e/{ID}", answer="Ma réponse.", keywords="concierge")
    async with another_moderator(inside) as other:
        await save(other, await fill(other, f"/desk/e/{ID}", answer="La sienne.", title="Son titre"))
    page = await send(inside, "try", mine, do="compare")
    assert inside.page.status_code == 409
    text = shown(page)
    assert "@cleo:example.org a modifié cette réponse pendant ce temps" in text
    assert "enlevé : La sienne. ajouté : Ma réponse." in text
    form = filled(page)
    assert (form["answer"], form["title"], form["keywords"]) == (["Ma réponse."], ["Son titre"], ["concierge"])
    await save(inside, form)
    written = (repository / "formations.yaml").read_text(encoding="utf-8")
    assert all(text in written for text in ("Ma réponse.", "Son titre", "concierge"))
    assert [line.partition(":")[0] for line in log(repository)] == ["@mod", "@cleo", "Main"]
    mine = await compared(inside, await fill(inside, f"/desk/e/{ID}", answer="Ma seconde."))
    editor = inside.scene.ctx.bot.editor
    assert editor
    editor.change(ID, {"answer": "La sienne."}, who="Bob")
    page = await send(inside, "save", mine)
    assert inside.page.status_code == 409
    assert filled(page)["answer"] == ["Ma seconde."]
    assert "La sienne." in (repository / "formations.yaml").read_text(encoding="utf-8")
    await inside.get(f"/desk/e/{ID}/remove")
    editor.change(ID, {"answer": "Au bar."}, who="Bob")
    page = await inside.send("/remove")
    assert (inside.page.status_code, "ajouté : Au bar." in shown(page)) == (409, True)
    assert "Au bar." in (repository / "formations.yaml").read_text(encoding="utf-8")
    editor.remove(ID, who="Bob")
    page = await send(inside, "try", mine, do="compare")
    assert "Elle a été retirée." in page
    await save(inside, filled(page) | {"theme": "materiel.yaml"})
    assert "Ma seconde." in (repository / "materiel.yaml").read_text(encoding="utf-8")


async def test_nothing_that_is_typed_becomes_a_tag(inside: Browser) -> None:
    evil = '<script>alert("x")</script>'
    fields = await fill(inside, "/desk/new", **NEW)
    typed = dict.fromkeys(("title", "questions", "answer", "contacts", "keywords", "not_questions", "rooms"), evil)
    typed |= {"region": evil, "link_title": [evil, ""], "see_also": [evil], "new_theme": evil, "asked": evil}
    for do in ("check", "ask", "compare"):
        page = await send(inside, "try", fields | typed, do=do)
        assert "<script>alert" not in page
        assert page.count("&lt;script&gt;") >= 5
    await save(inside, fields | typed | {"see_also": ""})
    assert inside.page.url.path.startswith("/desk/e/")
    entry = inside.page.url.path
    for path in (entry, "/desk/entries", f"{entry}/history", f"{entry}/remove"):
        assert "<script>alert" not in await inside.get(path)
        assert inside.page.status_code == 200


async def test_a_full_disk_or_a_broken_file_is_said_and_the_text_is_shown(inside: Browser, folder: Path) -> None:
    def full(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    seen = await compared(inside, await fill(inside, f"/desk/e/{ID}", answer="Une coopérative forme."))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.knowledge.editor.replace_file", full)
        page = await send(inside, "save", seen)
    assert (inside.page.status_code, "le disque est plein" in page) == (503, True)
    assert filled(page)["answer"] == ["Une coopérative forme."]
    assert "Une coopérative forme." in shown(page).partition("pour le copier")[2]
    form = filled(page)
    assert "Une coopérative forme." not in await inside.get("/desk/drafts")
    (folder / "cassé.yaml").write_text("theme: x\nentries: [", encoding="utf-8")
    await save(inside, form)
    assert "C’est enregistré." in inside.page.text
    fields = await fill(inside, f"/desk/e/{ID}", answer="Une autre.")
    file = folder / "formations.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("answer:", "anwser:"), encoding="utf-8")
    page = await send(inside, "try", fields, do="compare")
    assert ("formations.yaml" in page, filled(page)["answer"]) == (True, ["Une autre."])


async def test_the_list_marks_what_is_hidden_or_due_and_searches_as_members_do(inside: Browser, folder: Path) -> None:
    path = folder / "materiel.yaml"
    more = "    rooms: [salon]\n    public: false\n    review_by: 2026-01-01\n"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    await inside.scene.ctx.bot.reload()
    page = shown(await inside.get("/desk/entries"))
    assert ("Emprunter la malle robotique cachée à relire" in page, "Formations 1" in page) == (True, True)
    assert "Emprunter la malle robotique" in shown(await inside.get("/desk/entries?q=enprunté+robottique"))
    assert "Aucune réponse trouvée." in await inside.get("/desk/entries?q=zzzzqqq")
    # a broken file is marked with its earlier answers, and also where there are none
    for name, title in (("materiel", "Prêt & matériel"), ("neuf", "Neuf")):
        (folder / f"{name}.yaml").write_text(f'theme: "{title}"\nentries: [', encoding="utf-8")
    await inside.scene.ctx.bot.reload()
    page = shown(await inside.get("/desk/entries"))
    assert "Formations 1" in page
    assert "Prêt & matériel (fichier à corriger) 1 Emprunter la malle robotique" in page
    assert "Neuf (fichier à corriger) 0" in page


async def test_what_is_not_there_is_said_in_a_page_and_forged_fields_are_refused(inside: Browser) -> None:
    for path in ("e/nulle-part", "e/..%2f", "new?q=99", "new?q=x", "new?q=²", "e/nulle-part/history"):
        page = await inside.get(f"/desk/{path}")
        assert (inside.page.status_code, "<h1>" in page) == (404, True)
    form = await fill(inside, f"/desk/e/{ID}")
    for seen in ("{", "[]", '{"id": "x"}', '"x"', "{" * 5000, "[" * 5000):
        page = await send(inside, "save", form | {"seen": seen})
        assert (inside.page.status_code, "n’a pas pu être lu" in page) == (400, True)
