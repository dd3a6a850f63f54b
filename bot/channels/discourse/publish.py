"""Sending to the forum: a post for a reply, an edit for a new text, a deletion; lookup of what was sent before.

Before each further attempt the topic is read, for the forum recognises an identical post for two minutes only, which is
no documented promise (`DistributedMemoizer` in `app/controllers/posts_controller.rb#create`).
"""

import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.discourse import formatting
from bot.channels.discourse.client import DiscourseClient, diagnose
from bot.channels.discourse.http import Forbidden, Invalid
from bot.channels.discourse.models import DiscoursePost, DiscourseTopic, Enqueued, PendingPost
from bot.channels.discourse.moderators_topic import ModeratorsTopic
from bot.channels.discourse.rate_limit import IN_A_ROW, PostLimits, topic_full, unexplained_refusal
from bot.channels.discourse.site import Site, category_of, event_id, external_id, is_group, position_of, topic_of
from bot.channels.discourse.watchlist import Watchlist
from bot.messages import NetworkRefusal, Outgoing, OutgoingReaction, RateLimited, Removal, Reply, Unreachable

log = logging.getLogger(__name__)

# Prefix of the event id of a post that waits for approval (`reviewable_queued_post` in Discourse's source).
_PENDING = "held/"
_LONG = 600.0  # seconds: longer pauses are logged as a warning
_CLOCK_SKEW = timedelta(hours=1)  # between the forum's clock and ours
_PAGE = 20  # posts read at once


