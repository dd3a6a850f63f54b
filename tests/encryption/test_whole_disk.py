"""What the whole bot leaves on its disk after a run, in open and in encrypted rooms: nobody's words, nobody's name."""

import asyncio
from pathlib import Path

from tests.conftest import NewAccount, NewBot, NewMember
from tests.databases import execute
from tests.encryption.conftest import NewPerson
from tests.encryption.members import Person
from tests.member import Member
from tests.running import ASKED, Running, from_bot
from tests.waiting import PATIENCE

SECRETS = ("Zenobie", "Wallpurgis", "Ursuline", "Quentinette")


def holds(content: bytes, *secrets: str) -> bool:
    return any(secret.encode() in content for secret in secrets)


def left(folder: Path, *secrets: str) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file() and holds(file.read_bytes(), *secrets)]


async def talk_openly(running: Running, ana: Member, room: str) -> None:
    """Asks, edits, chooses, chats and asks what is then deleted."""
    question = await ana.say(room, f"concierge : {ASKED} Pour {SECRETS[0]}.")
    await ana.wait_for(room, from_bot(running, question))
    await running.settled(await ana.edit(room, question, f"concierge : Où trouver une fiche de poste ? {SECRETS[1]}"))
    (reply,) = [raw["event_id"] for raw in await ana.history(room) if from_bot(running, question)(raw)]
    await running.settled(await ana.react(room, reply, "1️⃣"))
    await running.settled(await ana.say(room, f"{SECRETS[2]} passe jeudi, on se voit au café"))
    waiting = await ana.say(room, f"Où trouver une fiche de poste pour {SECRETS[3]} ?")
    await running.settled(waiting)
    await running.settled(await ana.redact(room, waiting))


async def talk_in_secret(running: Running, bea: Person, room: str) -> None:
    for text in (f"concierge : {ASKED} Pour {SECRETS[0]}.", f"concierge : le chat de {SECRETS[1]} a-t-il mangé ?"):
        question = await bea.say(room, text)
        await bea.do("reply", room=room, to=question)
        await running.settled(await bea.edit(room, question, f"concierge : une fiche de poste ? {SECRETS[2]}"))
    await running.settled(await bea.say(room, f"{SECRETS[3]} passe jeudi"))


async def test_no_sentence_of_a_member_stays_on_the_disk_of_the_whole_bot(
    member: NewMember, account: NewAccount, person: NewPerson, new_bot: NewBot, knowledge: Path, database: str
) -> None:
    ana, bea = await member("ana"), await person(await account("bea"))
    clear, sealed = await ana.create_room(), await ana.create_room(encrypted=True)
    await bea.do("join", room=sealed)
    running = await new_bot(clear, sealed, knowledge=knowledge, answers={"confident": 1.0})  # suggests
    running.database = database
    folder = running.settings.parent / "var"
    async with running.up():
        await ana.wait_for(clear, from_bot(running))
        await bea.do("reply", room=sealed, sender=running.bot.user, words="Je suis Concierge")
        await talk_openly(running, ana, clear)
        await talk_in_secret(running, bea, sealed)
        open_rows = "SELECT event FROM journal WHERE done_at IS NULL UNION SELECT room FROM outbox WHERE closed IS NULL"
        async with asyncio.timeout(PATIENCE):
            while execute(database or f"sqlite:///{folder}/concierge.db", open_rows):  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.1)
    assert left(folder, *SECRETS) == []
    store = [file for file in left(folder, ana.user, bea.user) if file.startswith("concierge.db")]
    assert store == []  # beside it, the encryption keeps whose keys it has
    if database:
        names = execute(database, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        everything = str([execute(database, f"SELECT * FROM {name}") for (name,) in names]).encode()  # noqa: S608
        assert not holds(everything, *SECRETS, ana.user, bea.user)
