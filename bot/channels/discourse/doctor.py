"""The forum: is it one, may the bot work there, and what it can see. About eight requests of the sixty a minute."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import AsyncIterator, Iterator
from difflib import get_close_matches
from typing import Any

from bot.channels.discourse.http import AGENT
from bot.channels.discourse.settings import DiscourseSettings
from bot.channels.findings import Finding, Halt, note, right, wrong
from bot.channels.http_probe import HttpProbe, HttpResult
from bot.channels.kind import ChannelInstance, Examination

NEEDED = ("topics:write", "posts:edit", "posts:delete", "global:read")
"""Of a key that is not global. Reading needs so much because notifications and single posts have no own scope."""
OLDEST = (3, 1)  # of the versions whose answers were read; /posts.json has had its scope since
SHARED = 60  # requests a minute of all keys of a forum together
LEAST_SECRET = 12  # characters; the forum takes none shorter


Forum = ChannelInstance[DiscourseSettings]


async def examine(instance: Forum, setup: Examination) -> AsyncIterator[Finding]:
    server = HttpProbe("forum", instance.settings.url, {"User-Agent": AGENT})
    try:
        async for finding in _examine(instance, server):
            yield finding
    finally:
        await server.close()


async def _examine(instance: Forum, server: HttpProbe) -> AsyncIterator[Finding]:
    forum, key = instance.settings, instance.secrets.get("api_key")
    info = await server.get("/site/basic-info.json", key=False)
    yield _is_a_forum(server, info)
    if key is None:
        raise Halt(wrong("forum_no_key"))
    server.headers |= {"Api-Key": key, "Api-Username": forum.username}
    scopes = await server.get("/session/scopes.json")
    yield _key(scopes, forum)
    yield _scopes(scopes)
    yield await _version(server)
    yield _account(await server.get("/session/current.json"))
    yield await _posts(server)
    closed = bool(info.body.get("login_required"))
    async for finding in _categories(instance, server, closed):
        yield finding
    if forum.moderators_group:
        yield await _group(server, forum.moderators_group)
    yield note("forum_members_only") if closed else await _visitors(server)
    yield _pace(forum)


def _is_a_forum(server: HttpProbe, answer: HttpResult) -> Finding:
    """It tells its title to everybody."""
    title = answer.body.get("title")
    if answer.ok and isinstance(title, str):
        return right("forum", url=server.url, title=title)
    if 300 <= answer.status < 400:
        raise Halt(wrong("forum_elsewhere", url=server.url, other=answer.headers.get("Location", "?")))
    if answer.status == 403 and "rawler" in answer.text:
        raise Halt(wrong("forum_crawler", agent=AGENT.partition("/")[0]))
    raise Halt(wrong("forum_is_none", url=server.url, status=answer.status))


def _key(answer: HttpResult, forum: DiscourseSettings) -> Finding:
    """The key's own scopes may be asked with any key that works."""
    if not answer.ok or "scopes" not in answer.body:
        raise Halt(wrong("forum_key_refused", user=forum.username, status=answer.status))
    user = answer.headers.get("x-discourse-username", forum.username)
    if user.lower() != forum.username.lower():
        raise Halt(wrong("forum_other_user", user=user, wanted=forum.username))
    return right("forum_key", user=user)


def _scopes(answer: HttpResult) -> Finding:
    """None at all: a global key."""
    given = [one for one in answer.listed("scopes") if isinstance(one, dict)]
    if not given:
        return note("forum_key_global")
    names = {_name(one) for one in given}
    if missing := [name for name in NEEDED if name not in names]:
        return wrong("forum_scopes", missing=", ".join(missing))
    bound = [
        _name(one) for one in given if _name(one) in NEEDED and any((one.get("allowed_parameters") or {}).values())
    ]
    return note("forum_scopes_bound", bound=", ".join(bound)) if bound else right("forum_scopes_right")


def _name(scope: dict[str, Any]) -> str:
    """`topics:write`; newer versions have it for programs as `key`, older ones only as `action`, for people."""
    return f"{scope.get('resource')}:{scope.get('key') or str(scope.get('action')).replace(' ', '_')}"


async def _version(server: HttpProbe) -> Finding:
    about = (await server.get("/about.json")).body.get("about")
    version = str(about.get("version") or "") if isinstance(about, dict) else ""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers is None:
        return note("forum_no_version")
    old = (int(numbers[1]), int(numbers[2])) < OLDEST
    return (note if old else right)("forum_version_old" if old else "forum_version", version=version)


