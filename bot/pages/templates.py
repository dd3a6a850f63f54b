"""The templates of all pages, and what each of them can call: sentences, addresses, Markdown as HTML."""

from __future__ import annotations

from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.channels import html
from bot.locale import Wording
from bot.replies.sentences import full_day


class Templates:
    """`name`: of the bot, which heads each page. `suffix`: of the addresses, `.html` where pages are files.

    A template has `t("pages.search")` for a sentence, `href("r/fiche")` for the address of a page, `asset("style.css")`
    for that of a file, and the filters `markdown` and `day`. Addresses are relative: a page works under any path of a
    reverse proxy, and from a disk.
    """

    def __init__(self, words: Wording, name: str, *, suffix: str = "") -> None:
        self.words, self._suffix = words, suffix
        self._environment = Environment(
            loader=PackageLoader("bot.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(t=words, language=words.language, name=name)
        self._environment.filters.update(markdown=_markdown, day=partial(full_day, words))

    def render(self, template: str, path: str, **values: object) -> str:
        """The page at `path`, without a slash before it: `r/fiche`. Values are escaped but for Markup."""
        root = "../" * path.count("/")
        addresses = {"href": partial(self._href, root), "asset": partial(_asset, root), "path": path}
        return self._environment.get_template(template).render(**addresses, **values)

    def _href(self, root: str, path: str = "") -> str:
        if self._suffix:
            return f"{root}{path or 'index'}{self._suffix}"
        return f"{root}{path}" or "./"


def _asset(root: str, file: str) -> str:
    return f"{root}assets/{file}"


def _markdown(text: str) -> Markup:
    """The HTML that rooms get: only its own tags, addresses of http, https and mailto alone."""
    return Markup(html.to_html(text))  # noqa: S704 (its tests: tests/channels/test_markup.py)
