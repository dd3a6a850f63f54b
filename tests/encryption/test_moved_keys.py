"""A bot in an encrypted room that is killed and goes on on another machine: only database and secret are the same."""

from pathlib import Path

from bot.demo.homeserver import Homeserver
from tests.conftest import NewAccount, NewMember
from tests.databases import execute
from tests.encryption.conftest import NewPerson, answered
from tests.reliability.harness import ASKED, Concierge, tally

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'concierge'"


async def test_a_killed_bot_goes_on_elsewhere_as_the_device_that_was_verified_though_its_database_goes_away_at_times(
    homeserver: Homeserver, member: NewMember, account: NewAccount, person: NewPerson, nest: Path, postgres_url: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    owner, login = await member("owner"), await account("concierge")
    ana = await person(await account("ana"), strict=True)
    room = await owner.create_room(encrypted=True)
    await ana.do("join", room=room)
    one, other = (Concierge(tmp_path / name, login, nest, postgres_url) for name in ("one", "other"))
    for machine in (one, other):
        machine.secrets["CONCIERGE_MATRIX_KEYS_SECRET"] = "a secret of the operator"
        machine.configure(homeserver.url, room)
    async with one.process():
        await ana.do("reply", room=room, sender=login.user, words="Je suis Concierge")
        questions = [await ana.say(room, ASKED)]
        await answered(ana, room, questions[0])
        ((device, is_signed),) = (await ana.do("trust", user=login.user)).items()
        assert is_signed
        assert (await ana.do("verify", user=login.user, device=device))["error"] is None
        await ana.do("verified", user=login.user, device=device)
    for machine in (other, one):
        questions.append(await ana.say(room, ASKED))
        async with machine.process():
            await answered(ana, room, questions[-1])
            bea = await person(await account("bea"), strict=True)  # begins with a one-time key of the bot's
            await bea.do("join", room=room)
            for asker in (bea, ana):
                questions.append(await asker.say(room, ASKED))
                await answered(asker, room, questions[-1])
            await ana.do("verified", user=login.user, device=device)
            assert await ana.do("trust", user=login.user) == {device: True}
            questions.append(await ana.say(room, ASKED))
            execute(postgres_url, CUT)
            await answered(ana, room, questions[-1])
    replies = (await tally(owner, room, login.user)).replies
    assert {question: replies[question] for question in questions} == dict.fromkeys(questions, 1)
    assert not any((machine.folder / "var" / "keys").exists() for machine in (one, other))
    assert not [words for words in ("encryption keys", "Traceback") if words in one.log + other.log]
