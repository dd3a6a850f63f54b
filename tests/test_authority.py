"""Who may order the bot about, in rooms of both kinds: with creators above all levels, and without."""

from pathlib import Path

from bot.messages import Reply
from bot.store import Mute
from tests.conftest import NewBot, NewMember
from tests.running import Running, from_bot
from tests.test_learning import FAST, REPLY, UNKNOWN, mark, saying


async def hushes(running: Running, event: str) -> bool:
    """Whether the command was obeyed, not only replied to."""
    outcome = await running.settled(event)
    (post,) = outcome.posts
    assert isinstance(post.outgoing, Reply)
    return outcome.find(Mute) is not None


async def test_who_is_demoted_is_refused_at_once(member: NewMember, new_bot: NewBot, knowledge: Path) -> None:
    ana, bea = await member("ana"), await member("bea")
    rooms = [await ana.create_room(room_version=version) for version in ("10", "12")]
    running = await new_bot(*rooms, knowledge=knowledge)
    async with running.up():
        for room in rooms:
            await bea.join(room)
            await ana.wait_for(room, from_bot(running))
            levels = await ana.state(room, "m.room.power_levels")
            raised = levels | {"users": levels["users"] | {bea.user: 50}}
            for given, obeyed in ((raised, True), (levels, False)):
                await ana.set_state(room, "m.room.power_levels", given)
                assert await hushes(running, await bea.say(room, "!concierge silence 1h")) is obeyed
            assert await hushes(running, await ana.say(room, "!concierge silence 1h"))


async def test_nobody_but_a_moderator_changes_anything(member: NewMember, new_bot: NewBot, knowledge: Path) -> None:
    ana, sacha = await member("ana"), await member("sacha")
    room, moderation = await ana.create_room(), await sacha.create_room()
    await sacha.join(room)
    await ana.join(moderation)  # in the room, and without power there
    running = await new_bot(room, knowledge=knowledge, matrix={"moderators_room": moderation}, **FAST)
    before = (knowledge / "formations.yaml").read_text(encoding="utf-8")
    async with running.up():
        await ana.wait_for(room, from_bot(running))
        direct = await ana.direct_room(running.bot.user)
        for where in (moderation, direct, room):  # the owner of a listed room, and of a direct one
            said = await ana.say(where, "!concierge ajouter Piège\nhttps://mal.example/")
            refusal = await ana.wait_for(where, from_bot(running, said))
            assert "réservée à l’équipe" in refusal["content"]["body"]
        question = await ana.say(room, UNKNOWN)
        await ana.wait_for(room, from_bot(running, question))
        own = await ana.reply(room, question, REPLY)
        assert (await running.settled(await ana.react(room, own, "📝"))).posts == ()
        reply = await sacha.reply(room, question, REPLY)
        await sacha.wait_for(room, mark(running, reply, "📝"))
        await sacha.react(room, reply, "📝")
        draft = await ana.wait_for(moderation, saying(running, "Brouillon"))
        assert (await running.settled(await ana.react(moderation, draft["event_id"], "✅"))).posts == ()
    assert (knowledge / "formations.yaml").read_text(encoding="utf-8") == before
