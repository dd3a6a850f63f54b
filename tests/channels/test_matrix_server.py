"""What the homeserver's answers, whole or broken, mean to the bot: against a real server that misbehaves."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from bot.channels.matrix.channel import MatrixChannel
from bot.channels.matrix.client import MatrixClient, MatrixNotFound
from bot.messages import AuthenticationFailed, ChannelError, Event, NetworkRefusal, RateLimited, Unreachable
from tests.channels.at_work import Bot
from tests.reliability.proxy import Answer, Proxy, dropped, saying
from tests.waiting import PATIENCE, until

ALWAYS = 1000  # times
NOTHING_NEW = saying(200, {"next_batch": "s1"})
DEEP = "[" * 100_000


@pytest_asyncio.fixture
async def other() -> AsyncIterator[Proxy]:
    """A server without a homeserver behind it, which answers as `other.fail` says."""
    async with Proxy("http://127.0.0.1:9") as proxy:
        yield proxy


@pytest_asyncio.fixture
async def server(other: Proxy) -> AsyncIterator[MatrixClient]:
    server = MatrixClient(other.url)
    server.token = "the secret token"
    yield server
    await server.close()


async def cut(proxy: Proxy, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"next_batch": ')
    return await dropped(proxy, request)


async def test_each_answer_means_one_thing(other: Proxy, server: MatrixClient) -> None:
    for answer, error in (
        *[(saying(200, said), Unreachable) for said in (["no object"], "<html>", DEEP, DEEP + "]" * len(DEEP))],
        (saying(204, None), Unreachable),
        (saying(302, None, Location="https://elsewhere.example"), Unreachable),
        (saying(500, {"errcode": "M_UNKNOWN", "error": "Internal server error"}), Unreachable),
        *[(saying(status, "<html>what a proxy says</html>"), Unreachable) for status in (401, 404, 500)],
        (saying(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "Unknown token"}), AuthenticationFailed),
        (saying(401, {"errcode": "M_MISSING_TOKEN"}), AuthenticationFailed),
        (saying(403, {"errcode": "M_USER_DEACTIVATED"}), AuthenticationFailed),
        (saying(403, {"errcode": "M_FORBIDDEN", "error": "You are not in the room"}), NetworkRefusal),
        (saying(413, {"errcode": "M_TOO_LARGE"}), NetworkRefusal),
        (saying(404, {"errcode": "M_NOT_FOUND"}), MatrixNotFound),
        (cut, Unreachable),
        (dropped, Unreachable),
    ):
        other.fail("", answer, ALWAYS)
        with pytest.raises(ChannelError) as raised:
            await server.call("GET", "sync")
        assert type(raised.value) is error
        assert "secret" not in str(raised.value)
        other.heal()
        other.fail("", saying(200, {"fine": True}))
        assert await server.call("GET", "sync") == {"fine": True}


async def test_a_deeply_nested_message_hides_no_other(other: Proxy, server: MatrixClient) -> None:
    """Who has written it need share no room with the bot: any account can send to its device."""
    for depth in (1_000, 50_000):
        deep = '{"[\\"": [' * depth + "1" + "]}" * depth
        events = f'[{{"content": {deep}}}, {{"type": "x"}}]'
        other.fail("", saying(200, f'{{"next_batch": "[2", "to_device": {{"events": {events}}}}}'))
        answer = await server.call("GET", "sync")
        assert (answer["next_batch"], answer["to_device"]["events"][1]) == ("[2", {"type": "x"})


async def test_a_rate_limit_is_told_and_says_how_long_to_wait(other: Proxy) -> None:
    told: list[str] = []
    for answer, seconds in (
        (saying(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 9000}, Retry_After="3"), 3),
        (saying(429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1500}), 1.5),
        (saying(429, "<html>slow down</html>"), 5),
    ):
        server = MatrixClient(other.url, on_rate_limited=lambda: told.append("limited"))
        other.fail("", answer)
        other.fail("", saying(403, {"errcode": "M_NO"}))
        with pytest.raises(RateLimited) as raised:
            await server.call("PUT", "rooms", "!r", "send", "m.room.message", "t", body={})
        assert raised.value.after == seconds
        with pytest.raises(NetworkRefusal):
            await server.call("GET", "sync")
        assert (told.pop(), told) == ("limited", [])
        await server.close()


async def test_who_may_not_speak_for_its_network_any_more_reads_and_sends_nothing(other: Proxy) -> None:
    left, asked = [0.3], list[str]()

    async def silent(proxy: Proxy, request: web.Request) -> web.StreamResponse:
        asked.append(request.method)
        await asyncio.sleep(PATIENCE)
        return web.Response()

    server = MatrixClient(other.url, seconds_left=lambda: left[0])
    other.fail("/send/", silent)
    with pytest.raises(Unreachable, match="does not answer"):  # given up in time
        await asyncio.wait_for(server.call("PUT", "rooms", "!r", "send", "m.room.message", "t", body={}), PATIENCE / 2)
    left[0] = 0.0
    other.fail("/send/", silent)
    for method in ("PUT", "POST"):
        with pytest.raises(Unreachable, match="another process may speak"):
            await server.call(method, "rooms", "!r", "send", "m.room.message", "t", body={})
    assert asked == ["PUT"]
    other.fail("", saying(200, {"next_batch": "s1"}))
    assert await server.call("GET", "sync") == {"next_batch": "s1"}
    await server.close()


async def test_names_with_strange_signs_arrive_as_they_are(other: Proxy, server: MatrixClient) -> None:
    async def echo(proxy: Proxy, request: web.Request) -> web.StreamResponse:
        return web.json_response({"path": request.raw_path})

    other.fail("", echo)
    answer = await server.call("GET", "directory", "room", "#é/?&#:example.org", query={"a b": "c&d"})
    assert answer["path"] == "/_matrix/client/v3/directory/room/%23%C3%A9%2F%3F%26%23%3Aexample.org?a+b=c%26d"


async def without_device(other: Proxy, folder: Path) -> MatrixChannel:
    """The started channel of an account there, by a token that belongs to no device, and so without keys."""
    other.fail("/whoami", saying(200, {"user_id": "@concierge:localhost"}), ALWAYS)
    other.fail("", saying(200, {}), ALWAYS)
    given = {"homeserver": other.url, "user": "@concierge:localhost", "access_token": "x", "rooms": ["!r"]}
    channel = Bot("Concierge", folder, given).channel
    await channel.start()
    return channel


async def receive(events: Sequence[Event], position: str) -> None:
    return


@pytest.mark.parametrize("sync", [saying(200, {}), NOTHING_NEW])
async def test_a_sync_that_fails_is_asked_for_again_ever_more_slowly_from_the_same_place(
    other: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync: Answer
) -> None:
    """`test_each_answer_means_one_thing` says what else counts as a failure."""
    monkeypatch.setattr("bot.channels.backoff.FIRST", 0.05)
    asked: list[tuple[float, str]] = []  # when, and from where

    async def noted(proxy: Proxy, request: web.Request) -> web.StreamResponse:
        asked.append((asyncio.get_running_loop().time(), request.query.get("since", "")))
        return await sync(proxy, request)

    other.fail("/sync", noted, ALWAYS)
    channel = await without_device(other, tmp_path)
    listening = asyncio.create_task(channel.listen(receive, "s1"))
    await until(lambda: len(asked) >= 5)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await channel.stop()
    right = 1 if sync is NOTHING_NEW else 0  # the first sync does not wait: to have nothing new is no failure
    pauses = [after - before for (before, _), (after, _) in itertools.pairwise(asked[right : 4 + right])]
    assert all(pause >= least for pause, least in zip(pauses, (0.025, 0.05, 0.1), strict=True))
    assert {since for _, since in asked} == {"s1"}


@pytest.mark.parametrize("code", ["M_UNKNOWN_TOKEN", "M_FORBIDDEN"])
async def test_an_account_that_is_gone_ends_the_listening(other: Proxy, tmp_path: Path, code: str) -> None:
    other.fail("/sync", saying(403, {"errcode": code}), ALWAYS)
    channel = await without_device(other, tmp_path)
    with pytest.raises(AuthenticationFailed):
        await asyncio.wait_for(channel.listen(receive, "s1"), PATIENCE)
    await channel.stop()


async def test_an_event_of_another_room_does_not_stand_in_this_one(other: Proxy, tmp_path: Path) -> None:
    said = {"type": "m.room.message", "content": {"msgtype": "m.text", "body": "oui"}, "sender": "@ana:localhost"}
    other.fail("/event/", saying(200, said | {"event_id": "$e", "room_id": "!there", "origin_server_ts": 1}), ALWAYS)
    channel = await without_device(other, tmp_path)
    assert await channel.fetch("!there", "$e") is not None
    assert await channel.fetch("!here", "$e") is None
    await channel.stop()
