"""What the homeserver's answers, whole or broken, mean to the bot: against a real server that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.client import MatrixClient, MatrixNotFound
from bot.channels.matrix.login import Account
from bot.messages import AuthenticationFailed, ChannelError, Event, NetworkRefusal, RateLimited, Unreachable
from tests.channels.at_work import Notes
from tests.waiting import PATIENCE

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Misbehaving:
    """Answers every request as it is told; `url`, and the last request's path as it was written."""

    def __init__(self) -> None:
        self.answer: Answer = self.fine
        self.path = ""
        self.url = ""

    async def fine(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"fine": True})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.path = request.raw_path
        return await self.answer(request)


@pytest_asyncio.fixture
async def other() -> AsyncIterator[Misbehaving]:
    behaviour = Misbehaving()
    runner = web.ServerRunner(web.Server(behaviour.handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    behaviour.url = site.name if not site.name.endswith(":0") else f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield behaviour
    await runner.cleanup()


@pytest_asyncio.fixture
async def server(other: Misbehaving) -> AsyncIterator[MatrixClient]:
    server = MatrixClient(other.url)
    server.token = "the secret token"
    yield server
    await server.close()


def saying(status: int, body: object = None, **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, str):
            return web.Response(status=status, text=body, headers=named, content_type="text/html")
        return web.json_response(body, status=status, headers=named)

    return answer


async def cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"next_batch": ')
    assert request.transport is not None
    request.transport.close()
    return response


async def dropped(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (saying(200, ["not", "an", "object"]), Unreachable),
        (saying(200, "<html>a login page</html>"), Unreachable),
        (saying(200, "[" * 100_000), Unreachable),
        (saying(200, "[" * 100_000 + "]" * 100_000), Unreachable),
        (saying(204, None), Unreachable),
        (saying(302, None, Location="https://elsewhere.example"), Unreachable),
        (saying(500, "<html>oops</html>"), Unreachable),
        (saying(500, {"errcode": "M_UNKNOWN", "error": "Internal server error"}), Unreachable),
        (saying(502, "Bad Gateway"), Unreachable),
        (saying(401, "<html>a proxy wants a password</html>"), Unreachable),
        (saying(404, "no such page"), Unreachable),
        (saying(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "Unknown token"}), AuthenticationFailed),
        (saying(401, {"errcode": "M_MISSING_TOKEN"}), AuthenticationFailed),
        (saying(403, {"errcode": "M_USER_DEACTIVATED"}), AuthenticationFailed),
        (saying(403, {"errcode": "M_FORBIDDEN", "error": "You are not in the room"}), NetworkRefusal),
        (saying(400, {"errcode": "M_BAD_JSON"}), NetworkRefusal),
        (saying(413, {"errcode": "M_TOO_LARGE"}), NetworkRefusal),
        (saying(404, {"errcode": "M_NOT_FOUND"}), MatrixNotFound),
        (cut, Unreachable),
        (dropped, Unreachable),
    ],
)
async def test_each_answer_means_one_thing(
    other: Misbehaving, server: MatrixClient, answer: Answer, error: type[ChannelError]
) -> None:
    other.answer = answer
    with pytest.raises(ChannelError) as raised:
        await server.call("GET", "sync")
    assert type(raised.value) is error
    assert "secret" not in str(raised.value)
    other.answer = other.fine
    assert await server.call("GET", "sync") == {"fine": True}


@pytest.mark.parametrize("depth", [1_000, 50_000])
async def test_a_deeply_nested_message_of_somebody_does_not_hide_the_others(
    other: Misbehaving, server: MatrixClient, depth: int
) -> None:
    """Who has written it need share no room with the bot: any account can send to its device."""
    deep = '{"[\\"": [' * depth + "1" + "]}" * depth
    other.answer = saying(
        200, f'{{"next_batch": "[2", "to_device": {{"events": [{{"content": {deep}}}, {{"type": "x"}}]}}}}'
    )
    answer = await server.call("GET", "sync")
    assert answer["next_batch"] == "[2"
    assert answer["to_device"]["events"][1] == {"type": "x"}


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (saying(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 9000}, Retry_After="3"), 3),
        (saying(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500}), 1.5),
        (saying(429, {"errcode": "M_LIMIT_EXCEEDED"}), 5),
        (saying(429, "<html>slow down</html>"), 5),
    ],
)
async def test_a_rate_limit_says_how_long_to_wait(
    other: Misbehaving, server: MatrixClient, answer: Answer, seconds: float
) -> None:
    other.answer = answer
    with pytest.raises(RateLimited) as raised:
        await server.call("PUT", "rooms", "!r", "send", "m.room.message", "t", body={})
    assert raised.value.after == seconds


