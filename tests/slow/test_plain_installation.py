"""`pip install .` as README says, where nothing else is; then every command, and the guides' blocks as they stand."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import yaml
from packaging.utils import canonicalize_name

from bot.demo.homeserver import Homeserver, free_port
from bot.matching.embedding_cache import FILE as VECTORS
from bot.matching.embedding_cache import EmbeddingCache
from tests.conftest import NewAccount, NewMember
from tests.databases import open_postgres
from tests.forum import Forum
from tests.fresh_machine import FreshMachine, installed
from tests.guides import FR, HOSTING, PAGES, ROOT, Network, blocks, follow
from tests.member import Member, Raw
from tests.rehearsal.past import START, event, export
from tests.running import ASKED, FORMATION
from tests.waiting import PATIENCE
from tests.wheels import EXTRAS, PLAIN, closure

HOMESERVER, DOOR = "8008", "8080"  # in the guide; other ports may be taken here
ENTRY = "Se former à la <facilitation>"
(QUESTION,) = re.findall(r"^> (concierge : .*)$", (ROOT / PAGES[0]).read_text(encoding="utf-8"), re.MULTILINE)
PRIVATE = "http://127.0.0.1:8080/"  # an address that the check of links refuses to ask


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine() -> AsyncIterator[FreshMachine]:
    """With the program in `repository/venv`, installed as README says, and the name `concierge` for it."""
    async with installed() as machine:
        libraries = (machine.root / "repository" / "venv").glob("lib/*/site-packages/*.dist-info")
        found = {path.name.partition("-")[0] for path in libraries}
        others = {"pip", "setuptools", "concierge-tiers-lieux"}
        assert {*map(canonicalize_name, found)} - others == closure(PLAIN).keys() - others
        yield machine


# Every command

FILES = {
    "knowledge/formations.yaml": FORMATION.replace("https://fiche.example/", PRIVATE).replace(
        "https://formation.example/", PRIVATE
    ),
    "questions.jsonl": json.dumps({"text": ASKED, "expect": "formation-facilitation"}),
    "export.json": json.dumps(export([event(n, "@ana:x.org", ASKED, START + timedelta(days=n)) for n in range(3)])),
    "faq.csv": "question;réponse\nOù garer son vélo ?;Dans la cour.\n",
    "faq.html": "<h1>FAQ</h1><h2>Où dormir ?</h2><p>À <a href='https://a.example/'>l’auberge</a>.</p>",
}
BEFORE = {
    "demo": ("! concierge demo", "pip install 'concierge-tiers-lieux[demo]'"),
    "init": (
        "concierge init --yes --account {bot.user} --homeserver {url} --password-file password --room '{room}'"
        " --moderators-room '{moderation}' --forum '' --knowledge knowledge --no-shipped",
        FR("doctor.sum_right"),
    ),
}
BESIDE = {
    "ask": (f"concierge ask '{ASKED}'", ENTRY),
    "backup": ("concierge backup copy.zip", "copy.zip"),
    "chat": (f"echo '{ASKED}' | concierge chat", PRIVATE),
    "check": ("concierge check --links", FR("program.check_found", errors=0, warnings=1)),
    "digest": ("concierge digest", "Pour la modération"),
    "doctor": ("concierge doctor", FR("doctor.sum_right")),
    "eval": ("concierge eval questions.jsonl", FR("program.eval_wrong", wrong=0, all=1)),
    "import": (
        "concierge import faq.csv --yes && concierge import faq.html"
        " && concierge import {forum.url}/t/devenir-fabmanager/{post.topic.id} && cat knowledge/brouillons-3.yaml",
        "https://a.example/du",
    ),
    "networks": ("concierge networks", FR("program.network_served")),
    "rehearse": ("concierge rehearse export.json", FR("rehearsal.written", file="repetition.html")),
    "site": ("concierge site public && cat public/index.html", "Formations"),
}
AFTER = {"restore": ("mv var lost && concierge restore copy.zip", "copy.zip")}


async def test_every_command_works_in_an_environment_that_has_nothing_else(
    machine: FreshMachine, homeserver: Homeserver, account: NewAccount, member: NewMember
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    room, moderation = await ana.create_room(), await ana.create_room(preset="private_chat", invite=(bot.user,))
    here, port = machine.folder("moulin"), free_port()
    written(machine, here, {"password": bot.password})
    named = re.findall(r"^  (\S+)", (await machine.run("concierge --help", here)).partition("Commands:\n")[2], re.M)
    assert {*named} == {"run", *BEFORE, *BESIDE, *AFTER}

    async def works(line: str, told: str) -> None:
        values = {"bot": bot, "url": homeserver.url, "room": room, "moderation": moderation}
        async with busy:
            assert told in await machine.run(line.format(**values, forum=forum, post=post), here)

    async def asked(text: str) -> Raw:
        question = await ana.say(room, f"concierge : {text}")
        return await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and question in json.dumps(raw))

    async with Forum() as forum:
        busy = asyncio.Semaphore(2)
        forum.category("formations")
        post = forum.say("ana", "formations", "Quelle formation ?", title="Devenir fabmanager")
        forum.say("ben", post.topic, "Regardez [le DU](https://a.example/du).")
        for row in BEFORE.values():
            await works(*row)
        written(machine, here, FILES)
        with (here / "config.yaml").open("a", encoding="utf-8") as settings:
            settings.write(f"digest: {{when: monday, rooms: ['{room}']}}\nweb: {{address: {port}, pages: true}}\n")
            settings.write("matching: {encoder: false}\n")  # whoever follows README has it
        async with machine.types("concierge run", here):
            await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and raw["type"] == "m.room.message")
            answer = await asked(ASKED)
            assert PRIVATE in answer["content"]["body"]
            await ana.react(room, answer["event_id"], "👎")
            await ana.wait_for(moderation, lambda raw: ASKED in raw["content"].get("body", ""))
            await asked("où est rangé le tournevis cruciforme ?")
            order = await ana.say(moderation, "!phrase fiche-de-poste qui a une fiche de poste")
            draft = await ana.wait_for(moderation, lambda raw: raw["sender"] == bot.user and order in json.dumps(raw))
            await ana.react(moderation, draft["event_id"], "✅")
            await ana.wait_for(moderation, lambda raw: "ajouté" in raw["content"].get("body", ""))
            assert "qui a une fiche de poste" in (here / "knowledge" / "formations.yaml").read_text(encoding="utf-8")
            await asyncio.gather(*(works(*row) for row in BESIDE.values()))
            async with httpx.AsyncClient() as http:
                assert "Formations" in (await http.get(f"http://127.0.0.1:{port}/")).text
        for row in AFTER.values():
            await works(*row)
        async with machine.types("concierge run", here):
            assert "!ajouter" in (await asked("comment ajouter une réponse ?"))["content"]["body"]  # which `init` wrote


def written(machine: FreshMachine, folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    machine.own(folder)


# The guides


@pytest.fixture
def knows_shipped(machine: FreshMachine, cache: Path, shipped_embeddings: EmbeddingCache) -> None:
    """The vectors of the shipped answers, which take twenty seconds, are in the cache of whoever follows the guides."""
    folder = machine.home / ".cache" / "concierge"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / VECTORS).unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(cache / VECTORS)) as database:
        database.execute("VACUUM INTO ?", (str(folder / VECTORS),))
    machine.own(machine.home)


NewNetwork = Callable[[], Awaitable[Network]]


@pytest.fixture
def network(homeserver: Homeserver, account: NewAccount, member: NewMember) -> NewNetwork:
    async def new() -> Network:
        ana, bot = await member("ana"), await account("concierge")
        room = await ana.create_room(preset="private_chat", invite=(bot.user,))
        return Network(bot, homeserver.url, room, ana)

    return new


def place(machine: FreshMachine, name: str) -> Path:
    """A copy of the repository with the program in it."""
    here = machine.repository(name)
    (here / "venv").symlink_to(machine.root / "repository" / "venv")
    return here


@pytest.mark.usefixtures("knows_shipped")
async def test_whoever_follows_readme_has_a_bot_that_answers(machine: FreshMachine, network: NewNetwork) -> None:
    moulin, here = await network(), place(machine, "readme")
    (here / ".venv").symlink_to("venv")  # that of `make`
    written(machine, here, {"export.json": FILES["export.json"]})
    account, server, password, *more, _ = moulin.init()
    answers = [account, server, ("password", "not the password"), password, *more, ("shipped", "")]
    done, signs = set[str](), iter([moulin.begins])
    async with AsyncExitStack() as terminals:
        for block in [one for page in PAGES[1:] for one in blocks(page) if not one.reason]:
            if block.commands not in done:
                await follow(block, here, machine, terminals, signs, answers)
                done.add(block.commands)
        assert "https://" in await moulin.answers("quelle formation pour devenir fabmanager ?")
    settings, secret = yaml.safe_load((here / "config.yaml").read_text("utf-8")), here / "secrets" / "matrix_password"
    assert settings["matrix"] == {"homeserver": moulin.server, "user": moulin.bot.user, "rooms": [moulin.room]}
    assert (secret.read_text().strip(), stat.S_IMODE(secret.stat().st_mode)) == (moulin.bot.password, 0o600)
    assert settings.keys() == {"language", "timezone", "name", "knowledge", "matrix"}


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide is typed with curl")
@pytest.mark.usefixtures("knows_shipped")
async def test_whoever_follows_the_ten_minutes_has_a_homeserver_and_a_bot_that_answers(machine: FreshMachine) -> None:
    here = place(machine, "ten-minutes")
    ports = {port: str(free_port()) for port in (HOMESERVER, DOOR)}
    homeserver, door = (f"http://127.0.0.1:{port}" for port in ports.values())
    signs = iter([partial(answers, f"{homeserver}/_matrix/client/versions"), partial(answers, f"{door}/ready")])
    followed = [one for one in blocks(PAGES[0]) if not one.reason]
    assert all(port in "".join(block.text for block in followed) for port in ports)
    async with AsyncExitStack() as terminals:
        for block in followed:
            await follow(replace(block, text=with_ports(block.text, ports)), here, machine, terminals, signs, [])
        password = (here / "secrets" / "ana").read_text(encoding="utf-8").strip()
        async with Member(homeserver, await token(homeserver, password)) as ana:
            room = (await ana.call("GET", "directory", "room", "#cafe:localhost"))["room_id"]
            question = await ana.say(room, QUESTION)
            reply = await ana.wait_for(room, lambda raw: question in str(raw) and raw["sender"] != ana.user)
    assert reply["sender"] == "@concierge:localhost"
    assert "https://" in reply["content"]["body"]


def with_ports(text: str, ports: Mapping[str, str]) -> str:
    """Those of the guide may be taken here; Synapse's own command writes one of them into its settings."""
    for port, free in ports.items():
        text = text.replace(port, free)
    generates = "--generate-config" in text
    return text + f"sed -i 's/port: {HOMESERVER}/port: {ports[HOMESERVER]}/' homeserver.yaml\n" * generates


