"""Moderators change the knowledge from the chat, and see what it comes to."""

import asyncio
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.moderation.changes import Change, carry_out, change_between, json_fields
from bot.knowledge.editor import Editor
from bot.knowledge.entry_input import draft
from bot.knowledge.models import Entry
from bot.knowledge.rendering import yaml_of
from tests.knowledge.test_any_knowledge_file import SEEDS, an_entry
from tests.moderation import KNOWLEDGE, PLACES, PORTAL, command, contents, drafted, react, shown
from tests.scene import BOB, MODERATION, MODERATOR, Scene, text_of

# Changing the knowledge

ENTRY = """\
id: gouter-du-jeudi
title: "Le goûter du jeudi"
questions:
  - "C’est quand, le goûter ?"
answer: |
  À 16 h.
"""
INDENTED = "  - " + ENTRY.replace("\n", "\n    ").rstrip() + "\n"
LINES = "Le goûter du jeudi\n- C’est quand, le goûter ?\nÀ 16 h."


async def test_an_entry_is_added_as_yaml_or_as_lines(desk: Scene) -> None:
    for typed in (ENTRY, f"```yaml\n{ENTRY}```", INDENTED, LINES, ENTRY.partition("\n")[2]):
        [draft] = await command(desk, f"!ajouter\n{typed}")
        assert await desk.edit(f"!ajouter\n{typed}# x", sender=MODERATOR, room=MODERATION, moderators_room=True) == []
        for part in ("gouter-du-jeudi", "C’est quand, le goûter ?", "À 16 h."):
            assert part in draft.text
    [done] = await react(desk, shown(desk), "✅")
    assert done.text.startswith("C’est gardé\u00a0: «\u00a0Le goûter du jeudi\u00a0».")
    assert "À 16 h." in text_of(await desk.say("concierge : C’est quand, le goûter ?", BOB))


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


async def test_an_entry_is_shown_with_its_file_and_how_to_change_it(desk: Scene) -> None:
    [reply] = await command(desk, "!montrer formation-facilitation")
    for part in ("formations.yaml:4", "Une coopérative forme et certifie."):
        assert part in reply.text
    assert "`!modifier formation-facilitation`" in text_of(await command(desk, "!edit formation-facilitation"))
    for said in ("!modifier {}", "!phrase {} x"):
        assert "`malle-robotique`" in text_of(await command(desk, said.format("malle-robotiqe")))
        assert "Je ne connais aucune réponse" in text_of(await command(desk, said.format("zzz")))


@pytest.mark.parametrize(("words", "broken"), [("montrer {}", "title: ["), ("modifier {}\nanswer: Oui.", "titel: ")])
async def test_of_entries_in_a_broken_file_its_line_is_said(desk: Scene, folder: Path, words: str, broken: str) -> None:
    (folder / "formations.yaml").write_text(KNOWLEDGE.replace("title: ", broken, 1), encoding="utf-8")
    [reply] = await command(desk, "!" + words.format("formation-facilitation"))
    assert ("formations.yaml:5" in reply.text, "Peut-être" in reply.text) == (True, False)
    assert "Peut-être" in text_of(await command(desk, "!" + words.format("formation-facilitatio")))


@pytest.mark.parametrize("by_hand", [False, True])
async def test_the_id_of_a_removed_answer_is_not_given_again(desk: Scene, folder: Path, by_hand: bool) -> None:
    before = contents(folder)
    await command(desk, "!ajouter\n" + ENTRY)
    early = shown(desk)
    await command(desk, "!ajouter\n" + ENTRY)
    await react(desk, shown(desk), "✅")
    if by_hand:
        for name, text in before.items():
            (folder / name).write_text(text, encoding="utf-8")
        await command(desk, "!recharger")
    else:
        await command(desk, "!retirer gouter-du-jeudi")
        await react(desk, shown(desk), "✅")
    assert "n’est pas donné deux fois" in text_of(await react(desk, early, "✅"))
    assert contents(folder) == before
    [refusal] = await command(desk, "!ajouter\n" + ENTRY)
    assert "«\u00a0gouter-du-jeudi\u00a0» a été celui d’une réponse qui n’est plus là" in refusal.text
    assert refusal.choices == ()
    assert "id: gouter-du-jeudi-2" in text_of(await command(desk, "!ajouter Goûter du jeudi\nÀ 17 h."))


