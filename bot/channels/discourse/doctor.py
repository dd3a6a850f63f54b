"""The doctor's checks of a forum: address, key and scopes, account, categories, group, search, pace, webhook.

They make about eight requests, of the sixty a minute that all keys of a forum share.
"""

import ipaddress
import re
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from difflib import get_close_matches
from typing import Any

from bot.channels.channel_kind import Examination
from bot.channels.discourse.http import AGENT
from bot.channels.discourse.models import Category, all_categories, part
from bot.channels.discourse.settings import DiscourseSettings, Forum
from bot.channels.findings import Finding, Halt, note, right, unseen, wrong
from bot.channels.http_probe import HttpProbe, HttpResult
from bot.messages import Unreachable

NEEDED = ("topics:write", "posts:edit", "posts:delete", "global:read")
"""Scopes of a key that is not global. `global:read`, because notifications and single posts have no scope of their own
(`app/models/api_key_scope.rb`)."""
OLDEST = (3, 1)  # first version in which `/posts.json` has a scope
SHARED = 60  # requests a minute of all keys of a forum together
LEAST_SECRET = 12  # characters (`app/models/web_hook.rb`)


async def examine(instance: Forum, setup: Examination) -> AsyncIterator[Finding]:
    forum, key, group = instance.settings, instance.secrets.get("api_key"), instance.settings.moderators_group
    async with aclosing(HttpProbe("forum", forum.url, AGENT)) as server:
        found, info = await find_forum(server)
        yield found
        if key is None:
            raise Halt(wrong("forum_no_key"))
        server.headers |= {"Api-Key": key, "Api-Username": forum.username}
        scopes = await server.get("/session/scopes.json")
        yield check_key(scopes, forum)
        yield _scopes(scopes)
        yield await _version(server)
        yield _account(await server.get("/session/current.json"))
        posts = await server.get("/posts.json")
        yield right("forum_posts") if "latest_posts" in posts.body else wrong("forum_no_posts", status=posts.status)
        closed = bool(info.body.get("login_required"))
        async for finding in _categories(instance, server, closed):
            yield finding
        if group:
            yield await check_group(server, group)
        if group and not setup.has_moderators_room:
            # it is written to, which nobody may by default (`groups.messageable_level`)
            is_open = part((await server.get(f"/groups/{group}.json")).body, "group", "messageable")
            yield right("forum_group_message", group=group) if is_open else wrong("forum_group_no_message", group=group)
        if closed:
            yield note("forum_members_only")
        else:  # the bot searches without an account, so that nothing private leaks
            answer = await server.get("/search.json", key=False, q="bonjour")
            is_search = answer.ok and ("grouped_search_result" in answer.body or answer.listed("posts"))
            yield right("forum_search") if is_search else note("forum_no_search", status=answer.status)
        reads_messages = forum.direct or (group and not setup.has_moderators_room)
        # of a round: newest posts, notifications, private messages
        requests = round(60 / forum.poll * (3 if reads_messages else 2), 1)
        values = {"requests": f"{requests:g}", "shared": SHARED, "poll": f"{forum.poll:g}"}
        yield wrong("forum_poll", **values) if requests > SHARED / 2 else right("forum_pace", **values)


async def find_forum(server: HttpProbe) -> tuple[Finding, HttpResult]:
    """Check that a forum is there, which tells its title without a key; return its answer as well. Raises Halt."""
    answer = await server.get("/site/basic-info.json", key=False)
    title = answer.body.get("title")
    if answer.ok and isinstance(title, str):
        return right("forum", url=server.url, title=title), answer
    if 300 <= answer.status < 400:
        raise Halt(wrong("forum_elsewhere", url=server.url, other=answer.headers.get("Location", "?")))
    if answer.status == 403 and "rawler" in answer.text:
        raise Halt(wrong("forum_crawler", agent=AGENT.partition("/")[0]))
    raise Halt(wrong("forum_is_none", url=server.url, status=answer.status))


def check_key(answer: HttpResult, forum: DiscourseSettings) -> Finding:
    """Check the key: any key that works may ask for its scopes. Raises Halt."""
    if not answer.ok or "scopes" not in answer.body:
        raise Halt(wrong("forum_key_refused", user=forum.username, status=answer.status))
    user = answer.headers.get("x-discourse-username", forum.username)
    if user.lower() != forum.username.lower():
        raise Halt(wrong("forum_other_user", user=user, wanted=forum.username))
    return right("forum_key", user=user)


