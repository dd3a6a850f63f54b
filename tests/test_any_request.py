"""Whatever is sent to the door: one of its few answers, or none. Never an error of ours or a word of what was sent."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import web
from bot.metrics import Metrics, State
from tests.test_web import BODY, RIGHT, SECRET

ANSWERS = {
    *((200, text) for text in (b"ok", b"ready", b"")),
    *((400, text) for text in (b"bad request", b"")),
    *((403, text) for text in (b"forbidden", b"")),
    *((404, text) for text in (b"not found", b"")),
    *((405, text) for text in (b"method not allowed", b"")),
    (408, b"request timeout"),
    (413, b"request entity too large"),
}
FIGURES = re.compile(rb"# HELP process_\w+ [^\0]*\n\Z")
HEAD = re.compile(rb"HTTP/\d\.\d (\d{3}) [A-Za-z ]+\r\n((?:[A-Za-z-]+: [^\r\n]*\r\n)*)\r\n")
SENT = {"Server", "Cache-Control", "Content-Type", "Content-Length", "Date", "Connection", "Allow"}


@dataclass
class Open:
    """A door in a thread of its own, and what its log told of trouble."""

    port: int
    trouble: list[str] = field(default_factory=list)

    def send(self, data: bytes) -> bytes:
        """What comes back until it hangs up, or until nothing more comes."""
        back = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as there, suppress(OSError):
            there.sendall(data)
            there.settimeout(0.1)  # a request that is not whole has no answer
            while some := there.recv(1 << 16):
                back += some
        return back


class Trouble(logging.Handler):
    def __init__(self, into: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.into = into

    def emit(self, record: logging.LogRecord) -> None:
        self.into.append(record.getMessage())


@contextmanager
def listened_to(into: list[str]) -> Iterator[None]:
    handler = Trouble(into)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="module")
def door(unused_tcp_port_factory: Callable[[], int]) -> Iterator[Open]:
    here, stop = Open(unused_tcp_port_factory()), threading.Event()

    async def ready() -> Sequence[str]:
        return ()

    async def figures(accept: str) -> tuple[bytes, str]:
        return Metrics("1", ["matrix"]).page(State(), accept)

    async def serving() -> None:
        task = asyncio.create_task(
            web.serve("127.0.0.1", here.port, ready=ready, figures=figures, hook=web.Hook(SECRET, lambda: None))
        )
        await asyncio.to_thread(stop.wait)
        task.cancel()
        await asyncio.wait([task])

    thread = threading.Thread(target=asyncio.run, args=(serving(),))
    with pytest.MonkeyPatch.context() as patch, listened_to(here.trouble):
        patch.setattr(web, "PATIENCE", 0.05)
        thread.start()
        wait_for(here)
        yield here
        stop.set()
        thread.join()


def wait_for(door: Open) -> None:
    for _ in range(200):
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", door.port), timeout=5).close()
        threading.Event().wait(0.02)
    raise AssertionError("nobody answers")


HEALTHY = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def answers(said: bytes) -> list[tuple[int, bytes]]:
    """Status and body of each; fails on what is no answer of the door."""
    found = []
    while said:
        head = HEAD.match(said)
        assert head, said[:500]
        status, headers, said = int(head[1]), dict(re.findall(rb"([A-Za-z-]+): ([^\r]*)", head[2])), said[head.end() :]
        if status == 100:
            continue
        assert {name.decode() for name in headers} <= SENT
        assert headers[b"Server"] == b"concierge"
        length = 0 if said[:5] == b"HTTP/" else min(int(headers[b"Content-Length"]), len(said))  # HEAD has no body
        found.append((status, said[:length]))
        said = said[length:]
    return found


def check(door: Open, data: bytes) -> list[tuple[int, bytes]]:
    found = answers(door.send(data))
    assert {(status, body) for status, body in found if not FIGURES.match(body)} <= ANSWERS
    assert answers(door.send(HEALTHY)) == [(200, b"ok")]
    assert door.trouble == []
    return found


ROUTES = [web.HEALTH, web.READY, web.METRICS, web.HOOK]
WORDS = st.binary(max_size=30)
METHODS = st.sampled_from("GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT PRI get X-Y".split()).map(str.encode)
ODD = [
    "",
    "/",
    "//",
    "/.",
    "/..",
    "/../..",
    "/%2e%2e",
    "%00",
    "?a=b",
    "#x",
    ";x",
    "%",
    "%zz",
    "%C3%A9",
    "é",
    " ",
    "\0",
    "\\",
]
ROUTE = st.sampled_from(ROUTES).map(str.encode)
BENT = st.tuples(ROUTE, st.sampled_from([odd.encode() for odd in ODD])).map(b"".join)
ENCODED = ROUTE.map(lambda path: b"/" + b"".join(b"%%%02x" % sign for sign in path[1:]))
ELSEWHERE = st.sampled_from(
    [b"*", b"http://x/health", b"https://[::1/ready", b"/" + b"a" * 9000, b"/health/" * 800, b"/.env"]
)
PATHS = st.one_of(ROUTE, ROUTE, BENT, ENCODED, ELSEWHERE, WORDS.map(lambda text: b"/" + text), WORDS)
VERSIONS = st.sampled_from(
    [b"HTTP/1.1"] * 6 + [b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/9.9", b"http/1.1", b"", b"HTTP/1.1\0"]
)
HEADERS = st.one_of(
    st.sampled_from(
        [
            *(b"Content-Length: " + length for length in (b"0", b"3", b"-1", b"1e3", b"99999999999", b"3, 3", b"")),
            *(
                b"Transfer-Encoding: " + coding
                for coding in (b"chunked", b"gzip", b"chunked, chunked", b"identity", b"")
            ),
            *(b"Content-Encoding: " + coding for coding in (b"gzip", b"br", b"zstd", b"deflate, gzip", b"x")),
            *(b"Expect: " + what for what in (b"100-continue", b"200-ok", b"")),
            *(b"Connection: " + what for what in (b"keep-alive", b"upgrade", b"close, upgrade", b"\xff")),
            *(b"Upgrade: " + what for what in (b"websocket", b"h2c", b"TLS/1.0")),
            *(
                b"Accept: " + what
                for what in (b"*/*", b"text/html", b"text/plain;version=x", b"a;version=1.0.0\xc2\xa0")
            ),
            b"Accept: application/openmetrics-text;version=\xff;escaping=oops,text/plain;version=1.1.1.1.x",
            *(
                b"Content-Type: " + kind
                for kind in (b"application/json; charset=nope", b"multipart/form-data", b"\xff")
            ),
            b"X-Discourse-Event-Signature: sha256=\xff\xfe",
            b"X-Discourse-Event-Signature: " + RIGHT.encode(),
            b"X-Forwarded-For: 127.0.0.1",
            b"Range: bytes=0-99999999",
            b"Cookie: " + b"a=b; " * 2000,
            b"A" * 9000 + b": b",
            b" folded: line",
            b"no colon",
            b": no name",
        ]
    ),
    st.tuples(WORDS, WORDS).map(b": ".join),
)
BODIES = st.one_of(
    st.just(b""),
    st.just(BODY),
    WORDS,
    st.sampled_from(
        [
            b"3\r\nabc\r\n0\r\n\r\n",
            b"zz\r\nabc",
            b"-1\r\n",
            b"fffffffffffffffff\r\n",
            b"3;x=\0\r\nabc\r\n0\r\n\r\n",
            b"3\r\nabcd",
        ]
    ),
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A request as a person would write it who wishes us ill."""
    line = b" ".join([draw(METHODS), draw(PATHS), draw(VERSIONS)])
    headers = [b"Host: x", *draw(st.lists(HEADERS, max_size=4)), *draw(st.sampled_from([[b"Connection: close"], []]))]
    return b"\r\n".join([line, *headers, b"", draw(BODIES)])


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A request with some bytes taken out and others put in."""
    whole = draw(requests())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(whole)))
        whole = whole[:at] + draw(WORDS) + whole[at + draw(st.integers(0, 3)) :]
    return whole


@settings(max_examples=150, deadline=None)
@given(data=st.one_of(requests(), broken(), st.lists(requests(), min_size=2, max_size=4).map(b"".join), st.binary()))
def test_whatever_is_sent_it_gives_one_of_its_few_answers(door: Open, data: bytes) -> None:
    check(door, data)


def asked(*lines: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([*lines, b"Host: x", b"Connection: close", b"", body])


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),  # somebody speaks TLS
        (b"GET /health\r\n\r\n", 200),  # as in the very first days
        (asked(b"GET /health HTTP/1.1", b"<script>: x"), 400),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Transfer-Encoding: chunked", body=b"<script>\r\n\r\n"), 400),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Content-Length: 3", b"Content-Length: 4", body=b"abc"), 400),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Content-Length: 9", body=b"abc"), 408),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Content-Length: 2000000", body=b"x" * 2_000_000), 413),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Content-Encoding: gzip", b"Content-Length: 3", body=b"abc"), 403),
        (asked(b"GET /health HTTP/1.1", b"Expect: something else"), 200),
        (asked(b"GET /%68ealth HTTP/1.1"), 404),
        (asked(b"GET /health/../ready HTTP/1.1"), 404),
        (asked(b"GET /health%2f..%2fready HTTP/1.1"), 404),
        (asked(b"GET /" + b"a" * 9000 + b" HTTP/1.1"), 400),
        (asked("GET /santé HTTP/1.1".encode()), 400),
        (asked(b"CONNECT forum.example:443 HTTP/1.1"), 404),
    ],
)
def test_what_is_wrong_is_refused_in_the_same_few_words(door: Open, data: bytes, status: int) -> None:
    assert [found for found, _ in check(door, data)] == [status]


def test_who_asks_whether_to_go_on_is_told_to(door: Open) -> None:
    signed = b"X-Discourse-Event-Signature: " + RIGHT.encode()
    head = (b"POST /hooks/discourse HTTP/1.1", b"Expect: 100-continue", b"Content-Length: %d" % len(BODY), signed)
    said = door.send(asked(*head, body=BODY))
    assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
