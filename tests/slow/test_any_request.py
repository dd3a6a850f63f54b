"""Whatever is sent to the door: one of its few answers, or none. Never an error of ours or a word of what was sent."""

import asyncio
import logging
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import server
from bot.app.metrics import Metrics, rendered
from bot.locale import wording
from bot.pages.routes import ReaderRoutes
from bot.pages.templates import Templates
from tests.reader_site import LOCAL_PROXY, PUBLIC, knowledge_of, showing
from tests.running import FORMATION
from tests.waiting import PATIENCE
from tests.web import BODY, HEADER, RIGHT, SECRET, WEBHOOK, nothing_missing

DRAWS = 2_000 if "THOROUGH" in os.environ else 200  # `make soak ARGS=tests` sets it
STATUSES = {200, 304, 400, 403, 404, 405, 408, 413, 417, 429}
HEAD = re.compile(rb"HTTP/\d\.\d (\d{3}) [A-Za-z ]+\r\n((?:[A-Za-z-]+: [^\r\n]*\r\n)*)\r\n")
ATTACK = b"<script>alert(1)</script>"


@dataclass
class Open:
    """A door in a thread of its own, and what its log told of trouble."""

    port: int
    trouble: list[str] = field(default_factory=list)

    def send(self, data: bytes, patience: float = PATIENCE) -> bytes:
        """What comes back until it hangs up, or until nothing more comes for so many seconds."""
        back = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as there, suppress(OSError):
            there.sendall(data)
            there.settimeout(patience)
            while some := there.recv(1 << 16):
                back += some
        return back


async def figures(accept: str) -> tuple[bytes, str]:
    return rendered(Metrics("1", ["matrix"]).registry, accept)


