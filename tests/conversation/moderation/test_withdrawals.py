"""Nobody's words stay in the moderators' room once they asked to be forgotten, or deleted their question."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.knowledge.editor import Editor
from bot.locale import wording
from bot.messages import Event, Message, Reply
from bot.replies import ForumReplies
from bot.store import OptOut, Outcome
from tests.moderation import KEYS, LASER, PORTAL, PRIVATE, command, contents, drafted, react, refuse, replied, shown
from tests.scene import ANA, ASKED, BOB, MODERATION, MODERATOR, ROOM, Scene, text_of

Withdraw, Make = Callable[[Scene], Awaitable[list[Reply]]], Callable[[Scene, Path], Awaitable[None]]


async def forget(scene: Scene) -> list[Reply]:
    return [reply for reply in await scene.say("!concierge oublie-moi", ANA) if reply.room == MODERATION]


def her_question(scene: Scene) -> str:
    said = [(event.id, value) for event, value in scene.paper.written if isinstance(value, Message)]
    return next(id for id, value in said if value.sender == ANA and "portail" in value.text)


async def delete(scene: Scene) -> list[Reply]:
    return await scene.delete(her_question(scene))


async def ask_something_else(scene: Scene) -> list[Reply]:
    replies = await scene.edit(f"concierge : {ASKED}", her_question(scene))
    return [reply for reply in replies if reply.room == MODERATION]


def standing(scene: Scene, word: str = "portail", room: str | None = MODERATION) -> list[str]:
    """What the bot said there and can still be read, with that word; None: anywhere."""
    posts = [out for id, out in scene.paper.sent.items() if isinstance(out, Reply) and id not in scene.removed]
    return [out.text for out in posts if word in out.text and room in (None, out.room)]


@pytest.mark.parametrize("withdraw", [forget, delete, ask_something_else])
async def test_a_draft_goes_and_the_moderators_read_why(desk: Scene, withdraw: Withdraw) -> None:
    await drafted(desk)
    draft = shown(desk)
    assert [reply.room for reply in await desk.say("!concierge oublie-moi", BOB)] == [ROOM]  # who has no draft
    assert len(standing(desk)) == 2  # the note and the draft
    [note] = await withdraw(desk)
    assert standing(desk) == []
    assert "Brouillon n°\u00a02 retiré" in note.text
    assert ("oubliée" in note.text) is (withdraw is forget)
    assert note.quiet
    assert await react(desk, draft, "✅") == []
    assert "portail" not in str(await desk.store.queue.draft(2))


async def moved(desk: Scene, folder: Path) -> None:
    await desk.say(PORTAL)
    await command(desk, f"!repondre 1 {KEYS}")
    await command(desk, "!theme 2 Prêt & matériel")


async def turned_down(desk: Scene, folder: Path) -> None:
    await drafted(desk, "C’est là : https://formation.example/")
    await react(desk, shown(desk), "❌")  # the phrasing; an entry takes its place


async def kept(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    await react(desk, shown(desk), "✅")


async def not_stored(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    desk.time += timedelta(days=40)
    await desk.store.retention.erase_old(desk.now(), 90)


async def changed_meanwhile(desk: Scene, folder: Path) -> None:
    await drafted(desk, "C’est là : https://formation.example/")
    file = folder / "formations.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("forme et certifie", "forme"), encoding="utf-8")
    told, again = await react(desk, shown(desk), "✅")
    assert "forme et certifie" in told.text  # the difference
    assert (told.choices, again.choices) == ((), ("✅", "❌"))


async def to_paste(desk: Scene, folder: Path) -> None:
    await drafted(desk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Editor, "add", refuse)
        await react(desk, shown(desk), "✅")
        await command(desk, f"!repondre 1 {KEYS}")
    assert len([text for text in standing(desk) if "À coller" in text]) == 2


async def gone_on_from(desk: Scene, folder: Path) -> None:
    await desk.say(PORTAL)
    await desk.say("concierge : et pour la Bretagne ?")


@pytest.mark.parametrize("withdraw", [forget, delete])
@pytest.mark.parametrize("make", [moved, turned_down, kept, not_stored, changed_meanwhile, to_paste, gone_on_from])
async def test_so_does_all_else_that_was_shown(desk: Scene, folder: Path, make: Make, withdraw: Withdraw) -> None:
    await make(desk, folder)
    before = contents(folder)
    assert len(standing(desk)) >= 2
    await withdraw(desk)
    assert standing(desk) == []
    assert await desk.store.queue.questions() == []
    assert contents(folder) == before


async def test_lists_of_open_questions_go_wherever_they_were_read(desk: Scene) -> None:
    await desk.say(LASER, BOB)
    await command(desk, "!questions")
    before = standing(desk, "cruciforme")
    desk.time += timedelta(minutes=1)
    await desk.say(PORTAL)
    await command(desk, "!questions")
    await desk.say("!questions", MODERATOR, **PRIVATE)
    await delete(desk)
    assert standing(desk, room=None) == []
    assert set(before) <= set(standing(desk, "cruciforme"))  # a list from before her question stays
    assert "cruciforme" in text_of(await command(desk, "!questions"))


async def test_what_others_asked_alike_stays_in_the_queue_and_can_be_drafted_anew(desk: Scene) -> None:
    await desk.say("concierge : les clés du portail bleu, qui les a ?", BOB)
    bobs = desk.last
    await drafted(desk)
    draft = shown(desk)
    await command(desk, "!questions")
    before = standing(desk)
    desk.time += timedelta(minutes=5)
    await desk.say(PORTAL, "@cleo:x")
    await desk.delete(sender="@cleo:x")  # who asks the same later and deletes it takes nothing of theirs along
    assert standing(desk) == before
    await forget(desk)
    assert standing(desk) == []
    assert await react(desk, draft, "✅") == []
    await desk.say(KEYS, MODERATOR, reply_to=bobs)
    [draft] = await react(desk, desk.last, "📝", room=ROOM)
    assert "les clés du portail bleu, qui les a" in draft.text
    assert "qui a les clés" not in draft.text


async def test_a_question_that_was_rehearsed_takes_both_posts_along_and_in_a_chat_answers_stay(desk: Scene) -> None:
    await desk.overhear(ASKED, listen="rehearsal")
    await desk.edit(f"concierge : {ASKED}", listen="rehearsal", mentions_bot=True)
    assert len(standing(desk, "https://formation.example/", None)) == 2
    await desk.delete()
    assert standing(desk, "https://formation.example/", None) == []
    await desk.say(f"concierge : {ASKED}")
    await desk.say("!concierge oublie-moi")
    assert len(standing(desk, "https://formation.example/", ROOM)) == 1


async def test_a_draft_shown_to_one_moderator_alone_is_explained_there(desk: Scene) -> None:
    await desk.say(PORTAL)
    await desk.say(f"!repondre 1 {KEYS}", MODERATOR, **PRIVATE)
    replies = await desk.say("!concierge oublie-moi")
    assert [reply.text.partition(" retiré")[0] for reply in replies if reply.room == "!deux"] == ["Brouillon n°\u00a02"]
    assert standing(desk, room=None) == []


# While something is being made of them


def meanwhile(desk: Scene, patch: pytest.MonkeyPatch) -> None:
    """Ana is forgotten after the next event was thought about, and before it is noted what comes of it."""
    finish = desk.store.finish

    async def late(*outcome: Any) -> None:
        patch.setattr(desk.store, "finish", finish)
        await desk.store.journal.receive("paper", [heard], "s1")
        await finish(heard, Outcome("command oublie-moi").also(OptOut(ANA)), desk.time)
        await finish(*outcome)

    heard = Event("paper", "$forget", "!autre", ANA, "message", desk.time, "{}")
    patch.setattr(desk.store, "finish", late)


@pytest.mark.parametrize("said", ["!questions", f"!repondre 1 {KEYS}", "📝", "!theme 2 Prêt & matériel"])
async def test_what_is_made_of_a_question_while_it_is_withdrawn_is_made_anew(desk: Scene, said: str) -> None:
    reply = await replied(desk)
    if said.startswith("!theme"):
        await react(desk, reply, "📝", room=ROOM)
    with pytest.MonkeyPatch.context() as patch:
        meanwhile(desk, patch)
        replies = await (react(desk, reply, said, room=ROOM) if said == "📝" else command(desk, said))
    assert standing(desk) == []
    assert any("Aucun brouillon n°\u00a02" in reply.text for reply in replies) is said.startswith("!theme")
    assert await desk.store.journal.due(desk.now()) == []


# On a forum, where replies repeat what they answer


@pytest.fixture
async def forum(desk: Scene) -> Scene:
    return desk.ruled(replies=ForumReplies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris")))


async def test_on_a_forum_replies_that_repeat_the_question_go(forum: Scene) -> None:
    await forum.say(PORTAL)
    await forum.say(f"concierge : {ASKED}")
    await forum.say(f"concierge : {ASKED}", BOB, room="!autre")
    await forum.say("!concierge oublie-moi")
    assert standing(forum, room=ROOM) == []
    assert standing(forum, ASKED, ROOM) == []
    assert len(standing(forum, ASKED, "!autre")) == 1


@pytest.mark.parametrize("others", [False, True])
async def test_on_a_forum_news_of_an_answer_repeats_nobody_who_can_go(forum: Scene, others: bool) -> None:
    if others:
        await forum.say("concierge : les clés du portail bleu, qui les a ?", BOB)
    await forum.say(PORTAL)
    await command(forum, "!repondre 1 À l’accueil.")
    [news] = standing(forum, "voici la réponse", ROOM)
    assert ("qui a les clés" in news) is not others
    await forget(forum)
    assert standing(forum, "qui a les clés", None) == []
    assert len(standing(forum, "voici la réponse", ROOM)) == others


@pytest.mark.parametrize("how", ["!repondre 1 À l’accueil.", "📝"])
async def test_what_was_shown_of_an_answered_question_that_got_other_words_goes(desk: Scene, how: str) -> None:
    if how == "📝":
        await drafted(desk)
        await react(desk, shown(desk), "✅")
    else:
        await desk.say(PORTAL)
        await command(desk, how)
    await desk.edit(LASER, her_question(desk))
    assert ["cruciforme" in text for text in await desk.queued()] == [True]
    await desk.say("!concierge oublie-moi")
    assert standing(desk) == []
    assert standing(desk, "cruciforme") == []
