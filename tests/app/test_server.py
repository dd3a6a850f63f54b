"""The door for machines: who knows the secret may ring, nobody else reaches anything."""

import asyncio
import hashlib
import hmac
import logging
import socket

import pytest

from bot.app import server
from tests.waiting import PATIENCE, until
from tests.web import BODY, RIGHT, SECRET, door, no_metrics, nothing_missing


def of(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


WRONG_SIGNATURES: list[str | bytes | None] = [
    *(None, "", "sha256=", RIGHT.removeprefix("sha256="), RIGHT.upper(), RIGHT[:-1], RIGHT + "0"),
    f"sha1={hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()}",
    *(of("another secret", BODY), of(SECRET, BODY + b" "), of("", BODY), "sha256=é".encode(), b"sha256=\xff\xfe"),
]
ODD_BODIES = [
    (b'{"ping":"OK"}', "application/json"),
    (b"payload=%7B%22ping%22%3A%22OK%22%7D", "application/x-www-form-urlencoded"),
    (b"", "application/json"),
    (b"\x00\xff not json", "text/plain; charset=nonsense"),
    (b"--x\r\nbroken multipart", "multipart/form-data; boundary=x"),
]


async def test_who_does_not_know_it_rings_nothing_and_nothing_of_the_body_is_read_but_its_signature() -> None:
    async with door() as here:
        for signature in WRONG_SIGNATURES:
            assert await here.push(signature=signature) == 403, signature
        assert here.rings == []
    for body, kind in ODD_BODIES:
        async with door() as here:
            assert await here.push(body, of(SECRET, body), Content_Type=kind, X_Discourse_Event="ping") == 200, body
            assert len(here.rings) == 1


async def test_a_hundred_replays_ring_twice_and_the_last_is_heard() -> None:
    rings: list[float] = []
    clock = asyncio.get_running_loop().time
    bell = server.Debounce(lambda: rings.append(clock()), between=0.1)
    for _ in range(100):
        bell.call()
    assert len(rings) == 1
    await until(lambda: len(rings) == 2)
    await asyncio.sleep(rings[1] + 0.15 - clock())
    assert len(rings) == 2
    bell.call()
    bell.call()
    bell.cancel()
    await asyncio.sleep(0.15)
    assert len(rings) == 3


REACHED = {
    200: ("GET /health", "HEAD /health", "GET /ready", "GET /metrics"),
    404: ("GET /", "GET /metrics/..", "GET /health/", "OPTIONS /a", "POST /hooks/discourse/", "POST /hooks/Discourse"),
    405: ("POST /health", "TRACE /health", "POST /metrics", "GET /hooks/discourse", "PUT /hooks/discourse"),
}


async def test_nothing_else_is_reachable() -> None:
    async with door() as here:
        for status, asked in [(status, one) for status, requests in REACHED.items() for one in requests]:
            answer = await here.http.request(*asked.split())
            assert answer.status_code == status, asked
            assert answer.headers["server"] == "concierge"
            assert "python" not in str(answer.headers).lower()


async def test_a_port_that_is_taken_is_one_sentence_and_no_end(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with caplog.at_level(logging.INFO, "bot.app.server"):
            for host in ("127.0.0.1", "no.such.host.invalid"):
                app = server.application(nothing_missing, no_metrics)
                await asyncio.wait_for(server.serve(app, host, port), PATIENCE)
    taken, nowhere = (record.getMessage() for record in caplog.records)
    assert taken.startswith(f"127.0.0.1:{port} cannot be used")
    assert "change `port`" in taken
    assert nowhere.startswith("no.such.host.invalid")
