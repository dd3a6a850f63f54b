"""The forum of the tests reads as Discourse does: each test one rule of the contract."""

from __future__ import annotations

import httpx
import pytest

from tests.forum.faults import limited
from tests.forum.opened import TEXT, client, opened


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
        oldest = forum.say("ana", "formations", TEXT)
        for number in range(60):
            forum.say("ben", "equipe" if number else forum.category("equipe", "staff").slug, f"secret {number}")
        newest = max(forum.board.posts)
        pages = [ids(await http.get(f"/posts.json?before={before}")) for before in range(newest, 0, -50)]
    assert pages[0] == []
    assert oldest.id in [id for page in pages for id in page]


@pytest.mark.parametrize("old", [False, True])
async def test_small_actions_are_in_the_latest_posts_of_old_servers_alone(old: bool) -> None:
    async with opened(old=old) as (forum, http):
        topic = forum.say("ana", "formations", TEXT).topic
        action, whisper = forum.small_action(topic), forum.whisper("ben", topic, "entre nous")
        seen = ids(await http.get("/posts.json"))
    assert (action.id in seen) is old
    assert whisper.id not in seen


async def test_what_one_may_not_read_is_nowhere() -> None:
    async with opened() as (forum, http):
        forum.category("equipe", "staff")
        secret = forum.say("ben", "equipe", "Le mot secret est rutabaga")
        private = forum.message("ana", "ben", "Le mot secret est rutabaga")
        gone = forum.say("ana", "formations", "Le mot secret est rutabaga")
        forum.delete(gone, by=forum.user("chef", moderator=True))
        pages = [f"/t/{post.topic.id}.json" for post in (secret, private, gone)]
        answers = [(await http.get(page)).status_code for page in pages]
        answers += [(await http.get(f"/posts/{post.id}.json")).status_code for post in (secret, private, gone)]
        found = [await http.get(page) for page in ("/posts.json", "/search.json?q=rutabaga", "/private-posts.json")]
        categories = await http.get("/categories.json")
    assert answers == [404, 404, 404, 403, 403, 404]
    assert not any("rutabaga" in page.text for page in found[::2])
    assert (found[1].json()["posts"], "topics" in found[1].json()) == ([], False)
    assert "equipe" not in categories.text


async def test_private_posts_are_those_of_messages_to_me() -> None:
    async with opened() as (forum, http):
        mine, other = forum.message("ana", "concierge", TEXT), forum.message("ana", "ben", TEXT)
        answer = await http.get("/private-posts.json")
    assert [post["id"] for post in answer.json()["private_posts"]] == [mine.id] != [other.id]


async def test_a_post_tells_one_thing_once_the_first_that_fits() -> None:
    async with opened() as (forum, http):
        opening = forum.say("concierge", "formations", "Bonjour à toutes et tous, voici le sujet")
        forum.say("ana", opening.topic, "@concierge une question", reply_to=opening)
        forum.say("ana", opening.topic, "merci bien", reply_to=opening)
        forum.say(
            "ana", opening.topic, f'[quote="concierge, post:1, topic:{opening.topic.id}"]\n@concierge\n[/quote] oui'
        )
        forum.say("ben", "formations", f"voir {forum.url}/t/-/{opening.topic.id}/1")
        forum.say("ben", opening.topic, "rien que `@concierge` en code")
        forum.message("ana", "concierge", TEXT)
        notes = (await http.get("/notifications.json")).json()["notifications"]
    assert [note["notification_type"] for note in notes] == [6, 9, 11, 3, 2, 1]
    assert {note["read"] for note in notes} == {False}


async def test_notifications_are_filtered_by_type_with_recent_alone_and_seen_unless_silent() -> None:
    async with opened() as (forum, http):
        opening = forum.say("concierge", "formations", "Bonjour à toutes et tous, voici le sujet")
        forum.say("ana", opening.topic, "@concierge une question")
        forum.say("ana", opening.topic, "une autre remarque")

        async def types(query: str) -> list[int]:
            answer = await http.get(f"/notifications.json?{query}")
            return [note["notification_type"] for note in answer.json()["notifications"]]

        assert await types("filter_by_types=mentioned") == [9, 1]
        assert await types("filter_by_types=mentioned&recent=true&silent=true") == [1]
        assert forum.user("concierge").seen_notification == 0
        assert await types("recent=true") == [9, 1]
        assert forum.user("concierge").seen_notification > 0
        assert await types("limit=1&offset=1") == [1]
        assert (await http.get("/notifications.json?filter_by_types=nonsense")).status_code == 400
        assert (await http.put("/notifications/mark-read.json")).status_code == 403  # no granular scope has it


