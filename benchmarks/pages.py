"""The readers' pages on a real server: how soon they come, what they weigh, and what they cost a room's questions."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from time import perf_counter, process_time

import aiohttp
from aiohttp import web

from benchmarks import child, growth
from benchmarks.speed import spread
from bot.app import server
from bot.demo.homeserver import free_port
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.matching.decision import Thresholds
from bot.matching.encoder_folder import load_embeddings
from bot.matching.index import Index
from bot.pages.publication import Publication
from bot.pages.rendered import ASSETS
from bot.pages.routes import ReaderRoutes, Shown
from bot.pages.templates import Templates
from tests.scene import open_scene

VIEWS, SEARCHES = 50, 5  # a second
TURN = 10  # questions
PAUSE = 0.11  # seconds between two searches: all together may search ten times a second
ALONG = ("style.css", "search.js")  # what a browser fetches with a page


def measure(entries: int, cache: str, seconds: int, searches: int) -> child.Result:
    """Pages in milliseconds of the processor, the asking browser's included; kB; a room's questions by the clock.

    `seconds`: of questions in a room, without visitors and beside them.
    """
    with tempfile.TemporaryDirectory() as place:
        growth.write(growth.grown(entries), Path(place) / "knowledge")
        knowledge = Library(Path(place) / "knowledge").load(growth.today()).knowledge
        index = Index(knowledge, embeddings=load_embeddings(None, Path(cache)))
        return asyncio.run(_measure(index, Path(place), seconds, searches))


async def _measure(index: Index, place: Path, seconds: int, searches: int) -> child.Result:
    questions = growth.questions(index.knowledge, max(seconds, searches))
    async with _serving(index, growth.today()) as url:
        result = await _page_times(url, index.knowledge, questions[:searches])
        return result | await _room_times(url, index, place, questions[:seconds])


async def _room_times(url: str, index: Index, place: Path, questions: Sequence[str]) -> child.Result:
    """The same questions without visitors and beside them, by turns, so that other work on the machine is in both."""
    alone, beside, served = [], [], Counter[str]()
    for start in range(0, len(questions), TURN):
        some, file = questions[start : start + TURN], place / f"{start}.db"
        alone += await _room(index, file.with_suffix(".alone"), some)
        visitors = await _visitors(url, len(some) + 1, [*index.knowledge.entries])
        beside += await _room(index, file, some)
        served.update(json.loads((await visitors.communicate())[0]))
    later = spread(beside)["p99"] - spread(alone)["p99"]
    return {"room": spread(alone), "beside": spread(beside), "later": later, **served}


async def _visitors(url: str, seconds: int, ids: Sequence[str]) -> asyncio.subprocess.Process:
    """A process of their own, which has begun."""
    command = [sys.executable, "-m", "benchmarks.pages", url, str(seconds), *ids]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout  # noqa: S101 (a pipe was asked for)
    await process.stdout.readline()
    return process


@asynccontextmanager
async def _serving(index: Index, today: date) -> AsyncIterator[str]:
    shown = Shown(Publication(index.knowledge, frozenset(), today), index, Thresholds())
    app, port = web.Application(), free_port()
    proxies = (ip_network("127.0.0.1"),)
    templates = Templates(wording("fr"), "Concierge", public_url="https://x.example")
    ReaderRoutes(templates, lambda: shown, proxies).add_to(app)
    task = asyncio.create_task(server.serve(app, "127.0.0.1", port))
    await asyncio.sleep(0.2)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _page_times(url: str, knowledge: Knowledge, questions: Sequence[str]) -> child.Result:
    """Each page as a browser gets it that has not been there: rendered for it, then from memory."""
    paths = [f"/t/theme-{number:03}" for number in range(len(knowledge.entries) // growth.IN_A_FILE)]
    paths += [f"/r/{id}" for id in knowledge.entries]
    async with aiohttp.ClientSession(url) as http:
        first, again = [await _times(http, paths) for _ in range(2)]
        searched = await _times(http, ["/search"] * len(questions), questions)
        sizes = [len(await (await http.get(path)).read()) for path in paths]
    along = sum((ASSETS / file).stat().st_size for file in ALONG)
    return {
        "first": spread(first),
        "again": spread(again),
        "search": spread(searched),
        "kb": (max(sizes) + along) / 1000,
    }


async def _times(http: aiohttp.ClientSession, paths: Sequence[str], questions: Sequence[str] = ()) -> list[float]:
    times = []
    for number, path in enumerate(paths):
        query = {"q": questions[number]} if questions else {}
        started = process_time()
        async with http.get(path, params=query, headers=_visitor(number)) as answer:
            await answer.read()
            answer.raise_for_status()
        times.append((process_time() - started) * 1000)
        await asyncio.sleep(PAUSE if questions else 0)
    return times


def _visitor(number: int) -> dict[str, str]:
    """Each request is another visitor's."""
    return {"X-Forwarded-For": f"192.0.2.{number % 250}"}


async def _room(index: Index, file: Path, questions: Sequence[str]) -> list[float]:
    """One question a second, from the journal to the sent reply, on paper: ms."""
    scene, times = await open_scene(f"sqlite:///{file}", index), []
    for number, question in enumerate(questions):
        started = perf_counter()
        await scene.say(f"concierge : {question}", sender=f"@member{number}:x")
        times.append((perf_counter() - started) * 1000)
        await asyncio.sleep(max(0.0, 1 - times[-1] / 1000))
    await scene.store.close()
    return times


async def _visit(url: str, seconds: int, ids: Sequence[str]) -> None:
    """Visitors; prints when they begin, and in the end how many requests of each kind were served."""
    questions = growth.questions(growth.grown(50), SEARCHES * seconds)
    print("begun", flush=True)
    async with aiohttp.ClientSession(url) as http:
        views = [_later(http, n / VIEWS, f"/r/{ids[n % len(ids)]}", n) for n in range(VIEWS * seconds)]
        found = [_later(http, n / SEARCHES, "/search", n, text) for n, text in enumerate(questions)]
        statuses = await asyncio.gather(*views, *found)
    served = {"viewed": statuses[: len(views)].count(200), "searched": statuses[len(views) :].count(200)}
    print(json.dumps(served))


async def _later(http: aiohttp.ClientSession, after: float, path: str, number: int, question: str = "") -> int:
    await asyncio.sleep(after)
    async with http.get(path, params={"q": question} if question else {}, headers=_visitor(number)) as answer:
        await answer.read()
        return answer.status


if __name__ == "__main__":
    asyncio.run(_visit(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
