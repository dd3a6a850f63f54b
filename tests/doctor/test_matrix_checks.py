"""`concierge doctor` on a real homeserver: it logs in nowhere, and sees what the bot's own login and rooms are like."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import main
from bot.channels.http_probe import HttpProbe, HttpResult
from bot.channels.matrix.doctor import check_entry
from bot.config.loading import load
from bot.demo.homeserver import Credentials, Homeserver
from bot.doctor import Finding, SetupInfo, examine
from bot.store import Store
from tests.command_line import Run
from tests.conftest import NewAccount, NewMember
from tests.doctor.serving import Said, serving
from tests.member import Member
from tests.waiting import PATIENCE


class Setup:
    """The settings of a bot on the homeserver, its store, and what the doctor finds in Matrix."""

    def __init__(self, folder: Path, knowledge: Path, homeserver: str, bot: Credentials) -> None:
        self.folder, self.bot = folder, bot
        self.matrix: dict[str, Any] = {"homeserver": homeserver, "user": bot.user, "rooms": ["#nowhere:localhost"]}
        self.knowledge = knowledge
        self.secrets = {"CONCIERGE_MATRIX_PASSWORD": bot.password}
        self.clock = timedelta()

    @property
    def settings(self) -> Path:
        given = {"knowledge": str(self.knowledge), "matching": {"encoder": False}, "matrix": self.matrix}
        (self.folder / "config.json").write_text(json.dumps(given), encoding="utf-8")
        return self.folder / "config.json"

    async def run(self, until: str = "matrix_signed") -> None:
        """The bot once: it logs in, enters its rooms and stops. `until`: what the doctor finds then."""
        stop = asyncio.Event()
        task = asyncio.create_task(main.run(load(self.settings, self.secrets), stop=stop))
        async with asyncio.timeout(PATIENCE):
            while until not in await self.found():  # noqa: ASYNC110 (the homeserver tells nobody)
                await asyncio.sleep(0.3)
        stop.set()
        assert await task == 0

    async def findings(self) -> list[Finding]:
        patient = SetupInfo(load(self.settings, self.secrets), None, lambda: datetime.now(UTC) + self.clock)
        return [finding async for area, finding in examine(patient) if area == "matrix"]

    async def found(self) -> dict[str, str]:
        return {finding.key: finding.state for finding in await self.findings()}


@pytest.fixture
async def setup(tmp_path: Path, knowledge: Path, homeserver: Homeserver, account: NewAccount) -> Setup:
    return Setup(tmp_path, knowledge, homeserver.url, await account("concierge"))


@pytest.fixture
async def owner(member: NewMember) -> Member:
    return await member("ana")


async def devices(homeserver: Homeserver, bot: Credentials) -> set[str]:
    async with Member(homeserver.url, bot.access_token) as self:
        return {one["device_id"] for one in (await self.call("GET", "devices"))["devices"]}


async def test_before_the_first_start_it_leaves_no_device(setup: Setup, homeserver: Homeserver, owner: Member) -> None:
    setup.matrix["rooms"] = [await owner.create_room(preset="public_chat"), "#no-such-room:localhost"]
    before = await devices(homeserver, setup.bot)
    found = await setup.found()
    keys = ("matrix_server", "matrix_password", "room_to_enter", "room_unknown")
    assert [found[key] for key in keys] == ["right", "right", "note", "wrong"]
    assert await devices(homeserver, setup.bot) == before
    for seconds in (-120, 120, 0):
        setup.clock = timedelta(seconds=seconds)
        assert (await setup.found()).get("matrix_clock") == ("wrong" if seconds else None)
    setup.secrets["CONCIERGE_MATRIX_PASSWORD"] += "?"
    assert (await setup.found())["matrix_password_refused"] == "wrong"
    setup.secrets.clear()
    assert (await setup.found())["matrix_no_secret"] == "wrong"


async def test_after_the_first_run_all_is_right(setup: Setup, homeserver: Homeserver, owner: Member) -> None:
    room = await owner.create_room(room_alias_name=f"doctor{setup.bot.device.lower()}", encrypted=True)
    setup.matrix["rooms"] = [room]
    await setup.run(until="room_encrypted")
    before = await devices(homeserver, setup.bot)
    found = await setup.found()
    assert found["matrix_login"] == found["matrix_signed"] == found["room_encrypted"] == "right"
    assert "wrong" not in found.values()
    assert await devices(homeserver, setup.bot) == before


async def test_a_login_that_ended_and_a_token_of_somebody_else(setup: Setup, account: NewAccount) -> None:
    store = await Store.open(f"sqlite:///{setup.folder}/var/concierge.db")
    kept = {"user": setup.bot.user, "device": setup.bot.device, "token": "syt_no_such_token"}
    await store.memory.set("matrix.session", json.dumps(kept))
    await store.close()
    assert (await setup.found())["matrix_login_ended"] == "note"  # the password is there
    setup.secrets = {"CONCIERGE_MATRIX_ACCESS_TOKEN": "syt_nor_this_one"}
    assert (await setup.found())["matrix_token_refused"] == "wrong"
    setup.secrets = {"CONCIERGE_MATRIX_ACCESS_TOKEN": (await account("ben")).access_token}
    assert (await setup.found())["matrix_other_user"] == "wrong"


async def test_a_token_alone_lacks_keys_or_a_signature(setup: Setup, homeserver: Homeserver) -> None:
    setup.secrets = {"CONCIERGE_MATRIX_ACCESS_TOKEN": setup.bot.access_token}
    found = await setup.found()
    assert (found["matrix_login"], found["matrix_no_keys"], found["matrix_limits"]) == ("right", "note", "note")
    keys = {
        "user_id": setup.bot.user, "device_id": setup.bot.device, "algorithms": ["m.olm.v1.curve25519-aes-sha2"],
        "keys": {f"ed25519:{setup.bot.device}": "x" * 43, f"curve25519:{setup.bot.device}": "y" * 43},
        "signatures": {setup.bot.user: {f"ed25519:{setup.bot.device}": "z" * 86}},
    }  # fmt: skip
    async with Member(homeserver.url, setup.bot.access_token) as self:
        await self.call("POST", "keys", "upload", body={"device_keys": keys})
    assert (await setup.found())["matrix_unsigned"] == "wrong"


async def test_a_bot_that_enters_while_its_room_is_looked_at_lacks_nothing(setup: Setup, owner: Member) -> None:
    room = await owner.create_room(invite=(setup.bot.user,), preset="private_chat")

    class Meanwhile(HttpProbe):
        async def get(self, path: str, *, key: bool = True, **query: str) -> HttpResult:
            answer = await super().get(path, key=key, **query)
            if path.endswith("/joined_rooms"):
                async with Member(self.url, setup.bot.access_token) as bot:
                    await bot.join(room)
            return answer

    async with aclosing(Meanwhile("matrix", setup.matrix["homeserver"])) as server:
        server.headers["Authorization"] = f"Bearer {setup.bot.access_token}"
        found = await check_entry(server, setup.bot.user, room)
    assert found
    assert (found.key, found.state) == ("room_to_enter", "note")


async def test_each_room_is_looked_at(setup: Setup, homeserver: Homeserver, owner: Member) -> None:
    setup.secrets = {"CONCIERGE_MATRIX_ACCESS_TOKEN": setup.bot.access_token}
    room = await owner.create_room()
    setup.matrix["rooms"] = [room]
    assert (await setup.found())["room_to_enter"] == "note"
    async with Member(homeserver.url, setup.bot.access_token) as self:
        await self.join(room)
        assert (await setup.found())["room"] == "right"
        levels = await owner.state(room, "m.room.power_levels")
        await owner.set_state(room, "m.room.power_levels", levels | {"events_default": 50})
        assert (await setup.found())["room_mute"] == "wrong"
        closed = await owner.create_room(preset="private_chat")
        setup.matrix["rooms"] = ["#no-such-room:localhost", closed]
        found = await setup.found()
        assert (found["room_unknown"], found["room_closed"]) == ("wrong", "wrong")
        await owner.invite(closed, setup.bot.user)
        assert "room_closed" not in await setup.found()
        await self.join(closed)
        await owner.call("POST", "rooms", closed, "ban", body={"user_id": setup.bot.user})
        assert (await setup.found())["room_closed"] == "wrong"
        for encrypted, key, state in ((False, "room_moderators_open", "note"), (True, "room_moderators", "right")):
            room = await owner.create_room(invite=(setup.bot.user,), encrypted=encrypted, preset="private_chat")
            await self.join(room)
            setup.matrix["moderators_room"] = room
            found = await setup.found()
            assert (found[key], "room_moderators_shared" in found) == (state, False)
        alias = f"#moderation{setup.bot.device.lower()}:localhost"
        await owner.call("PUT", "directory", "room", alias, body={"room_id": room})
        setup.matrix["rooms"] = [alias]
        assert (await setup.found())["room_moderators_shared"] == "note"


async def test_an_address_that_is_no_homeservers_is_said(setup: Setup) -> None:
    versions, given = "/_matrix/client/versions", dict[str, Said]()
    async with serving(lambda path: given.get(path, "<html>")) as address:
        setup.matrix["homeserver"] = address
        assert list(await setup.found()) == ["matrix_no_server"]
        given["/.well-known/matrix/client"] = '{"m.homeserver": {"base_url": "https://matrix.example"}}'
        (finding,) = await setup.findings()
        assert (finding.key, finding.values["other"]) == ("matrix_elsewhere", "https://matrix.example")
        given[versions] = ("", 302, {"Location": "https://www.example/"})
        (finding,) = await setup.findings()
        assert finding.values["other"] == "https://www.example/"
        given[versions] = ("{}", 429, {})
        assert list(await setup.found()) == ["matrix_limited"]
        for nonsense in ('{"versions": ["v1.11"], "user_id": 3}', '{"versions": [[]]}'):
            given[versions] = nonsense
            setup.secrets = {"CONCIERGE_MATRIX_ACCESS_TOKEN": "token"}
            assert "unforeseen" not in await setup.found()
    assert list(await setup.found()) == ["matrix_silent"]


async def test_the_command_says_it_all(setup: Setup, owner: Member, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.matrix["rooms"] = [await owner.create_room()]
    doctor = ("doctor", "--config", str(setup.settings))
    monkeypatch.setenv("CONCIERGE_MATRIX_PASSWORD", setup.bot.password)
    code, out, err = await asyncio.to_thread(run, *doctor)
    assert (code, err) == (0, "")
    assert "  – " in out
    assert out.rstrip().endswith("Rien à corriger.")
    monkeypatch.delenv("CONCIERGE_MATRIX_PASSWORD")
    code, out, err = await asyncio.to_thread(run, *doctor, "--json")
    found = json.loads(out)
    assert (code, err, found["right"]) == (1, "", False)
    assert {"area", "check", "state", "text"} == found["checks"][0].keys()
    assert [one["check"] for one in found["checks"] if one["state"] == "wrong"] == ["matrix_no_secret"]
    (setup.folder / "config.json").write_text('{"anwsers": {}}')
    code, out, err = await asyncio.to_thread(run, *doctor)
    assert (code, out) == (2, "")
    assert "anwsers" in err


async def test_no_answer_of_a_homeserver_makes_it_stumble(setup: Setup) -> None:
    known = {"/versions": '{"versions": ["v1.11"]}', "/whoami": '{"user_id": "@bot:x", "device_id": "D"}'}
    async with serving(lambda path: known.get(path[path.rindex("/") :], body)) as address:
        setup.matrix = {"homeserver": address, "user": "@bot:x", "rooms": ["!room:localhost", "#room:localhost"]}
        setup.matrix["moderators_room"] = "!room:localhost"
        setup.secrets = {"CONCIERGE_MATRIX_ACCESS_TOKEN": "token"}
        joined = '{"joined_rooms": ["!room:localhost"], "events": '
        for body in (
            *("", "[]", "1", "{", '{"room_id": 3, "joined_rooms": {}}'),
            joined + '[], "users": 3, "events_default": [], "content": 1}',
            joined + '{"m.room.message": {}}, "users": {"@bot:x": "much"}}',
            '{"device_keys": {"@bot:x": {"D": {"signatures": 1}}}, "self_signing_keys": [1]}',
        ):
            found = await setup.found()
            assert (found["matrix_login"], "unforeseen" in found) == ("right", False), body
