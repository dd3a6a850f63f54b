"""What moderators see and do, and what comes of it for those who asked: dialogues over the whole path."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.knowledge.edit_result import Unwritable
from bot.knowledge.editor import Editor
from bot.knowledge.yaml.problems import Problem
from bot.locale import wording
from bot.matching.decision import Thresholds
from bot.messages import Capabilities, Message, Reaction, Redaction, Removal, Reply
from bot.messages import Edit as EditOf
from bot.replies import ForumReplies
from tests.moderation import KEYS, KNOWLEDGE, LASER, PLACES, PORTAL, PRIVATE, command, contents, marks, react, shown
from tests.scene import ANA, ASKED, BOB, MODERATION, MODERATOR, ROOM, Scene

CLEO = "@cleo:example.org"


def added_lines(before: str, after: str) -> list[str]:
    """The lines that came; it fails where one went or changed."""
    old, new = before.splitlines(), after.splitlines()
    place = next((n for n, line in enumerate(old) if new[n] != line), len(old))
    count = len(new) - len(old)
    assert new[:place] + new[place + count :] == old
    return new[place : place + count]


def notes(scene: Scene) -> list[str]:
    return [reply.text for reply in scene.paper.replies if reply.room == MODERATION]


# The queue


async def test_the_most_asked_question_comes_first_with_its_number_and_where_it_was_asked(scene: Scene) -> None:
    await scene.say(LASER)
    await scene.say(PORTAL)
    first = scene.last
    await scene.say("Concierge : bonjour, qui a la clé du portail bleu svp ?", BOB, room="!autre")
    [reply] = await command(scene, "!questions")
    rows = [line for line in reply.text.splitlines() if line.startswith("- ")]
    assert len(rows) == 2
    assert "**n°\u00a02** «\u00a0qui a les clés du portail bleu ?\u00a0»" in rows[0]
    assert "2\u00a0personnes, depuis le 24\u00a0novembre" in rows[0]
    assert f"(https://paper.example/{ROOM}/{first})" in rows[0]
    assert "(https://paper.example/!autre/" in rows[0]
    assert "**n°\u00a01**" in rows[1]


async def test_who_asks_twice_is_one_person(scene: Scene) -> None:
    for _ in range(2):
        await scene.say(PORTAL)
    [reply] = await command(scene, "!questions")
    assert "1\u00a0personne, depuis" in reply.text


async def test_questions_come_ten_a_page(scene: Scene) -> None:
    for number in range(12):
        await scene.say(f"concierge : où est le tournevis cruciforme{'abcdefghijkl'[number] * 4} ?", f"@p{number}:x")
    [first] = await command(scene, "!questions")
    assert first.text.count("\n- ") == 10
    assert "page 1 sur 2" in first.text
    [second] = await command(scene, "!QUESTIONS 2")
    assert second.text.count("\n- ") == 2
    [none] = await command(scene, "!questions 3")
    [far] = await command(scene, f"!questions {'9' * 5000}")
    assert "Dernière page\u00a0: 2" in none.text
    assert far.text == none.text


@pytest.mark.parametrize("said", ["!questions", "!concierge questions", "concierge : questions", "!Questions"])
async def test_without_questions_it_says_so(scene: Scene, said: str) -> None:
    [reply] = await command(scene, said)
    assert reply.text == "Aucune question n’attend de réponse."


async def test_a_new_question_is_noted_once_however_many_ask_it(scene: Scene) -> None:
    await scene.say(PORTAL)
    await scene.say(PORTAL, BOB)
    [note] = notes(scene)
    assert "Nouvelle question\u00a0: **n°\u00a01** «\u00a0qui a les clés du portail bleu ?\u00a0»" in note
    assert "Votre réponse à ce message part là où" in note


async def test_a_flood_of_questions_ends_in_one_line_an_hour(scene: Scene) -> None:
    words = "tournevis marteau scie rabot ponceuse perceuse visseuse agrafeuse pince".split()
    for number, word in enumerate(words):
        await scene.say(f"concierge : où est rangé le {word} rouge ?", f"@p{number}:x")
    told = notes(scene)
    assert len(told) == 7
    assert "trop pour les dire ici une par une" in told[-1]
    scene.time += timedelta(minutes=61)
    await scene.say(LASER)
    assert "cruciforme" in notes(scene)[-1]


async def test_thumbs_down_is_noted_as_a_new_question(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    await scene.bring(Reaction("paper", "$r1", ROOM, ANA, scene.last_reply, "👎"))
    assert ASKED in notes(scene)[-1]


async def test_an_edited_question_keeps_its_number_and_is_not_noted_again(scene: Scene) -> None:
    await scene.say(PORTAL)
    edited = Message("paper", scene.last, ROOM, ANA, "concierge : qui a les clés du portail vert ?", scene.time)
    await scene.bring(EditOf("$e", edited))
    [queued] = await scene.store.queue.questions()
    assert (queued.number, queued.open_texts) == (1, ("qui a les clés du portail vert ?",))
    assert len(notes(scene)) == 1


async def test_a_deleted_question_takes_the_note_about_it_away(scene: Scene) -> None:
    await scene.say(PORTAL)
    note = next(id for id, out in scene.paper.sent.items() if out.room == MODERATION)
    await scene.bring(Redaction("paper", "$x", ROOM, ANA, scene.last))
    assert Removal(MODERATION, note) in scene.paper.sent.values()


async def test_what_moderators_ask_among_themselves_is_not_queued(scene: Scene) -> None:
    [reply] = await command(scene, PORTAL)
    assert reply.text == "Je n’ai pas de réponse à cette question."
    assert await scene.store.queue.questions() == []


async def test_the_queue_is_for_moderators_and_not_read_out_among_members(scene: Scene) -> None:
    [refusal] = await command(scene, "!questions", BOB)
    assert "réservée à l’équipe" in refusal.text
    [elsewhere] = await scene.say("!concierge questions", MODERATOR)
    assert "salon de modération" in elsewhere.text
    [there] = await scene.say("!questions", MODERATOR, **PRIVATE)
    assert "Aucune question" in there.text


# Private places


async def test_what_is_asked_in_private_enters_the_queue_only_when_its_asker_agrees(scene: Scene) -> None:
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "Je la transmets à l’équipe de modération\u00a0?" in reply.text
    assert "lira votre question telle quelle, sans votre nom" in reply.text
    assert reply.choices == ("✅",)
    assert await scene.store.queue.questions() == []
    assert notes(scene) == []
    offer = scene.last_reply
    assert await scene.bring(Reaction("paper", "$bob", "!deux", BOB, offer, "✅")) == []
    edit, note = await scene.bring(Reaction("paper", "$ana", "!deux", ANA, offer, "✅"))
    assert edit.replaces == offer
    assert "je la transmets" in edit.text
    assert "portail bleu" in note.text
    assert note.text.splitlines()[0].endswith("· en privé")
    assert "!deux" not in note.text
    assert await scene.bring(Reaction("paper", "$again", "!deux", ANA, offer, "✅")) == []
    assert len(await scene.store.queue.questions()) == 1


@pytest.mark.parametrize("word", ["oui", "Oui !", "ok", "OK.", "yes", "✅"])
async def test_where_nobody_reacts_a_word_agrees(scene: Scene, word: str) -> None:
    scene.paper.capabilities = Capabilities(reacts=False)
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "Répondez oui" in reply.text
    assert reply.choices == ()
    await scene.say(word, reply_to=scene.last_reply, **PRIVATE)
    assert len(await scene.store.queue.questions()) == 1


async def test_on_a_forum_the_reply_that_says_so_keeps_its_form(scene: Scene) -> None:
    scene.paper.capabilities = Capabilities(reacts=False)
    says = ForumReplies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"))
    scene.ruled(replies=says)
    [offer] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    [edit, *_] = await scene.say("oui", reply_to=scene.last_reply, **PRIVATE)
    for said in (offer, edit):
        assert said.text.startswith("> qui a les clés du portail bleu ?\n")
        assert "Réponse automatique" in said.text
    assert "je la transmets" in edit.text


async def test_encrypted_words_are_shown_only_in_an_encrypted_moderators_room(scene: Scene) -> None:
    scene.paper.encrypted |= {"!deux", MODERATION}
    await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    await scene.bring(Reaction("paper", "$ana", "!deux", ANA, scene.last_reply, "✅"))
    [listed] = await command(scene, "!questions", private=True)
    assert "portail bleu" in listed.text
    assert "!deux" not in listed.text
    scene.paper.encrypted.remove(MODERATION)
    [listed] = await command(scene, "!questions")
    assert "portail" not in listed.text


async def test_what_may_not_be_shown_is_not_handed_over_and_its_asker_reads_why(scene: Scene) -> None:
    scene.paper.encrypted.add("!deux")
    [reply] = await scene.say("qui a les clés du portail bleu ?", **PRIVATE)
    assert "chiffré et le salon de modération ne l’est pas" in reply.text
    assert "posez-la dans l’un des salons où je suis" in reply.text
    assert reply.choices == ()
    assert await scene.bring(Reaction("paper", "$ana", "!deux", ANA, scene.last_reply, "✅")) == []
    assert notes(scene) == []


async def test_who_is_forgotten_is_gone_from_the_queue(scene: Scene) -> None:
    await scene.say(PORTAL)
    await scene.say("!concierge oublie-moi")
    assert await scene.store.queue.questions() == []


# Answers


def told(desk: Scene) -> list[Reply]:
    """What was said to members who had asked."""
    return [
        reply
        for reply in desk.paper.replies
        if "réponse" in reply.text and len(reply.mentions) and reply.room != MODERATION
    ]


async def test_an_answer_goes_where_it_was_asked_once_a_room_and_names_all_who_asked(desk: Scene) -> None:
    desk.paper.names = {ANA: "Ana", BOB: "Bob <b>", CLEO: "Cléo"}
    await desk.say(PORTAL)
    await desk.say(PORTAL, BOB, thread="$fil")
    latest = desk.last
    await desk.say(PORTAL, CLEO, room="!autre")
    elsewhere = desk.last
    replies = await command(desk, "!répondre 1 Elles sont à l’accueil : https://accueil.example/cles")
    here, there, done, draft = sorted(replies, key=lambda reply: (reply.room == MODERATION, reply.room != ROOM))
    assert draft.choices
    assert (here.room, here.to, here.thread, here.mentions) == (ROOM, latest, "$fil", (ANA, BOB))
    assert here.text.startswith(r"Ana et Bob \<b\>, voici la réponse")
    assert "https://accueil.example/cles" in here.text
    assert (there.room, there.to, there.mentions) == ("!autre", elsewhere, (CLEO,))
    assert "n°\u00a01" in done.text
    assert await desk.store.queue.questions() == []


@pytest.mark.parametrize("days", [29, 31])
async def test_nobody_is_told_about_a_question_of_more_than_thirty_days_ago(desk: Scene, days: int) -> None:
    await desk.say(PORTAL)
    desk.time += timedelta(days=days)
    await command(desk, "!repondre 1 Elles sont à l’accueil.")
    assert [reply.mentions for reply in told(desk)] == ([(ANA,)] if days < 30 else [])
    assert await desk.store.queue.questions() == []


async def test_a_deleted_question_is_nobodys_news(desk: Scene) -> None:
    await desk.say(PORTAL)
    await desk.say(PORTAL, BOB)
    desk.paper.written = [(event, value) for event, value in desk.paper.written if event.sender != BOB]
    replies = await command(desk, "!repondre 1 Elles sont à l’accueil.")
    assert [reply.mentions for reply in replies if reply.room == ROOM] == [(ANA,)]


@pytest.mark.parametrize("others", [False, True])
async def test_a_deleted_question_takes_the_news_of_its_answer_along_unless_others_are_named_there(
    desk: Scene, others: bool
) -> None:
    if others:
        await desk.say(PORTAL, BOB)
    await desk.say(PORTAL)
    question = desk.last
    await command(desk, "!repondre 1 Elles sont à l’accueil.")
    [news] = [
        id
        for id, sent in desk.paper.sent.items()
        if isinstance(sent, Reply) and "l’accueil" in sent.text and sent.room == ROOM
    ]
    await desk.bring(Redaction("paper", "$x", ROOM, ANA, question))
    gone = {sent.target for sent in desk.paper.sent.values() if isinstance(sent, Removal)}
    assert (news in gone) is not others


@pytest.mark.parametrize("said", ["!repondre", "!repondre 1", "!repondre clés à l’accueil", "!answer"])
async def test_an_answer_without_number_or_words_shows_how(desk: Scene, said: str) -> None:
    await desk.say(PORTAL)
    [reply] = await command(desk, said)
    assert "Exemple" in reply.text
    assert len(await desk.store.queue.questions()) == 1


async def test_a_question_is_answered_once(desk: Scene) -> None:
    await desk.say(PORTAL)
    await command(desk, "!repondre 1 À l’accueil.")
    [reply] = await command(desk, "!repondre 1 Au bureau.")
    assert "pas ou plus ouverte" in reply.text


async def test_an_answer_keeps_its_lines(desk: Scene) -> None:
    await desk.say(PORTAL)
    [answer, *_] = await command(desk, "!concierge répondre 1\nUn :\n\n- deux\n- trois")
    assert "Un :\n\n- deux\n- trois" in answer.text


async def test_an_asker_in_private_is_told_there(desk: Scene) -> None:
    await desk.say("qui a les clés du portail bleu ?", **PRIVATE)
    await desk.bring(Reaction("paper", "$ana", "!deux", ANA, desk.last_reply, "✅"))
    [answer, *_] = await command(desk, "!repondre 1 À l’accueil.")
    assert (answer.room, answer.mentions) == ("!deux", (ANA,))


# Answer once, known for ever


async def replied(desk: Scene, text: str = KEYS, sender: str = MODERATOR, **more: Any) -> str:
    """A question is asked, and a moderator replies to it; the id of the reply."""
    await desk.say(PORTAL)
    assert await desk.say(text, sender, **{"reply_to": desk.last} | more) == []
    return desk.last


async def drafted(desk: Scene) -> Reply:
    reply = await replied(desk)
    [draft] = await react(desk, reply, "📝", room=ROOM)
    return draft


async def test_a_moderators_reply_gets_a_sign_and_no_word(desk: Scene) -> None:
    reply = await replied(desk)
    assert marks(desk) == [(reply, "📝")]


async def test_so_does_a_reply_to_what_the_bot_said(desk: Scene) -> None:
    await desk.say(PORTAL)
    assert await desk.say(KEYS, MODERATOR, reply_to=desk.last_reply) == []
    assert len(marks(desk)) == 1


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
    assert bob.mentions == (BOB,)
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
    assert [reply.mentions for reply in replies if reply.room == ROOM] == [(BOB,)]
    assert await desk.store.queue.questions() == []


async def test_a_draft_in_place_of_a_phrasing_tells_nobody_twice_either(desk: Scene) -> None:
    await replied(desk, "C’est là : https://formation.example/")
    await react(desk, desk.last, "📝", room=ROOM)
    await react(desk, shown(desk), "❌")
    assert [reply.room for reply in await react(desk, shown(desk), "✅")] == [MODERATION]


async def test_a_second_yes_or_a_late_no_changes_nothing(desk: Scene) -> None:
    await drafted(desk)
    draft = shown(desk)
    assert await react(desk, draft, "✅")
    for key in ("✅", "❌"):
        assert await react(desk, draft, key) == []


@pytest.mark.parametrize(("said", "kept"), [("oui", True), ("OK !", True), ("non", False), ("❌", False)])
async def test_a_word_in_reply_decides_as_well(desk: Scene, folder: Path, said: str, kept: bool) -> None:
    await drafted(desk)
    await command(desk, "!theme 2 Formations")
    await command(desk, said, reply_to=shown(desk))
    assert any("portail" in path.read_text(encoding="utf-8") for path in folder.iterdir()) is kept


async def test_no_drops_the_draft_and_leaves_the_question_open(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    [reply] = await react(desk, shown(desk), "❌")
    assert "écarté" in reply.text
    assert len(await desk.store.queue.questions()) == 1
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == KNOWLEDGE


async def test_a_draft_waits_for_a_week(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    desk.time += timedelta(days=8)
    [reply] = await react(desk, shown(desk), "✅")
    assert "7 jours" in reply.text
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == KNOWLEDGE


async def test_who_had_the_answer_from_a_moderator_already_is_not_told_again(desk: Scene) -> None:
    await desk.say(PORTAL)
    answer, _, draft = await command(desk, "!repondre 1 " + KEYS)
    assert answer.mentions == (ANA,)
    assert draft.choices == ("❌",)
    replies = await react(desk, shown(desk), "✅")
    assert [reply.room for reply in replies] == [MODERATION]
    [answer] = await desk.say(PORTAL, BOB)
    assert "https://accueil.example/plan" in answer.text


async def test_what_is_known_by_its_link_is_offered_as_a_phrasing(desk: Scene, folder: Path) -> None:
    await replied(desk, "C’est là : https://formation.example/")
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert "une façon de plus" in draft.text
    await react(desk, shown(desk), "✅")
    lines = added_lines(KNOWLEDGE, (folder / "formations.yaml").read_text(encoding="utf-8"))
    assert [line.strip().strip('-" ') for line in lines] == ["qui a les clés du portail bleu ?"]
    [answer] = await desk.say(PORTAL, BOB)
    assert "https://formation.example/" in answer.text


async def test_a_phrasing_that_is_turned_down_becomes_a_new_entry(desk: Scene) -> None:
    await replied(desk, "C’est là : https://formation.example/")
    await react(desk, desk.last, "📝", room=ROOM)
    [draft] = await react(desk, shown(desk), "❌")
    assert "id: qui-a-les-cles-du-portail-bleu" in draft.text
    await react(desk, shown(desk), "✅")
    [answer] = await desk.say(PORTAL, BOB)
    assert "clés du portail bleu" in answer.text


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


async def test_after_a_crash_between_file_and_store_the_same_yes_finishes_the_work(
    desk: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.say(PORTAL, BOB, room="!autre")
    await drafted(desk)
    finish = desk.store.finish

    async def crash(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(desk.store, "finish", crash)
    with pytest.raises(ConnectionError):
        await react(desk, shown(desk), "✅")
    written = contents(folder)
    monkeypatch.setattr(desk.store, "finish", finish)
    replies = await desk.work()
    assert [reply.mentions for reply in replies if reply.room == "!autre"] == [(BOB,)]
    assert contents(folder) == written
    assert await desk.store.queue.questions() == []


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


# Who may


async def test_a_moderator_who_was_demoted_can_no_longer_say_yes(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    desk.paper.powers[MODERATION, MODERATOR] = 0
    assert await react(desk, shown(desk), "✅") == []
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == KNOWLEDGE


@pytest.mark.parametrize("room", ["!deux", ROOM])
async def test_the_owner_of_a_room_may_not_change_the_knowledge(desk: Scene, room: str) -> None:
    desk.paper.powers[room, BOB] = 100
    where: dict[str, Any] = {"room": room, "direct": room == "!deux"}
    for said in ("!concierge ajouter Piège\nhttps://mal.example/", "!concierge retirer malle-robotique"):
        [reply] = await desk.say(said, BOB, **where)
        assert "réservée à l’équipe" in reply.text


async def test_an_imposter_with_a_moderators_name_is_nobody(desk: Scene, folder: Path) -> None:
    desk.paper.names = {MODERATOR: "Sacha", BOB: "Sacha"}
    await drafted(desk)
    assert await react(desk, shown(desk), "✅", BOB) == []
    [reply] = await command(desk, "!ajouter Piège\nhttps://mal.example/", BOB)
    assert "réservée à l’équipe" in reply.text
    assert (folder / "formations.yaml").read_text(encoding="utf-8") == KNOWLEDGE


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
    await command(desk, "!ajouter\ntitle: x\n" + "a\n\n" * 1_500)
    took = time.process_time() - begun
    others.cancel()
    assert max(pauses) < took / 2


@pytest.mark.parametrize("said", ["questions {}", "theme {} Matériel", "repondre {} Oui."])
@pytest.mark.parametrize("length", [30, 5_000])
async def test_a_number_that_is_too_long_for_any_is_none(desk: Scene, said: str, length: int) -> None:
    [reply] = await command(desk, "!" + said.format("9" * length))
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


async def test_an_entry_is_removed(desk: Scene, folder: Path) -> None:
    await command(desk, "!ajouter\n" + ENTRY)
    await react(desk, shown(desk), "✅")
    [draft] = await command(desk, "!retirer gouter-du-jeudi")
    assert "disparaît" in draft.text
    await react(desk, shown(desk), "✅")
    assert not any("goûter" in path.read_text(encoding="utf-8") for path in folder.iterdir())


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


async def test_a_phrasing_is_added(desk: Scene) -> None:
    await command(desk, "!phrase malle-robotique qui prête des thymio ?")
    await react(desk, shown(desk), "✅")
    [answer] = await desk.say("concierge : qui prête des thymio ?", BOB)
    assert "planning" in answer.text


async def test_a_theme_is_chosen_by_its_name_and_the_draft_shown_anew(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    before = shown(desk)
    [draft] = await command(desk, "!thème 2 Prêt & matériel")
    assert "materiel.yaml" in draft.text
    assert Removal(MODERATION, before) in desk.paper.sent.values()
    await react(desk, shown(desk), "✅")
    assert "portail" in (folder / "materiel.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("said", ["2", "materiel.yaml", "prêt & matériel", "Prêt & Matériel."])
async def test_a_draft_without_a_theme_is_kept_under_the_one_that_is_named(
    desk: Scene, folder: Path, said: str
) -> None:
    await drafted(desk)
    [done] = await command(desk, said, reply_to=shown(desk))
    assert "C’est gardé" in done.text
    assert "portail" in (folder / "materiel.yaml").read_text(encoding="utf-8")


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


async def test_the_number_of_the_question_names_its_draft_too(desk: Scene) -> None:
    await drafted(desk)
    [draft] = await command(desk, "!theme 1 materiel")
    assert "materiel.yaml" in draft.text


@pytest.mark.parametrize("theme", ["../secrets", "/etc/passwd", "..", "a\\b", ".cache"])
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
        ("!questions", "Aucune question"),
        ("!answer 9 x", "n°\u00a09 n’est pas"),
        ("!show malle-robotique", "materiel.yaml"),
        ("!phrase malle-robotique who lends robots?", "Brouillon"),
        ("!remove malle-robotique", "disparaît"),
        ("!theme 9 x", "Aucun brouillon"),
        ("!STATS", "Ces sept jours"),
    ],
)
async def test_the_english_names_work_as_well(desk: Scene, english: str, heard: str) -> None:
    [reply] = await command(desk, english)
    assert heard in reply.text


@pytest.mark.parametrize(
    "said",
    [
        "!ajouter",
        "!modifier",
        "!retirer",
        "!montrer",
        "!phrase",
        "!phrase malle-robotique",
        "!theme",
        "!theme x y",
        "!theme 3000000000 x",
    ],
)
async def test_a_command_without_what_it_needs_shows_how(desk: Scene, said: str) -> None:
    [reply] = await command(desk, said)
    assert "Exemple" in reply.text


@pytest.mark.parametrize("said", ["!modifier {}", "!retirer {}", "!montrer {}", "!phrase {} x"])
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


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://169.254.169.254/latest", "file:///etc/passwd"])
async def test_an_address_that_may_do_harm_is_not_proposed_as_a_link(desk: Scene, url: str) -> None:
    await replied(desk, f"[Cliquez]({url}) et c’est à l’accueil.")
    await react(desk, desk.last, "📝", room=ROOM)
    await react(desk, shown(desk), "✅")
    assert desk.ctx.knowledge.entries["qui-a-les-cles-du-portail-bleu"].links == ()


async def test_the_later_of_two_moderators_sees_what_the_other_changed(desk: Scene, folder: Path) -> None:
    desk.paper.powers[MODERATION, CLEO] = 50
    await command(desk, '!modifier malle-robotique\nanswer: "Le planning est en ligne."')
    first = shown(desk)
    await command(desk, '!modifier malle-robotique\nanswer: "Demandez à l\'accueil."', CLEO)
    second = shown(desk)
    await react(desk, first, "✅")
    told, again = await react(desk, second, "✅", CLEO)
    assert told.choices == ()
    assert again.choices == ("✅", "❌")
    assert "Le planning est en ligne." in (folder / "materiel.yaml").read_text(encoding="utf-8")
    await react(desk, shown(desk), "✅", CLEO)
    assert "Demandez à l'accueil." in (folder / "materiel.yaml").read_text(encoding="utf-8")


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
    assert "réponses 1, propositions 0, sans réponse 1" in reply.text
    assert "`formation-facilitation` 0 👍 3 👎" in reply.text
    assert "À revoir" in reply.text
    assert "Jamais données depuis 90 jours (1)\u00a0: `malle-robotique`" in reply.text
    assert "Questions ouvertes\u00a0: 2 (de la semaine\u00a0: 2" in reply.text


async def test_the_help_of_a_moderator_names_all_commands(desk: Scene) -> None:
    [reply] = await command(desk, "!aide")
    for name in ("questions", "repondre", "ajouter", "modifier", "retirer", "montrer", "phrase", "theme", "stats"):
        assert f"`!{name}" in reply.text
    [reply] = await command(desk, "!aide", BOB)
    assert "repondre" not in reply.text
