"""What every page of the desk works with: the running bot's contexts, the templates, and how a change is made."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from aiohttp import web

from bot.conversation.context import MODERATORS, Context
from bot.conversation.moderation import actions
from bot.conversation.moderation.actions import Approval
from bot.conversation.moderation.changes import Change
from bot.desk.access import SESSION, Refusal, RequestHandler, Session
from bot.knowledge.edit_result import EditError
from bot.knowledge.lint import Regions
from bot.locale import Wording
from bot.messages import Reply
from bot.pages.rendered import html_response
from bot.pages.templates import Templates
from bot.store import Draft, Outcome, Post, QuestionOccurrence, Store

REMEMBERED = 1_000  # forms that were sent, so that a second click finds the first one's result
NAVIGATION = (("desk", "questions"), ("desk/entries", "entries"), ("desk/drafts", "drafts"),
              ("desk/phrasings", "phrasings"), ("desk/links", "links"), ("desk/figures", "figures"))  # fmt: skip
"""Path of each page that the navigation names, and its sentence: `desk.nav_questions`."""
NOTICES = {"answered", "answered_draft", "dismissed", "phrase_added", "draft_made", "draft_dropped", "phrasing_kept",
           "phrasing_dropped", "reply_drafted", "reply_dropped", "reviewed", "saved", "saved_unread", "saved_no_commit",
           "saved_left_open", "removed", "undone"}  # fmt: skip
"""What a page may say after a change: `desk.notice_…`."""


Report = Callable[[Approval], Sequence[Post]]
"""Makes the posts that tell a room of a change."""


def _no_report(_: Approval) -> Sequence[Post]:
    return ()


class Desk:
    """`contexts`: of the running bot, by channel; empty while it starts. `wake`: posts were put into the outbox.
    `regions`: rooms and categories of the settings, each with its region. `command`: asks for a link."""

    path = "/desk"

    def __init__(
        self,
        templates: Templates,
        contexts: Callable[[], Mapping[str, Context]],
        wake: Callable[[], None],
        *,
        regions: Regions | None = None,
        command: str = "!page",
    ) -> None:
        self._templates, self.contexts, self._wake = templates, contexts, wake
        self.regions, self._command, self.public_url = regions, command, templates.public_url
        self._changing = asyncio.Lock()  # one change at a time: the second sees what the first has done
        self._sent: dict[tuple[str, str, str], str] = {}  # user, path and key of a form: where it led

    @property
    def words(self) -> Wording:
        return self._templates.words

    @property
    def store(self) -> Store:
        return self._any_context.store

    def now(self) -> datetime:
        return self._any_context.clock()

    @property
    def _any_context(self) -> Context:
        for ctx in self.contexts().values():
            return ctx
        raise Refusal("starting", 503)

    def context(self, session: Session) -> Context:
        """Of the session's network, where nothing of the knowledge is hidden."""
        if session.channel not in self.contexts():
            raise Refusal("starting", 503)
        return replace(self.contexts()[session.channel], venue=MODERATORS)

    # Pages

    def page(self, request: web.Request, template: str, *, status: int = 200, **values: object) -> web.Response:
        """`template`: extends `desk/base.html`."""
        path = request.path.removeprefix("/")
        session = request.get(SESSION)
        standard = {"session": session, "navigation": NAVIGATION, "notice": _notice(request), "command": self._command}
        html = self._templates.render(template, path, new_key=_new_key, **(standard | values))
        return html_response(html, status, **{"Referrer-Policy": "same-origin"})  # a form without Referer has no Origin

    def refuse(self, request: web.Request, refusal: Refusal, typed: Sequence[str] = ()) -> web.Response:
        """Says why the request is not served. `typed`: what would be lost."""
        values = {"reason": refusal.reason, "error": refusal.error, "typed": typed}
        return self.page(request, "desk/refused.html", status=refusal.status, **values)

    def redirect(self, request: web.Request, path: str, notice: str = "", number: int | None = None) -> web.Response:
        """After a change. `path`: `desk/drafts`; `notice`: names the sentence `desk.notice_…`, about that number."""
        query = f"?notice={notice}" if notice else ""
        query += f"&n={number}" if notice and number is not None else ""
        root = "../" * (request.path.count("/") - 1)  # relative: the proxy may have put the desk under a path
        return web.Response(status=303, headers={"Location": f"{root}{path}{query}", "Referrer-Policy": "no-referrer"})

    def place(self, occurrence: QuestionOccurrence) -> str | None:
        """The name, in the settings, of the room where it was asked; None: it has none."""
        channel = self.context_of(occurrence.channel).channel
        ids = ((name, channel.room_named(name)) for name in self.regions or ())
        return next((name for name, id in ids if id and channel.is_same_room(id, occurrence.room)), None)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self._any_context.timezone).date()

    def context_of(self, channel: str) -> Context:
        return replace(self._any_context.of(channel), venue=MODERATORS)

    # Changes

    async def change_once(self, request: web.Request, key: str, handler: RequestHandler) -> web.StreamResponse:
        """A form that is sent twice changes once: the second sending leads where the first one led."""
        sent = (request[SESSION].user, request.path, key)
        async with self._changing:
            if key and (location := self._sent.get(sent)):
                return web.Response(status=303, headers={"Location": location})
            response = await handler(request)
            if key and response.status == 303:
                self._sent[sent] = response.headers["Location"]
                self._sent = dict(list(self._sent.items())[-REMEMBERED:])
            return response

    async def apply(self, session: Session, key: str, outcome: Outcome) -> bool:
        """Apply an outcome once under the key of a form. False: as for `Store.apply`."""
        ctx, source = self.context(session), f"desk {session.user} {key or _new_key()}"
        is_applied = await ctx.store.apply(ctx.channel.name, source, outcome, ctx.clock())
        self._wake()
        return is_applied

    async def make_change(
        self, session: Session, key: str, change: Change, *, question: int | None = None, report: Report = _no_report
    ) -> Approval:
        """Make a change of the knowledge at once, as ✅ under its draft does. Raises EditError."""
        proposal = await actions.propose_change(self.context(session), session.user, change, question=question)
        await self.apply(session, f"{key} draft", proposal.outcome)
        try:
            return await self.approve(session, key, proposal.draft, report)
        except EditError:  # its page says so, and keeps the text
            await self.apply(session, f"{key} dropped", actions.drop(proposal.draft))
            raise

    async def approve(self, session: Session, key: str, draft: Draft, report: Report = _no_report) -> Approval:
        """Write a draft into the files under the moderator's name. Raises EditError."""
        approval = await actions.approve(self.context(session), draft, session.name)
        posts = (*approval.outcome.posts, *report(approval))
        await self.apply(session, key, replace(approval.outcome, posts=posts))
        return approval

    async def note(self, session: Session, text: str, number: int) -> tuple[Post, ...]:
        """A short note to the other moderators about an open question, under the one that told them of it."""
        if (moderation := self.context(session).moderation) is None:
            return ()
        ctx, room = moderation
        earlier = await self.store.posts.about(number, "asked")
        to = next((post.event for post in earlier if post.room == room), None)
        return (Post(Reply(room, text, to=to, quiet=True), "note", channel=ctx.channel.name, number=number),)


def _notice(request: web.Request) -> tuple[str, str] | None:
    """Name of a sentence, and the number in it."""
    name, number = request.query.get("notice", ""), request.query.get("n", "")
    return (name, number[:9] if number.isdecimal() else "") if name in NOTICES else None


def _new_key() -> str:
    return secrets.token_hex(8)
