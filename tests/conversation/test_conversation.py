"""What members see of the bot, rule by rule: the real store and matcher, a channel on paper, a clock that we move."""

from datetime import timedelta
from typing import Any

import pytest

from bot.conversation.policy import TRIES, Rules
from bot.messages import Message, Redaction, Reply
from tests.scene import ANA, ASKED, BOB, FORMATION, MODERATION, MODERATOR, OTHER, ROOM, Scene, text_of

# Addressed


async def test_what_it_has_no_answer_to_beside_an_answer_is_said_and_queued(scene: Scene) -> None:
    reply, _ = await scene.say(f"concierge : Où trouver une fiche de poste ? {OTHER}")
    assert "https://fiche.example/" in reply.text
    assert f"pas encore de réponse à «\u00a0{OTHER}\u00a0»" in reply.text
    assert await scene.queued() == [OTHER]


FLOODS = [
    ["concierge : fiche de poste ?", "concierge : service civique ?", f"concierge : {ASKED}"],
    *(["!concierge aide"], ["concierge : bonjour"], ["!concierge oublie-moi", "!concierge bonjour"]),
]


async def test_a_flood_is_told_once_and_then_met_with_silence_until_its_window_has_passed(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=2))
    for texts in FLOODS:
        room = scene.in_a_room()
        replies = [await scene.say(texts[number % len(texts)], **room) for number in range(6)]
        assert [len(some) for some in replies] == [1, 1, 1, 0, 0, 0]
        assert "10\u00a0minutes" in replies[2][0].text
        assert len(await scene.say(texts[0], **room | {"sender": BOB})) == 1
        scene.time += timedelta(minutes=11)
        assert len(await scene.say(texts[0], **room)) == 1


async def test_a_moderators_command_in_a_direct_room_is_obeyed_whatever_was_asked_before(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=2))
    for sender, replies in ((MODERATOR, [1, 1, 1]), (ANA, [1, 0, 0])):
        alone = {"sender": sender, "room": f"!{sender}", "direct": True, "private": True}
        for _ in range(2):
            await scene.say(ASKED, **alone)
        assert [len(await scene.say("!aide", **alone)) for _ in range(3)] == replies
    assert "10\u00a0minutes" in text_of(await scene.say(ASKED, MODERATOR, room="!seule", direct=True, private=True))


async def test_moderators_at_work_among_themselves_flood_nobody(scene: Scene) -> None:
    scene.ruled(rules=Rules(flood_questions=1))
    there = {"room": MODERATION, "moderators_room": True}
    assert [len(await scene.say("!stats", MODERATOR, **there)) for _ in range(3)] == [1, 1, 1]
    for place, replies in (({"room": ROOM}, 0), (there, 1)):
        await scene.say(f"concierge : {ASKED}", MODERATOR, **place)
        assert len(await scene.edit("concierge : fiche de poste ?", sender=MODERATOR, **place)) == replies


async def test_an_unknown_command_is_told_once_and_in_the_moderators_room_each_time(scene: Scene) -> None:
    assert [len(await scene.say(f"!concierge adie{n}")) for n in range(5)] == [1, 0, 0, 0, 0]
    assert len(await scene.say("!concierge aide")) == 1
    assert len(await scene.say("!concierge adie", sender=BOB)) == 1
    there = {"room": MODERATION, "moderators_room": True}
    assert [len(await scene.say("!concierge adie", MODERATOR, **there)) for _ in range(3)] == [1, 1, 1]
    scene.time += timedelta(minutes=11)
    assert len(await scene.say("!concierge adie")) == 1
    for typed, likely in (("serch", True), ("question", False)):  # the second is for moderators
        assert ("dire `!" in text_of(await scene.say(f"!{typed}", **scene.in_private()))) is likely


async def test_it_is_told_to_be_quiet_by_whoever_may_and_by_each_for_themselves(scene: Scene) -> None:
    for power, answers in ((0, 1), (50, 0)):
        room = scene.in_a_room()
        scene.paper.powers[room["room"], BOB] = power
        await scene.say("concierge : silence 1h", **room | {"sender": BOB})
        assert len(await scene.overhear(ASKED, **room)) == answers
    for where in ({"room": MODERATION, "moderators_room": True}, {"room": "!deux", "direct": True}):
        assert "dans le salon où je parle trop" in text_of(await scene.say("!silence 1h", MODERATOR, **where))
        assert await scene.store.posts.is_muted(where["room"], scene.now()) is False
    scene.paper.powers["!deux", BOB] = 100  # the owner of a room of two gets no rights from it
    assert "réservée" in text_of(await scene.say("!silence 1h", sender=BOB, room="!deux", direct=True))
    assert "effacé" in text_of(await scene.say("!concierge oublie moi", ago=timedelta(days=2)))
    await scene.say("bonjour", room="!deux", direct=True)
    await scene.say("concierge : bonjour")
    assert await scene.overhear(ASKED) == []
    await scene.say("!concierge bonjour")
    assert len(await scene.overhear(ASKED)) == 1