@pytest.fixture(scope="module")
def door(unused_tcp_port_factory: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Of all that the bot serves without the desk, which takes no request without a link; in a thread."""
    shown = showing(knowledge_of(tmp_path_factory.mktemp("answers"), formations=FORMATION))
    here, stop = Open(unused_tcp_port_factory()), threading.Event()

    async def serving() -> None:
        app = server.application(nothing_missing, figures)
        server.add_webhook(app, server.Webhook("discourse", SECRET, HEADER, lambda: None))
        ReaderRoutes(Templates(wording("fr"), "Concierge", public_url=PUBLIC), lambda: shown, LOCAL_PROXY).add_to(app)
        task = asyncio.create_task(server.serve(app, "127.0.0.1", here.port))
        await asyncio.to_thread(stop.wait)
        task.cancel()
        await asyncio.wait([task])

    thread, log = threading.Thread(target=asyncio.run, args=(serving(),)), logging.Handler(logging.WARNING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "emit", lambda record: here.trouble.append(record.getMessage()))
        patch.setattr(logging.getLogger(), "handlers", [*logging.getLogger().handlers, log])
        patch.setattr(server, "BODY_TIMEOUT", 0.05)
        patch.setattr(server, "KEEP_ALIVE", 0.5)  # it hangs up, where a request asks it to wait for more
        thread.start()
        for _ in range(int(PATIENCE / 0.02)):
            with suppress(ConnectionRefusedError):
                here.send(HEALTHY)
                break
            time.sleep(0.02)
        yield here
        stop.set()
        thread.join()


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
        assert headers[b"Server"] == b"concierge"
        has_body = said[:5] != b"HTTP/" and b"Content-Length" in headers  # HEAD has none
        length = min(int(headers[b"Content-Length"]), len(said)) if has_body else 0
        found.append((status, said[:length]))
        said = said[length:]
    return found


def check(door: Open, data: bytes, patience: float = PATIENCE) -> list[tuple[int, bytes]]:
    said = door.send(data, patience)
    found = answers(said)
    assert {status for status, _ in found} <= STATUSES
    assert ATTACK not in said
    assert answers(door.send(HEALTHY)) == [(200, b"ok")]
    assert door.trouble == []
    return found


ROUTES = [server.HEALTH, server.READY, server.METRICS, WEBHOOK, "/", "/search?q=formation", "/api/ask?q=formation"]
QUESTIONS = [
    *(b"", b"q", b"q=", b"q=o%C3%B9%20se%20former%20%3F", b"q=%ff%fe", b"q=%ed%a0%80", b"q[]=a", b"q=%", b"&&;="),
    *(b"q=%00%0d%0aX:y", b"q=%3Cscript%3Ealert(1)%3C/script%3E", b"q=a&q=b", b"q={{7*7}}"),
    *(b"q=" + b"a" * 6000, b"q=" + b"%e2%80%ae" * 500, b"x=" + b"y&" * 2000),
]
WORDS = st.binary(max_size=30)


def each(name: str, *values: bytes) -> list[bytes]:
    return [name.encode() + b": " + value for value in values]


USUAL = {  # what may stand in each part of a request, and is none the less HTTP
    "method": [*(b"GET", b"POST", b"HEAD") * 3, *b"PUT PATCH DELETE OPTIONS TRACE PROPFIND".split()],
    "path": [
        *(path.encode() for path in ROUTES * 8),
        *(page + b"?" + question for page in (b"/", b"/search", b"/api/ask") for question in QUESTIONS),
        *(b"/feed.xml", b"/sitemap.xml", b"/robots.txt", b"/assets/style.css", b"/t/formations", b"/r/fiche-de-poste"),
        *(b"/t/", b"/r/../metrics", b"/r//", b"/r/fiche-de-poste/", b"/r/%66iche", b"/r/" + b"a" * 5000, b"/api"),
        *(b"/assets/", b"/assets/../routes.py", b"/assets/..%2froutes.py", b"/assets//etc/passwd", b"//search"),
        *b"// /health/ /Health /health?a=b /ready;x /metrics#x /%68ealth /health%00 /.env".split(),
        *(b"/hooks", b"/hooks/discourse/", b"/hooks/../ready", b"/hooks%2fdiscourse", b"/%2e%2e/health", b"/health%zz"),
        *(b"http://x/health", b"/" + b"a" * 8000, b"/health/" * 800, b"/h\\", b"/sant%C3%A9", b"/%"),
    ],
    "version": [*[b"HTTP/1.1"] * 5, b"HTTP/1.0"],
    "header": [
        *each("Accept", b"*/*", b"text/html", b"text/plain;version=x", b"a;version=1.0.0;q=\xc2\xa0"),
        *each("Accept", b"application/openmetrics-text;version=\xff;escaping=oops,text/plain;version=1.1.1.1.x"),
        *each("Content-Encoding", b"gzip", b"br", b"zstd", b"deflate, gzip", b"x"),
        *each("Content-Type", b"application/json; charset=nope", b"multipart/form-data", b"\xff"),
        *each("Expect", b"100-continue", b"200-ok", b""),
        *each("Connection", b"keep-alive", b"close, upgrade", b"\xff"),
        *each("X-Discourse-Event-Signature", b"sha256=\xff\xfe", b"", b"sha256=" + b"0" * 64, RIGHT.encode()),
        *each("X-Forwarded-For", *(b"192.0.2.%d" % n for n in range(30))),
        *each("X-Forwarded-For", b"\xff", b"," * 4000, b"::1%" + ATTACK, b"fe80::1%x", b"1.2.3.4:5"),
        *each("If-None-Match", b"*", b'"x"', b"W/", b'"' * 500, b"\xff", b'"a", W/"b", c'),
        *each("Accept-Language", b"en", b"\xff;q=x"),
        *each("Origin", b"https://evil.example", b"null"),
        *each("Range", b"bytes=0-99999999"),
        *each("Cookie", b"a=b; " * 1000),
    ],
}
ODD = {  # and what is not
    "method": [b"", b"CONNECT", b"get", b"PRI", b"X-Y", b"G\0T", b"G T", "É".encode(), ATTACK],
    "path": [
        *(b"", b" ", b"*", b"\0", b"/\xff", "/santé".encode(), b"health", b"http://[::1/ready", b"/" + b"a" * 70000),
        *(b"/t/" + ATTACK, b"/search?q=" + ATTACK),
    ],
    "version": [b"HTTP/2.0", b"HTTP/0.9", b"HTTP/9.9", b"http/1.1", b"", b"HTTP/1.1\0", b"HTTP/1.1 x"],
    "header": [
        *each("Content-Length", b"-1", b"1e3", b"99999999999", b"3, 3", b"", b"0x3"),
        *each("Transfer-Encoding", b"chunked", b"gzip", b"chunked, chunked", b"identity", b""),
        *each("Upgrade", b"websocket", b"h2c", b"TLS/1.0"),
        *each("Host", b"y", b"\xff"),
        *(b"A" * 9000 + b": b", b" folded: line", b"no colon", b": no name", ATTACK + b": x", b"X: \0"),
        *[b"A: b\r\n" * 200],
    ],
    "body": [
        *(b"3\r\nabc\r\n0\r\n\r\n", b"zz\r\nabc", b"-1\r\n", b"fffffffffffffffff\r\n", b"3;x=\0\r\nabc\r\n0\r\n\r\n"),
        *(b"3\r\nabcd", b"", b"\0", BODY),
    ],
}


def framed(body: bytes, chunked: bool) -> tuple[bytes, bytes]:
    """The header that says where the body ends, and the body as it is sent."""
    if not chunked:
        return b"Content-Length: %d" % len(body), body
    pieces = [b"%x\r\n%b\r\n" % (len(body), body)] if body else []
    return b"Transfer-Encoding: chunked", b"".join([*pieces, b"0\r\n\r\n"])


@st.composite
def requests(draw: st.DrawFn, odd: str | None = None) -> bytes:
    """As somebody writes it who wishes us ill: HTTP, but for one part that is odd."""

    def some(part: str) -> st.SearchStrategy[bytes]:
        return st.one_of(st.sampled_from(ODD[part]), WORDS) if part == odd else st.sampled_from(USUAL[part])

    frame, body = framed(draw(st.one_of(st.just(BODY), st.just(b""), WORDS)), draw(st.booleans()))
    line = b" ".join(draw(some(part)) for part in ("method", "path", "version"))
    least, name = int(odd == "header"), lambda one: one.partition(b":")[0]
    named = draw(st.lists(some("header"), min_size=least, max_size=3, unique_by=name))
    body = draw(some("body")) if odd == "body" else body
    return b"\r\n".join([line, b"Host: x", frame, *named, b"Connection: close", b"", body])


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """A request with some bytes taken out and others put in."""
    whole = draw(requests())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(whole)))
        whole = whole[:at] + draw(WORDS) + whole[at + draw(st.integers(0, 3)) :]
    return whole


@settings(max_examples=DRAWS, deadline=None)
@given(data=requests())
def test_whatever_is_asked_it_gives_one_of_its_few_answers(door: Open, data: bytes) -> None:
    [(status, _)] = check(door, data)
    assert status in STATUSES - {408}


def after_each_other(several: Sequence[bytes]) -> bytes:
    """In one connection, none waiting for its answer."""
    *first, last = several
    return b"".join([*(one.replace(b"Connection: close", b"X: y") for one in first), last])


SEVERAL = st.lists(requests(), min_size=2, max_size=4).map(after_each_other)
BROKEN = st.one_of(st.sampled_from([*ODD]).flatmap(requests), torn(), SEVERAL, st.binary())


@settings(max_examples=DRAWS, deadline=None)
@given(data=BROKEN)
def test_whatever_is_sent_it_gives_one_of_its_few_answers_or_none(door: Open, data: bytes) -> None:
    check(door, data, 0.1)  # what is not whole has no answer


def asked(*lines: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([*lines, b"Host: x", b"Connection: close", b"", body])


def test_what_is_wrong_is_refused_in_the_same_few_words(door: Open) -> None:
    for data, status in (
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),  # somebody speaks TLS
        (b"GET /health\r\n\r\n", 200),  # as in the very first days
        (asked(b"GET /health HTTP/1.1", ATTACK + b": x"), 400),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Transfer-Encoding: chunked", body=b"<script>\r\n\r\n"), 400),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Content-Length: 3", b"Content-Length: 4", body=b"abc"), 400),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Content-Length: 9", body=b"abc"), 408),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Content-Length: 2000000", body=b"x" * 2_000_000), 413),
        (asked(b"POST /hooks/discourse HTTP/1.1", b"Content-Encoding: gzip", b"Content-Length: 3", body=b"abc"), 403),
        *((asked(b"GET /health HTTP/1.1", b"Expect: " + what), 417) for what in (b"something else", b"\x80", b"\xf3")),
        (asked(b"GET / HTTP/1.1", b"Expect: \xf3"), 417),
        (asked(b"GET /metrics HTTP/1.1", b"Accept: \xf3"), 200),
        (asked(b"POST /hooks/discourse HTTP/1.1", f"{HEADER}: \xf3".encode("latin-1"), b"Content-Length: 0"), 403),
        *((asked(b"GET /%68ealth HTTP/1.1"), 404), (asked(b"GET /health/../ready HTTP/1.1"), 404)),
        (asked(b"GET /health%2f..%2fready HTTP/1.1"), 404),
        (asked(b"GET /" + b"a" * 70_000 + b" HTTP/1.1"), 400),
        (asked("GET /santé HTTP/1.1".encode()), 400),
        (asked(b"CONNECT forum.example:443 HTTP/1.1"), 404),
    ):
        [(found, body)] = check(door, data)
        assert found == status, data
        assert status in (200, 404) or body.decode() == HTTPStatus(status).phrase.lower()