@dataclass
class DiscoursePublisher:
    site: Site
    client: DiscourseClient
    watchlist: Watchlist
    limits: PostLimits
    moderators: ModeratorsTopic
    _warned: set[str] = field(default_factory=set, init=False)

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        """Send, and return the id of the post, or of its edit or deletion. Raises as `Channel.send`."""
        match outgoing:
            case OutgoingReaction():
                return f"{outgoing.target}/mark"  # nothing is sent: forums have no emoji reactions
            case Removal():
                return await self._remove(outgoing.target)
            case Reply(replaces=str() as earlier):
                return await self._replace(earlier, outgoing)
            case Reply():
                return await self._post(outgoing, transaction)

    async def find_sent(self, outgoing: Outgoing, transaction: str, since: datetime) -> list[str]:
        """Find our posts as `Channel.find_sent`; edits and deletions are not looked for, a second one changes nothing.

        Raises Unreachable if it is too early to send the reply again.
        """
        if not isinstance(outgoing, Reply) or outgoing.replaces:
            return []
        held: list[PendingPost] = []
        if category_of(outgoing.room):
            first = await self.client.first_post(external_id(transaction))  # by the id that we chose
            posts = [first] if first else []
            texts = [formatting.normalized(formatting.raw(outgoing.text))]
        else:
            in_room = outgoing.room == self.moderators.room
            number = self.moderators.topic_of(outgoing) if in_room else topic_of(outgoing.room)
            self.limits.check(number or 0, outgoing)
            topic = None if number is None else await self.client.topic(number)
            if topic is None:
                return []
            texts = [formatting.normalized(text) for text in formatting.variants(self.site, outgoing)]
            posts = await self._likely_posts(outgoing, topic, texts, since - _CLOCK_SKEW)
            held += topic.pending_posts
        sent: dict[str, int | None] = {event_id(post.topic_id, post.post_number): post.id for post in posts}
        if not sent:
            held += await self.client.pending_posts(self.site.username)
            sent = {f"{_PENDING}{post.id}": None for post in held if formatting.normalized(post.raw) in texts}
        if sent:
            event, post_id = next(iter(sent.items()))
            if post_id is None:
                await self.watchlist.note_pending(event, outgoing)
            await self.watchlist.watch_reply(outgoing.to, event, post_id)
        return [*sent]

    async def _likely_posts(
        self, reply: Reply, topic: DiscourseTopic, texts: Sequence[str], since: datetime
    ) -> list[DiscoursePost]:
        """Return our posts in a topic that may be this reply, likeliest first.

        Those that answer the same post come first, with the same text before others; last, posts with the same text
        that answer none.
        """
        posts: list[DiscoursePost] = []
        shown = {post.id for post in topic.posts}
        rest = [id for id in topic.stream if id not in shown]
        while rest:
            page = await self.client.topic_posts(topic.id, rest[-_PAGE:])
            posts += reversed(page)
            if page and page[0].created_at < since:
                break
            del rest[-_PAGE:]
        else:
            posts += [post for post in reversed(topic.posts) if post.created_at >= since]
        ours = [post for post in posts if self.site.is_us(post.username)]
        same = [post for post in ours if formatting.normalized(post.raw) in texts]
        target = formatting.answered_number(reply)
        answers = [post for post in ours if reply.to and post.reply_to_post_number == target]
        to_nobody = [post for post in same if post.reply_to_post_number is None]
        return [post for group in (same, answers) for post in group if post in answers] + to_nobody

    async def _post(self, reply: Reply, transaction: str) -> str:
        try:
            post = await self._create(reply, transaction)
        except RateLimited as pause:
            if pause.after > _LONG:
                self._warn_once(
                    "the forum takes no more posts of the bot for %.0f minutes; "
                    "a higher trust level of its account lifts this",
                    pause.after / 60,
                )
            raise
        except Forbidden as refusal:
            raise await diagnose(self.client, refusal) from refusal
        if isinstance(post, Enqueued):
            self._warn_once(
                "the bot's posts wait on the forum for a moderator: approve them, or give its account "
                "a higher trust level"
            )
            event = f"{_PENDING}{post.id or transaction[:12]}"
            await self.watchlist.note_pending(event, reply)
            return event
        event = event_id(post.topic_id, post.post_number)
        await self.watchlist.watch_reply(reply.to, event, post.id)
        return event

    async def _create(self, reply: Reply, transaction: str) -> DiscoursePost | Enqueued:
        """Post a reply; a refused one is tried once with another first line: the forum gives reasons in its language
        only."""
        if slug := category_of(reply.room):
            return await self._open_topic(slug, reply, transaction)
        if is_group(reply.room):
            topic = await self.moderators.topic_for(reply)
        elif topic := topic_of(reply.room) or 0:
            self.limits.check(topic, reply)
        else:
            raise NetworkRefusal(f"{reply.room!r} is no topic")
        bodies, target = formatting.variants(self.site, reply), formatting.answered_number(reply, topic)
        try:
            return await self.client.create_post(topic, bodies[0], target)
        except Invalid as refusal:
            log.info("a reply in topic %d is not taken, trying another first line: %s", topic, refusal)
        try:
            return await self.client.create_post(topic, bodies[1], target)
        except Invalid as refusal:
            raise await self._reason(topic, reply, refusal) from refusal

    async def _open_topic(self, slug: str, reply: Reply, transaction: str) -> DiscoursePost | Enqueued:
        """Open a topic in a category. It opens once, for its external id is unique."""
        category, id = await self.client.category(slug), external_id(transaction)
        if category is None:
            raise NetworkRefusal(f"the forum has no category {slug!r}, or not for the bot")
        title = reply.title or reply.text.partition("\n")[0]
        try:
            return await self.client.create_topic(title, formatting.raw(reply.text), category.id, id)
        except Invalid as refusal:
            if post := await self.client.first_post(id):  # of an earlier attempt
                return post
            raise NetworkRefusal(f"a topic in the category {slug}: {refusal}") from refusal

    async def _replace(self, earlier: str, reply: Reply) -> str:
        post = await self._own_post(earlier)
        if post is None:
            raise NetworkRefusal(f"{self._named(earlier)} is not there to be edited")
        unchanged = f"{self._named(earlier)} keeps its old words"
        try:
            edited = await self.client.edit_post(post, formatting.raw(reply.text))
        except RateLimited as pause:
            if pause.after > _LONG:
                raise NetworkRefusal(f"{unchanged}: no more edits today") from pause
            raise
        except Invalid as refusal:
            raise NetworkRefusal(f"{unchanged}, it may be too late: {refusal}") from refusal
        except Forbidden as refusal:
            raise await diagnose(self.client, refusal) from refusal
        return f"{earlier}/v{edited.version}"

    async def _remove(self, target: str) -> str:
        """Delete a post. Deletions a day are limited (`max_post_deletions_per_day`): replies must not wait for them."""
        post = await self._own_post(target)
        if post is None:
            if target.startswith(_PENDING):
                log.warning("%s waits for a moderator and cannot be taken back by the bot: reject it", target)
            return f"{target}/deleted"
        await self.watchlist.forget(target)  # first, or it would be taken for a deletion by somebody else
        try:
            await self.client.delete_post(post)
        except RateLimited as pause:
            if pause.after > _LONG:
                reason = "the forum allows the bot no more deletions today"
                raise Unreachable(f"{self._named(target)} stays for the present: {reason}", pause.after) from pause
            raise
        return f"{target}/deleted"

    async def _own_post(self, event: str) -> int | None:
        """Return the id of our post; None if it is gone, or waits for approval."""
        if id := self.watchlist.post_id(event):
            return id
        position = position_of(event)
        post = await self.client.post_by_number(*position) if position else None
        return None if post is None or post.user_deleted or post.deleted_at else post.id

    async def _reason(self, topic: int, reply: Reply, refusal: Invalid) -> NetworkRefusal | Unreachable:
        """Return why a reply was refused. The forum's own sentence may not say it: a closed topic "was not found".

        Raises Unreachable, RateLimited: without a reason the reply is not given up.
        """
        with contextlib.suppress(NetworkRefusal):
            current = await self.client.topic(topic)
            if current is None or current.closed or current.archived:
                state = "gone" if current is None else "closed" if current.closed else "archived"
                return NetworkRefusal(f"topic {topic} is {state}")
            last = await self.client.topic_posts(topic, current.stream[-IN_A_ROW:])
            if len(last) == IN_A_ROW and all(self.site.is_us(post.username) for post in last):
                self.limits.mark_full(topic)
                return topic_full(topic)
        if self.limits.may_retry(reply):
            return unexplained_refusal(topic)
        return NetworkRefusal(f"a reply in topic {topic}: {refusal}")

    def _named(self, event: str) -> str:
        position = position_of(event)
        return self.site.link(*position) if position else event

    def _warn_once(self, sentence: str, *values: float) -> None:
        if sentence not in self._warned:
            self._warned.add(sentence)
            log.warning(sentence, *values)
