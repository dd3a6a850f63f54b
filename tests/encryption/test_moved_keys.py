"""A bot in an encrypted room that is killed and goes on on another machine: only database and secret are the same."""

from __future__ import annotations

from pathlib import Path

from bot.demo.homeserver import Homeserver
from tests.conftest import NewAccount, NewMember
from tests.encryption.conftest import NewPerson
from tests.encryption.members import Person
from tests.reliability.harness import ASKED, Concierge, tally


async def answered(person: Person, room: str, question: str) -> None:
    answer = await person.do("reply", room=room, to=question)
    assert answer["encrypted"]
    assert "https://formation.example/" in answer["content"]["body"]


async def test_a_killed_bot_goes_on_elsewhere_as_the_device_that_was_verified(
    homeserver: Homeserver,
    member: NewMember,
    account: NewAccount,
    person: NewPerson,
    nest: Path,
    postgres_url: str,
    tmp_path: Path,
) -> None:
    owner, login = await member("owner"), await account("concierge")
    room = await owner.create_room(encrypted=True)
    machines = [Concierge(tmp_path / name, login, nest, postgres_url) for name in ("one", "other")]
    for machine in machines:
        machine.secrets["CONCIERGE_MATRIX_KEYS_SECRET"] = "a secret of the operator"
        machine.configure(homeserver.url, room)
    ana = await person(await account("ana"), strict=True)
    await ana.do("join", room=room)
    questions: list[str] = []

    async def ask(asker: Person) -> str:
        questions.append(await asker.say(room, ASKED))
        return questions[-1]

    async with machines[0].process():
        await ana.do("reply", room=room, sender=login.user, words="Je suis Concierge")
        await answered(ana, room, await ask(ana))
        ((device, is_signed),) = (await ana.do("trust", user=login.user)).items()
        assert is_signed
        assert (await ana.do("verify", user=login.user, device=device))["error"] is None
        await ana.do("verified", user=login.user, device=device)
    for turn in range(1, 5):
        down = await ask(ana)
        async with machines[turn % 2].process():
            await answered(ana, room, down)
            new = await person(await account("bea"))  # begins with a one-time key of the bot's
            await new.do("join", room=room)
            for asker in (new, ana):
                await answered(asker, room, await ask(asker))
            await ana.do("verified", user=login.user, device=device)
            assert await ana.do("trust", user=login.user) == {device: True}
    replies = (await tally(owner, room, login.user)).replies
    assert {question: replies[question] for question in questions} == dict.fromkeys(questions, 1)
    assert not any((machine.folder / "var" / "keys").exists() for machine in machines)
    assert [words for words in ("new device", "lost", "Traceback") if any(words in one.log for one in machines)] == []