def _scopes(answer: HttpResult) -> Finding:
    """Check the scopes; a global key has none."""
    scopes = [one for one in answer.listed("scopes") if isinstance(one, dict)]
    if not scopes:
        return note("forum_key_global")
    needed = [one for one in scopes if _name(one) in NEEDED]
    if missing := [name for name in NEEDED if name not in map(_name, needed)]:
        return wrong("forum_scopes", missing=", ".join(missing))
    bound = [_name(one) for one in needed if any((one.get("allowed_parameters") or {}).values())]
    return note("forum_scopes_bound", bound=", ".join(bound)) if bound else right("forum_scopes_right")


def _name(scope: dict[str, Any]) -> str:
    """Return a scope's name, such as `topics:write`. Older versions have only `action`, which is worded for people."""
    return f"{scope.get('resource')}:{scope.get('key') or str(scope.get('action')).replace(' ', '_')}"


async def _version(server: HttpProbe) -> Finding:
    version = str(part((await server.get("/about.json")).body, "about", "version"))
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers is None:
        return unseen("forum_no_version")
    old = (int(numbers[1]), int(numbers[2])) < OLDEST
    return note("forum_version_old", version=version) if old else right("forum_version", version=version)


def _account(answer: HttpResult) -> Finding:
    """Check the account: trust level 0 is limited; staff see private posts, and could repeat them."""
    user = answer.body.get("current_user")
    if not isinstance(user, dict):
        return unseen("forum_account_unseen")
    level = user.get("trust_level")
    if user.get("admin") or user.get("moderator"):
        return wrong("forum_staff")
    if not isinstance(level, int) or level < 1:
        return wrong("forum_untrusted", level=level)
    return right("forum_trusted", level=level) if level >= 2 else note("forum_little_trust", level=level)


async def _categories(instance: Forum, server: HttpProbe, closed: bool) -> AsyncIterator[Finding]:
    wanted = dict.fromkeys([*instance.settings.regions, *instance.digest_places])
    if not wanted:
        yield note("forum_no_categories")
        return
    visible = await list_categories(server)
    for slug in wanted:
        category = visible.get(slug)
        if category is None:
            near = get_close_matches(slug, visible, 1)
            yield wrong("forum_category_near" if near else "forum_category_unseen", slug=slug, near="".join(near))
        elif category.permission not in (None, 1) and (slug in instance.digest_places or category.permission != 2):
            yield wrong("forum_category_mute", slug=slug)
        elif closed or category.read_restricted:
            yield note("forum_category_private", slug=slug)
        else:
            yield right("forum_category", slug=slug)


async def list_categories(server: HttpProbe) -> dict[str, Category]:
    """Return the categories that the account sees, by slug."""
    answer = await server.get("/categories.json", include_subcategories="true")
    with suppress(Unreachable):
        return {one.slug: one for one in all_categories(answer.body)}
    return {}


async def check_group(server: HttpProbe, name: str) -> Finding:
    answer = await server.get(f"/groups/{name}/members.json")
    if not answer.ok:
        return wrong("forum_no_group", group=name)
    members = answer.listed("members")
    return right("forum_group", group=name, members=len(members)) if members else wrong("forum_group_empty", group=name)


async def webhook(instance: Forum, setup: Examination) -> AsyncIterator[Finding]:
    """Check the webhook from this side: only the forum knows whether it reaches the bot."""
    secret, host = instance.secrets.get("webhook_secret"), setup.web_host
    if secret is None:
        yield note("webhook_none", poll=f"{instance.settings.poll:g}")
    elif len(secret) < LEAST_SECRET:
        yield wrong("webhook_short", least=LEAST_SECRET)
    elif host is None:
        yield wrong("webhook_no_web")
    else:
        yield note("webhook_within", host=host) if _is_internal(host) else right("webhook", host=host)


def _is_internal(host: str) -> bool:
    """Whether the address can be reached only from this machine or its network."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host == "localhost"
    return address.is_loopback or (address.is_private and not address.is_unspecified)
