"""From what people write (`raw`) to HTML (`cooked`), as far as the bot looks: mentions and quotes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.token import Token

QUOTE = re.compile(r'\[quote(?:="(?P<of>[^"]*)")?\]\s*(?P<said>.*?)\s*\[/quote\]', re.DOTALL)
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
MENTION = re.compile(r"(?<![\w@/.])@([\w][\w.-]*\w)")

Known = Callable[[str], str | None]
"""The kind of a name that was written after an @: user, group, or None."""


def mentioned(raw: str) -> list[str]:
    """But for code and quotes: a name in there calls nobody [22 post_analyzer cooked_stripped]."""
    return list(dict.fromkeys(MENTION.findall(CODE.sub(" ", QUOTE.sub(" ", raw)))))


def cook(raw: str, known: Known, base: str) -> str:
    """`base`: the path that the forum is mounted below."""
    parts, end = [], 0
    for quote in QUOTE.finditer(raw):
        inside = _render(quote["said"], known, base)
        aside = f'<aside class="quote no-group"><blockquote>\n{inside}\n</blockquote></aside>'
        parts += [_render(raw[end : quote.start()], known, base), aside]
        end = quote.end()
    return "\n".join(filter(None, [*parts, _render(raw[end:], known, base)]))


def _render(raw: str, known: Known, base: str) -> str:
    def name(found: re.Match[str]) -> str:
        kind, written = known(found[1]), html.escape(found[1])
        if kind is None:
            return f'<span class="mention">@{written}</span>'
        path, mark = ("u", "mention") if kind == "user" else ("groups", "mention-group notify")
        return f'<a class="{mark}" href="{base}/{path}/{written.lower()}">@{written}</a>'

    def text(renderer: object, tokens: list[Token], at: int, options: object, environment: object) -> str:
        open_links = sum({"link_open": 1, "link_close": -1}.get(token.type, 0) for token in tokens[:at])
        content = html.escape(tokens[at].content, quote=False)
        return content if open_links else MENTION.sub(name, content)

    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
    markdown.add_render_rule("text", text)
    return str(markdown.render(raw)).strip()