async def test_each_rate_limit_is_told(other: Misbehaving) -> None:
    told: list[str] = []
    server = MatrixClient(other.url, on_rate_limited=lambda: told.append("limited"))
    answers = [saying(429, "slow down"), saying(429, {"errcode": "M_LIMIT_EXCEEDED"}), saying(403, {"errcode": "M_NO"})]
    for other.answer in answers:
        with pytest.raises(ChannelError):
            await server.call("GET", "sync")
    await server.close()
    assert told == ["limited"] * 2


async def test_nobody_there() -> None:
    server = MatrixClient("http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="does not answer"):
        await server.call("GET", "sync")
    await server.close()


async def test_silence_is_not_waited_for_for_ever(other: Misbehaving, server: MatrixClient) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.5)
        return web.Response()

    other.answer = silent
    with pytest.raises(Unreachable):
        await server.call("GET", "sync", seconds=0.05)


async def test_names_with_strange_signs_arrive_as_they_are(other: Misbehaving, server: MatrixClient) -> None:
    await server.call("GET", "directory", "room", "#é/?&#:example.org", query={"a b": "c&d"})
    assert other.path == "/_matrix/client/v3/directory/room/%23%C3%A9%2F%3F%26%23%3Aexample.org?a+b=c%26d"


class Syncs:
    """A homeserver that is well but for its syncs; `times` are those at which one was asked for."""

    def __init__(self, sync: Answer, enough: int) -> None:
        self._sync, self._enough = sync, enough
        self.times: list[float] = []
        self.queries: list[dict[str, str]] = []
        self.done = asyncio.Event()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/sync"):
            self.times.append(asyncio.get_running_loop().time())
            self.queries.append(dict(request.query))
            if len(self.times) >= self._enough:
                self.done.set()
            return await self._sync(request)
        whoami = {"user_id": "@concierge:localhost", "device_id": "D"}
        return web.json_response(whoami if request.path.endswith("/whoami") else {})


async def nothing_new(request: web.Request) -> web.StreamResponse:
    return web.json_response({"next_batch": "s1"})


async def listening(other: Misbehaving, syncs: Syncs, folder: Path) -> None:
    """Until there were enough syncs, or the channel ends by itself."""
    other.answer = syncs
    account = Account(other.url, "@concierge:localhost", (), folder, access_token="x", encryption=False)
    channel = MatrixChannel(account, Notes(), "Concierge")

    async def receive(events: Sequence[Event], position: str) -> None:
        return

    await channel.start()
    work = asyncio.create_task(channel.listen(receive, "s1"))
    enough = asyncio.create_task(syncs.done.wait())
    try:
        await asyncio.wait({work, enough}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    finally:
        for task in (work, enough):
            task.cancel()
        await asyncio.gather(work, enough, return_exceptions=True)
        await channel.stop()


@pytest.mark.parametrize("sync", [saying(200, {}), nothing_new])
async def test_a_sync_that_fails_is_asked_for_again_ever_more_slowly_from_the_same_place(
    other: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync: Answer
) -> None:
    """`test_each_answer_means_one_thing` says what else counts as a failure."""
    monkeypatch.setattr("bot.channels.backoff.FIRST", 0.05)
    right = 1 if sync is nothing_new else 0  # the first sync does not wait: to have nothing new is no failure
    syncs = Syncs(sync, 4 + right)
    await listening(other, syncs, tmp_path)
    pauses = [after - before for before, after in zip(syncs.times[right:], syncs.times[right + 1 :], strict=False)]
    assert all(pause >= least for pause, least in zip(pauses, (0.025, 0.05, 0.1), strict=True))
    assert {query["since"] for query in syncs.queries} == {"s1"}


@pytest.mark.parametrize(
    "sync",
    [
        saying(401, {"errcode": "M_UNKNOWN_TOKEN"}),
        saying(403, {"errcode": "M_USER_DEACTIVATED"}),
        saying(403, {"errcode": "M_FORBIDDEN"}),
    ],
)
async def test_an_account_that_is_gone_ends_the_listening(other: Misbehaving, tmp_path: Path, sync: Answer) -> None:
    with pytest.raises(AuthenticationFailed):
        await listening(other, Syncs(sync, 100), tmp_path)


async def test_an_event_of_another_room_does_not_stand_in_this_one(other: Misbehaving, tmp_path: Path) -> None:
    said = {"type": "m.room.message", "content": {"msgtype": "m.text", "body": "oui"}, "sender": "@ana:localhost"}
    said |= {"event_id": "$e", "room_id": "!there", "origin_server_ts": 1}
    other.answer = saying(200, {"user_id": "@concierge:localhost", "device_id": "D"} | said)
    account = Account(other.url, "@concierge:localhost", (), tmp_path, access_token="x", encryption=False)
    channel = MatrixChannel(account, Notes(), "Concierge")
    await channel.start()
    try:
        assert await channel.fetch("!there", "$e") is not None
        assert await channel.fetch("!here", "$e") is None
    finally:
        await channel.stop()