def _account(answer: HttpResult) -> Finding:
    """New accounts are held short by the forum; staff see what is not for all, and could let it out."""
    user = answer.body.get("current_user")
    if not isinstance(user, dict):
        return note("forum_account_unseen")
    level = user.get("trust_level")
    if user.get("admin") or user.get("moderator"):
        return wrong("forum_staff")
    if not isinstance(level, int) or level < 1:
        return wrong("forum_untrusted", level=level)
    return right("forum_trusted", level=level) if level >= 2 else note("forum_little_trust", level=level)


async def _posts(server: HttpProbe) -> Finding:
    answer = await server.get("/posts.json")
    return right("forum_posts") if "latest_posts" in answer.body else wrong("forum_no_posts", status=answer.status)


async def _categories(instance: Forum, server: HttpProbe, closed: bool) -> AsyncIterator[Finding]:
    wanted = dict.fromkeys([*instance.settings.categories, *instance.digest_places])
    if not wanted:
        yield note("forum_no_categories")
        return
    answer = await server.get("/categories.json", include_subcategories="true")
    listed = answer.body.get("category_list")
    seen = {str(one.get("slug")): one for one in _with_children(listed)}
    for slug in wanted:
        yield _category(slug, seen, writes=slug in instance.digest_places, closed=closed)


def _with_children(listed: Any) -> Iterator[dict[str, Any]]:
    found = listed.get("categories") if isinstance(listed, dict) else listed
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict):
            yield one
            yield from _with_children(one.get("subcategory_list"))


def _category(slug: str, seen: dict[str, dict[str, Any]], *, writes: bool, closed: bool) -> Finding:
    """`permission`: 1 new topics, 2 replies, 3 reading alone; None: the forum says nothing of it."""
    if slug not in seen:
        near = get_close_matches(slug, seen, 1)
        return wrong("forum_category_near" if near else "forum_category_unseen", slug=slug, near="".join(near))
    permission = seen[slug].get("permission")
    if permission not in (None, 1) and (writes or permission != 2):
        return wrong("forum_category_mute", slug=slug)
    private = closed or seen[slug].get("read_restricted")
    return note("forum_category_private", slug=slug) if private else right("forum_category", slug=slug)


async def _group(server: HttpProbe, name: str) -> Finding:
    answer = await server.get(f"/groups/{name}/members.json")
    if not answer.ok:
        return wrong("forum_no_group", group=name)
    members = answer.listed("members")
    return right("forum_group", group=name, members=len(members)) if members else wrong("forum_group_empty", group=name)


async def _visitors(server: HttpProbe) -> Finding:
    """The bot searches as a visitor, so that nothing leaks: where those may not read, it finds nothing."""
    answer = await server.get("/search.json", key=False, q="bonjour")
    found = "grouped_search_result" in answer.body or answer.listed("posts")
    return right("forum_search") if answer.ok and found else note("forum_no_search", status=answer.status)


def _pace(forum: DiscourseSettings) -> Finding:
    """Two requests a look: the newest posts, and what was said to the bot."""
    requests = round(60 / forum.poll * (3 if forum.direct else 2), 1)
    values = {"requests": f"{requests:g}", "shared": SHARED, "poll": f"{forum.poll:g}"}
    return wrong("forum_poll", **values) if requests > SHARED / 2 else right("forum_pace", **values)


async def webhook(instance: Forum, setup: Examination) -> AsyncIterator[Finding]:
    """What can be said of it from here: whether the forum reaches it, only the forum knows."""
    secret, host = instance.secrets.get("webhook_secret"), setup.web_host
    if secret is None:
        yield note("webhook_none", poll=f"{instance.settings.poll:g}")
    elif len(secret) < LEAST_SECRET:
        yield wrong("webhook_short", least=LEAST_SECRET)
    elif host is None:
        yield wrong("webhook_no_web")
    else:
        yield note("webhook_within", host=host) if _is_within(host) else right("webhook", host=host)


def _is_within(host: str) -> bool:
    """Whether nobody outside this machine or its network can reach it as it is."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host == "localhost"
    return address.is_loopback or (address.is_private and not address.is_unspecified)
