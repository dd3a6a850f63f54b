"""`init` at a keyboard: each answer is tried when it is given, and a second time it begins with what stands there."""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import yaml

from bot.channels.interview import Abandoned, Option
from bot.cli.init_files import settings_text, write_answers
from bot.cli.terminal_interview import TerminalInterview
from bot.demo.homeserver import Credentials, Homeserver
from bot.knowledge.edit_result import EditRejected
from bot.knowledge.git import GitFailed, work_tree
from bot.knowledge.library import Library
from bot.locale import wording
from tests.app.test_many_networks import running
from tests.command_line import Run
from tests.conftest import NewAccount, NewMember
from tests.forum import Forum
from tests.member import Member
from tests.terminal import Terminal, terminal

ROOT = Path(__file__).parents[2]
FR = wording("fr")
HIDDEN = ("password", "forum_key")
TODAY = date(2026, 12, 1)
OTHER = 'knowledge: answers\nmatrix: {homeserver: "http://127.0.0.1:9", user: "@c:x.org", rooms: ["#a:x.org"]}\n'
OLD = """\
language: fr   # à nous
knowledge: nos-reponses
matrix:
  homeserver: {url}
  user: "{user}"
  rooms:
    # le grand salon
    - "{first}"
    - {{room: "{second}", region: Bretagne}}
  listen: rehearsal   # encore une semaine
answers: {{overheard: 0.7}}
"""


@asynccontextmanager
async def init(folder: Path, *flags: str) -> AsyncIterator[Terminal]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder), "TERM": "dumb"}
    async with terminal([sys.executable, "-m", "bot", "init", *flags], cwd=folder, env=env) as screen:
        yield screen


async def answer(screen: Terminal, *dialogue: tuple[str, ...]) -> None:
    """Each question by its key, what is typed, and sometimes what is said of it."""
    for asked, typed, *told in dialogue:
        await screen.waits_for(FR(f"init.{asked}")[:30])
        await screen.answer(typed, hidden=asked in HIDDEN)
        for sentence in told:
            await screen.waits_for(sentence)


def doctor(key: str, **values: str) -> str:
    return FR(f"doctor.{key}", **values)


def written(folder: Path) -> Any:
    return yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))


def write(folder: Path, text: str) -> str:
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return text


