"""Connections that are refused or broken off: the door goes on, and none of them leaves an error in the log."""

import asyncio
import gc
import logging
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from itertools import product

import httpx
import pytest

from bot.app import server
from tests.waiting import PATIENCE
from tests.web import Door, door


async def connected(door: Door) -> socket.socket:
    one = socket.socket()
    one.setblocking(False)
    await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", door.http.base_url.port))
    return one


async def refusal(one: socket.socket) -> None:
    """Until the other side hangs up; a connection that is let in waits for ever."""
    with suppress(ConnectionError):
        while await asyncio.get_running_loop().sock_recv(one, 1 << 16):
            pass


def trouble(caplog: pytest.LogCaptureFixture) -> list[str]:
    gc.collect()  # a task tells of an error that nobody heard when it is collected
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING or record.exc_info]


HOOKED = b"POST /hooks/discourse HTTP/1.1\r\nHost: x\r\n"
BEGUN = {
    "nothing": b"",
    "half a line": b"GET /hea",
    "half a header": b"GET /health HTTP/1.1\r\nHo",
    "a question": b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "many questions": b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
    "half a body": HOOKED + b"Content-Length: 100\r\n\r\nabc",
    "half a chunk": HOOKED + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
    "may I go on": HOOKED + b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n",
    "a body that nobody reads": b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
    "no chunk": b"POST /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "an upgrade": b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nabc",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


@pytest.mark.parametrize("held_by", ["half a header", "a question", "half a body", "a body that nobody reads"])
async def test_who_holds_connections_open_keeps_nobody_out(held_by: str, caplog: pytest.LogCaptureFixture) -> None:
    async with door() as here, httpx.AsyncClient(base_url=here.http.base_url) as late:
        held = [await connected(here) for _ in range(server.MAX_CONNECTIONS + 30)]
        for one in held:
            with suppress(ConnectionError):
                one.sendall(BEGUN[held_by])
        assert (await late.get(server.HEALTH)).status_code == 200
        await refusal(held[0])
        for one in held:
            one.close()
    assert trouble(caplog) == []


async def test_a_request_that_is_being_answered_is_not_what_makes_room() -> None:
    async with door() as here:
        here.free.clear()
        answer = asyncio.create_task(here.http.get(server.READY))
        await here.asked.wait()
        held = [await connected(here) for _ in range(server.MAX_CONNECTIONS + 30)]
        await refusal(held[0])
        here.free.set()
        assert (await answer).status_code == 200
        for one in held:
            one.close()


async def test_a_connection_without_a_request_is_soon_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_TIMEOUT", 0.05)
    async with door() as here:
        whole, half = await connected(here), await connected(here)
        whole.sendall(BEGUN["a question"])
        half.sendall(BEGUN["half a header"])
        async with asyncio.timeout(PATIENCE):
            await refusal(half)
        for _ in range(2):
            assert b" 200 OK" in await asyncio.get_running_loop().sock_recv(whole, 1 << 16)
            whole.sendall(BEGUN["a question"])
        whole.close()
        half.close()


def reset(one: socket.socket) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


End = Callable[[socket.socket], None]


@pytest.mark.parametrize("end", [reset, lambda one: one.shutdown(socket.SHUT_WR), socket.socket.close])
async def test_who_breaks_off_leaves_nothing_in_the_log(end: End, caplog: pytest.LogCaptureFixture) -> None:
    async with door() as here:
        for begun, turns in product(BEGUN.values(), range(8)):
            with await connected(here) as one:
                one.sendall(begun)
                for _ in range(turns):  # of the loop, before the end: each finds the door at another step
                    await asyncio.sleep(0)
                end(one)
                await asyncio.sleep(0)
        assert (await here.http.get(server.HEALTH)).status_code == 200
        assert trouble(caplog) == []
