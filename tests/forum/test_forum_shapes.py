"""The answers of the forum of the tests have the types of Discourse's own document; skipped where that is absent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.forum import Clock, Forum
from tests.forum.test_forum import LONG, NOTIFICATIONS, TEXT

DOCUMENT = Path(__file__).parents[3] / "shared" / "discourse" / "openapi.json"
pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason="the OpenAPI document is not here")
jsonschema = pytest.importorskip("jsonschema")

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
ANSWERS = [
    ("get", "/posts.json", "/posts.json"),
    ("get", "/posts/{id}.json", "/posts/{post}.json"),
    ("get", "/t/{id}.json", "/t/{topic}.json"),
    ("get", "/t/{id}/posts.json", "/t/{topic}/posts.json?post_ids[]={post}"),
    ("get", "/c/{slug}/{id}.json", "/c/formations/4.json"),
    ("get", "/categories.json", "/categories.json"),
    ("get", "/notifications.json", f"/notifications.json?{NOTIFICATIONS}"),
    ("get", "/search.json", "/search.json?q=formation"),
    ("get", "/site/basic-info.json", "/site/basic-info.json"),
    ("get", "/groups/{name}.json", "/groups/moderateurs.json"),
    ("get", "/groups/{name}/members.json", "/groups/moderateurs/members.json"),
    ("post", "/posts.json", "/posts.json"),
    ("put", "/posts/{id}.json", "/posts/{mine}.json"),
]
BODIES: dict[str, dict[str, Any]] = {
    "/posts.json": {"topic_id": "{topic}", "raw": LONG + " Encore."},
    "/posts/{mine}.json": {"post": {"raw": "Un nouveau texte assez long"}},
}

WRONG_IN_THE_DOCUMENT = ("reply_to_post_number",)  # a text there; the examples it was made from hold null alone


@cache
def document() -> dict[str, Any]:
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def relaxed(schema: Any) -> Any:
    """Without what real answers do not keep to either: which keys there are, and that they are never null."""
    if isinstance(schema, list):
        return [relaxed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: relaxed(value)
        for key, value in schema.items()
        if key not in ("additionalProperties", "minItems", "uniqueItems")
        and not (key == "required" and isinstance(value, list))
    }
    if isinstance(kept.get("type"), str):
        kept["type"] = [kept["type"], "null"]
    return kept


def schema_of(method: str, path: str) -> Any:
    answer = document()["paths"][path][method]["responses"]["200"]
    return relaxed(answer["content"]["application/json"]["schema"])


@pytest.mark.parametrize(("method", "documented", "path"), ANSWERS)
async def test_an_answer_has_the_documents_types(method: str, documented: str, path: str) -> None:
    async with Forum(clock=Clock(START)) as forum, httpx.AsyncClient(base_url=forum.url) as http:
        http.headers.update({"Api-Key": forum.key, "Api-Username": "concierge"})
        forum.group("moderateurs", "ana")
        post = forum.say("ana", "formations", f"{TEXT} @concierge")
        forum.say("ben", post.topic, "Une réponse", reply_to=post)
        mine = forum.say("concierge", post.topic, LONG)
        places = {"post": post.id, "topic": post.topic.id, "mine": mine.id}
        body = json.loads(
            json.dumps(BODIES.get(path) if method != "get" else None).replace('"{topic}"', str(post.topic.id))
        )
        answer = await http.request(method, path.format(**places), json=body)
    assert answer.status_code == 200
    found = jsonschema.Draft202012Validator(schema_of(method, documented)).iter_errors(answer.json())
    assert [error.message for error in found if error.path[-1] not in WRONG_IN_THE_DOCUMENT] == []