async def test_each_answer_is_tried_and_a_slip_is_asked_again(
    tmp_path: Path, homeserver: Homeserver, account: NewAccount, member: NewMember
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    cafe, server = f"cafe-{bot.user[1:].partition(':')[0]}", homeserver.url.removeprefix("http://")
    await ana.create_room(room_alias_name=cafe)
    team = await ana.create_room(preset="private_chat", name="Équipe")
    mistyped = "@concierhe:localhost"
    async with init(tmp_path) as screen:
        await answer(screen, ("account", "concierge", doctor("account_form", user="concierge")), ("account", mistyped))
        await answer(screen, ("homeserver", "un serveur", doctor("address_form", address="un serveur")))
        await answer(screen, ("homeserver", "secret-typed-here", "ne répond pas"))
        assert "[https://localhost]" in await screen.waits_for(FR("init.homeserver"))  # and not what was typed there
        await answer(screen, ("homeserver", server), ("password", bot.password, f"mot de passe de {mistyped}"))
        await answer(screen, ("password", "-"), ("account", bot.user), ("homeserver", ""))
        await answer(screen, ("password", "wrong", f"mot de passe de {bot.user}"), ("password", bot.password))
        await answer(screen, ("rooms", "#personne", doctor("room_unknown", room="#personne:localhost")))
        await answer(screen, ("rooms", f"#{cafe}"))
        await answer(screen, ("moderators_room", team, doctor("room_closed", room=team, user=bot.user)))
        await screen.waits_for(FR("init.room_again"))
        await ana.invite(team, bot.user)
        await answer(screen, ("room_again", ""), ("moderators_room", ""))
        ours = f"#{cafe}:localhost, {team}"
        await answer(screen, ("digest_rooms", "#autre", doctor("not_listed", name="#autre", known=ours)))
        await answer(screen, ("digest_rooms", f"1, #{cafe}"), ("forum", ""))
        await answer(screen, ("digest_day", "demain", doctor("day_form", day="demain")), ("digest_day", "mardi"))
        await answer(screen, ("desk", "reponses.exemple.org"), ("shipped", "n"))
        assert await screen.end() == 0, screen.shown
        assert "concierge run" in screen.shown
    room = f"#{cafe}:localhost"
    assert written(tmp_path) == {
        **{"language": "fr", "timezone": written(tmp_path)["timezone"], "name": "Concierge", "knowledge": "answers/"},
        "matrix": {"homeserver": homeserver.url, "user": bot.user, "rooms": [room], "moderators_room": team},
        "digest": {"when": "mardi", "rooms": [room]},
        "web": {"pages": True, "public_url": "https://reponses.exemple.org", "proxies": ["127.0.0.1"]},
    }
    secret = tmp_path / "secrets" / "matrix_password"
    assert (secret.read_text().strip(), stat.S_IMODE(secret.stat().st_mode)) == (bot.password, 0o600)
    assert "!ajouter" in (tmp_path / "answers" / "premieres-reponses.yaml").read_text(encoding="utf-8")


async def test_enter_keeps_all(tmp_path: Path, homeserver: Homeserver, account: NewAccount, member: NewMember) -> None:
    ana, bot = await member("ana"), await account("concierge")
    first, second, third = [await ana.create_room() for _ in range(3)]
    before = write(tmp_path, OLD.format(url=homeserver.url, user=bot.user, first=first, second=second))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "matrix_password").write_text(bot.password)
    kept = [(asked, "") for asked in ("account", "homeserver", "password", "rooms", "moderators_room", "digest_rooms")]
    async with init(tmp_path) as screen:
        await answer(screen, *kept, ("forum", ""), ("desk", ""), ("shipped", "n"))
        await screen.waits_for(FR("init.unchanged", file="config.yaml"))
        screen.interrupt()
        assert await screen.end() == 1
        assert FR("init.unexamined", option="", run="") in screen.shown
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == before
    assert [file.name for file in (tmp_path / "nos-reponses").iterdir()] == ["premieres-reponses.yaml"]
    async with init(tmp_path, "--add-room") as screen:
        unknown = doctor("room_unknown", room="#personne:localhost")
        await answer(screen, ("rooms", "#personne", unknown), ("rooms", third))
        assert await screen.end() == 0, screen.shown
        assert FR("init.written", file="config.yaml") in screen.shown
    after = before.replace("Bretagne}\n", f'Bretagne}}\n    - "{third}"\n')
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == after


async def test_on_a_forum_what_it_lacks_is_said_with_what_it_has(tmp_path: Path) -> None:
    async with Forum() as forum:
        forum.category("formations")
        forum.category("stages", parent="formations")
        forum.group("moderateurs", "ana")
        write(tmp_path, OTHER)
        async with init(tmp_path) as screen:
            address, user = forum.url.removeprefix("http://"), ("forum_account", "")
            slips = ("127.0.0.1:9", "ne répond pas"), ("x", "n’accepte pas la clé")
            await answer(screen, ("account", "-"), ("forum", *slips[0]), ("forum", address))
            await answer(screen, user, ("forum_key", *slips[1]))
            there = doctor("not_listed", name="formation", known="formations, stages")
            await answer(screen, ("forum_key", "-"), ("forum_account", "nobody"), ("forum_key", *slips[1]))
            await answer(
                screen,
                ("forum_key", "-"),
                ("forum_account", "-"),
                ("forum_key", forum.key),
                ("categories", "formation", there),
            )
            await answer(screen, ("categories", "1, stages"))
            await answer(screen, ("moderators_group", "equipe", doctor("forum_no_group", group="equipe")))
            await answer(screen, ("moderators_group", "moderateurs"), ("digest_category", ""), ("desk", "localhost"))
            await answer(screen, ("shipped", "", FR("init.kept_section", file="config.yaml", section="matrix")))
            await screen.end()
        discourse = {"url": forum.url, "username": "concierge", "categories": ["formations", "stages"]}
        assert written(tmp_path)["discourse"] == discourse | {"moderators_group": "moderateurs"}
    assert written(tmp_path)["web"] == {"pages": True}
    assert (tmp_path / "answers" / "formations.yaml").exists()


async def test_one_ctrl_c_ends_it_and_nothing_is_written(tmp_path: Path) -> None:
    async with init(tmp_path) as screen:
        await answer(screen, ("account", ""))
        await screen.waits_for(FR("init.forum"))
        screen.interrupt()
        assert await screen.end() == 1
        assert "\n" + FR("init.stopped") in screen.shown
    assert [*tmp_path.iterdir()] == []


