"""The forum of the tests answers as Discourse does where no test of the bot would show that it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.forum import Forum
from tests.forum.opened import LONG, NOTIFICATIONS, TEXT, client, opened


def ids(answer: httpx.Response) -> list[int]:
    return [post["id"] for post in answer.json()["latest_posts"]]


async def test_the_newest_fifty_posts_come_and_before_is_inclusive() -> None:
    async with opened() as (forum, http):
        posts = [forum.say("ana", "formations", f"{TEXT} {number}") for number in range(120)]
        first = ids(await http.get("/posts.json"))
        second = ids(await http.get(f"/posts.json?before={first[-1]}"))
    assert first == [post.id for post in reversed(posts)][:50]
    assert second[0] == first[-1]
    assert max(first) - min(first) > 50  # ids have gaps


async def test_an_old_server_looks_at_fifty_ids_so_that_a_page_may_be_empty_while_older_posts_exist() -> None:
    async with opened(old=True) as (forum, http):
        forum.category("equipe", "staff")
        oldest = forum.say("ana", "formations", TEXT)
        action = forum.small_action(oldest.topic)
        for number in range(60):
            forum.say("ben", "equipe", f"secret {number}")
        newest = max(forum.board.posts)
        pages = [ids(await http.get(f"/posts.json?before={before}")) for before in range(newest, 0, -50)]
    assert pages[0] == []
    assert {oldest.id, action.id} <= {id for page in pages for id in page}


async def test_what_one_may_not_read_is_nowhere() -> None:
    async with opened() as (forum, http):
        forum.category("equipe", "staff")
        secret = forum.say("ben", "equipe", "Le mot secret est rutabaga")
        private, mine = forum.message("ana", "ben", "Aussi rutabaga"), forum.message("ana", "concierge", TEXT)
        gone = forum.say("ana", "formations", "Le mot secret est rutabaga")
        forum.whisper("ben", mine.topic, "Le mot secret est rutabaga")
        forum.small_action(gone.topic)
        forum.delete(gone, by=forum.user("chef", moderator=True))
        answers = [(await http.get(f"/t/{post.topic.id}.json")).status_code for post in (secret, private, gone)]
        answers += [(await http.get(f"/posts/{post.id}.json")).status_code for post in (secret, private, gone)]
        paths = ("/posts.json", "/search.json?q=rutabaga", "/private-posts.json", "/categories.json")
        latest, found, messages, categories = [(await http.get(path)).json() for path in paths]
    assert answers == [404, 404, 404, 403, 403, 404]
    assert latest == {"latest_posts": []}
    assert (found["posts"], "topics" in found) == ([], False)
    assert [post["id"] for post in messages["private_posts"]] == [mine.id]
    assert [one["slug"] for one in categories["category_list"]["categories"]] == ["formations"]


async def test_a_post_tells_its_reader_once_of_a_mention_before_a_reply() -> None:
    async with opened() as (forum, http):
        opening = forum.say("concierge", "formations", "Bonjour à toutes et tous, voici le sujet")
        for text in ("@concierge une question", "merci bien", "[quote]\n@concierge\n[/quote] rien, `@concierge`"):
            forum.say("ana", opening.topic, text, reply_to=None if "quote" in text else opening)
        notes = (await http.get(f"/notifications.json?{NOTIFICATIONS}")).json()["notifications"]
        refused = await http.get("/notifications.json?recent=true")  # would mark all as seen
    assert [note["notification_type"] for note in notes] == [2, 1]
    assert refused.status_code == 400


async def test_a_visitor_reads_what_is_public_and_no_more() -> None:
    async with opened() as (forum, _), client(forum, key=None) as visitor:
        post = forum.say("ana", "formations", TEXT)
        assert (await visitor.get("/posts.json")).json()["latest_posts"][0]["id"] == post.id
        assert (await visitor.get("/search.json?q=facilitateur")).json()["topics"][0]["id"] == post.topic.id
        assert (await visitor.get("/notifications.json")).json()["error_type"] == "not_logged_in"
        assert (await visitor.get("/session/current.json")).status_code == 404
        forum.site.login_required = True
        assert (await visitor.get("/posts.json")).status_code == 403
        assert (await visitor.get("/site/basic-info.json")).json()["login_required"] is True
        assert (await visitor.get("/about.json")).headers["location"].endswith("/login")


async def reply(http: httpx.AsyncClient, topic: int, raw: str = LONG, **more: Any) -> httpx.Response:
    return await http.post("/posts.json", json={"topic_id": topic, "raw": raw} | more)


async def test_the_same_create_within_two_minutes_gives_the_first_answer_again_then_it_is_refused() -> None:
    async with opened() as (forum, http):
        topic = forum.say("ana", "formations", TEXT).topic
        first = await reply(http, topic.id, reply_to_post_number=1)
        answers = []
        for seconds in (119, 2, 200):
            forum.clock.advance(seconds)
            answers.append(await reply(http, topic.id, reply_to_post_number=1))
        topic.closed = True
        other = LONG + " Encore."
        refused = await reply(http, topic.id, other)
        topic.closed = False
        still = await reply(http, topic.id, other)
    again, late, later = answers
    assert (first.json()["post_number"], first.json()["reply_to_post_number"]) == (2, 1)
    assert again.json() == first.json()
    assert (late.status_code, late.json().keys()) == (422, {"action", "errors"})
    assert later.json()["id"] != first.json()["id"]
    assert (refused.status_code, still.status_code) == (422, 422)  # an error is remembered too
    assert len(forum.posts_of("concierge")) == 2


def _topic(forum: Forum, **more: Any) -> dict[str, Any]:
    topic = forum.say("ana", "formations", TEXT).topic
    vars(topic).update(more)
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
    return {"raw": LONG, "title": "les nouvelles  de la semaine", "category": 4}


def _hidden_topic(forum: Forum) -> dict[str, Any]:
    forum.category("equipe", "staff")
    return {"topic_id": forum.say("ben", "equipe", TEXT).topic.id, "raw": LONG}


REFUSED: dict[str, Callable[[Forum], dict[str, Any]]] = {
    "too short": lambda forum: _topic(forum) | {"raw": "Oui <!-- et beaucoup de mots que personne ne voit -->"},
    "too long": lambda forum: _topic(forum) | {"raw": LONG * 1000},
    "closed": lambda forum: _topic(forum, closed=True),
    "archived": lambda forum: _topic(forum, archived=True),
    "no such topic": lambda forum: {"topic_id": 99999, "raw": LONG},
    "not to be seen": _hidden_topic,
    "three in a row": _many_replies,
    "said before": _said_before,
    "short title": lambda forum: {"raw": LONG, "title": "Court"},
    "title used": _taken_title,
    "nobody": lambda forum: {"raw": LONG, "title": "Bonjour", "archetype": "private_message", "target_recipients": "x"},
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_is_said_in_the_sites_language_without_a_type(name: str) -> None:
    async with opened() as (forum, http):
        given = REFUSED[name](forum)
        before = len(forum.board.posts)
        answer = await http.post("/posts.json", json=given)
    assert (answer.status_code, answer.json().keys()) == (422, {"action", "errors"})
    assert len(forum.board.posts) == before
