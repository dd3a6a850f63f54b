"""Texts that patterns and normalisation could take long for, said to a bot at work while somebody else asks."""

import asyncio
import base64
import itertools
from random import Random
from time import monotonic

import httpx

from bot.demo.homeserver import free_port
from tests.reliability.doors import Doors
from tests.reliability.forum import CATEGORY, QUESTION
from tests.reliability.harness import ASKED
from tests.waiting import PATIENCE
from tests.web import answering

WORDS = " voici ce que donne le script"
TEXTS = {
    "equals signs": "=" * 100 + WORDS,
    "one long run": "x" * 400 + WORDS,
    "emojis": "😀" * 100 + WORDS,
    "a path": "/srv" + "/un-dossier-assez-long" * 40 + "/fichier.txt" + WORDS,
    "a token": base64.b64encode(Random(1).randbytes(600)).decode() + WORDS,
    "Japanese": "私たちはこの場所で新しい仕事の形を試しています。" * 30,
    "signs that grow": "㍿" * 9_999,
    "signs that grow most": "ﷺ" * 6_000 + WORDS,
    "question marks": "?" * 6_000 + "x",
    "small words": "je ne t a i " * 1_500,
    "blanks": " " * 15_000 + "x" + "\n" * 10_000 + "x",
    "brackets": "[" * 5_000 + "](" * 5_000 + "<a" * 5_000,
    "quotes": "[quote]" * 3_000 + "> " * 3_000,
    "backticks": "".join("`" * n + " " for n in range(170)),
}


class Attack:
    """One person who says such texts on both sides, and another one who asks. `seconds`: how long `/health` took, asked
    ten times a second; `missed`: how often it did not answer."""

    def __init__(self, doors: Doors) -> None:
        self.doors, self._numbers = doors, itertools.count(1)
        doors.room.concierge.add("web", address=(port := free_port()))
        self._health = f"http://127.0.0.1:{port}/health"
        self.seconds: list[float] = []
        self.missed = 0

    async def watch(self) -> None:
        """From a start on, for ever."""
        async with httpx.AsyncClient(timeout=30) as client:
            await answering(client, self._health)
            while True:
                begun = monotonic()
                try:
                    (await client.get(self._health)).raise_for_status()
                    self.seconds.append(monotonic() - begun)
                except httpx.HTTPError:
                    self.missed += 1
                await asyncio.sleep(0.1)

    async def endure(self, text: str, seconds: float = PATIENCE) -> float:
        """The text overheard, addressed and on the forum, then a question by somebody else on both sides: how long the
        answers took."""
        room, forum = self.doors.room, self.doors.forum.forum
        for said in (text, f"concierge : {text}"):
            await room.ana.say(room.room, said)
        forum.say("ana", CATEGORY, f"{text}\n\n@concierge {text}"[:32_000], title=f"Une trace, numéro {self._turn()}")
        begun = monotonic()
        question = await room.bob.say(room.room, ASKED)
        post = forum.say("ben", CATEGORY, QUESTION, title=f"Où se former, question {self._turn()}")
        await room.until_answered(question, seconds=seconds)
        await self.doors.forum.until_answered(post, seconds=seconds)
        return monotonic() - begun

    def _turn(self) -> int:
        return next(self._numbers)
