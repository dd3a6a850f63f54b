"""The way to the desk: a link for one use, a session that ends, and changes that only who may can make."""

import codecs
import itertools
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.desk.access import COOKIE, MAX_FORM
from tests.databases import execute
from tests.desk.browsing import ALONE, Browser, serving, whole_server
from tests.moderation import react
from tests.paper import ALL_BUT_TOPICS
from tests.scene import ANA, IN_WORDS, MODERATION, MODERATOR, Scene, text_of

DOOR = "Pour entrer sur le bureau"
INSIDE = "Vous êtes @mod:example.org"
PUBLIC = "https://reponses.example"
FOREIGN = {"Origin": "https://evil.example"}
IN_PRIVATE = {"room": ALONE, "direct": True, "private": True}


async def test_a_page_tells_how_to_enter_once_by_a_link(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    paths = ("", "/entries", "/figures", "/figures/gaps", "/figures/weeks.csv", "/drafts", "/imported", "/e/x/history")
    for path, cookie in itertools.product(paths, (b"", b"0" * 64, "é".encode(), b"\xe9")):
        page = await browser.http.get(f"/desk{path}", headers={"Cookie": COOKIE.encode() + b"=" + cookie})
        assert (page.status_code, DOOR in page.text, "<nav" in page.text) == (403, True, False), (path, cookie)
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []
    link = await browser.link()
    for _ in range(3):  # programs look at a link before its owner does
        assert "Entrer en tant que @mod:example.org" in await browser.get(link)
        assert not browser.http.cookies
    entered = await browser.http.post(link, follow_redirects=False)
    [cookie] = entered.headers.get_list("set-cookie")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert entered.headers["Location"] == "../../desk"
    assert INSIDE in await browser.get("/desk")
    assert "frame-ancestors 'none'" in browser.page.headers["Content-Security-Policy"]
    await browser.scene.work()
    assert "quelqu’un est entré à votre nom sur le bureau" in browser.told()[-1]
    browser.http.cookies.clear()
    late, unknown = await browser.link(), "/desk/enter/" + 64 * "0"
    browser.scene.time += timedelta(minutes=5)
    refused = {link: (410, "a déjà servi"), late: (410, "plus de cinq minutes"), unknown: (404, "n’est pas connu")}
    for path, (status, sentence) in refused.items():
        for again in (await browser.http.get(path), await browser.http.post(path)):
            assert (again.status_code, sentence in again.text, "!page" in again.text) == (status, True, True)
    assert not browser.http.cookies


async def test_the_link_is_for_moderators_alone_and_not_in_the_store(browser: Browser, ready_url: str) -> None:
    token = (await browser.link()).rpartition("/")[2]
    if ready_url.startswith("sqlite"):
        path = Path(ready_url.removeprefix("sqlite:///"))
        files = [*path.parent.glob(f"{path.name}*")]
        assert f"{path.name}-wal" in {file.name for file in files}
        assert [file.name for file in files if token.encode() in file.read_bytes()] == []
    await browser.http.post(f"/desk/enter/{token}")
    await browser.scene.work()
    cookie = browser.http.cookies[COOKIE]
    for table in ("sessions", "outbox", "journal", "memory"):
        rows = str(execute(ready_url, f"SELECT * FROM {table}"))  # noqa: S608 (ours)
        assert token not in rows, table
        assert cookie not in rows, table
    # and sealed, where the moderators' room is; without pages it says so
    scene = browser.scene
    [in_the_room] = await scene.say("!page", MODERATOR, room=MODERATION, moderators_room=True)
    [in_public] = await scene.say("!concierge page", MODERATOR)
    [to_a_member] = await scene.say("!page", ANA, **IN_PRIVATE | {"room": "!ana"})
    scene.paper.encrypted.add(MODERATION)
    [unsealed] = await scene.say("!page", MODERATOR, **IN_PRIVATE)
    assert in_the_room.text == in_public.text
    assert "tête-à-tête" in in_the_room.text
    assert "réservée à l’équipe de modération" in to_a_member.text
    assert "/enter/" not in "".join(reply.text for reply in (in_the_room, in_public, to_a_member, unsealed))
    scene.paper.encrypted.add(ALONE)
    assert await browser.link()
    scene.ruled(desk=None)
    assert "`web: {pages: true}`" in text_of(await scene.say("!page", MODERATOR, **IN_PRIVATE))
    assert "!page" not in text_of(await scene.say("!aide", MODERATOR, **IN_PRIVATE))


async def test_no_form_but_the_own_one_changes_anything_and_it_ends_the_session(inside: Browser) -> None:
    for kind, body, status, sentence in ODD_BODIES:
        for path in ("/desk/leave", "/desk/drafts/1", "/desk/questions/1/answer"):
            for cookie in (inside.http.cookies[COOKIE], ""):
                headers = {"Content-Type": kind, "Cookie": f"{COOKIE}={cookie}"}
                page = await inside.http.post(path, content=body, headers=headers)
                assert (page.status_code, sentence in page.text) == (status, True), kind
                assert ("<h1>" in page.text, "<textarea" in page.text) == (True, False), kind
    assert INSIDE in await inside.get("/desk")
    for csrf in ("", "é", "0" * 64):
        page = await inside.http.post("/desk/leave", data={"csrf": csrf})
        assert (page.status_code, "rien n’a été changé" in page.text) == (403, True), csrf
    assert INSIDE in await inside.get("/desk")
    page = await inside.http.post("/desk/leave", data=inside.hidden("/leave") | {"text": "à copier"}, headers=FOREIGN)
    assert (page.status_code, "à copier" in page.text) == (403, False)
    assert INSIDE in await inside.get("/desk")
    assert inside.page.headers["Referrer-Policy"] == "same-origin"  # else its own forms have the Origin `null`
    cookie = inside.http.cookies[COOKIE]
    assert "Vous avez quitté le bureau" in await inside.send("/leave")
    assert not inside.http.cookies
    assert (await inside.http.get("/desk", headers={"Cookie": f"{COOKIE}={cookie}"})).status_code == 403


async def test_a_session_ends_after_two_hours_twelve_the_next_one_or_the_loss_of_the_right(inside: Browser) -> None:
    for _ in range(6):
        inside.scene.time += timedelta(minutes=119)
        assert INSIDE in await inside.get("/desk")
    inside.scene.time += timedelta(minutes=6)
    assert DOOR in await inside.get("/desk")
    await inside.enter()
    first = inside.http.cookies[COOKIE]
    assert INSIDE in await inside.enter()
    assert (await inside.http.get("/desk", headers={"Cookie": f"{COOKIE}={first}"})).status_code == 403
    inside.scene.time += timedelta(hours=2)
    assert DOOR in await inside.get("/desk")
    await inside.enter()
    for minutes in (0, 1):
        link, scene = await inside.link(), inside.scene
        await inside.get("/desk")
        scene.paper.powers.clear()
        scene.time += timedelta(minutes=minutes)
        page = await (inside.get("/desk") if minutes else inside.send("/leave", text="Elles sont là"))
        assert inside.page.status_code == 403
        assert "vous ne faites plus partie de l’équipe" in page
        assert minutes or "Elles sont là" in page
        assert (await inside.http.post(link)).status_code == 403
        scene.paper.powers[MODERATION, MODERATOR] = 50
        assert DOOR in await inside.get("/desk")
        await inside.enter()
    await scene.say("!oublie-moi", MODERATOR, **IN_PRIVATE)
    assert DOOR in await inside.get("/desk")


def opened_post(browser: Browser) -> str:
    """The id of the message that tells of the session."""
    return [id for id, out in browser.scene.paper.sent.items() if "quelqu’un est entré" in getattr(out, "text", "")][-1]


@pytest.mark.parametrize("how", ["❌", "non", "non, in reply", "non, where nobody reacts"])
async def test_a_sign_of_its_owner_in_the_direct_room_ends_the_session(browser: Browser, how: str) -> None:
    scene = browser.scene
    if nobody_reacts := "reacts" in how:
        scene.paper.capabilities = replace(ALL_BUT_TOPICS, reacts=False)
        scene.ruled(replies=IN_WORDS)
    await browser.enter()
    post = opened_post(browser)
    assert ("❌" in str(scene.paper.sent[post])) != nobody_reacts
    assert await react(scene, post, "❌", ANA, ALONE) == []
    assert INSIDE in await browser.get("/desk")
    if how == "❌":
        [told] = await react(scene, post, how, MODERATOR, ALONE)
    else:
        [told] = await scene.say("non", MODERATOR, reply_to=post if "reply" in how else None, **IN_PRIVATE)
    assert "la session sur le bureau est terminée" in told.text
    assert DOOR in await browser.get("/desk")
    assert "déjà terminée" in text_of(await react(scene, post, "❌", MODERATOR, ALONE))


FORM, NO_FORM = "application/x-www-form-urlencoded", "Ce formulaire n’a pas la forme de ceux de ces pages"
MANY = b"&".join(b"a%d=b" % number for number in range(5000))
ODD_BODIES = [
    *((FORM, body, 400, "n’a pas pu être lu") for body in (b"csrf=%ff&%ff=%ff&text=%ed%a0%80", b"text=\xff", MANY)),
    (FORM, b"text=" + b"x" * MAX_FORM, 413, "30\u00a0000 caractères au plus"),
    ("multipart/form-data", b"no boundary", 415, NO_FORM),
    ("multipart/form-data; boundary=x", b"--x\r\nbroken", 415, NO_FORM),
    ("application/json", b"{}", 415, NO_FORM),
    (f"{FORM}; charset=utf-8; charset=punycode", b"text=x", 415, NO_FORM),
    ("", b"", 415, NO_FORM),
]
PART = 'Content-Disposition: form-data; name="text"'
IN_A_CODEC = (  # the whole, and a part of it
    (f"{FORM}; charset=%s", "text=x"),
    ("multipart/form-data; boundary=%s", f"--%s\r\n{PART}\r\nContent-Type: text/plain; charset=%s\r\n\r\nx\r\n--%s--"),
)


async def test_no_path_decodes_what_it_gets_in_a_codec_that_the_request_names(inside: Browser) -> None:
    """Some take quadratic time (punycode: nine seconds of 400 kB), or unpack."""
    resources = [route.resource for route in whole_server(inside.scene).router.routes()]
    paths = sorted({re.sub(r"{\w+}", "1", resource.canonical) for resource in resources if resource})
    assert {"/health", "/hooks/discourse", "/api/ask", "/desk/save"} <= {*paths}
    ways = [*itertools.product(paths, (inside.http.cookies[COOKIE], ""), IN_A_CODEC)]
    asked_for: list[str] = []
    codecs.register(note := lambda name: asked_for.append(name) if name == "unheard_of" else None)
    for path, cookie, (kind, body) in ways:
        headers = {"Content-Type": kind % "unheard-of", "Cookie": f"{COOKIE}={cookie}"}
        found = await inside.http.post(path, content=body.replace("%s", "unheard-of"), headers=headers)
        is_form = path.startswith("/desk") and "/enter/" not in path
        assert found.status_code in ({415} if is_form else {403, 404, 405}), path
    codecs.unregister(note)
    assert asked_for == []


ORIGINS: list[tuple[dict[str, str], int]] = [
    ({}, 303),  # no browser
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://port-of-a-proxy.example:8443"}, 303),
    ({"Sec-Fetch-Site": "none"}, 303),
    ({"Sec-Fetch-Site": "same-site", "Origin": PUBLIC}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
    ({"Origin": "http://bureau.example:8080", "Host": "bureau.example:8080"}, 303),  # by plain HTTP
    ({"Origin": "https://bureau.example", "Host": "bureau.example"}, 303),  # TLS ends before the bot
    ({"Origin": PUBLIC}, 303),  # a proxy that rewrites the Host
    *(({"Origin": "null"}, 403), (FOREIGN, 403)),
]


async def test_another_sites_page_cannot_have_a_browser_enter(desk: Scene) -> None:
    async with serving(desk, f"{PUBLIC}/reponses") as url, httpx.AsyncClient(base_url=url) as http:
        for headers, status in ORIGINS:
            link = await Browser(desk, http).link()
            entered = await http.post(link, headers=headers)
            assert entered.status_code == status, headers
            assert ("Secure" in entered.headers.get("Set-Cookie", "").split("; ")) == (status == 303)  # behind HTTPS
            assert (await http.post(link)).status_code == (410 if status == 303 else 303)
