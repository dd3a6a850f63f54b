"""The service and the container as they are shipped: they name what the program knows, and their paths agree."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config.loading import load, secret_keys
from bot.config.settings import Settings
from bot.demo.homeserver import Homeserver
from tests import cage
from tests.conftest import NewAccount, NewMember
from tests.running import ASKED

ROOT = Path(__file__).parent.parent
SERVICE = ROOT / "deploy" / "concierge.service"
UNIT = SERVICE.read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
DROP_IN = (ROOT / "deploy" / "hosting.conf").read_text(encoding="utf-8")
CONTAINERS = (ROOT / "deploy" / "compose.hosting.yaml").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SECRETS = {f"{variable}_FILE" for _, variable in secret_keys()}
KNOWN = SECRETS | {"CONCIERGE_LOG", "XDG_CACHE_HOME"}


def everything_on(text: str) -> str:
    """With the lines in force that are there to be."""
    return re.sub(r"^#(?=\w+=| +(?:- )?\w+(?::|$))", "", text, flags=re.MULTILINE)


def settings_in(folder: Path) -> Settings:
    """The example settings, as if they lay there."""
    return load(Path(shutil.copy(ROOT / "config.example.yaml", folder)), {})


def unit(key: str, text: str = UNIT) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def test_the_service_gives_the_program_nothing_that_it_does_not_know() -> None:
    given = dict(line.split("=", 1) for line in unit("Environment", everything_on(UNIT)))
    credentials = dict(line.split(":") for line in unit("LoadCredential", everything_on(UNIT)))
    assert given.keys() <= KNOWN
    assert {value for name, value in given.items() if name in SECRETS} == {f"%d/{name}" for name in credentials}
    assert {name for name, value in given.items() if value.startswith("%d/")} > {"CONCIERGE_MATRIX_PASSWORD_FILE"}


def test_the_service_may_write_where_the_bot_writes_and_nowhere_else(tmp_path: Path) -> None:
    (state,), (cache,), (start,) = unit("StateDirectory"), unit("CacheDirectory"), unit("ExecStart")
    assert start.endswith(f" run --config /var/lib/{state}/config.yaml")
    assert unit("WorkingDirectory") == [f"/var/lib/{state}"]
    assert (unit("ProtectSystem"), unit("ReadWritePaths")) == (["strict"], [])
    settings = settings_in(tmp_path)
    places = (str(settings.knowledge), settings.store.get_secret_value())
    assert all(f"{tmp_path}/" in place for place in places)  # beside the settings, and so in the state
    folder = dict(line.split("=", 1) for line in unit("Environment"))["XDG_CACHE_HOME"]
    assert f"{folder}/concierge" == f"/var/cache/{cache}"


def test_the_guide_puts_everything_where_the_service_looks_for_it() -> None:
    service = GUIDE.partition("\n## As a systemd service\n")[2].partition("\n## ")[0]
    (state,), (user,), (start,), (credential,) = map(unit, ("WorkingDirectory", "User", "ExecStart", "LoadCredential"))
    program, secret = start.split()[0], credential.partition(":")[2]
    assert f"install -m 600 secrets/{Path(secret).name} {Path(secret).parent}/\n" in service
    assert f"cp -r config.yaml knowledge var {state}/\n" in service
    assert f"python3 -m venv {Path(program).parents[1]}\n" in service
    assert f"useradd --system --home-dir {state} --shell /usr/sbin/nologin {user}\n" in service


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
@pytest.mark.parametrize("drop_in", ["", DROP_IN], ids=["one network", "many"])
def test_systemd_takes_the_service_and_calls_it_well_locked(tmp_path: Path, drop_in: str) -> None:
    (tmp_path / "concierge.service.d").mkdir()
    for name, text in (("concierge.service", UNIT), ("concierge.service.d/hosting.conf", drop_in)):
        program = re.sub(r"(?<=^ExecStart=)/\S+", sys.executable, text, flags=re.MULTILINE)
        (tmp_path / name).write_text(program, encoding="utf-8")
    file = tmp_path / "concierge.service"
    for command in (["verify", file], ["security", "--offline=true", "--threshold=15", file]):  # 15: an exposure of 1.5
        ran = subprocess.run(["systemd-analyze", "--no-pager", *command], capture_output=True, text=True)  # noqa: S603, S607
        assert (ran.returncode, file.name in ran.stderr) == (0, False), ran.stderr
    assert (unit("Restart"), unit("RestartPreventExitStatus")) == (["on-failure"], ["2"])  # 2: wrong settings


@pytest.mark.skipif(not cage.possible(), reason="there is no systemd, or no libseccomp")
async def test_the_bot_works_under_all_that_the_service_refuses(
    homeserver: Homeserver, member: NewMember, account: NewAccount, knowledge: Path, tmp_path: Path
) -> None:
    """It logs in, makes its keys, loads its encoder, answers, writes what a moderator says into a file, and ends."""
    ana, bot = await member("ana"), await account("concierge")
    room, moderation = await ana.create_room(), await ana.create_room()
    matrix = {"homeserver": homeserver.url, "user": bot.user, "rooms": [room], "moderators_room": moderation}
    (tmp_path / "config.json").write_text(json.dumps({"matrix": matrix}), encoding="utf-8")
    run = [sys.executable, "-m", "bot", "run", "--config", str(tmp_path / "config.json")]
    secret = {"CONCIERGE_MATRIX_PASSWORD": bot.password}
    command = [sys.executable, "-m", "tests.cage", str(SERVICE), *run]
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | secret, cwd=ROOT)
    try:
        await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and raw["type"] == "m.room.message")
        question = await ana.say(room, f"concierge: {ASKED}")
        await ana.wait_for(room, lambda raw: raw["sender"] == bot.user and question in json.dumps(raw))
        order = await ana.say(moderation, "!phrase fiche-de-poste qui a une fiche de poste")
        draft = await ana.wait_for(moderation, lambda raw: raw["sender"] == bot.user and order in json.dumps(raw))
        await ana.react(moderation, draft["event_id"], "✅")
        await ana.wait_for(moderation, lambda raw: "ajouté" in raw["content"].get("body", ""))
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert "qui a une fiche de poste" in (knowledge / "formations.yaml").read_text(encoding="utf-8")


def compose(text: str = COMPOSE) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_the_containers_are_given_what_the_program_knows_and_what_is_declared() -> None:
    for text, above in ((COMPOSE, "./"), (everything_on(COMPOSE), "./"), (CONTAINERS, "../")):
        whole = compose(text)
        concierge = whole["services"]["concierge"]
        files = [value for name, value in concierge["environment"].items() if name in SECRETS]
        assert concierge["environment"].keys() <= KNOWN
        assert sorted(files) == sorted(f"/run/secrets/{name}" for name in concierge["secrets"])
        for container in whole["services"].values():
            assert set(container["secrets"]) <= whole["secrets"].keys()
            named = {volume.split(":")[0] for volume in container["volumes"]}
            assert {name for name in named if not name.startswith(above)} <= whole["volumes"].keys()
        assert whole["secrets"] == {name: {"file": f"{above}secrets/{name}"} for name in whole["secrets"]}


def mounted() -> dict[str, str]:
    """What lies where in the container."""
    pairs = [volume.split(":")[:2] for volume in compose()["services"]["concierge"]["volumes"]]
    return {inside: outside for outside, inside in pairs}


def test_what_is_mounted_is_what_the_image_and_the_settings_name(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    store = Path(settings.store.get_secret_value().removeprefix("sqlite:///"))
    assert f'CMD ["run", "--config", "{next(iter(mounted()))}"]' in DOCKERFILE
    assert mounted() == {
        "/data/config.yaml": "./config.yaml",
        f"/data/{settings.knowledge.relative_to(tmp_path)}": "./knowledge",
        f"/data/{store.parent.relative_to(tmp_path)}": "var",
        f"{image_value('XDG_CACHE_HOME')}/concierge": "cache",
    }
    offered = compose(everything_on(COMPOSE))["services"]["concierge"]["environment"].keys() & SECRETS
    assert SECRETS - offered == {"CONCIERGE_MATRIX_ACCESS_TOKEN_FILE", "CONCIERGE_MATRIX_SIGNING_SEED_FILE"}
    assert f'"/app/alive.py", "/data/{store.parent.relative_to(tmp_path)}"]' in DOCKERFILE


def image_value(variable: str) -> str:
    return re.findall(rf"\b{variable}=(\S+)", DOCKERFILE)[0]


def test_the_container_is_locked_but_for_the_folders_where_the_bot_writes() -> None:
    """An empty volume takes owner and mode from the folder of the image that it lies over."""
    made = re.findall(r"install --directory --owner=concierge --mode=700 (.*)", DOCKERFILE)[0].split()
    assert [inside for inside, outside in mounted().items() if not outside.startswith(".") and inside not in made] == []
    assert DOCKERFILE.index("\nUSER concierge\n") < DOCKERFILE.index("\nENTRYPOINT ")
    concierge = compose()["services"]["concierge"]
    assert (concierge["read_only"], concierge["cap_drop"]) == (True, ["ALL"])
    assert concierge["security_opt"] == ["no-new-privileges:true"]
    assert "./config.yaml:/data/config.yaml:ro" in concierge["volumes"]
