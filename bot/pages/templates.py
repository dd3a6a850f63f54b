"""The templates of all pages, and what each of them can call: sentences, addresses, Markdown as HTML."""

import re
from collections.abc import Set
from functools import partial
from hashlib import blake2b

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.knowledge.models import Entry
from bot.locale import Wording
from bot.replies.link_notes import mark_in_answer, whose
from bot.replies.sentences import full_day, month
from bot.text import markdown
from bot.text.images import image_kind
from bot.text.renderers import to_html, to_plain_text

DESCRIPTION = 160  # characters of an answer where it is only described
_ADDRESS = re.compile(r" \((?=https?://|[^\s()@]*+@)[^\s()]++\)")
_REACHED = re.compile(r"(?<![<:/\w.+-])(?<!\]\()(?:https?://[^\s<>,;()]++|[\w.+-]++@[\w.-]*\w)")
"""An address that is no link in Markdown yet, and is one once in <>."""
_BULLET = re.compile(r"^\s*-\s")


class Templates:
    """`name`: of the bot, which heads each page. `suffix`: of the addresses, `.html` where pages are files.
    `public_url`: where readers reach the pages, empty: not known. `contact`: whom they can reach. `about`:
    whose answers these are, in Markdown. `has_team`: moderators are told of what readers ask and dislike.
    `takes_notes`: readers can say below an answer whether it helped. `logo`: an image beside the name, empty: none.

    A template has `t("pages.search")` for a sentence, `href("r/fiche")` for the address of a page, `asset("style.css")`
    for that of a file of ours, `file("feed.xml")` for one beside the pages, `absolute("r/fiche")` for the public
    address (empty without `public_url`), `marked(entry, dead)` for its answer, `month(day)`, and the filters
    `markdown`, `day`, `title`, `described`. Addresses are relative: a page works under any path of a reverse proxy, and
    from a disk.
    """

    def __init__(
        self,
        words: Wording,
        name: str,
        *,
        suffix: str = "",
        public_url: str | None = None,
        contact: str = "",
        about: str = "",
        has_team: bool = True,
        takes_notes: bool = False,
        logo: bytes = b"",
    ) -> None:
        self.words, self.name, self.public_url = words, name, (public_url or "").rstrip("/")
        self._suffix = suffix
        logo_name = logo and f"logo-{blake2b(logo, digest_size=6).hexdigest()}.{image_kind(logo)}"
        self.images = {logo_name: logo} if logo_name else {}
        """Files of ours besides those in `assets/`, by a name that changes with the content."""
        self._environment = Environment(
            loader=PackageLoader("bot.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
        self._environment.globals.update(
            t=words,
            name=name,
            contact=contact,
            about=about,
            linked_contact=_REACHED.sub(r"<\g<0>>", contact),
            has_team=has_team,
            logo=logo_name,
            takes_notes=takes_notes,
            is_static=bool(suffix),
            absolute=self.absolute,
            marked=self.marked,
            whose=partial(whose, words),
            month=partial(month, words),
        )
        self._environment.filters.update(
            markdown=to_markup, day=partial(full_day, words), title=shown_title, described=described
        )

    def render(self, template: str, path: str, **values: object) -> str:
        """The page at `path`, without a slash before it: `r/fiche`. Values are escaped but for Markup."""
        return self.render_from("../" * path.count("/"), template, path=path, **values)

    def render_from(self, root: str, template: str, /, **values: object) -> str:
        """`root`: what stands before each address of ours; a public address where a page may be shown at any path."""

        def href(path: str = "") -> str:
            return f"{root}{path or 'index'}{self._suffix}" if self._suffix else f"{root}{path}" or "./"

        files = {"asset": f"{root}assets/{{}}".format, "file": f"{root}{{}}".format}
        return self._environment.get_template(template).render(href=href, **files, **values)

    def marked(self, entry: Entry, dead: Set[str]) -> str:
        """The Markdown of its answer, dead links marked; empty: it has links alone."""
        return mark_in_answer(self.words, entry.answer or "", dead)

    def absolute(self, path: str) -> str:
        """The public address of a page; empty where `public_url` is not known."""
        return self.public_url and f"{self.public_url}/{path and path + self._suffix}"


def to_markup(text: str) -> Markup:
    """The HTML that rooms get: only its own tags, addresses of http, https and mailto alone."""
    return Markup(to_html(text))  # noqa: S704 (its tests: tests/text/test_markup.py)


def shown_title(text: str) -> str:
    """As long as rooms show it."""
    return markdown.clip(markdown.one_line(text), markdown.TITLE)


def plain_text(entry: Entry) -> str:
    """The answer on one line, without addresses; where it has none, what its links show."""
    if not entry.answer:
        return " · ".join(link.title for link in entry.links)
    lines = _ADDRESS.sub("", to_plain_text(entry.answer)).splitlines()
    return markdown.one_line(" ".join(_BULLET.sub("", line) for line in lines))


def described(entry: Entry) -> str:
    """The start of its answer, in whole words."""
    text = plain_text(entry)
    start = text[: DESCRIPTION - 1]
    return text if len(text) <= DESCRIPTION else f"{start.rpartition(' ')[0] or start}\u00a0…"
