"""What members see of the bot, rule by rule: the real store and matcher, a channel on paper, a clock that we move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.policy import TRIES, Rules
from bot.locale import wording
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.messages import (
    AuthenticationFailed,
    Capabilities,
    Edit,
    Event,
    Incoming,
    Joined,
    KeyStoreUnusable,
    Loss,
    Message,
    Reaction,
    Redaction,
    Removal,
    Renewed,
    Reply,
    Topic,
    Unlocked,
)
from bot.replies import ForumReplies
from tests.paper import Paper
from tests.scene import ANA, ASKED, BOB, FORMATION, MODERATION, MODERATOR, OTHER, ROOM, START, Scene

# Addressed


CALLS = ["concierge : {}", "Concierge: {}", "@concierge:example.org {}", "bonjour concierge : {}"]


@pytest.mark.parametrize("how", CALLS)
async def test_whoever_calls_it_by_name_gets_the_answer_with_its_links(scene: Scene, how: str) -> None:
    [reply] = await scene.say(how.format(ASKED))
    assert "https://formation.example/" in reply.text
    assert (reply.to, reply.mentions, reply.quiet, reply.thread) == (scene.last, (), False, None)


@pytest.mark.parametrize("how", [{"direct": True}, {"mentions_bot": True}])
async def test_a_mention_or_a_room_of_two_speaks_to_it_as_well(scene: Scene, how: dict[str, bool]) -> None:
    [reply] = await scene.say(ASKED, **how)
    assert "https://formation.example/" in reply.text


async def test_a_reply_to_one_of_its_messages_speaks_to_it(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    [reply] = await scene.say("Et où trouver une fiche de poste ?", reply_to=scene.last_reply)
    assert "https://fiche.example/" in reply.text


async def test_what_is_asked_in_a_thread_is_answered_in_that_thread(scene: Scene) -> None:
    [reply] = await scene.say(f"concierge : {ASKED}", thread="$root")
    assert reply.thread == "$root"


async def test_it_says_so_when_it_does_not_know_and_queues_the_question(scene: Scene) -> None:
    reply, note = await scene.say("concierge : qui a les clés du portail bleu ?")
    assert "pas encore de réponse" in reply.text
    assert (note.room, note.quiet, note.mentions) == (MODERATION, True, ())
    [queued] = await scene.store.queue.questions()
    assert queued.open_texts == ("qui a les clés du portail bleu ?",)


@pytest.mark.parametrize("said", ["concierge :", "Concierge !", "Concierge : bonsoir", "concierge : 🎉"])
async def test_a_greeting_is_returned_and_never_queued(scene: Scene, said: str) -> None:
    [reply] = await scene.say(said)
    assert "Posez-moi une question" in reply.text
    assert await scene.store.queue.questions() == []


async def test_what_is_said_in_private_does_not_reach_the_queue(scene: Scene) -> None:
    [reply] = await scene.say("qui a les clés du portail bleu ?", direct=True, private=True)
    assert "Je n’ai pas de réponse" in reply.text
    assert await scene.store.queue.questions() == []


async def test_only_what_everybody_could_read_counts_as_asked(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    await scene.say("Où trouver une fiche de poste ?", direct=True, private=True, room="!deux")
    await scene.say("concierge : Où trouver une fiche de poste ?", private=True, room="!secret")
    assert await scene.store.digests.answers_since(START) == {FORMATION.id: 1}


async def test_the_same_answer_within_the_hour_is_short_and_points_to_the_first(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    first = scene.last_reply
    [again] = await scene.say("concierge : quelle formation pour devenir concierge", sender=BOB)
    assert "Une coopérative forme" not in again.text
    assert "https://formation.example/" in again.text
    assert f"https://paper.example/{ROOM}/{first}" in again.text
    scene.time += timedelta(minutes=61)
    [full] = await scene.say(f"concierge : {ASKED}")
    assert "Une coopérative forme" in full.text


async def test_what_it_has_no_answer_to_beside_an_answer_is_said_and_queued(scene: Scene) -> None:
    reply, _ = await scene.say(f"concierge : Où trouver une fiche de poste ? {OTHER}")
    assert "https://fiche.example/" in reply.text
    assert "Pour l’autre question" in reply.text
    [queued] = await scene.store.queue.questions()
    assert queued.open_texts == (OTHER,)


async def test_a_late_answer_names_the_hour_of_the_question(scene: Scene) -> None:
    [reply] = await scene.say(f"concierge : {ASKED}", ago=timedelta(hours=5))
    assert "5\u00a0h\u00a000" in reply.text  # 4:00 UTC in Paris


@pytest.mark.parametrize(
    ("said", "more", "mentioned"),
    [
        (f"concierge : {ASKED}", {"ago": timedelta(seconds=100)}, ()),
        (f"concierge : {ASKED}", {"ago": timedelta(minutes=3)}, (ANA,)),
        (f"concierge : {OTHER}", {"ago": timedelta(minutes=3)}, (ANA,)),
        (ASKED, {"ago": timedelta(minutes=3), "direct": True, "room": "!deux"}, ()),
        ("!concierge aide", {"ago": timedelta(minutes=3)}, ()),
        ("concierge : bonsoir", {"ago": timedelta(minutes=3)}, ()),
    ],
)
async def test_it_mentions_only_who_may_have_left(
    scene: Scene, said: str, more: dict[str, Any], mentioned: tuple[str, ...]
) -> None:
    reply, *_ = await scene.say(said, **more)
    assert reply.mentions == mentioned


async def test_a_question_of_more_than_six_hours_ago_is_left_alone(scene: Scene) -> None:
    assert await scene.say(f"concierge : {ASKED}", ago=timedelta(hours=6, minutes=1)) == []


async def test_a_flood_is_told_once_and_then_met_with_silence_until_its_window_has_passed(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=2))
    await scene.say(f"concierge : {ASKED}")
    await scene.say("concierge : fiche de poste ?")
    [told] = await scene.say("concierge : service civique ?")
    assert "10\u00a0minutes" in told.text
    assert await scene.say("concierge : service civique ?") == []
    assert len(await scene.say("concierge : service civique ?", sender=BOB)) == 1
    scene.time += timedelta(minutes=11)
    assert len(await scene.say("concierge : agrement service civique")) == 1


@pytest.mark.parametrize("text", ["!concierge aide", "concierge : bonjour", "concierge : !confidentialite"])
async def test_commands_have_the_limit_of_questions(scene: Scene, text: str) -> None:
    scene.ruled(rules=Rules(flood_questions=2))
    replies = [await scene.say(text) for _ in range(6)]
    assert [len(some) for some in replies] == [1, 1, 1, 0, 0, 0]
    assert "10\u00a0minutes" in replies[2][0].text
    assert await scene.say(f"concierge : {ASKED}") == []
    assert len(await scene.say(text, sender=BOB)) == 1


async def test_whoever_asks_to_be_forgotten_counts_too(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=2))
    texts = ["!concierge oublie-moi", "!concierge bonjour"] * 3
    assert [len(await scene.say(text)) for text in texts] == [1, 1, 1, 0, 0, 0]


async def test_moderators_at_work_among_themselves_flood_nobody(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=2))
    for _ in range(5):
        assert len(await scene.say("!stats", MODERATOR, room=MODERATION, moderators_room=True)) == 1


async def test_an_unknown_command_is_told_once_and_in_the_moderators_room_each_time(scene: Scene) -> None:
    assert [len(await scene.say(f"!concierge adie{n}")) for n in range(5)] == [1, 0, 0, 0, 0]
    assert len(await scene.say("!concierge aide")) == 1
    assert len(await scene.say("!concierge adie", sender=BOB)) == 1
    there = {"room": MODERATION, "moderators_room": True}
    assert [len(await scene.say("!concierge adie", MODERATOR, **there)) for _ in range(3)] == [1, 1, 1]
    scene.time += timedelta(minutes=11)
    assert len(await scene.say("!concierge adie")) == 1


@pytest.mark.parametrize(
    ("typed", "likely"),
    [
        ("oublie", None),
        ("forget", None),
        ("forgetme", None),
        ("serch", "`!chercher`"),
        ("cherche", "`!chercher`"),
        ("question", None),  # not hers to use
    ],
)
async def test_an_unknown_command_suggests_what_its_author_may_use_and_nothing_that_erases(
    scene: Scene, typed: str, likely: str | None
) -> None:
    [reply] = await scene.say(f"!{typed}", direct=True, room="!deux")
    assert "oubli" not in reply.text.partition("\u00bb")[2]
    assert "forget" not in reply.text.partition("\u00bb")[2]
    assert (f"dire {likely}" in reply.text) if likely else ("dire" not in reply.text)


async def test_help_for_moderators_is_in_groups_and_in_the_short_form(scene: Scene) -> None:
    [reply] = await scene.say("!aide", MODERATOR, room=MODERATION, moderators_room=True)
    heads = re.findall(r"^\*\*(.+)\*\*$", reply.text, re.MULTILINE)
    assert heads == ["Pour tout le monde", "Les questions sans réponse", "Les réponses", "Le suivi"]
    assert "!concierge" not in reply.text
    assert "`!repondre numéro" in reply.text
    [members] = await scene.say("!concierge aide")
    assert "**" not in members.text


async def test_who_asked_to_be_forgotten_while_there_was_no_bot_is_forgotten(scene: Scene) -> None:
    [done] = await scene.say("!concierge oublie-moi", ago=timedelta(days=2))
    assert "effacé" in done.text
    await scene.say(ASKED)
    assert await scene.later(timedelta(seconds=21)) == []


@pytest.mark.parametrize("text", ["!concierge aide", "concierge : bonjour", "!concierge quoi"])
async def test_a_command_of_more_than_six_hours_ago_is_left_alone(scene: Scene, text: str) -> None:
    assert await scene.say(text, ago=timedelta(days=20)) == []
    assert await scene.say("bonjour", ago=timedelta(days=20), direct=True) == []


@pytest.mark.parametrize("how", [{}, {"direct": True}])
async def test_what_is_deleted_or_old_is_not_searched_for(scene: Scene, how: dict[str, bool]) -> None:
    """A text that the search cannot bear must not come back with each start."""

    def no_index() -> Index:
        raise AssertionError("it was searched for")

    scene.ruled(index=no_index)
    gone = Message("paper", "$gone", ROOM, ANA, ASKED, scene.time, **how)
    redaction = Redaction("paper", "$x", ROOM, ANA, "$gone")
    events = [scene.paper.event(value, scene.time) for value in (gone, redaction)]
    await scene.store.journal.receive("paper", events, "s1")
    assert await scene.work() == []
    assert await scene.say(ASKED, ago=timedelta(days=1), **how) == []
    assert not await scene.store.journal.is_pending("$gone")
    assert not await scene.store.journal.is_pending(scene.last)


async def test_a_message_of_a_date_to_come_is_dated_when_it_comes_in(scene: Scene) -> None:
    await scene.say(ASKED, ago=timedelta(days=-365 * 67))
    [reply] = await scene.later(timedelta(seconds=21))
    assert "https://formation.example/" in reply.text
    assert not await scene.store.journal.is_pending(scene.last)
    await scene.say("concierge : qui a les clés du portail bleu ?", ago=timedelta(days=-365 * 67))
    [queued] = await scene.store.queue.questions()
    assert queued.askings[0].asked == scene.time


# What holds the program up


async def held_up(scene: Scene, text: str, times: int = TRIES, **more: Any) -> list[Reply]:
    """What the bot says to a message during which the program was held up so often."""
    message = Message("paper", "$held", more.pop("room", ROOM), ANA, text, scene.time, **more)
    await scene.store.journal.receive("paper", [scene.paper.event(message, scene.time)], "s1")
    for _ in range(times):
        await scene.store.journal.count_try([("paper", "$held")])
    return await scene.work()


async def test_a_message_that_holds_the_program_up_is_given_up_and_the_moderators_get_a_link(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    [note] = await held_up(scene, "concierge : où sont les clés vertes ?")
    assert (note.room, scene.paper.link(ROOM, "$held") in note.text) == (MODERATION, True)
    assert "clés" not in note.text + caplog.text
    assert "$held: given up" in caplog.text
    assert await scene.store.queue.questions() == []


@pytest.mark.parametrize("how", [{"direct": True, "private": True}, {"private": True}])
async def test_of_one_that_was_said_in_private_only_its_sender_hears(scene: Scene, how: dict[str, bool]) -> None:
    [reply] = await held_up(scene, "concierge : où sont les clés vertes ?", room="!two", **how)
    assert (reply.room, reply.to, reply.mentions) == ("!two", "$held", (ANA,))
    assert "écrire autrement" in reply.text


async def test_one_that_is_deleted_meanwhile_is_told_to_nobody(scene: Scene) -> None:
    message = Message("paper", "$held", ROOM, ANA, ASKED, scene.time)
    values = [message, Redaction("paper", "$x", ROOM, ANA, "$held")]
    await scene.store.journal.receive("paper", [scene.paper.event(value, scene.time) for value in values], "s1")
    for _ in range(TRIES):
        await scene.store.journal.count_try([("paper", "$held")])
    assert await scene.work() == []


async def test_until_then_it_is_answered(scene: Scene) -> None:
    [reply] = await held_up(scene, f"concierge : {ASKED}", times=TRIES - 1)
    assert "https://formation.example/" in reply.text


# Overheard


async def test_an_overheard_question_is_answered_quietly_in_a_thread_after_twenty_seconds(scene: Scene) -> None:
    assert await scene.say(ASKED) == []
    assert await scene.later(timedelta(seconds=19)) == []
    [reply] = await scene.later(timedelta(seconds=2))
    assert (reply.thread, reply.to, reply.quiet, reply.mentions) == (scene.last, scene.last, True, ())


@pytest.mark.parametrize(
    "how",
    [
        {"mentions_others": True},
        {"reply_to": "$other"},
        {"thread": "$other"},
        {"listen": "mentions"},
        {"moderators_room": True},
        {"ago": timedelta(minutes=16)},
    ],
)
async def test_what_is_said_to_somebody_or_elsewhere_is_not_overheard(scene: Scene, how: dict[str, Any]) -> None:
    assert await scene.say(ASKED, **how) == []
    assert await scene.later(timedelta(minutes=1)) == []


@pytest.mark.parametrize("said", ["Bonjour à toutes et tous !", "la formation d’hier était super", "Merci Ana"])
async def test_small_talk_stays_unanswered(scene: Scene, said: str) -> None:
    assert await scene.say(said) == []
    assert await scene.later(timedelta(minutes=1)) == []


async def test_a_person_who_replies_within_the_delay_is_left_the_word(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.say("Oui, va voir la coopérative", sender=BOB, reply_to=scene.last)
    assert await scene.later(timedelta(minutes=1)) == []


async def test_a_question_deleted_within_the_delay_is_not_answered(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.bring(Redaction("paper", "$x", ROOM, ANA, scene.last))
    assert await scene.later(timedelta(minutes=1)) == []


async def test_no_more_than_per_hour_overheard_answers_in_a_room(scene: Scene) -> None:
    scene.ruled(rules=Rules(per_hour=1))
    await scene.say(ASKED)
    assert len(await scene.later(timedelta(seconds=21))) == 1
    await scene.say("Où trouver une fiche de poste ?", sender=BOB)
    assert await scene.later(timedelta(seconds=21)) == []


async def test_no_more_than_per_hour_are_rehearsed_for_a_room_either(scene: Scene) -> None:
    scene.ruled(rules=Rules(per_hour=2))
    for text in (ASKED, "Où trouver une fiche de poste ?", ASKED, ASKED):
        await scene.say(text, listen="rehearsal")
        await scene.later(timedelta(seconds=21))
    assert len(scene.paper.replies) == 2


async def test_an_overheard_answer_gets_new_words_a_few_times_an_hour(scene: Scene) -> None:
    scene.ruled(rules=Rules(per_hour=3))
    await scene.say(ASKED)
    await scene.later(timedelta(seconds=21))
    words = ["Où trouver une fiche de poste ?", ASKED]
    edits = [len(await scene.bring(edited(scene, words[number % 2]))) for number in range(8)]
    assert edits == [1, 1, 0, 0, 0, 0, 0, 0]
    scene.time += timedelta(hours=1, minutes=1)
    assert len(await scene.bring(edited(scene, words[0]))) == 1


async def test_the_same_overheard_answer_is_not_given_twice_within_the_hour(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.later(timedelta(seconds=21))
    await scene.say(ASKED, sender=BOB)
    assert await scene.later(timedelta(seconds=21)) == []


async def test_a_rehearsal_is_read_by_the_moderators_only(scene: Scene) -> None:
    await scene.say(ASKED, listen="rehearsal")
    [note] = await scene.later(timedelta(seconds=21))
    assert note.room == MODERATION
    assert note.mentions == ()
    assert "https://formation.example/" in note.text


# What people do afterwards


async def test_an_edited_question_edits_its_answer(scene: Scene) -> None:
    await scene.say("concierge : qui a les clés du portail bleu ?")
    edited = Message("paper", scene.last, ROOM, ANA, f"concierge : {ASKED}", scene.time)
    [edit] = await scene.bring(Edit("$e", edited))
    assert edit.replaces == scene.last_reply
    assert "https://formation.example/" in edit.text


async def test_an_edit_that_changes_nothing_in_the_answer_is_left_alone(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    edited = Message("paper", scene.last, ROOM, ANA, f"concierge: {ASKED} merci", scene.time)
    assert await scene.bring(Edit("$e", edited)) == []


async def test_an_edit_waits_until_the_first_words_are_dealt_with_so_that_there_is_one_reply(scene: Scene) -> None:
    await scene.say(ASKED)  # overheard: a person may reply first
    edited = Message("paper", scene.last, ROOM, ANA, f"{ASKED} Merci", scene.time)
    assert await scene.bring(Edit("$e", edited)) == []
    replies = [*await scene.later(timedelta(seconds=21)), *await scene.later(timedelta(seconds=21))]
    assert [reply.to for reply in replies] == [scene.last]


async def test_an_edit_that_calls_the_bot_waits_for_nobody_else(scene: Scene) -> None:
    await scene.say(ASKED)
    edited = Message("paper", scene.last, ROOM, ANA, f"concierge : {ASKED}", scene.time)
    [reply] = await scene.bring(Edit("$e", edited))
    assert (reply.to, reply.quiet) == (scene.last, False)
    assert await scene.later(timedelta(seconds=21)) == []


def edited(scene: Scene, text: str, sender: str = ANA) -> Edit:
    return Edit(f"$e{next(scene.ids)}", Message("paper", scene.last, ROOM, sender, text, scene.time))


async def test_an_overheard_question_that_is_edited_while_it_waits_is_judged_by_its_new_words(scene: Scene) -> None:
    await scene.say(ASKED)
    question = scene.last
    await scene.bring(edited(scene, "Où trouver une fiche de bosse ?"))
    await scene.bring(edited(scene, "Où trouver une fiche de poste ?"))
    [reply] = await scene.later(timedelta(seconds=21))
    assert (reply.to, reply.replaces) == (question, None)
    assert "https://fiche.example/" in reply.text
    assert await scene.later(timedelta(seconds=21)) == []


async def test_what_is_no_question_any_more_when_its_time_comes_is_left_alone(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.bring(edited(scene, "C’est bon, j’ai trouvé, merci"))
    assert await scene.later(timedelta(minutes=1)) == []
    assert await scene.later(timedelta(minutes=1)) == []


async def test_nobody_puts_other_words_into_a_question_that_waits(scene: Scene) -> None:
    await scene.say(ASKED)
    await scene.bring(edited(scene, "C’est bon, j’ai trouvé, merci", BOB))
    assert "https://formation.example/" in (await scene.later(timedelta(seconds=21)))[0].text


async def test_a_question_edited_into_thanks_is_neither_queued_nor_unknown(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    answer = scene.last_reply
    assert await scene.bring(edited(scene, "concierge : merci, trouvé !")) == []
    assert Removal(ROOM, answer) in scene.paper.sent.values()
    assert await scene.store.queue.questions() == []


async def test_not_knowing_an_edited_question_either_changes_the_queue_and_no_words(scene: Scene) -> None:
    await scene.say("concierge : qui a les clés du portail bleu ?")
    assert await scene.bring(edited(scene, "concierge : qui a les clés du portail vert ?")) == []
    [queued] = await scene.store.queue.questions()
    assert queued.open_texts == ("qui a les clés du portail vert ?",)


async def test_edits_count_like_questions_so_that_nobody_has_it_edit_without_end(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=3))
    await scene.say(f"concierge : {ASKED}")
    words = [f"concierge : {ASKED}", "concierge : fiche de poste ?"]
    edits = [await scene.bring(edited(scene, words[number % 2])) for number in range(1, 8)]
    assert [len(replies) for replies in edits] == [1, 1, 0, 0, 0, 0, 0]


async def test_an_answer_that_somebody_deleted_stays_away_when_its_question_is_edited(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    question, reply = scene.last, scene.last_reply
    await scene.bring(Redaction("paper", "$x", ROOM, BOB, reply))
    edited = Message("paper", question, ROOM, ANA, "concierge : Où trouver une fiche de poste ?", scene.time)
    assert await scene.bring(Edit("$e", edited)) == []


async def test_a_deleted_question_takes_its_answer_and_its_place_in_the_queue_with_it(scene: Scene) -> None:
    await scene.say("concierge : qui a les clés du portail bleu ?")
    reply = scene.last_reply
    await scene.bring(Redaction("paper", "$x", ROOM, ANA, scene.last))
    assert Removal(ROOM, reply) in scene.paper.sent.values()
    assert await scene.store.queue.questions() == []


async def test_a_moderators_cross_removes_an_answer_and_a_members_does_not(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    reply = scene.last_reply
    await scene.bring(Reaction("paper", "$r1", ROOM, BOB, reply, "❌"))
    assert Removal(ROOM, reply) not in scene.paper.sent.values()
    await scene.bring(Reaction("paper", "$r2", ROOM, MODERATOR, reply, "❌"))
    assert Removal(ROOM, reply) in scene.paper.sent.values()


async def test_thumbs_down_puts_the_question_in_the_queue(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    await scene.bring(Reaction("paper", "$r1", ROOM, ANA, scene.last_reply, "👎🏽"))
    [queued] = await scene.store.queue.questions()
    assert queued.askings[0].event == scene.last


async def test_thumbs_down_on_the_answer_to_an_edited_question_queues_its_newest_words(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    await scene.bring(edited(scene, "concierge : Où trouver une fiche de poste ?"))
    await scene.bring(Reaction("paper", "$r1", ROOM, ANA, scene.last_reply, "👎"))
    [queued] = await scene.store.queue.questions()
    assert queued.open_texts == ("Où trouver une fiche de poste ?",)


async def test_thumbs_down_is_counted_though_the_question_is_gone_from_the_network(scene: Scene) -> None:
    await scene.say(f"concierge : {ASKED}")
    scene.paper.gone = {scene.last}
    assert await scene.bring(Reaction("paper", "$r1", ROOM, ANA, scene.last_reply, "👎")) == []
    assert await scene.store.queue.questions() == []


@pytest.fixture
async def rehearsed(scene: Scene) -> Scene:
    await scene.say(ASKED, listen="rehearsal")
    [note] = await scene.later(timedelta(seconds=21))
    assert note.room == MODERATION
    return scene


async def test_a_rehearsal_is_explained_to_moderators(rehearsed: Scene) -> None:
    note = [*rehearsed.paper.sent][-1]
    [why] = await rehearsed.say("!pourquoi", MODERATOR, room=MODERATION, moderators_room=True, reply_to=note)
    assert FORMATION.id in why.text


async def test_thumbs_down_on_a_rehearsal_puts_its_question_in_the_queue(rehearsed: Scene) -> None:
    question = rehearsed.last
    await rehearsed.bring(Reaction("paper", "$r1", MODERATION, MODERATOR, [*rehearsed.paper.sent][-1], "👎"))
    [queued] = await rehearsed.store.queue.questions()
    assert [(asking.room, asking.event) for asking in queued.askings] == [(ROOM, question)]


async def test_it_introduces_itself_once_a_room(scene: Scene) -> None:
    [introduction] = await scene.bring(Joined("paper", "$j1", ROOM))
    assert introduction.quiet
    assert "!concierge aide" in introduction.text
    assert await scene.bring(Joined("paper", "$j2", ROOM)) == []


# Commands


@pytest.mark.parametrize(
    ("said", "more", "heard"),
    [
        ("!aide", {"direct": True}, "chercher"),
        ("!AIDE", {"moderators_room": True}, "chercher"),
        ("concierge : aide", {}, "chercher"),
        ("concierge : !aide chercher", {}, "cinq réponses"),
        ("!concierge aide", {}, "chercher"),
        ("!concierge help", {}, "chercher"),
        ("!confidentialité", {"direct": True}, "90\u00a0jours"),
        ("!concierge chercher service civique", {}, "Accueillir un service civique"),
        ("concierge : !chercer fiche", {}, "chercher"),
        ("!zzz", {"direct": True}, "zzz"),
        ("concierge : silence 1h", {}, "réservée"),
        ("bonjour", {"direct": True}, "Posez-moi une question"),
        ("concierge : bonjour", {}, "Posez-moi une question"),
    ],
)
async def test_commands_answer(scene: Scene, said: str, more: dict[str, Any], heard: str) -> None:
    [reply] = await scene.say(said, **more)
    assert heard in reply.text


@pytest.mark.parametrize("said", ["!aide", "!zzz", "!!", "!concierges de France"])
async def test_a_short_command_in_an_open_room_is_not_for_it(scene: Scene, said: str) -> None:
    assert await scene.say(said) == []


async def test_a_name_of_two_words_works_in_commands_as_well(scene: Scene) -> None:
    scene.ruled(names=("Le Concierge",))
    [reply] = await scene.say("!le concierge aide chercher")
    assert "cinq réponses" in reply.text


async def test_a_question_that_begins_like_a_command_is_a_question(scene: Scene) -> None:
    [reply] = await scene.say("concierge : aide à l’accueil d’un volontaire en service civique ?")
    assert "agrément" in reply.text


@pytest.mark.parametrize("power", [0, 50])
async def test_silence_is_for_those_with_power_in_the_room(scene: Scene, power: int) -> None:
    scene.paper.powers[ROOM, BOB] = power
    await scene.say("concierge : silence 1h", sender=BOB)
    await scene.say(ASKED)
    assert len(await scene.later(timedelta(seconds=21))) == (0 if power else 1)


async def test_the_owner_of_a_room_of_two_gets_no_rights_from_it(scene: Scene) -> None:
    scene.paper.powers["!deux", BOB] = 100
    [reply] = await scene.say("!silence 1h", sender=BOB, room="!deux", direct=True)
    assert "réservée" in reply.text


async def test_forget_me_stops_overhearing_until_hello(scene: Scene) -> None:
    await scene.say("!concierge oublie-moi")
    await scene.say(ASKED)
    assert await scene.later(timedelta(seconds=21)) == []
    await scene.say("!concierge bonjour")
    await scene.say(ASKED)
    assert len(await scene.later(timedelta(seconds=21))) == 1


async def test_why_names_the_entry_its_confidence_and_its_line(scene: Scene) -> None:
    await scene.say(ASKED, direct=True)
    [reply] = await scene.say("!pourquoi", direct=True, reply_to=scene.last_reply)
    assert FORMATION.id in reply.text
    assert "formations.yaml:3" in reply.text


async def test_why_says_so_where_the_question_is_gone_from_the_network(scene: Scene) -> None:
    await scene.say(ASKED, direct=True)
    scene.paper.gone = {scene.last}
    [reply] = await scene.say("!pourquoi", direct=True, reply_to=scene.last_reply)
    assert "retrouve plus la question" in reply.text


def test_today_is_the_day_where_the_readers_are(scene: Scene) -> None:
    scene.time = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert scene.ctx.today == date(2026, 11, 25)


# Encrypted rooms

CANNOT_READ = "Je n’arrive pas à lire un message chiffré"


async def unlock(scene: Scene) -> list[Reply]:
    scene.paper.sealed = False
    return await scene.bring(Unlocked("paper", "key 1", ROOM))


@pytest.mark.parametrize("waited", [timedelta(seconds=3), timedelta(minutes=5), timedelta(hours=5)])
async def test_a_question_whose_key_comes_late_is_answered_once_and_at_once(scene: Scene, waited: timedelta) -> None:
    scene.paper.sealed = True
    assert await scene.say(f"concierge : {ASKED}") == []
    question = scene.last
    await scene.later(waited)
    [reply] = await unlock(scene)
    assert reply.to == question
    assert "https://formation.example/" in reply.text
    assert await scene.later(timedelta(hours=1)) == []


async def test_a_key_that_came_unnoticed_is_tried_all_the_same(scene: Scene) -> None:
    scene.paper.sealed = True
    await scene.say(f"concierge : {ASKED}")
    scene.paper.sealed = False
    assert len(await scene.later(timedelta(seconds=10))) == 1


async def test_after_six_hours_a_key_is_no_longer_waited_for(scene: Scene) -> None:
    scene.paper.sealed = True
    await scene.say(f"concierge : {ASKED}")
    await scene.later(timedelta(hours=6, minutes=1))
    assert await unlock(scene) == []


async def test_that_it_cannot_read_is_said_after_a_minute_and_once_in_a_room(scene: Scene) -> None:
    scene.paper.sealed = True
    for _ in range(3):
        assert await scene.say("!!!") == []
    assert await scene.later(timedelta(seconds=59)) == []
    [reply] = await scene.later(timedelta(seconds=1))
    assert reply.text.startswith(CANNOT_READ)
    assert (reply.to, reply.quiet, reply.mentions) == (None, True, ())
    await scene.say("!!!")
    assert await scene.later(timedelta(minutes=5)) == []


async def test_a_deleted_message_is_not_missed(scene: Scene) -> None:
    scene.paper.sealed = True
    await scene.say("!!!")
    await scene.bring(Redaction("paper", "$r", ROOM, ANA, scene.last))
    assert await scene.later(timedelta(minutes=1)) == []


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        (("device",), ["nouvelle session"]),
        (("device", "identity"), ["nouvelle session", "identité"]),
        (("encryption",), ["CONCIERGE_MATRIX_ACCESS_TOKEN"]),
    ],
)
async def test_moderators_are_told_when_it_had_to_begin_anew(
    scene: Scene, losses: tuple[Loss, ...], words: list[str]
) -> None:
    [note] = await scene.bring(Renewed("paper", "renewed 1", losses))
    assert note.room == MODERATION
    assert all(word in note.text for word in words)


# A forum beside the room


@pytest.fixture
def forum(scene: Scene) -> Scene:
    """The same conversation in a place of posts, without emojis, with a team of moderators."""
    scene.paper.capabilities = Capabilities(reacts=False)
    words = ForumReplies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"), team="moderation")
    return scene.ruled(replies=words)


async def test_on_a_forum_a_reply_says_what_it_answers_that_it_is_automatic_and_how_to_call_a_person(
    forum: Scene,
) -> None:
    [reply] = await forum.say(f"Bonjour à tous, je débute. @concierge:example.org {ASKED} Merci !", mentions_bot=True)
    first, *_, last = reply.text.split("\n\n")
    assert first.startswith("> ")
    assert ASKED in first
    assert "Bonjour" not in first
    assert "https://formation.example/" in reply.text
    assert "automatique" in last
    assert "`@moderation`" in last


@pytest.mark.parametrize("choice", ["1", "1.", "1)", "1 !", "1️⃣"])
async def test_on_a_forum_suggestions_are_chosen_without_emojis(forum: Scene, choice: str) -> None:
    forum.ruled(limits=Thresholds(confident=1.0, overheard=1.0, suggest=0.05))
    [reply] = await forum.say(f"concierge : {ASKED}")
    assert "réagissez" not in reply.text
    assert reply.choices == ()
    [chosen] = await forum.say(choice, reply_to=forum.last_reply)
    assert chosen.text.startswith(f"> {ASKED}")
    assert "Une coopérative forme" in chosen.text


async def test_on_a_forum_an_overheard_answer_does_not_ask_for_emojis(forum: Scene) -> None:
    await forum.say(ASKED)
    [reply] = await forum.later(timedelta(seconds=20))
    assert "👎" not in reply.text
    assert "automatique" in reply.text


@pytest.mark.parametrize("told", ["où trouver une formation de facilitateur", "une imprimante Prusa qui fume"])
async def test_on_a_forum_what_is_taken_out_of_a_question_is_taken_out_of_the_reply(forum: Scene, told: str) -> None:
    reply, *_ = await forum.say(f"concierge : {told}, moi Zoé du 12 rue Haute ?")
    assert "rue Haute" in reply.text
    [anew] = await forum.bring(edited(forum, f"concierge : {told} ?"))
    assert anew.replaces == forum.last_reply
    assert anew.text.startswith(f"> {told} ?\n")
    assert "rue Haute" not in anew.text


async def test_a_question_that_is_edited_until_it_is_clear_gets_the_answer_in_place_of_its_suggestion(
    scene: Scene,
) -> None:
    scene.ruled(limits=Thresholds(confident=1.0, overheard=1.0, suggest=0.05))
    [reply] = await scene.say("concierge : agrément de service civique pour un volontaire ?")
    scene.ruled(limits=Thresholds(confident=0.05, overheard=1.0, suggest=0.05))
    [anew] = await scene.bring(edited(scene, "concierge : comment accueillir un volontaire en service civique ?"))
    assert "Est-ce cette réponse" in reply.text
    assert (anew.replaces, "Est-ce" in anew.text) == (scene.last_reply, False)


@pytest.fixture
def searched(scene: Scene) -> list[list[str]]:
    """The words that the forum was asked for, in turn; it always finds one topic."""
    asked: list[list[str]] = []

    async def search(words: Sequence[str]) -> Sequence[Topic]:
        asked.append(list(words))
        return [Topic("Réparer une [imprimante]", "https://forum.example/t/-/12")]

    scene.ruled(search_forum=search)
    return asked


UNKNOWN = "concierge : bonjour, une imprimante Prusa qui fume, ça peut se réparer ?"


async def test_what_it_does_not_know_is_looked_for_on_the_forum_by_rare_words_alone(
    scene: Scene, searched: list[list[str]]
) -> None:
    reply, _ = await scene.say(UNKNOWN)
    assert "Sur le forum" in reply.text
    assert r"[Réparer une \[imprimante\]](https://forum.example/t/-/12)" in reply.text
    [words] = searched
    assert {"imprimante", "prusa"} <= set(words)
    assert len(words) <= 6
    assert not {"bonjour", "comment", "une", "concierge"} & set(words)


@pytest.mark.parametrize(
    ("said", "more"),
    [(UNKNOWN, {"direct": True, "private": True}), (UNKNOWN, {"private": True}), (f"concierge : {ASKED}", {})],
)
async def test_the_forum_is_not_asked_for_what_was_said_in_private_or_is_known(
    scene: Scene, searched: list[list[str]], said: str, more: dict[str, Any]
) -> None:
    await scene.say(said, **more)
    assert searched == []


async def test_the_forum_is_not_asked_for_what_was_overheard(scene: Scene, searched: list[list[str]]) -> None:
    await scene.say("Comment réparer une imprimante Prusa qui fume ?")
    await scene.later(timedelta(seconds=20))
    assert searched == []


async def test_on_a_forum_an_overheard_question_may_be_an_hour_old(forum: Scene) -> None:
    forum.ruled(rules=Rules(overheard_age=timedelta(hours=1)))
    [reply] = await forum.say(ASKED, ago=timedelta(minutes=50))
    assert "https://formation.example/" in reply.text


# Networks


@dataclass
class Shut(Paper):
    """A network that does not let the bot in any more."""

    refusal: AuthenticationFailed = field(default_factory=lambda: AuthenticationFailed("the account was deactivated"))

    async def read(self, event: Event) -> Incoming | None:
        raise self.refusal


async def test_a_network_that_shuts_it_out_does_not_end_it_on_the_others(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    there = replace(scene.ctx, channel=Shut())
    scene.ruled(channel=there.channel, networks={"paper": there, "forum": scene.ctx})
    assert await scene.say(f"concierge : {ASKED}") == []
    assert "the account was deactivated" in caplog.text


@pytest.mark.parametrize(
    ("networks", "refusal"),
    [
        (("paper",), AuthenticationFailed("the account was deactivated")),
        (("paper", "forum"), KeyStoreUnusable("the disk is full")),
    ],
)
async def test_the_only_network_that_shuts_it_out_and_keys_that_cannot_be_kept_end_it(
    scene: Scene, networks: Sequence[str], refusal: AuthenticationFailed
) -> None:
    here = scene.ctx
    scene.ruled(channel=Shut(refusal=refusal), networks=dict.fromkeys(networks, here))
    with pytest.raises(type(refusal)):
        await scene.say(f"concierge : {ASKED}")
