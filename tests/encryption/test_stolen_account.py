"""Somebody who has got hold of a moderator's account, and of none of its keys, in the moderators' encrypted room."""

from __future__ import annotations

from pathlib import Path

from bot.demo.homeserver import Homeserver
from tests.conftest import NewAccount, NewBot
from tests.encryption.conftest import NewPerson
from tests.member import Member

REMOVE = "!retirer formation-facilitation"


async def test_who_has_a_moderators_account_and_no_keys_does_not_drive_the_bot(
    homeserver: Homeserver, account: NewAccount, person: NewPerson, new_bot: NewBot, knowledge: Path
) -> None:
    credentials, file = await account("ana"), knowledge / "formations.yaml"
    before = file.read_text(encoding="utf-8")
    async with Member(homeserver.url, credentials.access_token) as thief:
        room, moderation = await thief.create_room(), await thief.create_room(encrypted=True)
        ana = await person(credentials)
        await ana.do("join", room=moderation)
        matrix = {"moderators_room": moderation}
        running = await new_bot(room, knowledge=knowledge, matrix=matrix, matching={"semantic": False})
        async with running.up():
            await thief.wait_for(moderation, lambda raw: raw.get("state_key") == running.bot.user)
            plain = await thief.say(moderation, REMOVE)
            assert (await running.settled(plain)).posts == ()
            await ana.do("event", room=moderation, event=plain)  # after it she knows that the bot is in the room
            draft = (await ana.do("reply", room=moderation, to=await ana.say(moderation, REMOVE)))["id"]
            assert (await running.settled(await thief.reply(moderation, draft, "oui"))).draft_decision is None
            assert file.read_text(encoding="utf-8") == before
            assert (await running.settled(await ana.react(moderation, draft, "✅"))).draft_decision is not None
    assert "formation-facilitation" not in file.read_text(encoding="utf-8")