async def test_a_topic_shows_twenty_posts_and_the_ids_of_all() -> None:
    async with opened() as (forum, http):
        posts = [forum.say("ana", "formations", TEXT)]
        posts += [forum.say("ben", posts[0].topic, f"réponse {number}") for number in range(44)]
        path = f"/t/{posts[0].topic.id}"
        topic, third = (await http.get(f"{path}.json")).json(), (await http.get(f"{path}.json?page=3")).json()
        near = (await http.get(f"{path}/30.json?include_raw=false")).json()["post_stream"]["posts"]
        some = await http.get(f"{path}/posts.json", params={"post_ids[]": [posts[40].id, posts[2].id]})
        same = await http.get(f"/t/le-titre/{posts[0].topic.id}", headers={"Accept": "application/json"})
        beyond = await http.get(f"{path}.json?page=4")
    assert topic["post_stream"]["stream"] == [post.id for post in posts]
    assert [post["post_number"] for post in topic["post_stream"]["posts"]] == list(range(1, 21))
    assert [post["post_number"] for post in third["post_stream"]["posts"]] == list(range(41, 46))
    assert 30 in [post["post_number"] for post in near]
    assert "raw" in near[0]  # `false` turns it on as well
    assert "raw" not in topic["post_stream"]["posts"][0]
    assert [post["id"] for post in some.json()["post_stream"]["posts"]] == [posts[2].id, posts[40].id]
    assert same.json()["id"] == topic["id"]
    assert beyond.json()["extras"]["html"].startswith("<div")  # so `extras` does not mean a rate limit


async def test_a_page_for_people_comes_when_json_is_not_asked_for() -> None:
    async with opened() as (_, http):
        assert (await http.get("/latest")).headers["content-type"].startswith("text/html")


async def test_a_visitor_reads_what_is_public_and_no_more() -> None:
    async with opened() as (forum, _), client(forum, key=None) as visitor:
        post = forum.say("ana", "formations", TEXT)
        assert (await visitor.get("/posts.json")).json()["latest_posts"][0]["id"] == post.id
        assert (await visitor.get("/search.json?q=facilitateur")).json()["topics"][0]["id"] == post.topic.id
        assert (await visitor.get("/notifications.json")).json()["error_type"] == "not_logged_in"
        assert [(await visitor.get("/session/current.json")).status_code] == [404]
        forum.site.login_required = True
        assert (await visitor.get("/posts.json")).status_code == 403
        assert (await visitor.get("/site/basic-info.json")).json()["login_required"] is True
        assert (await visitor.get("/about.json")).headers["location"].endswith("/login")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("formation facilitateur", 2),
        ("formations", 2),
        ("formation category:emploi", 1),
        ("formation %23formations", 1),
        ("formation in:first", 2),
        ("formation @ben", 1),
        ("formation rutabaga", 0),
    ],
)
async def test_the_search_wants_every_word_and_knows_filters(query: str, count: int) -> None:
    async with opened() as (forum, http):
        forum.say("ana", "formations", TEXT)
        forum.say("ben", "emploi", f"{TEXT} encore")
        found = (await http.get(f"/search.json?q={query}")).json()
    assert len(found["posts"]) == count
    assert ("topics" in found) == bool(count)


