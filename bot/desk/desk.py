"""The basis of every page of the desk: the running bot's contexts and the templates; of a request its session and form,
and how it makes a change.

A cookie leads to the session; the CSRF token of its forms is derived from the cookie and stored nowhere.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.conversation.context import MODERATORS, Context
from bot.conversation.moderation import actions
from bot.conversation.moderation.changes import Change
from bot.desk.entry_form import EntryForm
from bot.knowledge.edit_result import EditError
from bot.knowledge.lint import Regions
from bot.messages import Reply
from bot.pages.rendered import Form, html_response
from bot.pages.templates import Templates
from bot.store import DeskSession, Outcome, Post

KEY = 8  # random bytes of a form's key
REMEMBERED = 1_000  # forms that were sent, so that a second click finds the first one's result
KEPT = 200  # forms of entries that were sent, to be shown
OPEN = timedelta(minutes=15)  # how long a form counts as open after its last sign of life
ROWS = 25  # of a page
T = TypeVar("T")


class Refusal(Exception):
    """The request is not served. `reason`: names the sentence, `desk.refused_…`; `error`: says more."""

    def __init__(self, reason: str, status: int = 403, *, error: EditError | None = None) -> None:
        super().__init__(reason)
        self.reason, self.status, self.error = reason, status, error


def or_refuse(value: T | None, reason: str, status: int = 409) -> T:
    """Return a value that is there. Raises Refusal where it is None."""
    if value is None:
        raise Refusal(reason, status)
    return value


class OpenForms:
    """Forms of entries that are open at the desk now: what was sent of each, and who has which one open.

    In memory: a restart loses them, and the browser's own copy of the text remains (`entry.js`)."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], EntryForm] = {}
        self._editors: defaultdict[str, dict[str, tuple[str, datetime]]] = defaultdict(dict)

    def keep(self, user: str, form: EntryForm, do: str) -> str:
        """Keep a form, and return the path of the page that shows it. `do`: what the page does with it."""
        self._kept = dict([*self._kept.items(), ((user, form.key), form)][-KEPT:])
        return f"desk/{form.place}{'&' if '?' in form.place else '?'}form={form.key}&do={do}#result"

    def kept(self, user: str, query: Mapping[str, str]) -> EntryForm | None:
        return self._kept.get((user, query.get("form", "")))

    def note_editor(self, place: str, session: DeskSession, now: datetime) -> list[str]:
        """Note who has the form of a place open, and return the names of the others who do."""
        since = now - OPEN
        editors = {user: one for user, one in self._editors[place].items() if one[1] > since}
        self._editors[place] = editors | {session.user: (session.name, now)}
        return sorted(name for user, (name, _) in editors.items() if user != session.user)


@dataclass
class Desk:
    """`contexts`: of the running bot, by channel; empty while it starts. `wake`: posts were put into the outbox.
    `regions`: rooms and categories of the settings, each with its region. `command`: asks for a link."""

    path: ClassVar[str] = "/desk"

    templates: Templates
    contexts: Callable[[], Mapping[str, Context]]
    wake: Callable[[], None]
    regions: Regions | None = None
    command: str = "!page"
    forms: OpenForms = field(default_factory=OpenForms, init=False)
    # one change at a time: the second sees what the first has done
    changing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    # user, path and key of a form: where it led
    sent: dict[tuple[str, str, str], str] = field(default_factory=dict, init=False)

    @property
    def any_context(self) -> Context:
        """A context of the network: all of them have the same store and clock. Raises Refusal."""
        return or_refuse(next(iter(self.contexts().values()), None), "starting", 503)


