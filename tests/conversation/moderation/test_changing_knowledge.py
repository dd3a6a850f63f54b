"""Moderators change the knowledge from the chat, and see what it comes to; figures."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from bot.messages import Edit as EditOf
from bot.messages import Message, Removal
from tests.moderation import KNOWLEDGE, PLACES, PORTAL, command, contents, drafted, react, replied, shown
from tests.scene import ASKED, BOB, MODERATION, MODERATOR, ROOM, Scene

# Changing the knowledge

ENTRY = """\
id: gouter-du-jeudi
title: "Le goûter du jeudi"
questions:
  - "C’est quand, le goûter ?"
answer: |
  À 16 h.
"""


@pytest.mark.parametrize(
    "typed",
    [
        ENTRY,
        f"```yaml\n{ENTRY}```",
        "  - " + ENTRY.replace("\n", "\n    ").rstrip() + "\n",
        "Le goûter du jeudi\n- C’est quand, le goûter ?\nÀ 16 h.",
        ENTRY.partition("\n")[2],
    ],
)
async def test_an_entry_is_added_as_yaml_or_as_lines(desk: Scene, typed: str) -> None:
    [draft] = await command(desk, f"!ajouter\n{typed}")
    assert "gouter-du-jeudi" in draft.text
    [done] = await react(desk, shown(desk), "✅")
    assert done.text.startswith("C’est gardé\u00a0: «\u00a0Le goûter du jeudi\u00a0».")
    [answer] = await desk.say("concierge : C’est quand, le goûter ?", BOB)
    assert "À 16 h." in answer.text


async def test_an_entry_that_must_be_mended_for_long_holds_nobody_up(desk: Scene) -> None:
    pauses: list[float] = []

    async def anybody_else() -> None:
        while True:
            begun = time.thread_time()
            await asyncio.sleep(0)
            pauses.append(time.thread_time() - begun)

    others, begun = asyncio.create_task(anybody_else()), time.process_time()
    await command(desk, "!ajouter\ntitle: x\n" + "a\n\n" * 150)
    took = time.process_time() - begun
    others.cancel()
    assert max(pauses) < took / 2


@pytest.mark.parametrize("said", ["theme {} Matériel", "repondre {} Oui."])
async def test_a_number_that_is_too_long_for_any_is_none(desk: Scene, said: str) -> None:
    [reply] = await command(desk, "!" + said.format("9" * 5_000))
    assert reply.text


async def test_a_part_of_an_entry_is_changed(desk: Scene, folder: Path) -> None:
    [draft] = await command(desk, '!modifier malle-robotique\nanswer: "Le planning est en ligne."')
    assert "Le planning est en ligne." in draft.text
    assert "Inscrivez-vous" in draft.text
    await react(desk, shown(desk), "✅")
    assert "Le planning est en ligne." in (folder / "materiel.yaml").read_text(encoding="utf-8")


async def test_an_entry_is_shown_with_its_file_and_how_to_change_it(desk: Scene) -> None:
    [reply] = await command(desk, "!montrer formation-facilitation")
    assert "formations.yaml:4" in reply.text
    assert "Une coopérative forme et certifie." in reply.text
    [reply] = await command(desk, "!edit formation-facilitation")
    assert "`!modifier formation-facilitation`" in reply.text


@pytest.mark.parametrize(
    ("words", "broken"),
    [("montrer {}", "title: ["), ("modifier {}\nanswer: Oui.", "titel: ")],  # of the first nothing can be read
)
async def test_of_an_entry_in_a_broken_file_it_is_said_which_file_and_where(
    desk: Scene, folder: Path, words: str, broken: str
) -> None:
    file = folder / "formations.yaml"
    file.write_text(KNOWLEDGE.replace("title: ", broken, 1), encoding="utf-8")
    [reply] = await command(desk, "!" + words.format("formation-facilitation"))
    assert "formations.yaml:5" in reply.text
    assert "Peut-être" not in reply.text
    [reply] = await command(desk, "!" + words.format("formation-facilitatio"))
    assert "Peut-être" in reply.text


@pytest.mark.parametrize("by_hand", [False, True])
async def test_the_id_of_an_answer_that_was_removed_is_not_given_again(
    desk: Scene, folder: Path, by_hand: bool
) -> None:
    await command(desk, "!ajouter\n" + ENTRY)
    await react(desk, shown(desk), "✅")
    if by_hand:
        (folder / "formations.yaml").write_text(KNOWLEDGE, encoding="utf-8")
        (folder / "materiel.yaml").write_text(PLACES, encoding="utf-8")
        await command(desk, "!recharger")
    else:
        await command(desk, "!retirer gouter-du-jeudi")
        await react(desk, shown(desk), "✅")
    [refusal] = await command(desk, "!ajouter\n" + ENTRY)
    assert "«\u00a0gouter-du-jeudi\u00a0» a été celui d’une réponse qui n’est plus là" in refusal.text
    assert refusal.choices == ()
    [draft] = await command(desk, "!ajouter Goûter du jeudi\nÀ 17 h.")
    assert "id: gouter-du-jeudi-2" in draft.text


async def test_a_draft_from_before_does_not_get_the_id_of_an_answer_that_was_removed_meanwhile(
    desk: Scene, folder: Path
) -> None:
    await command(desk, "!ajouter\n" + ENTRY)
    early = shown(desk)
    await command(desk, "!ajouter\n" + ENTRY)
    await react(desk, shown(desk), "✅")
    await command(desk, "!retirer gouter-du-jeudi")
    await react(desk, shown(desk), "✅")
    [refusal] = await react(desk, early, "✅")
    assert "n’est pas donné deux fois" in refusal.text
    assert not any("goûter" in path.read_text(encoding="utf-8") for path in folder.iterdir())


async def test_a_theme_is_chosen_by_its_name_and_the_draft_shown_anew(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    before = shown(desk)
    [draft] = await command(desk, "!thème 2 Prêt & matériel")
    assert "materiel.yaml" in draft.text
    [draft] = await command(desk, "!theme 1 materiel")  # by the number of its question
    assert "materiel.yaml" in draft.text
    assert Removal(MODERATION, before) in desk.paper.sent.values()
    await react(desk, shown(desk), "✅")
    assert "portail" in (folder / "materiel.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("said", ["2", "materiel.yaml", "Prêt & Matériel."])
async def test_a_draft_without_a_theme_is_kept_under_the_one_that_is_named(
    desk: Scene, folder: Path, said: str
) -> None:
    await drafted(desk)
    [done] = await command(desk, said, reply_to=shown(desk))
    assert "C’est gardé" in done.text
    assert "portail" in (folder / "materiel.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("said", ["2", "Prêt & matériel"])
async def test_a_theme_whose_file_is_broken_is_marked_and_the_draft_waits_until_it_is_corrected(
    desk: Scene, folder: Path, said: str
) -> None:
    file = folder / "materiel.yaml"
    file.write_text(PLACES.replace("title:", "titel:"), encoding="utf-8")
    draft = await drafted(desk)
    assert "**1** Formations · **2** Prêt \\& matériel (fichier à corriger)" in draft.text
    before = shown(desk)
    [reply] = await command(desk, said, reply_to=before)
    assert "le brouillon n°\u00a02 attend toujours" in reply.text
    assert "materiel.yaml:4" in reply.text
    assert len([*folder.iterdir()]) == 2
    file.write_text(PLACES, encoding="utf-8")
    [done] = await command(desk, said, reply_to=before)
    assert "C’est gardé" in done.text


async def test_a_yes_without_a_theme_asks_for_it_and_keeps_nothing(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    before = contents(folder)
    draft = shown(desk)
    for said in ("oui", "✅"):
        [asks] = await command(desk, said, reply_to=draft)
        assert "Dans quel thème" in asks.text
    assert await command(desk, "2", BOB, reply_to=draft) == []
    assert contents(folder) == before


async def test_the_theme_is_that_of_an_entry_about_the_same(desk: Scene) -> None:
    [draft] = await command(desk, "!ajouter Emprunter une malle robotique neuve\nDemandez-la à l’accueil.")
    assert "dans le thème «\u00a0Prêt \\& matériel\u00a0»" in draft.text
    assert draft.choices == ("✅", "❌")


async def test_the_id_of_a_long_title_has_whole_words_and_their_sense(desk: Scene) -> None:
    asked = "Est-ce que quelqu’un saurait me dire où je pourrais emprunter un barbecue pour la fête du lieu ?"
    [draft] = await command(desk, f"!ajouter {asked}\nDemandez-le à l’accueil.")
    id = draft.text.partition("id: ")[2].partition("\n")[0]
    assert "emprunter-barbecue" in id
    assert len(id) <= 50


async def test_an_imported_draft_is_proposed_changed_and_kept(desk: Scene, folder: Path) -> None:
    file = folder / "brouillons.yaml"
    file.write_text(PLACES.replace("malle-robotique", "scie").replace("malle robotique", "scie"), encoding="utf-8")
    [draft] = await command(desk, "!theme scie Prêt & matériel")
    assert "Emprunter la scie" in draft.text
    [again] = await command(desk, 'title: "La scie à onglet"', reply_to=shown(desk))
    assert "La scie à onglet" in again.text
    await react(desk, shown(desk), "✅")
    assert "id: scie" not in file.read_text(encoding="utf-8")
    assert 'title: "La scie à onglet"' in contents(folder)["materiel.yaml"]
    [answer] = await desk.say("concierge : Comment emprunter la scie ?")
    assert "La scie à onglet" in answer.text


@pytest.mark.parametrize("theme", ["../secrets", "a\\b", ".cache"])
async def test_a_theme_is_a_name_and_no_path(desk: Scene, folder: Path, theme: str) -> None:
    await drafted(desk)
    [reply] = await command(desk, f"!theme 2 {theme}")
    assert "un nom, pas un chemin" in reply.text
    await react(desk, shown(desk), "✅")
    assert {path.name for path in folder.iterdir()} == {"formations.yaml", "materiel.yaml"}
    assert {path.name for path in folder.parent.iterdir() if path.suffix == ".yaml"} == set()


@pytest.mark.parametrize(
    ("english", "heard"),
    [
        ("!concierge questions", "Aucune question"),
        ("!answer 9 x", "n°\u00a09 n’attend pas"),
        ("!remove malle-robotique", "disparaît"),
        ("!theme 9 x", "Aucun brouillon"),
        ("!STATS", "Ces sept jours"),
    ],
)
async def test_the_english_names_work_as_well(desk: Scene, english: str, heard: str) -> None:
    [reply] = await command(desk, english)
    assert heard in reply.text


@pytest.mark.parametrize(
    "said", ["ajouter", "modifier", "retirer", "montrer", "phrase malle-robotique", "theme x y", "theme 3000000000 x"]
)
async def test_a_command_without_what_it_needs_shows_how(desk: Scene, said: str) -> None:
    [reply] = await command(desk, f"!{said}")
    assert "Exemple" in reply.text


@pytest.mark.parametrize("said", ["!modifier {}", "!phrase {} x"])
async def test_an_unknown_id_gets_the_likely_one(desk: Scene, said: str) -> None:
    [reply] = await command(desk, said.format("malle-robotiqe"))
    assert "`malle-robotique`" in reply.text
    [reply] = await command(desk, said.format("zzz"))
    assert "Je ne connais aucune réponse" in reply.text


async def test_yaml_in_an_answer_stays_text(desk: Scene, folder: Path) -> None:
    trap = 'À l\'accueil.\n  - id: intrus\n    title: "x"\n---\n*a &b !c "d" \\e # f: g'
    await replied(desk, trap)
    await react(desk, desk.last, "📝", room=ROOM)
    await react(desk, shown(desk), "✅")
    entries = desk.ctx.knowledge.entries
    assert set(entries) == {"formation-facilitation", "malle-robotique", "qui-a-les-cles-du-portail-bleu"}
    assert entries["qui-a-les-cles-du-portail-bleu"].answer == trap


async def test_an_edited_command_is_not_given_twice_nor_taken_for_a_question(desk: Scene) -> None:
    await command(desk, "!ajouter\n" + ENTRY)
    edited = Message(
        "paper", desk.last, MODERATION, MODERATOR, "!ajouter\n" + ENTRY + "# x", desk.time, moderators_room=True
    )
    assert await desk.bring(EditOf("$e", edited)) == []


# Figures


async def test_figures_say_how_it_goes_and_what_wants_a_look(desk: Scene) -> None:
    await desk.say(f"concierge : {ASKED}")
    answer = desk.last_reply
    for person in ("@a:x", "@b:x", "@c:x"):
        await react(desk, answer, "👎", person, ROOM)
    await desk.say(PORTAL)
    [reply] = await command(desk, "!stats")
    assert "questions 2, avec réponse 1, résolues 0, refusées 1, sans réponse 1" in reply.text
    assert "`formation-facilitation` 0 👍 3 👎" in reply.text
    assert "À revoir" in reply.text
    assert "Jamais données depuis 90 jours (1)\u00a0: `malle-robotique`" in reply.text
    assert "Questions ouvertes\u00a0: 2 (de la semaine\u00a0: 2" in reply.text
