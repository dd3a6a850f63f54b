"""The client of a forum against servers of three lines: what it asks, how fast, and what it makes of each answer."""

import asyncio
import json
import traceback
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.http import Denied, DiscourseNotFound, Forbidden, Invalid
from bot.messages import AuthenticationFailed, RateLimited, Unreachable
from tests.waiting import PATIENCE, until

FORUM = "https://forum.example/un-dossier"
POST = {"id": 7, "topic_id": 3, "post_number": 2, "username": "concierge", "raw": "…"}
LIMIT = {"Discourse-Rate-Limit-Error-Code": "admin_api_key_rate_limit"}
TOLD = {"errors": ["Un instant."], "error_type": "rate_limit", "extras": {"wait_seconds": 30}}

Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class Web:
    """A forum that gives these answers, the last one for ever; a clock that only our waiting moves."""

    answers: list[Answer]
    asked: list[httpx.Request] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    now: float = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.times.append(self.now)
        return (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])(request)

    async def sleep(self, seconds: float) -> None:
        then = self.now + seconds  # who sleeps at the same time wakes at the same time
        for _ in range(10):
            await asyncio.sleep(0)
        self.now = max(self.now, then)

    def client(self, key: str | None = "geheim", pace: float = 1.0, url: str = FORUM) -> DiscourseClient:
        transport = httpx.MockTransport(self)
        return DiscourseClient(
            url, "concierge", key, pace, transport=transport, clock=lambda: self.now, sleep=self.sleep
        )  # fmt: skip


def says(status: int = 200, body: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, json=body, headers=named)


def page(status: int, text: str = "<html>…</html>") -> Answer:
    return lambda _: httpx.Response(status, text=text)


