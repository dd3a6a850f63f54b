"""The image, built and run: a bot in a locked container answers in a real room, and outlives what happens to it."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from bot.demo.homeserver import Homeserver
from tests import engine
from tests.conftest import NewAccount, NewMember
from tests.engine import OWNER, ROOT, Container, output, podman
from tests.guides import Network
from tests.running import ASKED
from tests.waiting import PATIENCE

OBSTACLE = engine.obstacle("podman", "runc", "debootstrap", "make")
pytestmark = [pytest.mark.soak, pytest.mark.skipif(OBSTACLE is not None, reason=str(OBSTACLE))]
JOB_SHEET = "un modele de fiche de poste svp"


@pytest.fixture(scope="module", autouse=True)
def image() -> None:
    engine.build()


@pytest.fixture
async def container(knowledge: Path, tmp_path: Path) -> AsyncIterator[Container]:
    """Its /data: answers, settings and a secret, of the image's user. There is no homeserver yet."""
    matrix = {"homeserver": "http://127.0.0.1:9", "user": "@concierge:localhost", "rooms": ["#cafe:localhost"]}
    (tmp_path / "secrets").mkdir()
    write(tmp_path, matrix, "none")
    container = Container(f"concierge-{os.getpid()}-{tmp_path.name[-20:]}", tmp_path)
    yield container
    await container.remove()


def write(folder: Path, matrix: dict[str, object], password: str) -> None:
    (folder / "config.yaml").write_text(yaml.safe_dump({"matrix": matrix}), encoding="utf-8")
    secret = folder / "secrets" / "matrix_password"
    secret.write_text(password, encoding="utf-8")
    secret.chmod(0o400)
    own(folder, OWNER)


def own(folder: Path, owner: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner)


# What is in it


def test_the_image_is_checked_while_it_runs_and_is_of_nobody_special() -> None:
    config = json.loads(output("podman", "image", "inspect", "concierge"))[0]
    assert config["Healthcheck"]["Test"][-1] == "/data/var"
    assert config["Config"]["User"] == "concierge"


# Commands


async def test_a_question_is_decided_by_meaning_without_a_cache(container: Container) -> None:
    """The encoder lies in the image: nothing is made, and nothing can be written."""
    asked = await container.once("ask", "--json", ASKED, cache=False)
    assert (asked.code, asked.err) == (0, "")
    assert json.loads(asked.out)["matches"][0]["id"] == "formation-facilitation"
    explained = await container.once("ask", ASKED, cache=False)
    assert explained.out.startswith("Réponse")  # UTF-8, though the image names no locale
    assert "du sens" in explained.out
    checked = await container.once("check", cache=False)
    assert (checked.code, checked.err) == (0, "")


# At work


@pytest.fixture
async def room(container: Container, homeserver: Homeserver, account: NewAccount, member: NewMember) -> Network:
    ana, bot = await member("ana"), await account("concierge")
    place = await ana.create_room()
    write(container.folder, {"homeserver": homeserver.url, "user": bot.user, "rooms": [place]}, bot.password)
    return Network(bot, homeserver.url, place, ana)


async def test_it_answers_once_whatever_ends_it_and_comes_back_from_backup(container: Container, room: Network) -> None:
    await container.start()
    await room.begins()
    await room.answers(ASKED)
    checked = await podman("healthcheck", "run", container.name)
    assert checked.code == 0, checked
    found = await container.execute("concierge", "doctor")
    assert found.code == 0, found.out

    in_flight = await room.ask(JOB_SHEET)
    await container.kill()
    meanwhile = await room.ask("quelle formation pour devenir concierge ?")
    await container.start()
    await asyncio.gather(room.answered(in_flight), room.answered(meanwhile))

    kept = await container.execute("concierge", "backup", "var/before.zip")
    assert kept.code == 0, kept.err
    await room.answers("Où trouver une fiche de poste ?")
    (container.folder / "before.zip").write_bytes((container.folder / "var" / "before.zip").read_bytes())
    os.chown(container.folder / "before.zip", OWNER, OWNER)
    await container.kill()
    (container.folder / "var").rename(container.folder / "var.lost")
    restored = await container.once("restore", "before.zip")
    assert restored.code == 0, restored.err
    await container.start()
    await room.answers(ASKED)
    assert await room.replies() == [1] * 5

    async with asyncio.timeout(PATIENCE):
        assert await container.stop() == 0  # SIGKILL, after ten seconds, would be 137
    assert (await container.log()).rstrip().endswith("stopped")


# compose.yaml


COMPOSE_OBSTACLE = engine.obstacle("podman-compose", "nftables", "netavark")


@pytest.mark.skipif(COMPOSE_OBSTACLE is not None, reason=str(COMPOSE_OBSTACLE))
async def test_compose_starts_it_with_volumes_that_it_may_write_and_a_secret(container: Container) -> None:
    """In a network of its own, where there is no homeserver: the bot waits for one."""
    project = f"concierge-{os.getpid()}"
    shutil.copy(ROOT / "compose.yaml", container.folder)
    output("podman", "tag", "concierge", f"{project}_concierge")
    compose = ["podman-compose", "--podman-args=--runtime runc", f"--file={container.folder}/compose.yaml"]
    compose.append(f"--project-name={project}")
    try:
        output(*compose, "up", "--detach", "--no-build")
        found = await podman("exec", f"{project}_concierge_1", "concierge", "doctor")
        seen = json.loads(output("podman", "inspect", f"{project}_concierge_1"))[0]
    finally:
        output(*compose, "down", "--volumes")
        output("podman", "rmi", f"{project}_concierge")  # the name; the image has another
    assert "✓ Place sur le disque du stockage" in found.out
    assert "✓ Place sur le disque du cache" in found.out
    assert "ne répond pas (la connexion est refusée)" in found.out
    assert (seen["HostConfig"]["ReadonlyRootfs"], seen["EffectiveCaps"] or []) == (True, [])