async def test_the_search_has_manners_of_its_own() -> None:
    async with opened() as (forum, http):
        for number in range(60):
            forum.say("ana", "formations", f"{TEXT} {number}")
        short, wrong = await http.get("/search.json?q=ab"), await http.get("/search.json?q=abc&page=x")
        pages = [(await http.get(f"/search.json?q=formation&page={page}")).json() for page in (1, 2, 11)]
        forum.site.search_overloaded = True
        busy = await http.get("/search.json?q=formation")
    assert {short.status_code, wrong.status_code} == {400}
    assert [len(page["posts"]) for page in pages] == [50, 10, 50]
    assert pages[0]["posts"] == pages[2]["posts"]  # a page beyond ten is dropped
    assert (busy.status_code, bool(busy.json()["grouped_search_result"]["error"])) == (200, True)


async def test_categories_come_with_their_children_to_those_who_may_enter() -> None:
    async with opened() as (forum, http), client(forum, user="chef") as chef:
        forum.user("chef", moderator=True)
        forum.category("formations")
        forum.category("stages", parent="formations")
        forum.category("equipe", "staff")
        mine = (await http.get("/categories.json?include_subcategories=true")).json()["category_list"]["categories"]
        all_of_them = (await chef.get("/categories.json")).json()["category_list"]["categories"]
    assert [one["slug"] for one in mine] == ["formations"]
    assert [one["slug"] for one in mine[0]["subcategory_list"]] == ["stages"]
    assert [(one["slug"], one["read_restricted"]) for one in all_of_them] == [("formations", False), ("equipe", True)]


async def test_the_groups_members_can_be_asked_for() -> None:
    async with opened() as (forum, http):
        forum.group("moderateurs", "ana", "ben")
        members = (await http.get("/groups/moderateurs/members.json")).json()
        assert [one["username"] for one in members["members"]] == ["ana", "ben"]
        assert (await http.get("/groups/personne/members.json")).status_code == 404


async def test_link_previews_come_a_moment_later_and_mentions_are_links() -> None:
    async with opened(folder="/forum") as (forum, http):
        post = forum.say("ana", "formations", "Bonjour @concierge, `@ben`\n\nhttps://lieu.example/page")
        fresh = (await http.get(f"/posts/{post.id}.json")).json()
        forum.clock.advance(6)
        later = (await http.get(f"/posts/{post.id}.json")).json()
    assert '<a class="mention" href="/forum/u/concierge">@concierge</a>' in fresh["cooked"]
    assert 'class="onebox"' in fresh["cooked"]
    assert later["cooked"] != fresh["cooked"]
    assert (later["version"], later["updated_at"]) == (fresh["version"], fresh["updated_at"])


async def test_a_flagged_post_hides_what_it_said() -> None:
    async with opened() as (forum, http):
        post = forum.say("ana", "formations", TEXT)
        forum.hide(post)
        shape = (await http.get(f"/posts/{post.id}.json")).json()
    assert shape["hidden"]
    assert "facilitateur" not in shape["cooked"]


async def test_it_says_what_it_is() -> None:
    async with opened(old=True) as (_, http):
        assert (await http.get("/about.json")).json()["about"]["version"] == "2.9.0.beta5"
        answer = await http.get("/session/current.json")
    assert answer.json()["current_user"]["trust_level"] == 2
    assert answer.headers["x-discourse-username"] == "concierge"
    assert answer.headers["x-discourse-route"] == "session/current"


async def test_a_restart_keeps_address_and_contents() -> None:
    async with opened() as (forum, http):
        post = forum.say("ana", "formations", TEXT)
        await forum.stop()
        with pytest.raises(httpx.TransportError):
            await http.get("/posts.json")
        await forum.start()
        assert ids(await http.get("/posts.json")) == [post.id]


async def test_the_same_seed_gives_the_same_forum() -> None:
    async def tell() -> str:
        async with opened(seed=7) as (forum, http):
            for number in range(9):
                forum.say("ana", "formations", f"{TEXT} {number}")
            return (await http.get("/posts.json")).text

    assert await tell() == await tell()


async def test_calls_during_a_pause_are_counted() -> None:
    async with opened() as (forum, http):
        forum.fail_next("/posts", limited(10))
        for path in ("/posts.json", "/about.json"):
            forum.clock.advance(1)
            await http.get(path)
        forum.clock.advance(10)
        await http.get("/posts.json")
    assert [asked.path for asked in forum.impatient()] == ["/about.json"]