def breaks(error: type[httpx.TransportError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("no way", request=request)

    return answer


async def test_it_says_who_it_is_in_headers_below_the_forums_folder_and_never_as_a_bot_nor_as_a_visitor() -> None:
    """And does not follow what it wrote in."""
    web = Web([says(body={"latest_posts": []})])
    await web.client().latest_posts(before=99)
    await web.client(key=None).latest_posts()
    await DiscourseClient(FORUM, "zoé", "geheim", transport=httpx.MockTransport(web)).latest_posts()
    asked, visit, accents = web.asked
    assert str(asked.url) == "https://forum.example/un-dossier/posts.json?before=99"
    assert (asked.headers["Api-Key"], asked.headers["Api-Username"]) == ("geheim", "concierge")
    assert (asked.headers["Accept"], asked.content) == ("application/json", b"")
    agent = asked.headers["User-Agent"].lower()
    assert "discourse" in agent
    assert not any(word in agent for word in ("bot", "rss", "spider", "crawler", "archive", "ping", "monitor"))
    assert not {"api-key", "api-username"} & set(visit.headers)
    assert (b"Api-Username", "zoé".encode()) in accents.headers.raw
    web = Web([says(body=POST)])
    await web.client().create_post(3, "Une réponse.", reply_to=1)
    reply = {"topic_id": 3, "raw": "Une réponse.", "reply_to_post_number": 1, "auto_track": False}
    assert json.loads(web.asked[0].content) == reply


async def test_many_posts_of_a_topic_and_members_of_a_group_are_asked_for_page_by_page() -> None:
    members = [{"id": n, "username": f"u{n}"} for n in range(50)]
    web = Web([says(body={"post_stream": {"posts": [POST]}})])
    assert len(await web.client().topic_posts(3, range(45))) == 3
    assert [len(asked.url.params.get_list("post_ids[]")) for asked in web.asked] == [20, 20, 5]
    web = Web([says(body={"members": members}), says(body={"members": members[:3]})])
    assert len(await web.client().group_members("../admin?x")) == 53
    assert web.asked[1].url.params["offset"] == "50"
    assert web.asked[0].url.raw_path.startswith(b"/un-dossier/groups/..%2Fadmin%3Fx/members.json?")  # and nowhere else


async def test_one_post_that_cannot_be_read_does_not_hide_the_others(caplog: pytest.LogCaptureFixture) -> None:
    broken = {**POST, "id": None, "raw": "une phrase"}
    client = Web([says(body={"latest_posts": [broken, POST, None]})]).client()
    assert [post.id for post in await client.latest_posts()] == [7]
    assert await client.latest_posts()
    [told] = caplog.messages
    assert "left out" in told
    assert "une phrase" not in told


@pytest.mark.parametrize("body", [{}, {"posts": []}, ["x"], {"latest_posts": [{"id": "x"}]}])
async def test_an_answer_that_is_none_does_not_mean_that_nothing_was_posted(body: object) -> None:
    with pytest.raises(Unreachable):
        await Web([says(body=body)]).client().latest_posts()


async def test_a_topic_is_found_by_its_external_id_through_a_redirect_at_the_address_of_the_settings() -> None:
    there = says(301, location="http://app:3000/un-dossier/t/un-sujet/3.json")
    first = POST | {"id": 6, "post_number": 1}
    web = Web([there, says(body={"id": 3, "post_stream": {"posts": [first, POST]}})])
    found = await web.client().first_post("digest/2026")
    assert found
    assert found.id == 6
    assert [str(asked.url) for asked in web.asked] == [
        f"{FORUM}/t/external_id/digest%2F2026.json?include_raw=1",
        f"{FORUM}/t/un-sujet/3.json?include_raw=1",
    ]


async def test_each_way_of_failing_has_its_name() -> None:
    for answer, error in (
        *[(page(*said), Unreachable) for said in ((200,), (200, ""), (502,), (200, '{"id": 7, "topic'))],
        *[(breaks(error), Unreachable) for error in (httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError)],
        (says(body={"id": "seven"}), Unreachable),
        (says(503, {"errors": ["Lecture seule."], "error_type": "read_only"}), Unreachable),
        (says(403, {"errors": ["Non."], "error_type": "invalid_access"}), Forbidden),
        (says(404, {"errors": ["Rien."], "extras": {"html": "<p>"}}), DiscourseNotFound),
        (says(409, {"errors": ["Conflit."]}), Denied),
        (says(422, {"action": "create_post", "errors": ["Trop court.", "Déjà dit."]}), Invalid),
        (says(429, TOLD), RateLimited),
    ):
        web = Web([answer])
        with pytest.raises(error) as raised:
            await web.client().create_post(3, "Une réponse secrète.")
        assert len(web.asked) == 1  # it may have arrived: nothing is posted again blindly
        assert "secrète" not in str(raised.value), raised.value
        assert error is not Invalid or str(raised.value) == "422 Trop court. Déjà dit.", raised.value
        assert "geheim" not in repr(raised.value), raised.value


@pytest.mark.parametrize("answer", [page(404), page(403), page(404, "404 page not found"), says(404, ["x"])])
async def test_what_stands_before_a_forum_cannot_say_that_a_topic_is_gone_or_a_key_wrong(answer: Answer) -> None:
    client = Web([answer]).client()
    for ask in (client.topic(3), client.post(7), client.check_key(), client.delete_post(7)):
        with pytest.raises(Unreachable):
            await ask


async def test_what_it_says_for_an_answer_is_told_and_no_other_address_gets_the_key() -> None:
    # Decoding it takes the square of the length: half a minute.
    punycode = {"Content-Type": "text/plain; charset=punycode"}
    for answer, said in (
        (page(403, "Crawler is not allowed!\n"), r"403 \(Crawler is not allowed!\)"),
        (lambda _: httpx.Response(500, content=b"ya" * 150_000, headers=punycode), r"500 \(yaya"),
        (lambda asked: httpx.Response(302, headers={"Location": f"/un-dossier/{asked.url.path}x"}), "circles"),
        (says(302, location="/un-dossier/login"), "logged in"),
        (says(302, location="https://forum.example/un-dossier/login?x"), "logged in"),
        (says(301, location="https://other.example/un-dossier/posts.json"), r"https://other\.example.* settings"),
        (says(301, location="/ailleurs.json"), r"https://forum\.example.* settings"),
    ):
        web = Web([answer])
        async with asyncio.timeout(10):
            with pytest.raises((Unreachable, Forbidden), match=said):
                await web.client().latest_posts()
        assert {asked.url.host for asked in web.asked} == {"forum.example"}, said


@pytest.mark.parametrize("is_packed", [False, True])
async def test_an_answer_without_end_is_not_read_to_its_end(is_packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would fill the memory: with gzip, at a thousandth of what it sends."""
    monkeypatch.setattr("bot.channels.discourse.http.LARGEST", 3_000_000)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        piece, packer = bytes(1_000_000), zlib.compressobj(wbits=31)
        while sent < 300:
            sent += 1
            yield packer.compress(piece) if is_packed else piece

    headers = {"Content-Encoding": "gzip"} if is_packed else {}
    web = Web([lambda _: httpx.Response(200, content=endless(), headers=headers)])
    with pytest.raises(Unreachable, match="larger than"):
        await web.client().create_post(3, "…")
    assert sent < 10


async def test_a_key_that_cannot_be_sent_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    def refuses(request: httpx.Request) -> httpx.Response:
        raise httpx.LocalProtocolError("Illegal header value b'geheim\\n'")

    client = Web([refuses]).client()
    with pytest.raises(AuthenticationFailed) as raised:
        await client.latest_posts()
    assert "geheim" not in "".join(traceback.format_exception(raised.value))
    assert "geheim" not in repr(client) + repr(vars(client)) + caplog.text


async def test_what_is_gone_is_none_and_a_key_that_is_refused_makes_nothing_look_so_but_can_be_tried() -> None:
    gone, refused = (Web([says(status, {"errors": ["Non."]})]).client() for status in (404, 403))
    assert (await gone.topic(3), await gone.post(7)) == (None, None)
    await gone.delete_post(7)
    with pytest.raises(Forbidden):
        await refused.topic(3)
    with pytest.raises(AuthenticationFailed, match="API key"):
        await refused.check_key()


async def test_what_was_asked_is_asked_again_when_no_answer_came() -> None:
    web = Web([breaks(httpx.ReadError), page(502), says(body={"latest_posts": [POST]})])
    assert [post.id for post in await web.client().latest_posts()] == [7]


async def test_a_limit_without_a_code_pauses_what_it_is_about_and_one_with_a_code_everything() -> None:
    everything: Answer = lambda _: httpx.Response(429, json=TOLD, headers=LIMIT)  # noqa: E731
    web = Web([says(429, TOLD), says(body={"latest_posts": []}), everything, says(body=POST)])
    client = web.client()
    with pytest.raises(RateLimited) as raised:
        await client.create_post(3, "…")
    assert 31 <= raised.value.after <= 32  # as long as the forum says, and a little more
    assert await client.latest_posts() == []
    with pytest.raises(RateLimited):
        await client.create_post(3, "…")
    assert [asked.method for asked in web.asked] == ["POST", "GET"]
    with pytest.raises(RateLimited):
        await client.search("formation")
    web.now += 30
    for ask in (client.latest_posts(), client.create_post(3, "…"), client.search("x y z"), client.delete_post(7)):
        with pytest.raises(RateLimited) as raised:
            await ask
        assert raised.value.after <= 2
    assert len(web.asked) == 3
    web.now += 2
    await client.create_post(3, "…")
    assert len(web.asked) == 4


async def test_twenty_may_follow_each_other_at_once_and_then_the_pace_holds() -> None:
    web = Web([says(body={"latest_posts": []})])
    client = web.client(pace=0.5)
    for _ in range(25):
        await client.latest_posts()
    assert web.times[19] == 0
    assert [round(later - before) for before, later in zip(web.times[19:], web.times[20:], strict=False)] == [2] * 5


async def test_posts_go_before_looks_and_who_stops_waiting_holds_nobody_up() -> None:
    web = Web([says(body={"latest_posts": [], **POST})])
    client = web.client()
    for _ in range(20):
        await client.latest_posts()
    looks = [asyncio.create_task(client.latest_posts()) for _ in range(4)]
    await asyncio.sleep(0)
    looks.pop(0).cancel()
    await asyncio.wait_for(asyncio.gather(client.create_post(3, "…"), *looks), PATIENCE)
    assert [asked.method for asked in web.asked[20:]] == ["POST", "GET", "GET", "GET"]


async def test_four_requests_are_under_way_at_once_and_those_behind_them_hear_of_a_pause() -> None:
    asked, released = list[httpx.Request](), asyncio.Event()

    async def hangs(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        await released.wait()
        return says(429, TOLD)(request)

    client = DiscourseClient(FORUM, transport=httpx.MockTransport(hangs))
    looks = [asyncio.create_task(client.latest_posts()) for _ in range(15)]
    await until(lambda: len(asked) == 4)
    released.set()
    answers = await asyncio.gather(*looks, return_exceptions=True)
    assert ([isinstance(one, RateLimited) for one in answers], len(asked)) == ([True] * 15, 4)


async def test_each_429_is_told_a_visitors_too_and_no_pause_twice() -> None:
    web, told = Web([lambda _: httpx.Response(429, json=TOLD, headers=LIMIT)]), list[str]()
    transport = httpx.MockTransport(web)
    client = DiscourseClient(FORUM, transport=transport, on_rate_limited=lambda: told.append("limited"))
    visitor = DiscourseClient(FORUM, transport=transport, beside=client)
    for ask in (visitor.search("formation"), client.latest_posts()):  # the second is not asked at all
        with pytest.raises(RateLimited):
            await ask
    assert told == ["limited"]


async def test_who_may_not_speak_for_its_network_any_more_reads_and_sends_nothing() -> None:
    left, asked = [0.3], list[str]()

    async def hangs(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if request.method != "GET":
            await asyncio.sleep(PATIENCE)
        return httpx.Response(200, json={"latest_posts": []})

    client = DiscourseClient(FORUM, transport=httpx.MockTransport(hangs), seconds_left=lambda: left[0])
    with pytest.raises(Unreachable, match="no answer within"):  # given up in time
        await asyncio.wait_for(client.create_post(3, "Bonjour", None), PATIENCE / 2)
    left[0] = 0.0
    for send in (client.create_post(3, "Bonjour", None), client.edit_post(7, "Bonsoir"), client.delete_post(7)):
        with pytest.raises(Unreachable, match="another process may speak"):
            await send
    assert await client.latest_posts() == []
    assert asked == ["POST", "GET"]
