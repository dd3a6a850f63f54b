"""A moderator answers once, and the answer is kept: proposed as a draft, approved, told to those who asked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.knowledge.edit_result import Unwritable
from bot.knowledge.editor import Editor
from bot.knowledge.yaml.problems import Problem
from bot.matching.decision import Thresholds
from tests.moderation import (
    CLEO,
    KEYS,
    KNOWLEDGE,
    LASER,
    PORTAL,
    PRIVATE,
    added_lines,
    command,
    contents,
    drafted,
    marks,
    react,
    replied,
    shown,
    told_to,
)
from tests.scene import ANA, ASKED, BOB, MODERATION, MODERATOR, ROOM, Scene

# Answer once, known for ever


@pytest.mark.parametrize("to_the_bot", [False, True])
async def test_a_moderators_reply_gets_a_sign_and_no_word(desk: Scene, to_the_bot: bool) -> None:
    await desk.say(PORTAL)
    assert await desk.say(KEYS, MODERATOR, reply_to=desk.last_reply if to_the_bot else desk.last) == []
    assert marks(desk) == [(desk.last, "📝")]


@pytest.mark.parametrize(
    ("text", "sender", "more"),
    [
        (KEYS, BOB, {}),  # no moderator
        (KEYS, MODERATOR, {"private": True}),  # what is said there stays there
        ("tiens", MODERATOR, {"reply_to": None}),  # not a reply to it
    ],
)
async def test_other_words_get_none(desk: Scene, text: str, sender: str, more: dict[str, Any]) -> None:
    await replied(desk, text, sender, **more)
    assert marks(desk) == []


async def test_a_moderator_who_asks_goes_on_talking_with_the_bot(desk: Scene) -> None:
    await desk.say(PORTAL, MODERATOR)
    [reply, *_] = await desk.say("et une formation de facilitateur ?", MODERATOR, reply_to=desk.last_reply)
    assert "https://formation.example/" in reply.text
    assert marks(desk) == []


async def test_the_same_sign_by_that_moderator_makes_a_draft(desk: Scene) -> None:
    draft = await drafted(desk)
    assert (draft.room, draft.choices) == (MODERATION, ("❌",))
    assert "**1** Formations · **2** Prêt \\& matériel" in draft.text
    assert draft.text.index("> Elles sont à l’accueil.") < draft.text.index("id: qui-a")
    for line in (
        "id: qui-a-les-cles-du-portail-bleu",
        "qui a les clés du portail bleu ?",
        "Elles sont à l’accueil.",
        "https://accueil.example/plan",
        "updated: 2026-11-24",
        f"https://paper.example/{ROOM}/",
    ):
        assert line in draft.text
    assert "question n°\u00a01" in draft.text
    assert "`!theme 2 nom`" in draft.text


async def test_what_moderators_say_about_a_draft_or_a_note_is_not_said_to_the_bot(desk: Scene) -> None:
    await drafted(desk)
    note = next(id for id, out in desk.paper.sent.items() if out.room == MODERATION)
    for target in (shown(desk), note):
        assert await command(desk, "attends, on en parle jeudi ?", BOB, reply_to=target) == []


@pytest.mark.parametrize(("key", "sender"), [("📝", BOB), ("👍", MODERATOR)])
async def test_no_other_sign_and_no_members_sign_does(desk: Scene, key: str, sender: str) -> None:
    reply = await replied(desk)
    assert await react(desk, reply, key, sender, ROOM) == []


async def test_another_moderator_may_keep_it_and_what_a_member_answered(desk: Scene) -> None:
    desk.paper.powers[MODERATION, CLEO] = 50
    [draft] = await react(desk, await replied(desk), "📝", CLEO, ROOM)
    assert "Brouillon" in draft.text
    await desk.say(LASER)
    await desk.say("Dans le tiroir rouge de l’atelier bois.", BOB, reply_to=desk.last)
    [draft] = await react(desk, desk.last, "📝", MODERATOR, ROOM)
    assert "tiroir rouge" in draft.text


async def test_a_moderators_reply_to_a_question_with_an_offer_can_be_kept_too(desk: Scene) -> None:
    desk.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    await desk.say("concierge : la formation de facilitateur en Lozère ?")
    question = desk.last
    assert await desk.store.queue.questions() == []
    await desk.say("En Lozère, voyez la Grange : https://grange.example/", MODERATOR, reply_to=question)
    assert marks(desk)[-1][0] == desk.last
    [draft] = await react(desk, desk.last, "📝", MODERATOR, ROOM)
    assert "https://grange.example/" in draft.text


async def test_yes_writes_the_entry_tells_who_asked_and_the_next_asker_gets_it_at_once(
    desk: Scene, folder: Path
) -> None:
    desk.paper.names = {BOB: "Bob"}
    await drafted(desk)
    await desk.say(PORTAL, BOB, room="!autre")
    files = contents(folder)
    replies = await react(desk, shown(desk), "✅")
    assert sorted(reply.room for reply in replies) == sorted([MODERATION, "!autre"])  # Ana has the moderator's reply
    bob = next(reply for reply in replies if reply.room == "!autre")
    assert bob.text.startswith("Bob, j’ai maintenant une réponse")
    assert "https://accueil.example/plan" in bob.text
    changed = [added_lines(files[name], text) for name, text in contents(folder).items()]
    [lines] = filter(None, changed)
    assert lines[0].strip() == "- id: qui-a-les-cles-du-portail-bleu"
    assert await desk.store.queue.questions() == []
    [answer] = await desk.say("concierge : les clés du portail bleu, qui les a ?", CLEO)
    assert "https://accueil.example/plan" in answer.text


@pytest.mark.parametrize("to_the_bot", [False, True])
async def test_who_has_that_reply_is_not_told_and_rung_again(desk: Scene, to_the_bot: bool) -> None:
    await desk.say(PORTAL, BOB)
    await desk.say(PORTAL)
    await desk.say(KEYS, MODERATOR, reply_to=desk.last_reply if to_the_bot else desk.last)
    await react(desk, desk.last, "📝", room=ROOM)
    replies = await react(desk, shown(desk), "✅")
    assert [told_to(reply) for reply in replies if reply.room == ROOM] == [(BOB,)]
    assert await desk.store.queue.questions() == []


@pytest.mark.parametrize(("said", "kept"), [("OK !", True), ("non", False), ("❌", False)])
async def test_a_word_in_reply_decides_as_well_and_once(desk: Scene, folder: Path, said: str, kept: bool) -> None:
    await drafted(desk)
    await command(desk, "!theme 2 Formations")
    draft = shown(desk)
    [report, *_] = await command(desk, said, reply_to=draft)
    assert ("C’est gardé" if kept else "écarté") in report.text
    assert any("portail" in text for text in contents(folder).values()) is kept
    assert len(await desk.store.queue.questions()) == (not kept)
    for key in ("✅", "❌"):
        assert await react(desk, draft, key) == []


async def test_a_draft_waits_for_a_week(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    desk.time += timedelta(days=8)
    [reply] = await react(desk, shown(desk), "✅")
    assert "7 jours" in reply.text
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == KNOWLEDGE


@pytest.mark.parametrize("is_new", [False, True])
async def test_what_is_known_by_its_link_is_offered_as_a_phrasing_or_else_as_an_entry(
    desk: Scene, folder: Path, is_new: bool
) -> None:
    await replied(desk, "C’est là : https://formation.example/")
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert "une façon de plus" in draft.text
    if is_new:
        [draft] = await react(desk, shown(desk), "❌")
        assert "id: qui-a-les-cles-du-portail-bleu" in draft.text
    assert [reply.room for reply in await react(desk, shown(desk), "✅")] == [MODERATION]  # nobody is told twice
    if not is_new:
        lines = added_lines(KNOWLEDGE, (folder / "formations.yaml").read_text(encoding="utf-8"))
        assert [line.strip().strip('-" ') for line in lines] == ["qui a les clés du portail bleu ?"]
    [answer] = await desk.say(PORTAL, BOB)
    assert ("clés du portail bleu" if is_new else "https://formation.example/") in answer.text


async def test_an_entry_that_was_turned_down_with_thumbs_is_not_offered_again(desk: Scene) -> None:
    await desk.say(f"concierge : {ASKED}")
    question, answer = desk.last, desk.last_reply
    await react(desk, answer, "👎", ANA, ROOM)
    await desk.say("Plutôt celle-ci : https://formation.example/", MODERATOR, reply_to=question)
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert "id: ou-trouver-une-formation-de-facilitateur" in draft.text


async def test_a_sentence_from_a_private_place_is_never_proposed(desk: Scene) -> None:
    await desk.say("qui a les clés du portail bleu ?", **PRIVATE)
    await react(desk, desk.last_reply, "✅", ANA, "!deux")
    *_, incomplete = await command(desk, "!repondre 1 " + KEYS)
    assert "portail" not in incomplete.text
    assert "`!ajouter`" in incomplete.text
    assert "https://accueil.example/plan" in incomplete.text
    assert incomplete.choices == ()


async def test_of_a_question_asked_in_private_too_only_the_open_words_are_proposed(desk: Scene) -> None:
    await desk.say("dis, les clés du portail bleu, qui les a ?", **PRIVATE)
    await react(desk, desk.last_reply, "✅", ANA, "!deux")
    await desk.say(PORTAL, BOB)
    await desk.say(KEYS, MODERATOR, reply_to=desk.last)
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert "qui a les clés du portail bleu ?" in draft.text
    assert "dis, les" not in draft.text


async def test_names_in_a_question_do_not_get_into_the_draft(desk: Scene) -> None:
    desk.paper.names = {ANA: "Zébulon"}
    await desk.say("concierge : Bonjour, ici Zébulon (z@example.org, 06 12 34 56 78). Qui a les clés du portail bleu ?")
    await desk.say("Zébulon : à l’accueil", MODERATOR, reply_to=desk.last)
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    for secret in ("Zébulon", "z@example", "06 12"):
        assert secret not in draft.text


async def test_a_folder_that_cannot_be_written_gives_the_lines_to_paste_and_leaves_the_draft(
    desk: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await drafted(desk)

    def refuse(*_: object, **__: object) -> None:
        raise Unwritable(Problem("formations.yaml", 0, "edit_unwritable", {"reason": "lecture seule"}), yaml="- id: x")

    with monkeypatch.context() as full:
        full.setattr(Editor, "add", refuse)
        [reply] = await react(desk, shown(desk), "✅")
    assert "lecture seule" in reply.text
    assert "À coller à la main" in reply.text
    assert "- id: x" in reply.text
    assert len(await desk.store.queue.questions()) == 1
    assert len(await react(desk, shown(desk), "✅")) == 1
    assert "portail" in (folder / "formations.yaml").read_text(encoding="utf-8")


# Changing a draft before it is kept


async def test_a_reply_to_a_draft_changes_a_part_of_it(desk: Scene, folder: Path) -> None:
    draft = await drafted(desk)
    assert "Le titre reprend les mots de la question" in draft.text
    first = shown(desk)
    [again] = await command(desk, 'title: "Les clés du portail"\nanswer: "Demandez à l’accueil."', reply_to=first)
    assert "**Les clés du portail**" in again.text
    assert "> Demandez à l’accueil." in again.text
    assert "id: les-cles-du-portail" in again.text
    assert "Le titre reprend" not in again.text
    assert await react(desk, first, "✅") == []  # what it showed is no more
    await desk.say(PORTAL, BOB, room="!autre")
    told = await react(desk, shown(desk), "✅")
    assert [reply.room for reply in told].count("!autre") == 1
    [text] = [text for text in contents(folder).values() if "portail" in text]
    assert 'title: "Les clés du portail"' in text
    assert "qui a les clés du portail bleu ?" in text  # as a phrasing
    assert "https://accueil.example/plan" in text
    assert "réponse de l’équipe" in text
    assert await desk.store.queue.questions() == []


async def test_a_part_that_cannot_be_read_is_said_and_the_draft_stays(desk: Scene) -> None:
    await drafted(desk)
    [said] = await command(desk, "title: Portail : où sont les clés ?", reply_to=shown(desk))
    assert 'title: "Portail : où sont les clés ?"' in said.text
    assert await command(desk, 'title: "Le portail"', BOB, reply_to=shown(desk)) == []  # no moderator
    assert await react(desk, shown(desk), "✅")
    await command(desk, "!retirer malle-robotique")  # which has no part to change
    assert await command(desk, 'title: "Autre"', reply_to=shown(desk)) == []


async def test_a_phrasing_and_a_change_are_changed_as_well(desk: Scene, folder: Path) -> None:
    await command(desk, "!phrase malle-robotique qui prête des robots ?")
    await command(desk, 'questions: ["Qui prête des robots ?", "Comment emprunter la malle ?"]', reply_to=shown(desk))
    await command(desk, "answer: Sur le planning.", reply_to=shown(desk))
    await react(desk, shown(desk), "✅")
    text = (folder / "materiel.yaml").read_text(encoding="utf-8")
    assert "Comment emprunter la malle ?" in text
    assert "qui prête des robots ?" not in text
    assert "Sur le planning." in text


async def test_a_link_in_the_text_is_not_listed_again(desk: Scene) -> None:
    await replied(desk, "Le plan est sur https://accueil.example/plan et à l’accueil.")
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert draft.text.partition("Ses lignes")[0].count("accueil.example/plan") == 1


# What goes on from a question comes with it

GOES_ON = "concierge : et pour la Bretagne ?"


async def latest_note(desk: Scene) -> str:
    """What moderators read of the question that was queued last."""
    [queued] = (await desk.store.queue.questions())[-1:]
    [text] = queued.open_texts
    assert (
        f"«\u00a0{text}\u00a0»" in [out.text for out in desk.paper.sent.values() if "Nouvelle question" in str(out)][-1]
    )
    return text


async def test_what_follows_an_unanswered_question_is_queued_and_kept_with_it(desk: Scene) -> None:
    await desk.say(PORTAL)
    await desk.say(GOES_ON)
    assert await latest_note(desk) == "qui a les clés du portail bleu ? et pour la Bretagne ?"
    assert len(await desk.store.queue.questions()) == 2
    await desk.say("À Rennes, demandez à l’accueil de la Grange.", MODERATOR, reply_to=desk.last)
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert "**Qui a les clés du portail bleu ? et pour la Bretagne ?**" in draft.text


async def test_what_follows_an_offer_comes_with_its_title(desk: Scene) -> None:
    desk.ruled(limits=Thresholds(confident=1.1, suggest=0.01))
    await desk.say(f"concierge : {ASKED}")
    await desk.say(GOES_ON)
    await react(desk, desk.last_reply, "❌", ANA, ROOM)
    assert await latest_note(desk) == "Se former à la facilitation de tiers-lieu : et pour la Bretagne ?"


@pytest.mark.parametrize("by", [BOB, ANA])
async def test_what_somebody_else_or_nobody_asked_before_stays_alone(desk: Scene, by: str) -> None:
    await desk.say(PORTAL, ANA)
    desk.time += timedelta(minutes=0 if by == BOB else 30)
    await desk.say(GOES_ON, by)
    assert await latest_note(desk) == "et pour la Bretagne ?"