async def prepared(homeserver: Homeserver) -> tuple[Credentials, str]:
    """An account for the bot, and a room that it may enter."""
    ana, bot = [await homeserver.register(f"{name}-{token_hex(4)}", "secret") for name in ("ana", "concierge")]
    async with Member(homeserver.url, ana.access_token) as person:
        return bot, await person.create_room(preset="public_chat")


def flags_of(folder: Path, homeserver: Homeserver, bot: Credentials) -> tuple[str, ...]:
    (folder / "pw").write_text(bot.password, encoding="utf-8")
    return ("--yes", "--homeserver", homeserver.url, "--account", bot.user, "--password-file", "pw")


def test_flags_answer_all_and_a_second_time_nothing_changes(tmp_path: Path, homeserver: Homeserver, run: Run) -> None:
    async def devices() -> Any:
        async with Member(homeserver.url, bot.access_token) as itself:
            return await itself.call("GET", "devices")

    bot, room = asyncio.run(prepared(homeserver))
    flags = ("init", *flags_of(tmp_path, homeserver, bot))
    before = asyncio.run(devices())
    code, _, err = run(*flags)
    assert (code, "--room" in err, asyncio.run(devices())) == (2, True, before)  # it leaves no login behind
    code, out, err = run(*flags, "--room", room, "--no-shipped")
    assert code == 0, out + err
    assert (doctor("sum_right") in out, doctor("no_team") in out) == (True, True)
    settings = (tmp_path / "config.yaml").read_bytes()
    code, out, _ = run(*flags, "--room", room)
    assert (code, FR("init.unchanged", file="config.yaml") in out) == (0, True)
    assert (tmp_path / "config.yaml").read_bytes() == settings


def test_what_is_wrong_is_said_and_nothing_is_written(tmp_path: Path, homeserver: Homeserver, run: Run) -> None:
    for flags, code, said in (
        ((), 2, FR("init.no_network")),
        (("--account", "concierge"), 1, "@concierge:exemple.org"),
        (("--account", "@concierge:localhost"), 2, "--password-file"),
        (("--account", "@concierge:localhost", "--password-file", "pw"), 1, "CONCIERGE_MATRIX_PASSWORD"),
        (("--account", "@concierge:localhost", "--password-file", "none"), 2, "none"),
        (("--add-room", "--room", "#cafe"), 2, "config.yaml"),
        (("--account", "@c:localhost", "--homeserver", "http://127.0.0.1:1", "--password-file", "pw"), 1, "homeserver"),
    ):
        (tmp_path / "pw").write_text("not the password", encoding="utf-8")
        server = () if "--homeserver" in flags else ("--homeserver", homeserver.url)
        ended, _, err = run("init", "--yes", *server, *flags)
        assert (ended, said in err) == (code, True), err
        assert [path.name for path in tmp_path.iterdir()] == ["pw"]


def test_a_place_that_went_with_its_room_is_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    rooms, chosen = [Option("#a:x.org", "A")], ["#b:x.org"]
    with pytest.raises(Abandoned):
        TerminalInterview(FR, {}, asks=False).choose("digest_rooms", rooms, chosen, listed=True)
    assert doctor("not_listed", name="#b:x.org", known="#a:x.org") in capsys.readouterr().err


async def test_a_running_bot_takes_up_a_new_network(tmp_path: Path, homeserver: Homeserver, member: NewMember) -> None:
    """The folder is looked at all the time meanwhile: the settings are never there in part, nor before their files."""
    bot, room = await prepared(homeserver)
    ana = await member("ana")
    await ana.join(room)
    (tmp_path / "networks" / "brest").mkdir(parents=True)
    (tmp_path / "networks" / "brest" / "config.yaml").write_text(OTHER, encoding="utf-8")
    flags, seen = flags_of(tmp_path, homeserver, bot), list[bytes]()
    asked = init(tmp_path, "--config", "networks/nancy", *flags, "--room", room, "--no-shipped")
    async with running(tmp_path / "networks"), asked as screen:
        ended = asyncio.ensure_future(screen.end())
        nancy = tmp_path / "networks" / "nancy"
        while not ended.done():
            if (nancy / "config.yaml").exists():
                seen.append((nancy / "config.yaml").read_bytes())
                assert (nancy / "secrets" / "matrix_password").read_text().strip() == bot.password
                assert [*(nancy / "answers").glob("*.yaml")] != []
            await asyncio.sleep(0.01)
        assert await ended in (0, 1), screen.shown  # 1: doctor may see a device that the bot is about to sign
        await ana.wait_for(room, lambda raw: (raw["sender"], raw["type"]) == (bot.user, "m.room.message"))
    assert {*seen} == {(nancy / "config.yaml").read_bytes()}
    assert "concierge run --config networks`" in screen.shown.replace("\n", "")
    assert FR("init.beside") in screen.shown
    assert FR("init.restart") not in screen.shown
    assert {path.name for path in nancy.iterdir()} <= {"answers", "config.yaml", "secrets", "var"}
    assert {path.name for path in tmp_path.iterdir()} <= {"networks", "pw", ".cache"}
    assert {path.name for path in (tmp_path / "networks").iterdir()} == {"brest", "nancy", "var"}
    assert "store_schema" not in written(nancy)


