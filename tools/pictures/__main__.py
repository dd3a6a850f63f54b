"""Pictures of what people see of the bot in graphical clients, for eyes to judge.

    .venv/bin/python -m tools.pictures OUT --element FOLDER --nheko

It starts a homeserver and the bot, plays `scenes.md`, opens each room in each client, and writes PNG files into OUT.
Element lies built in FOLDER (index.html, bundles, …) and is not part of this project; it is shown in `chromium`.
nheko is shown on a virtual display of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path

from bot.knowledge.library import Library
from tests.play import script
from tests.play.performance import Performance
from tests.play.rooms import KNOWLEDGE, House, Rooms, open_house
from tests.scene import START
from tools.pictures import element, nheko
from tools.pictures.chromium import open_page
from tools.pictures.session import log_in

SCENES = Path(__file__).parent / "scenes.md"
MEMBER, MODERATOR = "Léa", "Sophie"


async def main(out: Path, client: Path | None, with_nheko: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240
    scenes = script.read(SCENES)
    with tempfile.TemporaryDirectory(prefix="concierge-pictures-") as name:
        async with open_house(scenes) as house, house.open(folder := Path(name), scenes[0]) as stage:
            await Performance(stage, Library(KNOWLEDGE).load(START.date()).knowledge).play(scenes[0])
            await _publish_digest(folder, stage)
            for person, places in _views(stage).items():
                if client:
                    await _in_element(house, stage, client, person, places, out)
                if with_nheko:
                    await _in_nheko(house, person, places, out)


def _views(stage: Rooms) -> dict[str, list[str]]:
    """Who looks at which rooms."""
    members = [place for place in stage.rooms if place not in (script.MODERATION, "coulisses")]
    return {MEMBER: members, MODERATOR: [script.MODERATION]}


async def _publish_digest(folder: Path, stage: Rooms) -> None:
    """Through the bot that runs, as an operator would."""
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    digest = folder / "digest.json"
    digest.write_text(json.dumps(settings | {"digest": {"rooms": [stage.rooms["salon"]]}}), encoding="utf-8")
    command = [str(Path(sys.executable).parent / "concierge"), "digest", "--publish", "--config", str(digest)]
    process = await asyncio.create_subprocess_exec(*command, cwd=folder)
    await process.wait()
    await stage.settle()


async def _in_element(house: House, stage: Rooms, client: Path, person: str, places: list[str], out: Path) -> None:
    member = house.people[person]
    await member.call("PUT", "user", member.user, "account_data", "im.vector.web.settings", body=element.SEEN)
    session = await log_in(house.server.url, member.user, "secret", "Element")
    async with element.served(client, house.server.url) as address, open_page() as page:
        await page.resize(*element.DESKTOP)
        await element.log_in(page, address, session)
        for place in places:
            await element.picture(page, stage.rooms[place], out, place.replace(" ", "-"))


async def _in_nheko(house: House, person: str, places: list[str], out: Path) -> None:
    session = await log_in(house.server.url, house.people[person].user, "secret", "nheko")
    async with nheko.opened(session) as client:
        for place in places:
            name = script.BOT if place.startswith(script.DIRECT) else place
            await client.picture(name, out / f"nheko-{place.replace(' ', '-')}.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--element", type=Path, metavar="FOLDER")
    parser.add_argument("--nheko", action="store_true")
    arguments = parser.parse_args()
    logging.getLogger("bot").setLevel(logging.CRITICAL)
    asyncio.run(main(arguments.out, arguments.element, arguments.nheko))
