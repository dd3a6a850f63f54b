"""What members see of the bot, rule by rule: the real store and matcher, a channel on paper, a clock that we move."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.conversation.policy import TRIES, Rules
from bot.matching.index import Index
from bot.messages import Edit, Message, Redaction, Reply
from tests.scene import ANA, ASKED, BOB, FORMATION, MODERATION, MODERATOR, OTHER, ROOM, START, Scene

# Addressed


@pytest.mark.parametrize(
    ("text", "how"),
    [(f"concierge : {ASKED}", {"thread": "$root"}), (ASKED, {"direct": True}), (ASKED, {"mentions_bot": True})],
)
async def test_whoever_speaks_to_it_gets_the_answer_with_its_links(
    scene: Scene, text: str, how: dict[str, Any]
) -> None:
    [reply] = await scene.say(text, **how)
    assert "https://formation.example/" in reply.text
    assert (reply.to, reply.mentions, reply.quiet, reply.thread) == (scene.last, (), False, how.get("thread"))


async def test_it_says_so_when_it_does_not_know_and_queues_the_question(scene: Scene) -> None:
    reply, note = await scene.say("concierge : qui a les clés du portail bleu ?")
    assert "pas encore de réponse" in reply.text
    assert (note.room, note.quiet, note.mentions) == (MODERATION, True, ())
    [queued] = await scene.store.queue.questions()
    assert queued.open_texts == ("qui a les clés du portail bleu ?",)


@pytest.mark.parametrize("said", ["concierge :", "concierge : 🎉"])
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
    assert f"pas encore de réponse à «\u00a0{OTHER}\u00a0»" in reply.text
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


@pytest.mark.parametrize(
    "texts", [["!concierge aide"], ["concierge : bonjour"], ["!concierge oublie-moi", "!concierge bonjour"]]
)
async def test_commands_have_the_limit_of_questions(scene: Scene, texts: list[str]) -> None:
    scene.ruled(rules=Rules(flood_questions=2))
    replies = [await scene.say(texts[number % len(texts)]) for number in range(6)]
    assert [len(some) for some in replies] == [1, 1, 1, 0, 0, 0]
    assert "10\u00a0minutes" in replies[2][0].text
    assert await scene.say(f"concierge : {ASKED}") == []
    assert len(await scene.say(texts[0], sender=BOB)) == 1


async def test_moderators_at_work_among_themselves_flood_nobody(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=2))
    for _ in range(5):
        assert len(await scene.say("!stats", MODERATOR, room=MODERATION, moderators_room=True)) == 1


async def test_a_moderators_command_in_a_direct_room_is_obeyed_whatever_was_asked_before(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=2))
    for sender, replies in ((MODERATOR, [1, 1, 1]), (ANA, [1, 0, 0])):
        alone = {"sender": sender, "room": f"!{sender}", "direct": True, "private": True}
        for _ in range(2):
            await scene.say(ASKED, **alone)
        assert [len(await scene.say("!aide", **alone)) for _ in range(3)] == replies
    [told] = await scene.say(ASKED, MODERATOR, room="!seule", direct=True, private=True)
    assert "10\u00a0minutes" in told.text


async def test_a_question_that_moderators_edit_among_themselves_floods_nobody_either(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=1))
    for room, is_theirs, replies in ((ROOM, False, 0), (MODERATION, True, 1)):
        await scene.say(f"concierge : {ASKED}", MODERATOR, room=room, moderators_room=is_theirs)
        anew = Message("paper", scene.last, room, MODERATOR, "concierge : fiche de poste ?", scene.time)
        edit = Edit(f"$edit-{room}", replace(anew, moderators_room=is_theirs))
        assert len(await scene.bring(edit)) == replies


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
    [("forgetme", None), ("serch", "`!chercher`"), ("question", None)],  # the last one is not hers to use
)
async def test_an_unknown_command_suggests_what_its_author_may_use_and_nothing_that_erases(
    scene: Scene, typed: str, likely: str | None
) -> None:
    [reply] = await scene.say(f"!{typed}", direct=True, room="!deux")
    assert "oubli" not in reply.text.partition("\u00bb")[2]
    assert "forget" not in reply.text.partition("\u00bb")[2]
    assert (f"dire {likely}" in reply.text) if likely else ("dire" not in reply.text)


async def test_help_explains_the_five_commands_that_matter_and_names_the_others(scene: Scene) -> None:
    [reply] = await scene.say("!aide", MODERATOR, room=MODERATION, moderators_room=True)
    explained = re.findall(r"^- `!(\w+)", reply.text, re.MULTILINE)
    assert explained == ["questions", "repondre", "ajouter", "modifier", "liens"]
    heads = re.findall(r"^\*\*(.+)\*\* :", reply.text.replace("\u00a0", " "), re.MULTILINE)
    assert heads == ["Les questions", "Les réponses", "Le suivi", "Aussi"]
    for name in ("lacunes", "retirer", "montrer", "phrase", "theme", "stats", "chercher", "oublie-moi"):
        assert f"`!{name}`" in reply.text
    typed_elsewhere = re.findall("`!(?:concierge )?silence.*?`", reply.text)
    assert typed_elsewhere == ["`!concierge silence 1h`"]
    [members] = await scene.say("!concierge aide")
    explained = re.findall(r"^- `!concierge ([\w-]+)", members.text, re.MULTILINE)
    assert explained == ["chercher", "pourquoi", "confidentialite", "oublie-moi", "bonjour"]
    assert "**" not in members.text
    [moderator] = await scene.say("!concierge aide", MODERATOR)
    assert "`!concierge silence`" in moderator.text
    assert "repondre" not in moderator.text  # it does not work there


@pytest.mark.parametrize("where", [{"room": MODERATION, "moderators_room": True}, {"room": "!deux", "direct": True}])
async def test_it_is_told_to_be_quiet_in_the_room_where_it_talks(scene: Scene, where: dict[str, Any]) -> None:
    [reply] = await scene.say("!silence 1h", MODERATOR, **where)
    assert "dans le salon où je parle trop" in reply.text
    assert await scene.store.posts.is_muted(where["room"], scene.now()) is False


async def test_who_asked_to_be_forgotten_while_there_was_no_bot_is_forgotten(scene: Scene) -> None:
    [done] = await scene.say("!concierge oublie-moi", ago=timedelta(days=2))
    assert "effacé" in done.text
    await scene.say(ASKED)
    assert await scene.later(timedelta(seconds=21)) == []


@pytest.mark.parametrize("text", [f"concierge : {ASKED}", "!concierge aide", "!concierge quoi", "concierge : bonjour"])
async def test_what_was_said_more_than_six_hours_ago_is_left_alone(scene: Scene, text: str) -> None:
    assert await scene.say(text, ago=timedelta(hours=6, minutes=1)) == []
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


async def held_up(scene: Scene, text: str, **more: Any) -> list[Reply]:
    """What the bot says to a message that held the program up as often as it is tried."""
    message = Message("paper", "$held", more.pop("room", ROOM), ANA, text, scene.time, **more)
    await scene.store.journal.receive("paper", [scene.paper.event(message, scene.time)], "s1")
    for _ in range(TRIES):
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


# Commands


@pytest.mark.parametrize(
    ("said", "more", "heard"),
    [
        ("!aide", {"direct": True}, "chercher"),
        ("!AIDE", {"moderators_room": True}, "chercher"),
        ("concierge : aide", {}, "chercher"),
        ("concierge : !aide chercher", {}, "cinq réponses"),
        ("!concierge help", {}, "chercher"),
        ("!confidentialité", {"direct": True}, "90\u00a0jours"),
        ("!concierge chercher service civique", {}, "Accueillir un service civique"),
        ("concierge : !chercer fiche", {}, "chercher"),
        ("!zzz", {"direct": True}, "zzz"),
        ("concierge : silence 1h", {}, "réservée"),
        ("concierge : bonjour", {}, "Posez-moi une question"),
        ("concierge : aide à l’accueil d’un volontaire en service civique ?", {}, "agrément"),  # no command
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
    await scene.say("!concierge oublie moi")
    await scene.say("bonjour", room="!deux", direct=True)
    await scene.say("concierge : bonjour")
    await scene.say(ASKED)
    assert await scene.later(timedelta(seconds=21)) == []
    await scene.say("!concierge bonjour")
    await scene.say(ASKED)
    assert len(await scene.later(timedelta(seconds=21))) == 1


async def test_why_names_the_entry_and_its_line_or_says_that_the_question_is_gone(scene: Scene) -> None:
    [reply] = await scene.say("pourquoi ?", direct=True)
    assert reply.text.startswith("`!pourquoi`")
    await scene.say(ASKED, direct=True)
    question, answer = scene.last, scene.last_reply
    for replied_to in (None, answer):
        [reply] = await scene.say("pourquoi ?", direct=True, reply_to=replied_to)
        assert FORMATION.id in reply.text
        assert "formations.yaml:3" in reply.text
    scene.paper.gone = {question}
    [reply] = await scene.say("!pourquoi", direct=True, reply_to=answer)
    assert "retrouve plus la question" in reply.text


def test_today_is_the_day_where_the_readers_are(scene: Scene) -> None:
    scene.time = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert scene.ctx.today == date(2026, 11, 25)