async def test_a_draft_asks_for_its_theme_which_is_chosen_by_its_name_and_no_path(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    before, draft = contents(folder), shown(desk)
    for said in ("oui", "✅"):
        assert "Dans quel thème" in text_of(await command(desk, said, reply_to=draft))
    assert await command(desk, "2", BOB, reply_to=draft) == []
    for theme in ("../secrets", "a\\b", ".cache"):
        assert "un nom, pas un chemin" in text_of(await command(desk, f"!theme 2 {theme}"))
    assert contents(folder) == before
    for said in ("!thème 2 Prêt & matériel", "!theme 1 materiel"):  # by the number of its question as well
        assert "materiel.yaml" in text_of(await command(desk, said))
    assert draft in desk.removed
    await react(desk, shown(desk), "✅")
    assert "portail" in contents(folder)["materiel.yaml"]
    assert contents(folder).keys() == before.keys()
    assert [path.name for path in folder.parent.glob("*.yaml")] == []


@pytest.mark.parametrize("said", ["2", "materiel.yaml", "Prêt & Matériel."])
async def test_a_theme_with_a_broken_file_is_marked_and_the_draft_waits(desk: Scene, folder: Path, said: str) -> None:
    file = folder / "materiel.yaml"
    file.write_text(PLACES.replace("title:", "titel:"), encoding="utf-8")
    assert "**1** Formations · **2** Prêt \\& matériel (fichier à corriger)" in (await drafted(desk)).text
    before = shown(desk)
    [reply] = await command(desk, said, reply_to=before)
    assert "le brouillon n°\u00a02 attend toujours" in reply.text
    assert "materiel.yaml:4" in reply.text
    assert len([*folder.iterdir()]) == 2
    file.write_text(PLACES, encoding="utf-8")
    assert "C’est gardé" in text_of(await command(desk, said, reply_to=before))


async def test_a_new_answer_gets_the_theme_of_its_like_and_an_imported_one_the_given(desk: Scene, folder: Path) -> None:
    [draft] = await command(desk, "!ajouter Emprunter une malle robotique neuve\nDemandez-la à l’accueil.")
    assert "dans le thème «\u00a0Prêt \\& matériel\u00a0»" in draft.text
    assert draft.choices == ("✅", "❌")
    asked = "Est-ce que quelqu’un saurait me dire où je pourrais emprunter un barbecue pour la fête du lieu ?"
    [draft] = await command(desk, f"!ajouter {asked}\nDemandez-le à l’accueil.")
    id = draft.text.partition("id: ")[2].partition("\n")[0]
    assert "emprunter-barbecue" in id
    assert len(id) <= 50
    file = folder / "brouillons.yaml"
    file.write_text(PLACES.replace("malle-robotique", "scie").replace("malle robotique", "scie"), encoding="utf-8")
    assert "Emprunter la scie" in text_of(await command(desk, "!theme scie Prêt & matériel"))
    assert "La scie à onglet" in text_of(await command(desk, 'title: "La scie à onglet"', reply_to=shown(desk)))
    await react(desk, shown(desk), "✅")
    assert "id: scie" not in file.read_text(encoding="utf-8")
    assert 'title: "La scie à onglet"' in contents(folder)["materiel.yaml"]
    assert "La scie à onglet" in text_of(await desk.say("concierge : Comment emprunter la scie ?"))


async def test_english_names_work_as_well_and_a_command_without_what_it_needs_shows_how(desk: Scene) -> None:
    for said, heard in (
        *(("!concierge questions", "Aucune question"), ("!answer 9 x", "n°\u00a09 n’attend pas")),
        *(("!prendre 7", "n’attend pas"), ("!theme 9 x", "Aucun brouillon"), ("!STATS", "Ces sept jours")),
        ("!remove malle-robotique", "disparaît"),
    ):
        assert heard in text_of(await command(desk, said)), said
    await desk.say(PORTAL)
    for said in (
        *("ajouter", "modifier", "retirer", "montrer", "phrase malle-robotique", "theme x y", "theme 3000000000 x"),
        *("repondre 1", f"repondre {'9' * 5_000} x", "repondre clés à l’accueil", "answer", "prendre", "prendre deux"),
    ):
        assert "Exemple" in text_of(await command(desk, f"!{said}")), said
    assert len(await desk.queued()) == 1


# A change and its inverse: together they leave the entries as they were

REGIONS = st.sampled_from([None, "Bretagne", "x: 'é\" #"])
APART = st.fixed_dictionaries({"id": st.just("une"), "region": REGIONS, "see_also": st.just(())})
ENTRIES = st.builds(lambda seed, apart: an_entry(seed)[2].model_copy(update=apart), SEEDS, APART)
FIRST = draft({"id": "autre", "title": "Autre", "questions": ["quoi d’autre ?"], "answer": "Ceci."})


def state(editor: Editor) -> dict[str, Entry]:
    return {id: editor.entry(id) for id in editor.taken_ids()}


def changes_of(before: Entry, after: Entry, kind: str) -> Change:
    if kind == "change":
        return change_between(before, after)
    theme, phrase = ("", "une façon de plus de demander") if kind == "phrase" else ("t.yaml", "")
    return Change(kind, before.id, json_fields(before), theme, phrase=phrase)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=60)
@given(before=ENTRIES, after=ENTRIES, kind=st.sampled_from(["add", "remove", "phrase", "change"]))
def test_the_inverse_takes_any_change_back(before: Entry, after: Entry, kind: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        text = f"theme: Essai\nentries:\n{yaml_of(FIRST)}{'' if kind == 'add' else yaml_of(before)}"
        (Path(name) / "t.yaml").write_text(text, encoding="utf-8")
        editor = Editor(Path(name))
        change, at_first = changes_of(before, after, kind), state(Editor(Path(name)))
        carry_out(editor, change)
        assert (state(editor) != at_first) == (kind != "change" or before != after)
        carry_out(editor, change_between(change.after, change.before, change.theme))
        assert state(editor) == at_first