async def test_what_was_said_long_ago_is_left_alone_and_of_a_date_to_come_is_dated_when_it_comes(scene: Scene) -> None:
    for text in (f"concierge : {ASKED}", "!concierge aide", "!concierge quoi", "concierge : bonjour"):
        assert await scene.say(text, ago=timedelta(hours=6, minutes=1)) == [], text
    assert await scene.say("bonjour", ago=timedelta(days=20), direct=True) == []
    for said in (ASKED, "concierge : qui a les clés du portail bleu ?"):
        assert await scene.overhear(said, ago=timedelta(days=-365 * 67))
        assert not await scene.store.journal.is_pending(scene.last)
    [queued] = await scene.store.queue.questions()
    assert queued.askings[0].asked == scene.time - timedelta(seconds=21)


# What holds the program up


async def held_up(scene: Scene, text: str, id: str = "$held", is_deleted: bool = False, **more: Any) -> list[Reply]:
    """What the bot says to a message that held the program up as often as it is tried."""
    room = more.pop("room", ROOM)
    message = Message("paper", id, room, ANA, text, scene.time, **more)
    values = [message, *([Redaction("paper", "$x", room, ANA, id)] if is_deleted else [])]
    await scene.store.journal.receive("paper", [scene.paper.event(value, scene.time) for value in values], "s1")
    for _ in range(TRIES):
        await scene.store.journal.count_try([("paper", id)])
    return await scene.work()


async def test_what_holds_it_up_is_given_up_and_told(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    [note] = await held_up(scene, "concierge : où sont les clés vertes ?")
    assert (note.room, scene.paper.link(ROOM, "$held") in note.text) == (MODERATION, True)
    assert "clés" not in note.text + caplog.text
    assert "$held: given up" in caplog.text
    assert await scene.store.queue.questions() == []
    # in private only its sender hears of it, and nobody of one that was deleted
    assert await held_up(scene, ASKED, id="$gone", is_deleted=True) == []
    [reply] = await held_up(scene, "concierge : où sont les clés vertes ?", id="$two", room="!two", private=True)
    assert (reply.room, reply.to, reply.mentions) == ("!two", "$two", (ANA,))
    assert "écrire autrement" in reply.text


# Commands


async def test_commands_answer_and_a_short_one_in_an_open_room_is_not_for_it(scene: Scene) -> None:
    for said, more, heard in (  # more of them in tests/play/piece.md
        *(("!AIDE", {"moderators_room": True}, "chercher"), ("concierge : silence 1h", {}, "réservée")),
        *(("concierge : !aide chercher", {}, "cinq réponses"), ("concierge : !chercer fiche", {}, "chercher")),
        ("concierge : aide à l’accueil d’un volontaire en service civique ?", {}, "agrément"),  # no command
    ):
        assert heard in text_of(await scene.say(said, **more)), said
    for said in ("!aide", "!zzz", "!!", "!concierges de France"):
        assert await scene.say(said) == [], said
    scene.ruled(names=("Le Concierge",))
    assert "cinq réponses" in text_of(await scene.say("!le concierge aide chercher"))


async def test_why_names_the_entry_and_its_line_or_says_that_the_question_is_gone(scene: Scene) -> None:
    assert text_of(await scene.say("pourquoi ?", direct=True)).startswith("`!pourquoi`")
    await scene.say(ASKED, direct=True)
    question, answer = scene.last, scene.last_reply
    for replied_to in (None, answer):
        [reply] = await scene.say("pourquoi ?", direct=True, reply_to=replied_to)
        assert (FORMATION.id in reply.text, "formations.yaml:3" in reply.text) == (True, True)
    scene.paper.gone = {question}
    assert "retrouve plus la question" in text_of(await scene.say("!pourquoi", direct=True, reply_to=answer))
