"""A moderator answers once, and the answer is kept: proposed as a draft, approved, told to those who asked."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.knowledge.editor import Editor
from tests.moderation import KEYS, PORTAL, PRIVATE, command, contents, drafted, marks, react, refuse, replied, shown
from tests.scene import ANA, ASKED, BOB, MODERATION, MODERATOR, OFFERING, ROOM, Scene, text_of


async def test_other_words_get_no_sign(desk: Scene) -> None:
    for text, sender, more in (
        (KEYS, BOB, {}),  # no moderator
        (KEYS, MODERATOR, {"private": True}),  # what is said there stays there
        ("tiens", MODERATOR, {"reply_to": None}),  # not a reply to it
    ):
        await replied(desk, text, sender, **more)
    await desk.say(PORTAL, MODERATOR)
    [reply, *_] = await desk.say("et une formation de facilitateur ?", MODERATOR, reply_to=desk.last_reply)
    assert "https://formation.example/" in reply.text  # who asks goes on talking with the bot
    assert marks(desk) == []


async def test_a_moderators_reply_to_a_question_with_an_offer_can_be_kept_too(desk: Scene) -> None:
    desk.ruled(limits=OFFERING)
    await desk.say("concierge : la formation de facilitateur en Lozère ?")
    question = desk.last
    assert await desk.store.queue.questions() == []
    await desk.say("En Lozère, voyez la Grange : https://grange.example/", MODERATOR, reply_to=question)
    assert marks(desk)[-1][0] == desk.last
    assert "https://grange.example/" in text_of(await react(desk, desk.last, "📝", MODERATOR, ROOM))


async def test_a_word_in_reply_decides_as_well_and_once(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    await command(desk, "!theme 2 Formations")
    before, draft = contents(folder), shown(desk)
    assert "écarté" in text_of(await command(desk, "non", reply_to=draft))
    assert [await react(desk, draft, key) for key in ("✅", "❌")] == [[], []]
    assert len(await desk.queued()) == 1
    await drafted(desk, "Au bar.")
    desk.time += timedelta(days=8)  # it waits for a week
    assert "7 jours" in text_of(await react(desk, shown(desk), "✅"))
    assert contents(folder) == before


@pytest.mark.parametrize("is_new", [False, True])
async def test_a_known_link_is_offered_as_a_phrasing_or_as_an_entry(desk: Scene, folder: Path, is_new: bool) -> None:
    before = contents(folder)["formations.yaml"]
    assert "une façon de plus" in (await drafted(desk, "C’est là : https://formation.example/")).text
    if is_new:
        assert "id: qui-a-les-cles-du-portail-bleu" in text_of(await react(desk, shown(desk), "❌"))
    assert [reply.room for reply in await react(desk, shown(desk), "✅")] == [MODERATION]  # nobody is told twice
    if not is_new:
        assert contents(folder)["formations.yaml"].replace('      - "qui a les clés du portail bleu ?"\n', "") == before
    assert ("clés du portail bleu" if is_new else "https://formation.example/") in text_of(await desk.say(PORTAL, BOB))


async def test_an_entry_that_was_turned_down_or_a_name_is_not_in_the_draft_nor_a_link_twice(desk: Scene) -> None:
    await desk.say(f"concierge : {ASKED}")
    await desk.react("👎")
    await desk.say("Plutôt celle-ci : https://formation.example/", MODERATOR, reply_to=desk.last)
    assert "id: ou-trouver-une-formation-de-facilitateur" in text_of(await react(desk, desk.last, "📝", room=ROOM))
    desk.paper.names = {ANA: "Zébulon"}
    await desk.say("concierge : Bonjour, ici Zébulon (z@example.org, 06 12 34 56 78). Qui a les clés du portail bleu ?")
    await desk.say("Zébulon : voir https://accueil.example/plan à l’accueil", MODERATOR, reply_to=desk.last)
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert [secret for secret in ("Zébulon", "z@example", "06 12") if secret in draft.text] == []
    assert draft.text.partition("Ses lignes")[0].count("accueil.example/plan") == 1


async def test_a_sentence_from_a_private_place_is_never_proposed(desk: Scene) -> None:
    await desk.say("dis, les clés du portail bleu, qui les a ?", **PRIVATE)
    await desk.react("✅", room="!deux")
    *_, incomplete = await command(desk, "!repondre 1 " + KEYS)
    assert "portail" not in incomplete.text
    assert "`!ajouter`" in incomplete.text
    assert "https://accueil.example/plan" in incomplete.text
    assert incomplete.choices == ()
    await desk.say("dis, les clés du portail vert, qui les a ?", **PRIVATE)
    await desk.react("✅", room="!deux")
    await desk.say(PORTAL.replace("bleu", "vert"))  # and in the open
    await desk.say(KEYS, MODERATOR, reply_to=desk.last)
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert ("qui a les clés du portail vert ?" in draft.text, "dis, les" in draft.text) == (True, False)


async def test_a_folder_that_takes_nothing_gives_lines_to_paste_and_keeps_the_draft(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    with pytest.MonkeyPatch.context() as full:
        full.setattr(Editor, "add", refuse)
        [reply] = await react(desk, shown(desk), "✅")
    for said in ("lecture seule", "À coller à la main", '- title: "qui a les clés'):
        assert said in reply.text
    assert len(await desk.queued()) == 1
    assert len(await react(desk, shown(desk), "✅")) == 1
    assert "portail" in (folder / "formations.yaml").read_text(encoding="utf-8")


# Changing a draft before it is kept


async def test_a_reply_to_a_draft_changes_a_part_of_it(desk: Scene, folder: Path) -> None:
    assert "Le titre reprend les mots de la question" in (await drafted(desk)).text
    first = shown(desk)
    [again] = await command(desk, 'title: "Les clés du portail"\nanswer: "Demandez à l’accueil."', reply_to=first)
    for part in ("**Les clés du portail**", "> Demandez à l’accueil.", "id: les-cles-du-portail"):
        assert part in again.text
    assert "Le titre reprend" not in again.text
    assert await react(desk, first, "✅") == []  # what it showed is no more
    await react(desk, shown(desk), "✅")
    [text] = [text for text in contents(folder).values() if "portail" in text]
    for part in (
        *('title: "Les clés du portail"', "qui a les clés du portail bleu ?"),  # as a phrasing
        *("https://accueil.example/plan", "réponse de l’équipe"),
    ):
        assert part in text
    assert await desk.queued() == []


async def test_phrasings_and_changes_are_changed_too_and_what_cannot_be_read_is_said(desk: Scene, folder: Path) -> None:
    await command(desk, "!phrase malle-robotique qui prête des robots ?")
    await command(desk, 'questions: ["Qui prête des robots ?", "Comment emprunter la malle ?"]', reply_to=shown(desk))
    await command(desk, "answer: Sur le planning.", reply_to=shown(desk))
    await react(desk, shown(desk), "✅")
    text = (folder / "materiel.yaml").read_text(encoding="utf-8")
    assert "Comment emprunter la malle ?" in text
    assert "qui prête des robots ?" not in text
    assert "Sur le planning." in text
    await drafted(desk)
    [said] = await command(desk, "title: Portail : où sont les clés ?", reply_to=shown(desk))
    assert 'title: "Portail : où sont les clés ?"' in said.text
    assert await command(desk, 'title: "Le portail"', BOB, reply_to=shown(desk)) == []  # no moderator
    assert await react(desk, shown(desk), "✅")
    await command(desk, "!retirer malle-robotique")  # which has no part to change
    assert await command(desk, 'title: "Autre"', reply_to=shown(desk)) == []


# What goes on from a question comes with it

GOES_ON = "concierge : et pour la Bretagne ?"


async def latest_note(desk: Scene) -> str:
    """What moderators read of the question that was queued last."""
    text = (await desk.queued())[-1]
    assert f"«\u00a0{text}\u00a0»" in [note.text for note in desk.notes if "Nouvelle question" in note.text][-1]
    return text


async def test_what_follows_an_unanswered_question_is_queued_and_kept_with_it(desk: Scene) -> None:
    await desk.say(PORTAL)
    await desk.say(GOES_ON)
    assert await latest_note(desk) == "qui a les clés du portail bleu ? et pour la Bretagne ?"
    assert len(await desk.queued()) == 2
    await desk.say("À Rennes, demandez à l’accueil de la Grange.", MODERATOR, reply_to=desk.last)
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert "**Qui a les clés du portail bleu ? et pour la Bretagne ?**" in draft.text


async def test_what_follows_an_offer_is_queued_with_the_askers_words_not_with_what_was_offered(desk: Scene) -> None:
    desk.ruled(limits=OFFERING)
    await desk.say("concierge : la formation de facilitateur en Lozère ?")
    await desk.say(GOES_ON)
    await desk.say("aucune")
    assert await latest_note(desk) == "la formation de facilitateur en Lozère ? et pour la Bretagne ?"


@pytest.mark.parametrize(("by", "minutes"), [(BOB, 0), (ANA, 30)])
async def test_what_somebody_else_or_nobody_asked_before_stays_alone(desk: Scene, by: str, minutes: int) -> None:
    await desk.say(PORTAL, ANA)
    desk.time += timedelta(minutes=minutes)
    await desk.say(GOES_ON, by)
    assert await latest_note(desk) == "et pour la Bretagne ?"