def test_each_has_a_schema(tmp_path: Path, homeserver: Homeserver, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    bot, room = asyncio.run(prepared(homeserver))
    flags = (*flags_of(tmp_path, homeserver, bot), "--room", room, "--no-shipped")
    for number, schema in enumerate(("la_ruche_nancy", "la_ruche_nancy_2")):
        (other := tmp_path / "networks" / f"{number}").mkdir(parents=True)
        (other / "config.yaml").write_text(f"store_schema: {schema}\n{OTHER}", encoding="utf-8")
    (tmp_path / "networks" / "broken").mkdir()
    (tmp_path / "networks" / "broken" / "config.yaml").write_text("oops: [", encoding="utf-8")
    monkeypatch.setenv("CONCIERGE_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/concierge")

    for name, schema in (("La Ruche, Nancy", "la_ruche_nancy_3"), ("54", "network_54"), ("Metz", "metz")):
        run("init", "--config", f"networks/{name}", *flags)
        assert written(tmp_path / "networks" / name)["store_schema"] == schema
    monkeypatch.delenv("CONCIERGE_DATABASE_URL")
    run("init", "--config", "networks/alone", *flags)
    assert "store_schema" not in written(tmp_path / "networks" / "alone")
    code, _, err = run("init", "--yes", "--config", "networks")
    assert (code, "--config networks/nancy" in err) == (2, True)


def test_inside_a_repository_the_answers_are_one_of_their_own(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write_answers(tmp_path / "answers", FR, shipped=True)
    assert work_tree(tmp_path / "answers") == tmp_path / "answers"
    assert len(Library(tmp_path / "answers").load(TODAY).knowledge.entries) > 100
    write_answers(tmp_path.parent / "elsewhere", FR, shipped=False)
    with pytest.raises(GitFailed):
        work_tree(tmp_path.parent / "elsewhere")


def put(text: str, section: str, key: str, value: Any) -> str:
    return settings_text(text, {section: {key: value}}, {}, FR)


def test_only_the_lines_of_a_new_value_change_and_what_would_lose_a_remark_is_refused() -> None:
    for before, place, value, after in (
        ("name: A # b\n", ("", "name"), "C", "name: C # b\n"),
        ("name: A", ("", "prefix"), "!", 'name: A\nprefix: "!"\n'),
        ("web: {address: 8080} # là\nn: A\n", ("web", "when"), "x", "web:\n  address: 8080\n  when: x # là\nn: A\n"),
        ("digest:\nname: A\n", ("digest", "when"), "lundi", "digest:\n  when: lundi\nname: A\n"),
        ("web:\n  a: b\n  # d\n\n# e\nn: A\n", ("web", "c"), "1", "web:\n  a: b\n  # d\n  c: 1\n\n# e\nn: A\n"),
        ("web:\n  a: b\n  c: d\n", ("web", "a"), "", "web:\n  c: d\n"),
        ("m:\n  r: [a, b]\n", ("m", "r"), ["b", "c"], 'm:\n  r: ["b", "c"]\n'),
        ("m:\n  r:\n    - {room: a, region: b}\n    - b\n", ("m", "r"), ["c", "b"], 'm:\n  r:\n    - "c"\n    - b\n'),
        ("m:\n  r:\n  - {room: a, x: b}\n", ("m", "r"), ["a", "b"], 'm:\n  r:\n  - {room: a, x: b}\n  - "b"\n'),
        ("m:\n  r: a\n", ("m", "r"), ["a", "b"], 'm:\n  r: ["a", "b"]\n'),
    ):
        assert put(before, *place, value) == after, before
        assert put(after, *place, value) == after, before
    with pytest.raises(EditRejected):
        put("m:\n  r: [a, # le premier\n    b]\n", "m", "r", ["b", "c"])
