"""Play tests/play/piece.md and print each line from which the bot departs.

.venv/bin/python -m tools.play              in rooms of a real homeserver
.venv/bin/python -m tools.play --paper      without one, all days included: some seconds
.venv/bin/python -m tools.play --scene 4 7  only these scenes
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from bot.knowledge.library import Library
from bot.matching.encoder_folder import load_embeddings
from tests.play import script
from tests.play.on_paper import Paperwork
from tests.play.performance import check_words, perform
from tests.play.rooms import KNOWLEDGE, open_house
from tests.scene import START

CACHE = Path(tempfile.gettempdir()) / "concierge-play"


async def main(paper: bool, numbers: list[int]) -> int:
    scenes = [scene for scene in script.read() if not numbers or scene.number in numbers]
    knowledge = Library(KNOWLEDGE).load(START.date()).knowledge
    if faults := check_words(scenes, knowledge):
        print("\n".join(faults), file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="concierge-play-") as folder:
        if paper:
            report = await perform(Paperwork(load_embeddings(None, CACHE)), scenes, knowledge, Path(folder))
        else:
            scenes = [scene for scene in scenes if not scene.on_paper_only]
            async with open_house(scenes) as house:
                report = await perform(house, scenes, knowledge, Path(folder))
    print(report)
    return bool(report.differences)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paper", action="store_true")
    parser.add_argument("--scene", type=int, nargs="*", default=[], metavar="NUMBER")
    arguments = parser.parse_args()
    logging.getLogger("bot").setLevel(logging.CRITICAL)
    sys.exit(asyncio.run(main(arguments.paper, arguments.scene)))