class Visit:
    """A request at the desk. `address`: the parts of its path. What the guard sets before a page is asked: `form`,
    `session` and `csrf`: the token of its forms."""

    session: DeskSession

    def __init__(self, desk: Desk, request: web.Request) -> None:
        self.desk, self.words = desk, desk.templates.words
        self.request, self.address, self.query = request, request.match_info, request.query
        self.form: Form = {}
        self.csrf = ""

    @property
    def number(self) -> int:
        """The number that the address names."""
        return int(self.address["number"])

    def posted(self, name: str) -> str:
        """Return the first value of a field of the form; empty if there is none."""
        return next(iter(self.form.get(name, ())), "")

    @property
    def ctx(self) -> Context:
        return self.context_of(self.session)

    def context_of(self, session: DeskSession) -> Context:
        """Return the context of a session's network, where nothing of the knowledge is hidden. Raises Refusal."""
        context = or_refuse(self.desk.contexts().get(session.channel), "starting", 503)
        return replace(context, venue=MODERATORS)

    # Pages

    def page(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        """Render a template that extends `desk/base.html`, with the notice that `redirect` asked for."""
        notice, number = self.query.get("notice", ""), self.query.get("n", "")
        standard = {
            "session": getattr(self, "session", None),
            "csrf": self.csrf,
            "new_key": partial(secrets.token_hex, KEY),
            "notice": notice if f"desk.notice_{notice}" in self.words else "",
            "notice_number": number[:9] if number.isdecimal() else "",
            "command": self.desk.command,
        }
        html = self.desk.templates.render(template, self.request.path.removeprefix("/"), **(standard | values))
        return html_response(html, status, **{"Referrer-Policy": "same-origin"})  # a form without Referer has no Origin

    def refuse(self, refusal: Refusal, typed: Sequence[str] = ()) -> web.Response:
        """Say why the request is not served. `typed`: what would be lost."""
        return self.page("desk/refused.html", status=refusal.status, refusal=refusal, typed=typed)

    def rows_of_page(self, rows: Sequence[T]) -> tuple[Sequence[T], dict[str, int]]:
        """Return the rows of the page that the address names, and the values of `pager` in `desk/forms.html`."""
        number, pages = self.query.get("page", ""), max(1, -(-len(rows) // ROWS))
        page = min(max(int(number[:6]) if number.isdecimal() else 1, 1), pages)
        return rows[(page - 1) * ROWS : page * ROWS], {"page": page, "pages": pages}

    def redirect(self, path: str, notice: str = "", number: int | None = None, **more: str) -> web.Response:
        """Answer a change. `path`: `desk/drafts`; `notice`: names the sentence `desk.notice_…`, about that number;
        `more`: parts of the query."""
        query = urlencode({"notice": notice} | ({"n": number} if number is not None else {}) | more)
        root = "../" * (self.request.path.count("/") - 1)  # relative: the proxy may have put the desk under a path
        place = f"{root}{path}?{query}" if notice else f"{root}{path}"
        return web.Response(status=303, headers={"Location": place, "Referrer-Policy": "no-referrer"})

    # Changes

    async def change_once(self, handler: Handler) -> web.StreamResponse:
        """A form that is sent twice changes once: the second sending leads where the first one led."""
        key, desk = self.posted("key"), self.desk
        sent = (self.session.user, self.request.path, key)
        async with desk.changing:
            if key and (location := desk.sent.get(sent)):
                return web.Response(status=303, headers={"Location": location})
            response = await handler(self.request)
            if key and response.status == 303:
                desk.sent[sent] = response.headers["Location"]
                desk.sent = dict(list(desk.sent.items())[-REMEMBERED:])
            return response

    async def apply(self, outcome: Outcome, *step: str) -> bool:
        """Apply an outcome once for a form. `step`: one of several. Returns False as `Store.apply` does."""
        ctx = self.ctx
        source = " ".join(["desk", self.session.user, self.posted("key") or secrets.token_hex(KEY), *step])
        is_applied = await ctx.store.apply(ctx.channel.name, source, outcome, ctx.clock())
        self.desk.wake()
        return is_applied

    async def make_change(self, change: Change, *, question: int | None = None, note: str = "") -> actions.Approval:
        """Make a change of the knowledge at once, as ✅ under its draft does. Raises EditError.

        `question`: number of the open one that it answers; `note`: tells the other moderators so."""
        ctx, moderator = self.ctx, self.session
        draft, _ = await actions.propose_change(ctx, moderator.user, change, question=question)
        await self.apply(Outcome("a draft").also(draft), "draft")
        try:
            approval = await actions.approve(ctx, draft, moderator.name)
        except EditError:  # its page says so, and keeps the text
            await self.apply(actions.drop(draft), "dropped")
            raise
        told = await self.note(note, question) if question is not None else None
        await self.apply(approval.outcome.also(told))
        return approval

    async def note(self, text: str, number: int) -> Post | None:
        """Return a note to the other moderators about an open question, under the one that told them of it.

        None if they have no room."""
        if (moderation := self.ctx.moderation) is None:
            return None
        ctx, room = moderation
        earlier = await ctx.store.posts.about(number, "asked")
        to = next((post.event for post in earlier if post.room == room), None)
        return Post(Reply(room, text, to=to, quiet=True), "note", channel=ctx.channel.name, number=number)


VISIT = web.RequestKey("visit", Visit)
