"""Polling of the forum for new events, without gaps.

Each round asks for new posts, for private messages if the settings allow them, for notifications (posts in unlisted
topics, and mentions edited in, stand in no list of new posts) and for watched posts.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.backoff import Backoff
from bot.channels.discourse import event_parser
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.cursor import ForumCursor, Pager, highest
from bot.channels.discourse.event_parser import JournalledPost
from bot.channels.discourse.formatting import mentions
from bot.channels.discourse.http import Forbidden
from bot.channels.discourse.models import MENTIONED, REPLIED, DiscoursePost, Notification
from bot.channels.discourse.moderators_topic import ModeratorsTopic
from bot.channels.discourse.rate_limit import PostLimits
from bot.channels.discourse.settings import ROUND
from bot.channels.discourse.site import Site, folded
from bot.channels.discourse.watchlist import Watchlist
from bot.concurrency import woken
from bot.messages import AuthenticationFailed, ChannelError, Event, NetworkRefusal, RateLimited, Receive, Unreachable

log = logging.getLogger(__name__)

DOWN = timedelta(minutes=15)  # posts older than that when the bot starts are not overheard
LONGEST = timedelta(days=1)  # older posts are not read after an outage: none of them would be answered
RIPE, LEAD = 20.0, 15.0
"""Seconds that people get to reply to a new topic first, and seconds before their end at which it is polled again."""
REMEMBERED = 5000  # posts known to have been seen

Part = Callable[[], Awaitable[tuple[list[Event], ForumCursor]]]
"""A part of a round: returns its events, and the cursor behind them."""


@dataclass
class Poller:
    """Polls, and sends nothing. `clock` is the time of day."""

    site: Site
    client: DiscourseClient
    watchlist: Watchlist
    limits: PostLimits
    moderators: ModeratorsTopic
    clock: Callable[[], datetime]

    def __post_init__(self) -> None:
        self._pager, self._cursor = Pager(), ForumCursor()
        self._wake, self._is_pushed = asyncio.Event(), False
        self._seen: dict[int, bool] = {}  # ids of posts; whether they mention the bot
        self._forbidden: set[str] = set()  # parts of a round that the key does not allow
        self._failing: set[str] = set()  # parts that failed in the last round
        self._next_topic_ripe: datetime | None = None
        self._overheard_from: datetime | None = None  # in the first round: older posts came while the bot was down

    def poll_now(self) -> None:
        """Poll at once: a webhook came in. However often this is called, the client keeps its pace."""
        self._is_pushed = True
        self._wake.set()

    async def run(self, receive: Receive, since: str | None) -> None:
        """Poll for ever. Raises AuthenticationFailed, and whatever `receive` raises."""
        backoff = Backoff("the forum", first=1.0, longest=300.0, sleep=self._sleep)
        await backoff.retry(lambda: self._explained(self.begin(receive, since), is_starting=True))
        try:
            await backoff.retry(self.client.check_key)
        except NetworkRefusal as refusal:  # other faults of the key show in the rounds
            log.info("the forum does not tell what the key may do: %s", refusal)
        while True:
            await backoff.retry(lambda: self._explained(self.poll(receive)))
            pause = self.site.poll
            if self._next_topic_ripe:
                pause = min(pause, max((self._next_topic_ripe - self.clock()).total_seconds(), 0.0))
            await self._sleep(pause)

    async def begin(self, receive: Receive, since: str | None) -> None:
        """Restore the cursor. At the very first start, ask for the newest posts and store them before anything else."""
        self._overheard_from = self.clock() - DOWN
        if since is not None:
            self._cursor = ForumCursor(**json.loads(since))
            return
        posts, now = await self.client.latest_posts(), self.clock().isoformat()
        mark = highest(posts)
        self._cursor = ForumCursor(mark, mark, mark, begun=None if posts else now, looked=now)
        await receive([], self._cursor.to_json())

    async def poll(self, receive: Receive) -> None:
        """Run one round. Raises errors in reading new posts; faults of the other parts wait for the next round."""
        is_pushed, self._is_pushed, self._next_topic_ripe = self._is_pushed, False, None
        events, cursor = await self._guarded(self._posts)
        await receive(events, cursor.to_json())  # also when nothing is new: health counts from the last round
        self._cursor = cursor
        if self.site.direct or self.moderators.room:
            await self._poll_part(receive, "private messages", self._private)
        await self._poll_part(receive, "notifications", self._notifications)
        await self._poll_part(receive, "news of edits", lambda: self._watched(is_pushed))
        await self.watchlist.save()

    async def _poll_part(self, receive: Receive, name: str, part: Part) -> None:
        if name in self._forbidden:
            return
        try:
            events, cursor = await self._guarded(part)
        except Forbidden as refusal:
            self._forbidden.add(name)
            log.warning("the forum does not let us see %s, so we go on without (global:read): %s", name, refusal)
        except (Unreachable, RateLimited, NetworkRefusal) as error:
            log.log(logging.DEBUG if name in self._failing else logging.WARNING, "the forum: no %s: %s", name, error)
            self._failing.add(name)
        else:
            self._failing.discard(name)
            if events or replace(cursor, looked=self._cursor.looked) != self._cursor:  # worth storing
                await receive(events, cursor.to_json())
            self._cursor = cursor

    async def _explained(self, step: Awaitable[None], is_starting: bool = False) -> None:
        """Await the step. Refusals become errors that `Backoff` waits for, but a wrong key ends the bot at its start.

        A wrong key and a missing scope get the same 403.
        """
        try:
            await step
        except Forbidden as error:
            try:
                await self.client.check_key()
            except AuthenticationFailed as refusal:
                if is_starting:
                    raise
                raise Unreachable(str(refusal)) from refusal
            except ChannelError:
                raise Unreachable(str(error)) from error
            reason = f"the key may not read what is posted; give it the scope global:read ({error})"
            raise Unreachable(reason) from error
        except NetworkRefusal as refusal:
            raise Unreachable(str(refusal)) from refusal

    async def _guarded(self, part: Part) -> tuple[list[Event], ForumCursor]:
        """Run a part; a bug must not end the bot, since other networks go on."""
        try:
            return await part()
        except ChannelError:
            raise
        except Exception as error:
            log.exception("an error of ours while looking; trying again")
            raise Unreachable("it says what we do not understand") from error

    async def _posts(self) -> tuple[list[Event], ForumCursor]:
        now = self.clock()
        posts = await self._pager.down_to(self.client.latest_posts, self._cursor.post, now - LONGEST)
        cursor = self._cursor.with_floor(posts)
        events = [*self.watchlist.appeared_in(posts), *self._events(posts, cursor, cursor.post, direct=False)]
        self._overheard_from = None
        return events, replace(cursor, post=max(cursor.post, highest(posts)), looked=now.isoformat())

    async def _private(self) -> tuple[list[Event], ForumCursor]:
        """Poll private messages.

        Old servers page through the ids of all posts: public posts show how high these go.
        """
        top, mark = self._cursor.post, self._cursor.private
        posts = await self._pager.down_to(self.client.private_posts, mark, self.clock() - LONGEST, top)
        read = [post for post in posts if self.site.direct or self.moderators.holds(post.topic_id)]
        events = self._events(read, self._cursor, mark, direct=True)
        return events, replace(self._cursor, private=max(top, highest(posts)))

    def _events(self, posts: Sequence[DiscoursePost], cursor: ForumCursor, mark: int, direct: bool) -> list[Event]:
        events: list[Event] = []
        for post in posts:
            is_known = post.id in self._seen or not cursor.is_new(post, mark)
            if is_known or not event_parser.is_by_person(post, self.site):
                continue
            is_first = post.post_number == 1
            is_late = is_first and self._overheard_from is not None and post.created_at < self._overheard_from
            content = JournalledPost(post, direct, is_late)
            self._note_seen(post)
            self.limits.on_post_by_others(post.topic_id)
            left = RIPE - (self.clock() - post.created_at).total_seconds()
            if is_first and not direct and left > RIPE - LEAD:
                self.watchlist.watch_until_answered(content, left + RIPE)
                self._next_topic_ripe = self.clock() + timedelta(seconds=left - RIPE + LEAD)
            events.append(event_parser.message_event(content, self.site))
        return events

    def _note_seen(self, post: DiscoursePost) -> None:
        self._seen[post.id] = folded(self.site.username) in mentions(post.cooked)
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]

    async def _notifications(self) -> tuple[list[Event], ForumCursor]:
        notifications = await self.client.notifications()
        new = [one for one in notifications if one.id > self._cursor.notification]
        recent = [one for one in new if self.clock() - one.created_at < LONGEST]
        events = [event for one in reversed(recent) for event in await self._notified_of(one)]
        mark = max((one.id for one in new), default=self._cursor.notification)
        return events, replace(self._cursor, notification=mark)

    async def _notified_of(self, notification: Notification) -> list[Event]:
        """Return the events of a notification; none for posts that the lists of new posts brought.

        A post notifies once, of a mention before a reply (`app/services/post_alerter.rb`).
        """
        kind, floor = notification.notification_type, self._cursor.floor
        concerns_us = kind in (MENTIONED, REPLIED) and notification.topic_id and notification.post_number
        was_mention = self._seen.get(notification.post_id or 0)
        if not concerns_us or was_mention or (was_mention is False and kind == REPLIED):
            return []
        if notification.post_id is not None and notification.post_id <= floor:
            return []
        content = await fetch_post(self.client, notification.topic_id or 0, notification.post_number or 0)
        if content is None or content.post.id <= floor or not event_parser.is_by_person(content.post, self.site):
            return []
        if content.direct and not (self.site.direct or self.moderators.holds(content.post.topic_id)):
            return []
        self._note_seen(content.post)
        is_edited = was_mention is False or content.post.version > 1
        edits = [event_parser.edit_event(content, self.site)] if is_edited else []
        return [event_parser.message_event(content, self.site), *edits]

    async def _watched(self, is_pushed: bool) -> tuple[list[Event], ForumCursor]:
        return await self.watchlist.poll(is_pushed), self._cursor

    async def _sleep(self, seconds: float) -> None:
        """Sleep until the time is over or a webhook comes in, but not less than the pace allows."""
        least = min(self.site.poll, ROUND / self.site.pace)
        await asyncio.sleep(least)
        await woken(self._wake, max(seconds - least, 0))
        self._wake.clear()


async def fetch_post(client: DiscourseClient, topic_id: int, number: int) -> JournalledPost | None:
    """Return a post as it is now, with its topic's title; None if it is gone, or not visible to the bot."""
    try:
        if (topic := await client.topic(topic_id)) is None:
            return None
        post = topic.numbered(number) or await client.post_by_number(topic_id, number)
    except Forbidden:
        return None
    if post is None or post.gone:
        return None
    post = post.model_copy(update={"topic_title": topic.title, "category_id": topic.category_id})
    return JournalledPost(post, direct=topic.private)
