"""How much memory the bot holds while people talk, most of them about nothing that it knows, and some to break it."""

import asyncio
import json
from pathlib import Path
from random import Random

from tests.member import Raw
from tests.reliability.harness import ASKED, answered
from tests.reliability.hostile import TEXTS
from tests.reliability.scene import Scene

AT_ONCE = 20
SAMPLE = 500  # messages between two looks at the memory, before which the bot has heard all of them
_HANGING = 900  # seconds for 500 messages
WARM = 1_000  # messages after which caches are full, and memory grows no more
ROOM = 1.05  # as much as it may still grow: what is freed lies in pieces
_LARGEST = 50_000  # bytes of a text; an event of Matrix has 65,536
_RANGES = ((0x4E00, 0x9FFF), (0x400, 0x4FF), (0x620, 0x64A), (0x905, 0x939), (0xAC00, 0xD7A3), (0x1F300, 0x1FAFF))
_SCRIPTS = ["abcdefghijklmnopqrstuvwxyzéèàç", *("".join(map(chr, range(*one))) for one in _RANGES)]
_QUESTIONS = (
    *("Où trouver une formation de facilitateur ?", "quelle fiche de poste pour un fabmanager ?"),
    *("comment accueillir un service civique ?", "qui finance un poste de conseiller numérique ?"),
    "Bonjour à tous, je cherche un modèle de convention d’occupation pour notre tiers-lieu. Merci d’avance !",
)


def resident(pid: int) -> float:
    """Megabytes of its own: not those of files that are mapped, which the system may take back."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("RssAnon")]
    return int(line.split()[1]) / 1024


async def talk(scene: Scene, messages: int, random: Random) -> None:
    """So many messages in the room, then a question by the same person, who is heard in turn; until it is answered."""
    for _ in range(0, messages, AT_ONCE):
        await asyncio.gather(*(scene.ana.say(scene.room, text(random)) for _ in range(AT_ONCE)))
    question = await scene.ana.say(scene.room, ASKED)
    async with asyncio.timeout(_HANGING):
        while question not in map(answered, await _newest(scene)):  # noqa: ASYNC110 (a room tells nobody)
            await asyncio.sleep(1)


async def _newest(scene: Scene) -> list[Raw]:
    """The whole history is long."""
    return list((await scene.ana.call("GET", "rooms", scene.room, "messages", dir="b", limit="50"))["chunk"])


def text(random: Random) -> str:
    """One message in twenty is for the bot."""
    kinds = (_question, _words, _post, lambda random: random.choice([*TEXTS.values()]))
    said = random.choices(kinds, (8, 10, 1, 1))[0](random)
    while len(json.dumps(said, ensure_ascii=False).encode()) > _LARGEST:
        said = said[: len(said) * 3 // 4]
    return f"concierge : {said}" if random.random() < 0.05 else said


def _question(random: Random) -> str:
    """Every other one is misspelt."""
    letters = list(random.choice(_QUESTIONS))
    for place in random.sample(range(1, len(letters)), random.choice((0, 2))):
        letters[place] = random.choice(_SCRIPTS[0])
    return "".join(letters)


def _words(random: Random) -> str:
    """That nothing knows, of the usual length, one in twenty very long; two messages in five in other letters."""
    letters = _SCRIPTS[0] if random.random() < 0.6 else random.choice(_SCRIPTS)
    lengths = [random.randint(3, 14) if random.random() < 0.95 else 400 for _ in range(random.randint(3, 25))]
    return " ".join("".join(random.choices(letters, k=length)) for length in lengths)


def _post(random: Random) -> str:
    return "\n".join((_question if random.random() < 0.3 else _words)(random) for _ in range(800))
