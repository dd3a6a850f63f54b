"""How much memory the bot holds while people talk."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.reliability.harness import ASKED
from tests.reliability.scene import Scene

EVERY = 20  # one in so many is a question
AT_ONCE = 20
BREATH = 2000  # messages, after which they wait until the bot has heard them all


def resident(pid: int) -> float:
    """Megabytes."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


async def talk(scene: Scene, messages: int) -> None:
    """So many messages, most of them nothing for the bot; until all of its questions are answered."""
    questions: list[str] = []
    for number in range(0, messages, AT_ONCE):
        texts = [_text(number + place) for place in range(min(AT_ONCE, messages - number))]
        said = await asyncio.gather(*(scene.ana.say(scene.room, text) for text in texts))
        questions += [event for event, text in zip(said, texts, strict=True) if text == ASKED]
        if (number + AT_ONCE) % BREATH == 0:
            await scene.until_answered(questions[-1], seconds=600)
    await scene.until_answered(*questions[-5:], seconds=600)


def _text(number: int) -> str:
    return f"on se voit jeudi, disons à {number} h" if number % EVERY else ASKED