async def answers(url: str) -> None:
    async with httpx.AsyncClient() as http, asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.1)


async def token(url: str, password: str) -> str:
    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "ana"}, "password": password}
    async with httpx.AsyncClient() as http:
        return str((await http.post(f"{url}/_matrix/client/v3/login", json=login)).json()["access_token"])


def test_a_block_that_is_not_run_here_names_the_test_that_runs_it() -> None:
    reasons = [block.reason for page in (*PAGES, HOSTING) for block in blocks(page) if block.reason]
    named = [re.findall(r"\btests/\S+\.py\b", reason) for reason in reasons]
    assert [files for files in named if not files or not all((ROOT / file).exists() for file in files)] == []


# The extras

OTHER_ENCODER = {
    "config.yaml": "discourse: {url: 'http://127.0.0.1:9', username: concierge}\nmatching: {encoder: mine}\n",
    "knowledge/formations.yaml": FORMATION,
    "mine/encoder.json": '{"name": "mine", "dimensions": 8}',
    "mine/model.onnx": "",
    "mine/tokenizer.json": '{"model": {"type": "BPE"}, "post_processor": {"type": "", "cls": ["", 1], "sep": ["", 2]}}',
}
WANTS = {
    "demo": "concierge demo || true",
    "encoders": f"concierge ask '{ASKED}'",
    "postgresql": "CONCIERGE_DATABASE_URL=postgresql://127.0.0.1:9/none concierge backup copy.zip || true",
}


