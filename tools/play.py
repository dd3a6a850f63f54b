"""Play tests/play/piece.md and print each line where the bot does otherwise.

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
import time
from datetime import date
from pathlib import Path

from bot.knowledge.library import Library
from bot.matching.encoder_folder import load_embeddings
from tests.play import script
from tests.play.on_paper import open_paper
from tests.play.performance import Performance, check_words
from tests.play.rooms import KNOWLEDGE, open_rooms

CACHE = Path(tempfile.gettempdir()) / "concierge-play"


async def main(paper: bool, numbers: list[int]) -> int:
    scenes = [scene for scene in script.read() if not numbers or scene.number in numbers]
    knowledge = Library(KNOWLEDGE).load(date.today()).knowledge
    if faults := check_words(scenes, knowledge):
        print("\n".join(faults), file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="concierge-play-") as folder:
        opened = open_paper(Path(folder), load_embeddings(None, CACHE)) if paper else open_rooms(Path(folder), scenes)
        async with opened as stage:
            started = time.monotonic()
            performance = Performance(stage, knowledge)
            await performance.play(scene for scene in scenes if paper or not scene.on_paper_only)
            report(performance, time.monotonic() - started)
    return bool(performance.differences)


def report(performance: Performance, seconds: float) -> None:
    for difference in performance.differences:
        print(difference)
    lines = {difference.line for difference in performance.differences}
    print(f"\n{len(lines)} lines differ; {performance.checked} lines of the bot were checked in {seconds:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paper", action="store_true")
    parser.add_argument("--scene", type=int, nargs="*", default=[], metavar="NUMBER")
    arguments = parser.parse_args()
    logging.getLogger("bot").setLevel(logging.CRITICAL)
    sys.exit(asyncio.run(main(arguments.paper, arguments.scene)))
