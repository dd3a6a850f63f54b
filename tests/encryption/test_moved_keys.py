"""A bot in an encrypted room that is killed and goes on on another machine: only database and secret are the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.demo.homeserver import Homeserver
from tests.conftest import NewAccount, NewMember
from tests.databases import execute
from tests.encryption.conftest import NewPerson
from tests.encryption.members import Person
from tests.member import Member
from tests.reliability.harness import ASKED, Concierge, end, tally

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'concierge'"


@dataclass(frozen=True)
class Machines:
    """One account on two machines, an encrypted room, and who asks there."""

    owner: Member
    room: str
    one: Concierge
    other: Concierge
    new_person: Callable[[], Awaitable[Person]]
    questions: list[str] = field(default_factory=list)

    @property
    def bot(self) -> str:
        return self.one.account.user

    async def introduced(self, person: Person) -> None:
        await person.do("reply", room=self.room, sender=self.bot, words="Je suis Concierge")

    async def ask(self, asker: Person) -> str:
        self.questions.append(await asker.say(self.room, ASKED))
        return self.questions[-1]

    async def answer(self, person: Person, question: str) -> None:
        answer = await person.do("reply", room=self.room, to=question)
        assert answer["encrypted"]
        assert "https://formation.example/" in answer["content"]["body"]

    async def one_reply_each(self) -> None:
        replies = (await tally(self.owner, self.room, self.bot)).replies
        assert {question: replies[question] for question in self.questions} == dict.fromkeys(self.questions, 1)

    def said(self, *words: str) -> list[str]:
        """Which of them stand in the log."""
        return [word for word in words if word in self.one.log + self.other.log]


@pytest.fixture
async def machines(
    homeserver: Homeserver,
    member: NewMember,
    account: NewAccount,
    person: NewPerson,
    nest: Path,
    postgres_url: str,
    tmp_path: Path,
) -> Machines:
    owner, login = await member("owner"), await account("concierge")
    room = await owner.create_room(encrypted=True)
    one, other = (Concierge(tmp_path / name, login, nest, postgres_url) for name in ("one", "other"))
    for machine in (one, other):
        machine.secrets["CONCIERGE_MATRIX_KEYS_SECRET"] = "a secret of the operator"
        machine.configure(homeserver.url, room)

    async def new_person() -> Person:
        new = await person(await account("ana"), strict=True)
        await new.do("join", room=room)
        return new

    return Machines(owner, room, one, other, new_person)


async def test_a_killed_bot_goes_on_elsewhere_as_the_device_that_was_verified(machines: Machines) -> None:
    ana, bot = await machines.new_person(), machines.bot
    async with machines.one.process():
        await machines.introduced(ana)
        await machines.answer(ana, await machines.ask(ana))
        ((device, is_signed),) = (await ana.do("trust", user=bot)).items()
        assert is_signed
        assert (await ana.do("verify", user=bot, device=device))["error"] is None
        await ana.do("verified", user=bot, device=device)
    for machine in (machines.other, machines.one) * 2:
        down = await machines.ask(ana)
        async with machine.process():
            await machines.answer(ana, down)
            bea = await machines.new_person()  # begins with a one-time key of the bot's
            for asker in (bea, ana):
                await machines.answer(asker, await machines.ask(asker))
            await ana.do("verified", user=bot, device=device)
            assert await ana.do("trust", user=bot) == {device: True}
    await machines.one_reply_each()
    assert not any((machine.folder / "var" / "keys").exists() for machine in (machines.one, machines.other))
    assert machines.said("new device", "lost", "Traceback") == []


async def test_a_database_that_goes_away_for_a_moment_costs_no_question_its_reply(
    machines: Machines, postgres_url: str
) -> None:
    ana = await machines.new_person()
    async with machines.one.process():
        await machines.introduced(ana)
        for _ in range(4):
            question = await machines.ask(ana)
            execute(postgres_url, CUT)
            await machines.answer(ana, question)
    await machines.one_reply_each()
    assert machines.said("new device", "Traceback") == []


@pytest.mark.soak
async def test_killed_at_any_moment_and_gone_on_elsewhere_it_replies_to_each_question_once(machines: Machines) -> None:
    moments, people = random.Random(1), [await machines.new_person()]
    async with machines.one.process():
        await machines.introduced(people[0])
    for machine in (machines.other, machines.one) * 8:
        process = await machine.start()
        if len(people) < 4:
            people.append(await machines.new_person())
        for asker in people:
            await machines.ask(asker)
        await asyncio.sleep(moments.uniform(0, 2.5))
        await end(process)
    async with machines.one.process():
        for question in machines.questions:
            await machines.answer(people[0], question)
        await machines.answer(people[-1], await machines.ask(people[-1]))
    await machines.one_reply_each()
    assert machines.said("new device", "Traceback") == []
