"""What happens on the forum, look after look, with nothing lost between them.

A look asks for new posts, for private messages where the settings allow them, for notifications (of what the list of
new posts does not show: unlisted topics, a mention that was edited in) and for posts that were replied to.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels.backoff import Backoff
from bot.channels.discourse import event_parser
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.cursor import ForumCursor, highest
from bot.channels.discourse.event_parser import JournalledPost
from bot.channels.discourse.http import Forbidden
from bot.channels.discourse.models import MENTIONED, REPLIED, DiscoursePost, Notification
from bot.channels.discourse.paging import Pages
from bot.channels.discourse.plain_text import mentions
from bot.channels.discourse.post_limits import PostLimits
from bot.channels.discourse.site import Site, folded
from bot.channels.discourse.watchlist import Watchlist
from bot.messages import AuthenticationFailed, ChannelError, Event, NetworkRefusal, RateLimited, Receive, Unreachable

log = logging.getLogger(__name__)

DOWN = timedelta(minutes=15)
"""What was posted longer ago than that when the bot starts is not overheard."""
LONGEST = timedelta(days=1)
"""What is older is not read any more after a time of rest: nothing there is answered."""
RIPE, SOON = 20.0, 15.0
"""Seconds that people get to reply to a new topic first; it is looked at once more before they are over."""
REMEMBERED = 5000  # posts
REQUESTS = 4  # of a look, about

Found = tuple[list[Event], ForumCursor]


class Poller:
    """`clock`: the time of day. Sends nothing."""

    def __init__(
        self, site: Site, client: DiscourseClient, watched: Watchlist, turns: PostLimits, clock: Callable[[], datetime]
    ) -> None:
        self._turns, self._pages = turns, Pages()
        self._site, self._client, self._watched, self._clock = site, client, watched, clock
        self._wake, self._told = asyncio.Event(), False
        self._taken: OrderedDict[int, bool] = OrderedDict()  # ids of posts; whether they mention us
        self._refused: set[str] = set()  # what we may not ask
        self._ailing: set[str] = set()  # what was not to be had at the last look
        self._soon: datetime | None = None
        self._late: datetime | None = None  # in the first look: what is older was posted while we were down
        self._position = ForumCursor()

    def look_now(self) -> None:
        """Something happened on the forum. However often this is called, the client's pace holds."""
        self._told = True
        self._wake.set()

    async def run(self, receive: Receive, since: str | None) -> None:
        """For ever. Raises LoggedOut, and whatever `receive` raises."""
        backoff = Backoff("the forum", first=1.0, longest=300.0, sleep=self._rest)
        await self._lasting(backoff, lambda: self.begin(receive, since), starting=True)
        await self._lasting(backoff, self.confirm, starting=True)
        while True:
            await self._lasting(backoff, lambda: self.look(receive))
            await self._rest(self._pause())

    async def begin(self, receive: Receive, since: str | None) -> None:
        """At the very first start this is the first thing asked, and its answer is kept before anything else."""
        self._late = self._clock() - DOWN
        if since is not None:
            self._position = ForumCursor.read(since)
            return
        self._position = ForumCursor.first(await self._client.latest_posts(), self._clock())
        await receive([], self._position.written())

    async def confirm(self) -> None:
        """Raises LoggedOut when key or name are wrong; other trouble is left to the looks."""
        try:
            await self._client.scopes()
        except NetworkRefusal as refusal:
            log.info("the forum does not tell what the key may do: %s", refusal)

    async def look(self, receive: Receive) -> None:
        """Raises what keeps it from seeing new posts; trouble with the rest waits for the next look."""
        told, self._told, self._soon = self._told, False, None
        events, position = await self._careful(self._posts)
        await receive(events, position.written())  # also when nothing is new: so it is known that we looked
        self._position = position
        for name, part in self._rest_of(told).items():
            if name not in self._refused:
                await self._also(receive, name, part)
        await self._watched.keep()

    async def _also(self, receive: Receive, name: str, part: Callable[[], Awaitable[Found]]) -> None:
        try:
            found = await self._careful(part)
        except Forbidden as refusal:
            self._refused.add(name)
            log.warning("the forum does not let us see %s, so we go on without (global:read): %s", name, refusal)
        except (Unreachable, RateLimited, NetworkRefusal) as trouble:
            log.log(logging.DEBUG if name in self._ailing else logging.WARNING, "the forum: no %s: %s", name, trouble)
            self._ailing.add(name)
        else:
            self._ailing.discard(name)
            await self._keep(receive, *found)

    def _rest_of(self, told: bool) -> Mapping[str, Callable[[], Awaitable[Found]]]:
        private = {"private messages": self._private} if self._site.direct else {}
        return private | {"notifications": self._notifications, "news of edits": lambda: self._again(told)}

    async def _lasting(self, backoff: Backoff, step: Callable[[], Awaitable[None]], starting: bool = False) -> None:
        while True:
            try:
                await step()
            except AuthenticationFailed:
                raise
            except ChannelError as trouble:
                await backoff.wait(await self._explained(trouble, starting))
            else:
                return backoff.reset()

    async def _explained(self, trouble: ChannelError, starting: bool) -> ChannelError:
        """A wrong key and one that may not read get the same refusal. Only a bot that starts ends for it."""
        if not isinstance(trouble, Forbidden):
            return trouble
        try:
            await self._client.scopes()
        except AuthenticationFailed as refusal:
            if starting:
                raise
            return Unreachable(str(refusal))
        except ChannelError:
            return trouble
        return Unreachable(f"the key may not read what is posted; give it the scope global:read ({trouble})")

    async def _careful(self, part: Callable[[], Awaitable[Found]]) -> Found:
        """An error of ours must not end the bot: other networks go on."""
        try:
            return await part()
        except ChannelError:
            raise
        except Exception as error:
            log.exception("an error of ours while looking; trying again")
            raise Unreachable("it says what we do not understand") from error

    async def _keep(self, receive: Receive, events: Sequence[Event], position: ForumCursor) -> None:
        if events or position.moved_on(self._position):
            await receive(events, position.written())
        self._position = position

    async def _posts(self) -> Found:
        now = self._clock()
        posts = await self._pages.down_to(self._client.latest_posts, self._position.post, now - LONGEST)
        position = self._position.grounded(posts)
        events = [*self._watched.held.appeared(posts), *self._events(posts, position, position.post, direct=False)]
        self._late = None
        return events, position.reached(posts, now)

    async def _private(self) -> Found:
        """Old servers look only at the newest ids of all: those of public posts tell how far these go."""
        top, mark = self._position.post, self._position.private
        posts = await self._pages.down_to(self._client.private_posts, mark, self._clock() - LONGEST, top)
        events = self._events(posts, self._position, mark, direct=True)
        return events, replace(self._position, private=max(top, highest(posts)))

    def _events(self, posts: Sequence[DiscoursePost], position: ForumCursor, mark: int, direct: bool) -> list[Event]:
        new = [post for post in posts if post.id not in self._taken and position.is_new(post, mark)]
        return [self._take(post, direct) for post in new if event_parser.heard(post, self._site)]

    def _take(self, post: DiscoursePost, direct: bool) -> Event:
        first = post.post_number == 1
        said = JournalledPost(post, direct, late=first and self._late is not None and post.created_at < self._late)
        self._remember(post)
        self._turns.others_wrote(post.topic_id)
        left = RIPE - (self._clock() - post.created_at).total_seconds()
        if first and not direct and left > RIPE - SOON:
            self._watched.wait_for(said, left + RIPE)
            self._soon = self._clock() + timedelta(seconds=left - RIPE + SOON)
        return event_parser.event(said)

    def _remember(self, post: DiscoursePost) -> None:
        self._taken[post.id] = folded(self._site.username) in mentions(post.cooked)
        while len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)

    async def _notifications(self) -> Found:
        notes = await self._client.notifications()
        new = [note for note in notes if note.id > self._position.notification]
        recent = [note for note in new if self._clock() - note.created_at < LONGEST]
        events = [event for note in reversed(recent) for event in await self._told_of(note)]
        mark = max((note.id for note in new), default=self._position.notification)
        return events, replace(self._position, notification=mark)

    async def _told_of(self, note: Notification) -> list[Event]:
        """Nothing for what the lists of new posts brought already."""
        concerns = note.notification_type in (MENTIONED, REPLIED) and note.topic_id and note.post_number
        known = self._taken.get(note.post_id or 0)
        if not concerns or known or (known is False and note.notification_type == REPLIED):
            return []
        if note.post_id is not None and note.post_id <= self._position.floor:
            return []
        said = await reread(self._client, note.topic_id or 0, note.post_number or 0)
        if said is None or said.post.id <= self._position.floor or not event_parser.heard(said.post, self._site):
            return []
        if said.direct and not self._site.direct:
            return []
        self._remember(said.post)
        changed = known is False or said.post.version > 1
        return [event_parser.event(said), *([event_parser.edited(said)] if changed else [])]

    async def _again(self, told: bool) -> Found:
        return await self._watched.look(told), self._position

    def _pause(self) -> float:
        if self._soon is None:
            return self._site.poll
        return min(self._site.poll, max((self._soon - self._clock()).total_seconds(), 0.0))

    async def _rest(self, seconds: float) -> None:
        """Until the time is over, or somebody tells that something happened: but not sooner than the pace allows."""
        least = min(self._site.poll, REQUESTS / self._site.pace)
        await asyncio.sleep(least)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds - least, 0)):
                await self._wake.wait()
        self._wake.clear()


async def reread(client: DiscourseClient, topic_id: int, number: int) -> JournalledPost | None:
    """A post as it is now, with its topic's title; None: it is gone, or we may not see it."""
    try:
        topic = await client.topic(topic_id)
        shown = {post.post_number: post for post in topic.posts} if topic else {}
        post = shown.get(number) or await client.post_by_number(topic_id, number)
    except Forbidden:
        return None
    if topic is None or post is None or post.gone:
        return None
    post = post.model_copy(update={"topic_title": topic.title, "category_id": topic.category_id})
    return JournalledPost(post, direct=topic.private)
