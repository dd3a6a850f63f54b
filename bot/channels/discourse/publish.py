"""What the bot says, into the forum: one post a reply, an edit for new words, a deletion."""

from __future__ import annotations

import contextlib
import logging

from bot.channels.discourse import formatting
from bot.channels.discourse.client import DiscourseClient
from bot.channels.discourse.create_topic import open_topic
from bot.channels.discourse.http import Forbidden, Invalid
from bot.channels.discourse.models import DiscoursePost, DiscourseTopic, Enqueued
from bot.channels.discourse.post_limits import IN_A_ROW, PostLimits, full, unexplained
from bot.channels.discourse.site import HELD, Site, category_of, event_id, place_of, topic_of
from bot.channels.discourse.watchlist import Watchlist
from bot.messages import (
    AuthenticationFailed,
    ChannelError,
    NetworkRefusal,
    Outgoing,
    OutgoingReaction,
    RateLimited,
    Removal,
    Reply,
    Unreachable,
)

log = logging.getLogger(__name__)

_LONG = 600.0  # seconds: a pause of more is said to the operator


class DiscoursePublisher:
    def __init__(self, site: Site, client: DiscourseClient, watched: Watchlist, turns: PostLimits) -> None:
        self._site, self._client, self._watched, self._turns = site, client, watched, turns
        self._told: set[str] = set()

    async def send(self, outgoing: Outgoing, transaction: str) -> str:
        """The id of the post, or of what was done to it. Raises as `Channel.send`."""
        match outgoing:
            case OutgoingReaction():
                return f"{outgoing.target}/mark"  # there are none on a forum
            case Removal():
                return await self._remove(outgoing.target)
            case Reply(replaces=str() as earlier):
                return await self._replace(earlier, outgoing)
            case Reply():
                return await self._post(outgoing, transaction)

    async def _post(self, reply: Reply, transaction: str) -> str:
        try:
            made = await self._create(reply, transaction)
        except RateLimited as pause:
            if pause.after > _LONG:
                self._say("pause", f"the forum takes no more posts of the bot for {pause.after / 60:.0f} minutes; "
                          "a higher trust level of its account lifts this")  # fmt: skip
            raise
        except Forbidden as refusal:
            raise await self._explained(refusal) from refusal
        return await self._made(made, reply, transaction)

    async def _create(self, reply: Reply, transaction: str) -> DiscoursePost | Enqueued:
        if slug := category_of(reply.room):
            return await open_topic(self._client, slug, reply, transaction)
        topic = topic_of(reply.room)
        if topic is None:
            raise NetworkRefusal(f"{reply.room!r} is no topic")
        self._turns.check(topic, reply)
        return await self._answer(topic, reply)

    async def _answer(self, topic: int, reply: Reply) -> DiscoursePost | Enqueued:
        """What is not taken is tried once more with another first line: the forum's reason is in its own language."""
        bodies = formatting.variants(self._site, reply)
        try:
            return await self._client.create_post(topic, bodies[0], formatting.answered(reply))
        except Invalid as refusal:
            log.info("a reply in topic %d is not taken, trying another first line: %s", topic, refusal)
        try:
            return await self._client.create_post(topic, bodies[1], formatting.answered(reply))
        except Invalid as refusal:
            raise await self._why(topic, reply, refusal) from refusal

    async def _made(self, made: DiscoursePost | Enqueued, reply: Reply, transaction: str) -> str:
        if isinstance(made, Enqueued):
            self._say("held", "the bot's posts wait on the forum for a moderator: approve them, or give its account "
                      "a higher trust level")  # fmt: skip
            return f"{HELD}{made.id or transaction[:12]}"
        event = event_id(made.topic_id, made.post_number)
        await self._watched.replied(reply.to, event, made.id)
        return event

    async def _replace(self, earlier: str, reply: Reply) -> str:
        post = await self._own(earlier)
        if post is None:
            raise NetworkRefusal(f"{self._named(earlier)} is not there to be edited")
        try:
            edited = await self._client.edit_post(post, formatting.raw(reply.text))
        except RateLimited as pause:
            if pause.after > _LONG:
                raise NetworkRefusal(f"{self._named(earlier)} keeps its old words: no more edits today") from pause
            raise
        except Invalid as refusal:
            raise NetworkRefusal(
                f"{self._named(earlier)} keeps its old words, it may be too late: {refusal}"
            ) from refusal
        except Forbidden as refusal:
            raise await self._explained(refusal) from refusal
        return f"{earlier}/v{edited.version}"

    async def _remove(self, target: str) -> str:
        post = await self._own(target)
        if post is not None:
            await self._watched.forget(target)  # before, so that we do not take it for somebody else's doing
            await self._delete(post, target)
        elif target.startswith(HELD):
            log.warning("%s waits for a moderator and cannot be taken back by the bot: reject it", target)
        return f"{target}/deleted"

    async def _delete(self, post: int, target: str) -> None:
        """A forum lets nobody delete many posts a day: replies must not wait for that."""
        try:
            await self._client.delete_post(post)
        except RateLimited as pause:
            if pause.after > _LONG:
                said = f"{self._named(target)} stays for the present: the forum allows the bot no more deletions today"
                raise Unreachable(said, pause.after) from pause
            raise

    async def _own(self, event: str) -> int | None:
        """The id of our post; None: it is gone, or waits for a moderator."""
        if known := self._watched.post_of(event):
            return known
        place = place_of(event)
        post = await self._client.post_by_number(*place) if place else None
        return None if post is None or post.user_deleted or post.deleted_at else post.id

    async def _why(self, topic: int, reply: Reply, refusal: Invalid) -> ChannelError:
        """The forum's own sentence may not say it: of a closed topic it says that it was not found.

        Raises Unreachable, TooFast: what cannot be explained now is not given up.
        """
        with contextlib.suppress(NetworkRefusal):
            found = await self._client.topic(topic)
            if found is None or found.closed or found.archived:
                state = "gone" if found is None else "closed" if found.closed else "archived"
                return NetworkRefusal(f"topic {topic} is {state}")
            if await self._ours_alone(found):
                self._turns.found_full(topic)
                return full(topic)
        return (
            unexplained(topic) if self._turns.doubt(reply) else NetworkRefusal(f"a reply in topic {topic}: {refusal}")
        )

    async def _ours_alone(self, topic: DiscourseTopic) -> bool:
        """Whether the last posts there are all ours."""
        last = await self._client.topic_posts(topic.id, topic.stream[-IN_A_ROW:])
        return len(last) == IN_A_ROW and all(self._site.is_us(post.username) for post in last)

    async def _explained(self, refusal: Forbidden) -> ChannelError:
        """A key that is not accepted any more must not cost the replies that wait: somebody will mend it."""
        try:
            await self._client.scopes()
        except AuthenticationFailed as trouble:
            return Unreachable(str(trouble))
        except (Unreachable, RateLimited) as trouble:
            return trouble
        except NetworkRefusal:
            pass
        return NetworkRefusal(f"the bot may not do this on the forum: {refusal}")

    def _named(self, event: str) -> str:
        place = place_of(event)
        return self._site.link(*place) if place else event

    def _say(self, what: str, sentence: str) -> None:
        if what not in self._told:
            self._told.add(what)
            log.warning("%s", sentence)
