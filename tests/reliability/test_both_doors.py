"""A room and a forum, one bot behind both: one reply everywhere, and nothing private on the other side."""

import logging

import pytest

from bot.store import Store
from tests.member import Raw
from tests.reliability.doors import UNKNOWN, Doors
from tests.reliability.forum import CATEGORY, QUESTION
from tests.reliability.harness import ASKED, answered, history, is_said_by
from tests.reliability.started import NewDoors

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def reply_to(doors: Doors, question: str) -> str:
    """What the room reads as the bot's reply."""

    def wanted(raw: Raw) -> bool:
        return is_said_by(raw, doors.room.bot) and answered(raw) == question

    return str((await doors.room.ana.wait_for(doors.room.room, wanted))["content"]["body"])


async def test_one_bot_answers_on_both_sides_and_in_the_room_while_the_forum_is_down(new_doors: NewDoors) -> None:
    doors = await new_doors()
    forum = doors.forum.forum
    forum.category("equipe", "mia")
    public = forum.say("ben", CATEGORY, "Mon imprimante Prusa fume, que faire pour la réparer ?", title="La Prusa fume")
    hidden = forum.say("mia", "equipe", "L’imprimante Prusa fume, en secret.", title="Prusa : réparer en secret")
    async with doors.room.concierge.up():
        await doors.room.introduced()
        await doors.forum.marked()
        post = forum.say("ana", CATEGORY, QUESTION, title="Où se former, dites-moi")
        assert "https://formation.example/" in await reply_to(doors, await doors.room.ana.say(doors.room.room, ASKED))
        help = await reply_to(doors, await doors.room.ana.say(doors.room.room, UNKNOWN))
        await doors.forum.until_answered(post)
        forum.down = True
        missed = forum.say("ana", CATEGORY, QUESTION, title="Et où se former ensuite")
        assert "https://formation.example/" in await reply_to(doors, await doors.room.ana.say(doors.room.room, ASKED))
        assert "pas de réponse" in await reply_to(doors, await doors.room.ana.say(doors.room.room, UNKNOWN))
        forum.heal()
        await doors.forum.one_reply_each(missed)
    assert f"{forum.url}/t/-/{public.topic.id}" in help
    assert "secret" not in help
    assert f"/t/-/{hidden.topic.id}" not in help
    [reply] = [one for one in forum.posts_of("concierge") if one.topic == post.topic]
    assert reply.raw.startswith("> ")
    assert "https://formation.example/" in reply.raw


async def test_a_forum_that_bars_it_leaves_it_at_work(new_doors: NewDoors, caplog: pytest.LogCaptureFixture) -> None:
    doors = await new_doors()
    doors.room.concierge.secrets["CONCIERGE_DISCOURSE_API_KEY"] = "another-key"
    async with doors.room.concierge.up():
        await doors.room.introduced()
        assert "https://formation.example/" in await reply_to(doors, await doors.room.ana.say(doors.room.room, ASKED))
    assert "does not accept the API key" in caplog.text


SECRET = "zanzibar"


async def test_nothing_private_of_the_forum_leaves_it(new_doors: NewDoors, caplog: pytest.LogCaptureFixture) -> None:
    """What nobody but a few may know: in a restricted category, in private messages, and in a whisper."""
    doors = await new_doors(direct=True)
    forum, here = doors.forum.forum, doors.room
    moderation = await here.add_moderators()
    forum.user("mod", moderator=True)
    forum.category("equipe", "mia", "concierge")
    caplog.set_level(logging.DEBUG, "bot")
    async with here.concierge.up():
        await here.introduced()
        await doors.forum.marked()
        asked = f"Comment réparer une Prusa {SECRET} ?"
        forum.say("mia", "equipe", f"L’imprimante Prusa fume, {SECRET}.", title=f"Prusa qui fume {SECRET}")
        forum.say("mia", "equipe", f"@concierge {asked}", title=f"Prusa {SECRET} en panne")
        forum.message("mia", "ben", f"La Prusa fume, {SECRET}.", f"Prusa {SECRET}")
        forum.message("mia", "concierge", asked, f"Prusa {SECRET} en panne")
        sale = forum.say("ben", CATEGORY, "Une imprimante à vendre.", title="À vendre")
        forum.whisper("mod", sale.topic, f"Prusa {SECRET}")
        await doors.forum.until_answered(forum.say("ana", CATEGORY, QUESTION, title="Une dernière question"))
        shown = await reply_to(doors, await here.ana.say(here.room, UNKNOWN))
    told = [shown, *(str(raw["content"]) for raw in await history(here.ana, moderation)), caplog.text]
    store = await Store.open(here.concierge.url)
    told += [asking.text for queued in await store.queue.questions() for asking in queued.askings]
    await store.close()
    assert "Prusa" in "".join(told)
    assert not [text for text in told if SECRET in text]
    assert SECRET.encode() not in (here.concierge.folder / "var" / "concierge.db").read_bytes()