async def test_what_needs_an_extra_says_how_to_install_it(machine: FreshMachine) -> None:
    assert {*WANTS} == EXTRAS.keys() - {"test", "bench"}
    here = machine.folder("extras")
    written(machine, here, OTHER_ENCODER)
    for extra, line in WANTS.items():
        (command,) = re.findall(r"pip install '[^']*'", await machine.run(line, here))
        assert command == f"pip install 'concierge-tiers-lieux[{extra}]'"


# Several networks, last of all: the guide installs an extra

INSTALL, RUN, CHANGE, BACK_UP, MOVE, WORK = (block for block in blocks(HOSTING) if not block.reason)
ADDRESS = "postgresql://concierge:password@database.example.org/concierge"


@pytest.fixture
def address(machine: FreshMachine) -> Iterator[str]:
    """Of a PostgreSQL that whoever works on the machine reaches."""
    folder = machine.root / "database"
    with open_postgres(folder) as address:
        folder.chmod(0o711)
        yield address


async def test_whoever_follows_it_hosts_three_networks_in_one_process_then_two_in_two_workers(
    machine: FreshMachine, network: NewNetwork, address: str
) -> None:
    """The first worker is killed: nothing is lost, nothing is answered twice."""
    nancy, brest, caen = await network(), await network(), await network()
    here = place(machine, "hosting")
    move, work = (replace(block, text=block.text.replace(ADDRESS, f"'{address}'")) for block in (MOVE, WORK))
    assert all(ADDRESS in block.text for block in (MOVE, WORK))

    async def both_begin() -> None:
        await nancy.begins()
        await brest.begins()

    async with AsyncExitStack() as terminals:
        way = here, machine, terminals
        await follow(INSTALL, *way, iter(()), [*nancy.init(), *brest.init()])
        bots = await follow(RUN, *way, iter([both_begin]), [])
        for one in (nancy, brest):
            assert "!ajouter" in await one.answers()
        await follow(CHANGE, *way, iter(()), caen.init())
        for name in ("brest", "nancy"):
            await bots.waits_for(f"{name}: stopped")
        await caen.begins()  # what was asked before is not answered
        assert "!ajouter" in await caen.answers()
        assert "in your own words" in await brest.answers("help")
        await follow(BACK_UP, *way, iter(()), [])
    assert {path.name for path in (here / "backups").iterdir()} == {"brest.zip", "caen.zip"}
    async with AsyncExitStack() as terminals:
        way = here, machine, terminals
        await follow(move, *way, iter(()), [])
        first = await follow(work, *way, iter([brest.answers]), [])
        await caen.answers()
        await follow(work, *way, iter([brest.answers]), [])
        os.killpg(first.process.pid, signal.SIGKILL)
        for one in (brest, caen):
            await one.answers()
    assert [await one.replies() for one in (nancy, brest, caen)] == [[1], [1, 1, 1, 1, 1], [1, 1, 1]]
