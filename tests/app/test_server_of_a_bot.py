"""The door for machines of a whole bot: open from its first second to its last, whatever its networks do."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.discourse.channel import DiscourseChannel
from bot.demo.homeserver import free_port
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.encoder_folder import load_embeddings
from bot.store.retention import Retention
from tests.databases import held
from tests.forum import Forum
from tests.forum.faults import FAULTS
from tests.forum.hooks import sign
from tests.running import ASKED
from tests.waiting import PATIENCE, eventually, until
from tests.web import SECRET, answering, running


async def says(http: httpx.AsyncClient, path: str, words: str) -> httpx.Response:
    """Ask until these words, a pattern, stand on the page."""

    async def page() -> httpx.Response | None:
        found = await http.get(path)
        return found if re.search(words, found.text, re.MULTILINE) else None

    return await eventually(page)


async def ready(http: httpx.AsyncClient, but_for: str = "ready") -> None:
    await says(http, "/ready", rf"\A{re.escape(but_for)}\Z")


@asynccontextmanager
async def on_a_forum(
    tmp_path: Path, knowledge: Path, poll: float = 0.2, **more: Any
) -> AsyncIterator[tuple[httpx.AsyncClient, Forum]]:
    """A bot that answers there, by its server."""
    async with Forum() as forum:
        discourse = {"url": forum.url, "username": "concierge", "poll": poll}
        async with running(tmp_path, knowledge, free_port(), discourse=discourse, **more) as http:
            await answering(http)
            yield http, forum


async def test_it_is_up_and_not_ready_while_its_network_is_down_or_its_store_can_only_be_read(
    tmp_path: Path, knowledge: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And warns once of a file that it no longer reads."""
    erased, erase = asyncio.Event(), Retention.erase_old
    monkeypatch.setattr("bot.store.sqlite.PATIENCE", 0.1)

    async def erasing(*given: Any) -> None:
        await erase(*given)
        erased.set()

    monkeypatch.setattr(Retention, "erase_old", erasing)
    monkeypatch.setattr("bot.app.bot.FIRST_ERASURE", 0.0)
    (tmp_path / "config.learned.json").write_text("{}")
    matrix = {"homeserver": f"http://127.0.0.1:{free_port()}", "user": "@c:localhost", "rooms": ["!room:localhost"]}
    async with running(tmp_path, knowledge, free_port(), matrix=matrix) as http:
        await answering(http)
        first = await http.get("/ready")
        assert (first.status_code, (await http.get("/health")).status_code) == (503, 200)
        assert (await http.post("/hooks/discourse")).status_code == 404  # there is no forum
        assert (await http.get("/desk")).status_code == 404  # nor are there pages
        await ready(http, but_for="matrix: not reached yet")
        await asyncio.wait_for(erased.wait(), PATIENCE)  # what the bot does once at its start, and must be able to
        with held(tmp_path / "var" / "concierge.db"):
            await ready(http, but_for="matrix: not reached yet\nstore: cannot be written")
            assert (await http.get("/health")).status_code == 200
            figures = (await http.get("/metrics")).text
        await ready(http, but_for="matrix: not reached yet")
    missing = set(first.text.splitlines())  # it may be asked at any moment of the start
    assert missing
    assert missing <= {"store: not open", "knowledge: not loaded yet", "matrix: not reached yet"}
    assert "\nconcierge_ready 0.0\n" in figures
    assert '\nconcierge_outbox_posts{channel="matrix"} 0.0\n' in figures
    (told,) = [record for record in caplog.records if "config.learned.json" in record.getMessage()]
    assert (told.levelname, "`concierge rehearse`" in told.getMessage()) == ("WARNING", True)


async def test_its_hook_makes_it_look_at_once(tmp_path: Path, knowledge: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(DiscourseChannel, "poll_now", lambda self: looked.append(self.name))
    async with on_a_forum(tmp_path, knowledge, poll=3600) as (http, forum):
        await ready(http)
        hook = forum.hook(f"{http.base_url}/hooks/discourse", SECRET)
        forum.say("ana", "formations", "Où trouver une formation de facilitateur ?")
        await forum.deliveries.arrived()
        forged = await http.post("/hooks/discourse", headers={"X-Discourse-Event-Signature": sign("no", b"")})
    assert {status for _, status in hook.sent} == {200}
    assert forged.status_code == 403
    assert looked == ["discourse"]


async def test_a_network_that_falls_silent_is_not_ready_until_it_is_heard_again_and_its_429s_are_counted(
    tmp_path: Path, knowledge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.discourse.settings.SILENCE", 1.0)
    async with on_a_forum(tmp_path, knowledge) as (http, forum):
        await ready(http)
        forum.fail_next("/notifications.json", FAULTS["429 for this action"])
        await says(http, "/metrics", r'^concierge_rate_limits_total{channel="discourse"} 1\.0$')
        forum.fail_next("/", FAULTS["502 of a proxy"], times=1_000_000)
        silent = await says(http, "/ready", "^discourse: not heard for ")
        figures = (await http.get("/metrics")).text
        forum.heal()
        await ready(http)
    assert silent.status_code == 503
    assert float(re.findall(r"^concierge_sync_age_seconds.* (.*)$", figures, re.MULTILINE)[0]) > 1


async def test_it_answers_before_its_encoder_is_there_and_says_what_it_waits_for(
    tmp_path: Path, knowledge: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    come = threading.Event()

    def later(*given: Any) -> EmbeddingCache:
        assert come.wait(PATIENCE)
        return load_embeddings(*given)

    monkeypatch.setenv("XDG_CACHE_HOME", str(cache.parent))
    monkeypatch.setattr("bot.app.shared.load_embeddings", later)
    async with on_a_forum(tmp_path, knowledge, matching={}) as (http, forum):
        await ready(http, but_for="ready; waiting for the encoder")
        assert (await http.get("/ready")).status_code == 200
        forum.say("ana", "formations", f"@concierge {ASKED}", title="Se former à la facilitation")
        await until(lambda: any("formation.example" in post.raw for post in forum.posts_of("concierge")))
        come.set()
        await ready(http)
