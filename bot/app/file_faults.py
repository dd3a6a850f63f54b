"""Tells of knowledge files with errors, and of those that have none any more: the log at once, moderators once each."""

import json
import logging
from collections.abc import Callable, Mapping

from bot.conversation.context import Context, Reloaded
from bot.messages import Reply
from bot.store import Post
from bot.text.markdown import paragraphs

log = logging.getLogger(__name__)


class FileFaults:
    """`contexts`: by channel name. `on_posts`: posts were put into the outbox.

    The store remembers what each network's moderators were told: a restart with the same broken file tells nothing, one
    with a file that was mended meanwhile tells that.
    """

    def __init__(self, contexts: Mapping[str, Context], on_posts: Callable[[], None]) -> None:
        self._contexts, self._on_posts = contexts, on_posts
        self._now = Reloaded(0)

    async def report(self, reloaded: Reloaded) -> None:
        """Report the state of the files."""
        known, self._now = {fault.id for fault in self._now.faults}, reloaded
        for fault in reloaded.faults:
            if fault.id not in known:
                log.error("%s", fault.said)
        for ctx in self._contexts.values():
            await self.tell(ctx)

    async def tell(self, ctx: Context) -> None:
        """The moderators of a network, where their room is known: it may not be before the channel's start."""
        if not (room := ctx.channel.moderators_room):
            return
        name, faults = f"knowledge: told {ctx.channel.name}", self._now.faults
        told: dict[str, str] = json.loads(await ctx.store.memory.get(name) or "{}")  # the file of each fault
        now = {fault.id: fault.file for fault in faults}
        if told == now:
            return
        new = [fault.said for fault in faults if fault.id not in told]
        mended = sorted({*told.values()} - {*now.values()})
        said = [
            ctx.replies.not_reloaded(new, is_missing=self._now.is_missing) if new else "",
            ctx.replies.mended(mended) if mended else "",
        ]
        if text := paragraphs(said):
            moment = ctx.clock()
            post = Post(Reply(room, text, quiet=True), "note")
            await ctx.store.outbox.post(ctx.channel.name, post, f"knowledge {moment.isoformat()}", moment)
            self._on_posts()
        await ctx.store.memory.set(name, json.dumps(now))
