"""The forum of the tests takes, refuses and limits as Discourse does: each test one rule of the contract."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from aiohttp import web

from tests.forum import Forum
from tests.forum.faults import FAULTS, dropped, lost
from tests.forum.hooks import sign
from tests.forum.limits import Limit
from tests.forum.opened import LONG, TEXT, client, opened
from tests.waiting import PATIENCE


async def reply(http: httpx.AsyncClient, topic: int, raw: str = LONG, **more: Any) -> httpx.Response:
    return await http.post("/posts.json", json={"topic_id": topic, "raw": raw} | more)


async def test_a_reply_is_made_and_tells_whom_it_answers() -> None:
    async with opened() as (forum, http):
        question = forum.say("ana", "formations", TEXT)
        made = (await reply(http, question.topic.id, reply_to_post_number=1)).json()
        form = await http.post("/posts.json", data={"topic_id": question.topic.id, "raw": LONG + " Encore."})
    assert [post.id for post in forum.posts_of("concierge")] == [made["id"], form.json()["id"]]
    assert (made["post_number"], made["reply_to_post_number"], made["draft_sequence"]) == (2, 1, 0)
    assert [note.type for note in forum.board.notifications if note.user.username == "ana"] == [2, 9]


async def test_the_same_create_within_two_minutes_gives_the_first_answer_again_then_it_is_refused() -> None:
    async with opened() as (forum, http):
        topic = forum.say("ana", "formations", TEXT).topic.id
        first = await reply(http, topic)
        forum.clock.advance(119)
        again = await reply(http, topic)
        forum.clock.advance(2)
        late = await reply(http, topic)
        forum.clock.advance(200)
        later = await reply(http, topic)
    assert again.json() == first.json()
    assert (late.status_code, late.json()["action"]) == (422, "create_post")
    assert later.json()["id"] != first.json()["id"]
    assert len(forum.posts_of("concierge")) == 2


async def test_an_error_is_remembered_too_but_not_for_a_browsers_key() -> None:
    async with opened() as (forum, http):
        topic = forum.say("ana", "formations", TEXT).topic
        topic.closed = True
        assert (await reply(http, topic.id)).status_code == 422
        topic.closed = False
        assert (await reply(http, topic.id)).status_code == 422
        key = forum.new_key("concierge", browser=True)
        async with httpx.AsyncClient(base_url=forum.url, headers={"User-Api-Key": key}) as browser:
            assert (await reply(browser, topic.id)).status_code == 200
            assert (await reply(browser, topic.id)).status_code == 422  # the same body


Prepare = Callable[[Forum], dict[str, Any]]


def _topic(forum: Forum, **more: Any) -> dict[str, Any]:
    topic = forum.say("ana", "formations", TEXT).topic
    for name, value in more.items():
        setattr(topic, name, value)
    return {"topic_id": topic.id, "raw": LONG}


def _many_replies(forum: Forum) -> dict[str, Any]:
    given = _topic(forum)
    for number in range(3):
        forum.say("concierge", given["topic_id"], f"{LONG} {number}")
    return given


def _said_before(forum: Forum) -> dict[str, Any]:
    forum.say("concierge", "emploi", LONG)
    return _topic(forum)


def _taken_title(forum: Forum) -> dict[str, Any]:
    forum.say("ana", "formations", TEXT, title="Les nouvelles de la semaine")
    return {"raw": LONG, "title": "les nouvelles de la semaine", "category": 4}


def _hidden_topic(forum: Forum) -> dict[str, Any]:
    forum.category("equipe", "staff")
    return {"topic_id": forum.say("ben", "equipe", TEXT).topic.id, "raw": LONG}


REFUSED: dict[str, Prepare] = {
    "too short": lambda forum: _topic(forum) | {"raw": "Oui <!-- et beaucoup de mots que personne ne voit -->"},
    "too long": lambda forum: _topic(forum) | {"raw": LONG * 1000},
    "unclear": lambda forum: _topic(forum) | {"raw": "aaaa bbbb aaaa bbbb aaaa"},
    "closed": lambda forum: _topic(forum, closed=True),
    "archived": lambda forum: _topic(forum, archived=True),
    "no such topic": lambda forum: {"topic_id": 99999, "raw": LONG},
    "not to be seen": _hidden_topic,
    "three in a row": _many_replies,
    "said before": _said_before,
    "too many mentions": lambda forum: _topic(forum) | {"raw": " ".join(f"@personne{number}" for number in range(11))},
    "short title": lambda forum: {"raw": LONG, "title": "Court"},
    "title used": _taken_title,
    "nobody": lambda forum: {"raw": LONG, "title": "Bonjour", "archetype": "private_message", "target_recipients": "x"},
}


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_is_said_in_the_sites_language_without_a_type(name: str, locale: str) -> None:
    async with opened(locale=locale) as (forum, http):
        given = REFUSED[name](forum)
        before = len(forum.board.posts)
        answer = await http.post("/posts.json", json=given)
    assert answer.status_code == 422
    assert answer.json().keys() == {"action", "errors"}
    assert len(forum.board.posts) == before


async def test_staff_and_ones_own_topic_are_free_of_some_rules() -> None:
    async with opened() as (forum, http), client(forum, user="chef") as chef:
        forum.user("chef", admin=True)
        own = forum.say("concierge", "formations", "Mon propre sujet, assez long").topic
        for number in range(5):
            assert (await reply(http, own.id, f"{LONG} {number}")).status_code == 200
        own.closed = True
        assert (await reply(chef, own.id)).status_code == 200


async def test_slow_mode_makes_people_wait() -> None:
    async with opened() as (forum, http):
        given = _topic(forum, slow_mode_seconds=600)
        assert (await http.post("/posts.json", json=given)).status_code == 200
        given["raw"] = LONG + " Encore."
        assert (await http.post("/posts.json", json=given)).status_code == 422
        forum.clock.advance(601)
        assert (await http.post("/posts.json", json=given)).status_code == 200


async def test_a_topic_is_found_by_its_external_id_and_its_title_is_tidied() -> None:
    async with opened() as (forum, http):
        forum.category("annonces")
        given = {
            "title": "des nouvelles  de la semaine !!!",
            "raw": LONG,
            "category": 4,
            "external_id": "digest-2026-w48",
        }
        made = (await http.post("/posts.json", json=given)).json()
        again = await http.post("/posts.json", json=given | {"title": "Un autre titre assez long", "raw": LONG + " 2"})
        found = await http.get("/t/external_id/digest-2026-w48.json")
        none = await http.get("/t/external_id/digest-2026-w49.json")
        topic = (await http.get(found.headers["location"])).json()
    assert (found.status_code, none.status_code, again.status_code) == (301, 404, 422)
    assert (topic["id"], topic["title"]) == (made["topic_id"], "Des nouvelles de la semaine !")


@pytest.mark.parametrize("old", [False, True])
async def test_what_waits_for_approval_is_200_without_a_post(old: bool) -> None:
    async with opened(old=old) as (forum, http):
        given = _topic(forum)
        forum.site.review = True
        answer = await http.post("/posts.json", json=given)
        pending = (await http.get("/posts/concierge/pending.json")).json()["pending_posts"]
        assert answer.status_code == 200
        assert (answer.json() is None) is old
        assert forum.posts_of("concierge") == []
        assert pending[0]["raw_text"] == LONG
        assert forum.approve().raw == LONG
    if not old:
        assert answer.json()["action"] == "enqueued"
        assert answer.json().keys() & {"id", "topic_id"} == set()


async def test_an_edit_changes_ones_own_post_in_time_and_from_the_text_it_knew() -> None:
    async with opened() as (forum, http):
        question = forum.say("ana", "formations", TEXT)
        mine = forum.say("concierge", question.topic, LONG)

        async def edit(post: int, **given: str) -> int:
            return (await http.put(f"/posts/{post}.json", json={"post": given})).status_code

        assert await edit(mine.id, raw="Un nouveau texte assez long", original_text=LONG) == 200
        assert await edit(mine.id, raw="Un texte plus nouveau encore", original_text=LONG) == 409
        assert await edit(mine.id, raw="court") == 422
        assert await edit(question.id, raw="Un nouveau texte assez long") == 403
        assert await edit(99999, raw="Un nouveau texte assez long") == 404
        assert (mine.raw, mine.version) == ("Un nouveau texte assez long", 1)  # within the grace period
        forum.clock.advance(301)
        assert await edit(mine.id, raw="Un texte plus nouveau encore") == 200
        assert mine.version == 2
        forum.user("concierge").trust_level = 1
        forum.clock.advance(1440 * 60)
        assert await edit(mine.id, raw="Un texte bien trop tardif, hélas") == 422


async def test_ones_own_post_loses_its_text_first_and_is_gone_a_day_later() -> None:
    async with opened() as (forum, http):
        question = forum.say("ana", "formations", TEXT)
        mine = forum.say("concierge", question.topic, LONG)
        assert (await http.delete(f"/posts/{question.id}.json")).status_code == 403
        answer = await http.delete(f"/posts/{mine.id}.json")
        shape = (await http.get(f"/posts/{mine.id}.json")).json()
        again = await http.delete(f"/posts/{mine.id}.json")
        forum.clock.advance(86400)
        later = await http.get(f"/posts/{mine.id}.json")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (shape["raw"], shape["user_deleted"]) == ("(message supprimé par son auteur)", True)
    assert (again.status_code, later.status_code) == (403, 404)
    assert (forum.posts_of("concierge"), len(forum.posts_of("concierge", deleted=True))) == ([], 1)


@pytest.mark.parametrize(
    ("key", "user", "status"),
    [
        ("the-bots-key", "concierge", 200),
        ("the-bots-key", "Concierge", 200),
        ("the-bots-key", "ana", 403),
        ("no-key", "concierge", 403),
        ("anybodys-key", "ana", 200),
        ("anybodys-key", "nobody", 403),
    ],
)
async def test_a_key_works_for_its_user(key: str, user: str, status: int) -> None:
    async with opened() as (forum, _), client(forum, key=key, user=user) as http:
        forum.user("ana")
        answer = await http.get("/session/scopes.json")
    assert answer.status_code == status
    assert answer.json().get("error_type", "invalid_access") == "invalid_access"


async def test_a_missing_scope_and_a_suspended_user_look_like_a_wrong_key() -> None:
    async with opened() as (forum, _):
        given = _topic(forum)
        key = forum.new_key("concierge", "posts:list", "search:show")
        async with client(forum, key=key) as http:
            assert (await http.get("/posts.json")).status_code == 200
            assert (await http.get("/session/current.json")).status_code == 403
            assert (await http.post("/posts.json", json=given)).json()["error_type"] == "invalid_access"
            scopes = (await http.get("/session/scopes.json")).json()["scopes"]
            forum.user("concierge").suspended = True
            assert (await http.get("/posts.json")).status_code == 403
    assert [f"{one['resource']}:{one['key']}" for one in scopes] == ["posts:list", "search:show"]


async def test_all_keys_share_sixty_requests_a_minute() -> None:
    async with opened(limits=True) as (forum, http), client(forum, user="ana") as other:
        forum.user("ana")
        answers = [await (http, other)[number % 2].get("/about.json") for number in range(61)]
        forum.clock.advance(61)
        after = await http.get("/about.json")
    assert {answer.status_code for answer in answers[:60]} == {200}
    assert answers[60].headers["discourse-rate-limit-error-code"] == "admin_api_key_rate_limit"
    assert answers[60].headers["retry-after"] == str(answers[60].json()["extras"]["wait_seconds"]) == "60"
    assert after.status_code == 200


async def test_one_may_post_every_five_seconds_and_a_refused_post_does_not_count() -> None:
    async with opened(limits=True) as (forum, http):
        topic = forum.say("ana", "formations", TEXT).topic.id
        assert (await reply(http, topic, "court")).status_code == 422
        assert (await reply(http, topic)).status_code == 200
        fast = await reply(http, topic, LONG + " 2")
        forum.clock.advance(5)
        assert (await reply(http, topic, LONG + " 2")).status_code == 200
    assert (fast.status_code, fast.headers["retry-after"]) == (429, "5")
    assert "discourse-rate-limit-error-code" not in fast.headers


async def test_the_searchs_limit_has_a_form_of_its_own_and_a_visitors_is_small() -> None:
    async with opened(limits=True) as (forum, _), client(forum, key=None) as visitor:
        answers = [await visitor.get("/search.json?q=formation") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json().keys() == {"failed", "message"}
    assert "retry-after" not in answers[2].headers


async def test_too_many_from_one_address_is_told_in_plain_text() -> None:
    async with opened(limits=True) as (forum, _), client(forum, key=None) as visitor:
        forum.limits.ip = (Limit(1, 10), Limit(200, 60))
        answers = [await visitor.get("/about.json") for _ in range(2)]
    assert answers[1].headers["content-type"].startswith("text/plain")
    assert answers[1].headers["discourse-rate-limit-error-code"] == "ip_10_secs_limit"


@pytest.mark.parametrize(
    ("agent", "status"),
    [("concierge-discourse-client/1.0", 200), ("python-httpx/0.28", 403), ("my-discourse-bot/1.0", 403)],
)
async def test_crawlers_are_known_by_their_name(agent: str, status: int) -> None:
    async with opened() as (forum, http):
        forum.site.crawlers_refused = True
        answer = await http.get("/posts.json", headers={"User-Agent": agent})
    assert answer.status_code == status
    assert (answer.text == "Crawler is not allowed!") == (status == 403)


async def test_a_get_with_a_body_is_refused_and_nothing_is_written_in_read_only_mode() -> None:
    async with opened() as (forum, http):
        given = _topic(forum)
        assert (await http.request("GET", "/posts.json", json={})).status_code == 413
        forum.site.read_only = True
        answer = await http.post("/posts.json", json=given)
        assert (answer.status_code, answer.json()["error_type"]) == (503, "read_only")
        assert (await http.get("/posts.json")).status_code == 200


@pytest.mark.parametrize("name", FAULTS)
async def test_every_fault_can_be_made_and_passes(name: str) -> None:
    async with opened() as (forum, http):
        given = _topic(forum)
        forum.fail_next("POST /posts", FAULTS[name])
        try:
            answer = await http.post("/posts.json", json=given)
            failed = answer.status_code >= 400 or "text/html" in answer.headers["content-type"]
        except httpx.TransportError:
            failed = True
        assert failed
        assert len(forum.posts_of("concierge")) == ("done" in name or "cut" in name)
        assert (await http.post("/posts.json", json=given)).status_code == 200
        assert len(forum.posts_of("concierge")) == 1
        assert forum.waiting == 0


async def test_a_post_whose_answer_was_lost_is_found_by_the_same_request() -> None:
    async with opened() as (forum, http):
        given = _topic(forum)
        forum.fail_next("POST /posts", lost(dropped))
        with pytest.raises(httpx.TransportError):
            await http.post("/posts.json", json=given)
        assert (await http.post("/posts.json", json=given)).json()["id"] == forum.posts_of("concierge")[0].id


async def test_private_messages_likes_and_the_rest_of_writing() -> None:
    async with opened() as (forum, http), client(forum, user="chef") as chef:
        forum.user("chef", moderator=True)
        forum.user("ana")
        given = {"title": "Bonjour", "raw": "Deux mots.", "archetype": "private_message", "target_recipients": "ana"}
        made = (await http.post("/posts.json", json=given)).json()
        assert forum.board.topics[made["topic_id"]].members == {forum.user("concierge"), forum.user("ana")}
        question = forum.say("ana", "formations", TEXT)
        like = {"id": question.id, "post_action_type_id": 2}
        assert (await http.post("/post_actions.json", json=like)).status_code == 403  # no granular scope has it
        assert (await chef.post("/post_actions.json", json=like)).json()["actions_summary"] == [{"id": 2, "count": 1}]
        status = {"status": "closed", "enabled": "true"}
        assert (await chef.put(f"/t/{question.topic.id}/status.json", json=status)).status_code == 200
        assert (await reply(http, question.topic.id)).status_code == 422
        assert (await chef.put("/notifications/mark-read.json")).json() == {"success": "OK"}
        assert (await http.get(f"/raw/{question.topic.id}/1")).text == TEXT


async def test_webhooks_are_signed_and_tell_of_everything() -> None:
    got: list[tuple[str, bool, dict[str, Any]]] = []

    async def take(request: web.BaseRequest) -> web.Response:
        body = await request.read()
        right = request.headers["X-Discourse-Event-Signature"] == sign("a long secret", body)
        got.append((request.headers["X-Discourse-Event"], right, json.loads(body)))
        return web.Response()

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with opened() as (forum, _):
        hook = forum.hook(f"http://127.0.0.1:{runner.addresses[0][1]}/", "a long secret")
        post = forum.say("ana", "formations", TEXT)
        await forum.deliveries.arrived()
        forum.edit(post, TEXT + " Merci !")
        forum.message("ana", "ben", "Entre nous deux seulement")
        await forum.deliveries.arrived()
    await runner.cleanup()
    assert {(event, right) for event, right, _ in got} == {
        ("topic_created", True),
        ("post_created", True),
        ("post_edited", True),
    }
    assert any(body.get("post", {}).get("topic_archetype") == "private_message" for _, _, body in got)
    assert {status for _, status in hook.sent} == {200}


async def test_it_runs_as_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.forum", "--category", "formations",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    try:
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
        async with httpx.AsyncClient(base_url=told["url"]) as http:
            headers = {"Api-Key": told["open_key"], "Api-Username": "discobot"}
            given = {"title": "Un titre assez long", "raw": LONG, "category": 4}
            assert (await http.post("/posts.json", json=given, headers=headers)).status_code == 200
    finally:
        process.terminate()
        assert await process.wait() == 0
