"""`pip install .` as README says, where nothing else is; then every command, and the guides' blocks as they are."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
import pytest_asyncio
import yaml
from packaging.utils import canonicalize_name

import bot
from bot.demo.homeserver import Homeserver, free_port
from bot.matching.embedding_cache import FILE as VECTORS
from bot.matching.embedding_cache import EmbeddingCache
from tests.conftest import NewAccount, NewMember
from tests.forum import Forum
from tests.fresh_machine import FreshMachine, installed
from tests.guides import FR, HOSTING, PAGES, ROOT, blocks, follow
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


# The archives of a release

BUILD = """\
python3 -m venv hatch
hatch/bin/pip install --quiet hatchling
hatch/bin/hatchling build
mkdir built
hatch/bin/pip wheel --quiet --no-deps --wheel-dir built dist/*.tar.gz
python3 -m venv venv
venv/bin/pip install --quiet built/*.whl
"""
LICENCES = ("LICENSE", "NOTICE", "knowledge/LICENSE")
ASK = {
    "config.yaml": "discourse: {url: 'http://127.0.0.1:9', username: concierge}\nmatching: {encoder: false}\n",
    "knowledge/formations.yaml": FORMATION,
}


async def test_a_wheel_from_the_source_archive_is_the_same_and_installs_where_nothing_is(machine: FreshMachine) -> None:
    here = machine.repository("release")
    await machine.run(BUILD, here)
    [direct], [wheel], [source] = here.glob("dist/*.whl"), here.glob("built/*.whl"), here.glob("dist/*.tar.gz")
    with ZipFile(direct) as one, ZipFile(wheel) as other, tarfile.open(source) as archive:
        assert wheel.name == direct.name == f"concierge_tiers_lieux-{bot.__version__}-py3-none-any.whl"
        assert [(file.filename, file.CRC) for file in one.infolist()] == [
            (file.filename, file.CRC) for file in other.infolist()
        ]
        for name in LICENCES:
            text = (ROOT / name).read_bytes()
            (inside,) = (file for file in other.namelist() if file.endswith(f".dist-info/licenses/{name}"))
            packed = archive.extractfile(f"{source.name.removesuffix('.tar.gz')}/{name}")
            assert packed
            assert other.read(inside) == packed.read() == text
        notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
        foreign = [Path(name) for name in other.namelist() if name.endswith(".npz") or "/vendor/" in name]
        assert len(foreign) > 3
        assert [path for path in foreign if path.name not in notice and str(path.parent) not in notice] == []
    elsewhere, concierge = machine.folder("elsewhere"), here / "venv" / "bin" / "concierge"
    written(machine, elsewhere, ASK)
    assert (await machine.run(f"{concierge} --version", elsewhere)).split()[-1] == bot.__version__
    assert ENTRY in await machine.run(f"{concierge} ask '{ASKED}'", elsewhere)


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


@pytest.mark.usefixtures("knows_shipped")
async def test_whoever_follows_readme_has_a_bot_that_answers(
    machine: FreshMachine, homeserver: Homeserver, account: NewAccount, member: NewMember
) -> None:
    ana, bot = await member("ana"), await account("concierge")
    room = await ana.create_room(name="Le moulin", preset="private_chat", invite=(bot.user,))
    here = machine.repository("readme")
    (here / "venv").symlink_to(machine.root / "repository" / "venv")
    (here / ".venv").symlink_to("venv")  # that of `make`
    written(machine, here, {"export.json": FILES["export.json"]})
    answers = [
        *(("account", bot.user), ("homeserver", homeserver.url), ("password", "not the password")),
        *(("password", bot.password), ("rooms", "1"), ("moderators_room", "")),
        *(("digest_rooms", ""), ("forum", ""), ("desk", ""), ("shipped", "")),
    ]

    def from_the_bot(raw: Raw) -> bool:
        return raw["type"] == "m.room.message" and raw["sender"] == bot.user

    async def introduces_itself() -> None:
        await ana.wait_for(room, from_the_bot)

    done, signs = set[str](), iter([introduces_itself])
    async with AsyncExitStack() as terminals:
        for block in [one for page in PAGES[1:] for one in blocks(page) if not one.reason]:
            if block.commands not in done:
                await follow(block, here, machine, terminals, signs, answers)
                done.add(block.commands)
        question = await ana.say(room, "concierge : quelle formation pour devenir fabmanager ?")
        reply = await ana.wait_for(room, lambda raw: from_the_bot(raw) and question in json.dumps(raw))
    assert "https://" in reply["content"]["body"]
    settings, secret = yaml.safe_load((here / "config.yaml").read_text("utf-8")), here / "secrets" / "matrix_password"
    assert settings["matrix"] == {"homeserver": homeserver.url, "user": bot.user, "rooms": [room]}
    assert (secret.read_text().strip(), stat.S_IMODE(secret.stat().st_mode)) == (bot.password, 0o600)
    assert settings.keys() == {"language", "timezone", "name", "knowledge", "matrix"}


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide is typed with curl")
@pytest.mark.usefixtures("knows_shipped")
async def test_whoever_follows_the_ten_minutes_has_a_homeserver_and_a_bot_that_answers(machine: FreshMachine) -> None:
    here = machine.repository("ten-minutes")
    (here / "venv").symlink_to(machine.root / "repository" / "venv")
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


@pytest.mark.parametrize("extra", sorted(EXTRAS.keys() - {"test", "bench"}))
async def test_what_needs_an_extra_says_how_to_install_it(machine: FreshMachine, extra: str) -> None:
    here = machine.folder(extra)
    written(machine, here, OTHER_ENCODER)
    said = await machine.run(WANTS[extra], here)
    (command,) = re.findall(r"pip install '[^']*'", said)
    assert command == f"pip install 'concierge-tiers-lieux[{extra}]'"
    if extra == "postgresql":  # the smallest one
        await machine.run(f"{machine.root}/repository/venv/bin/{command}", here)
        assert command not in await machine.run(WANTS[extra], here)
