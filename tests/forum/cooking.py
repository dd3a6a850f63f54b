"""From what people write (`raw`) to HTML (`cooked`), as far as clients look: mentions, quotes, links, oneboxes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable

from markdown_it import MarkdownIt
from markdown_it.token import Token

QUOTE = re.compile(r'\[quote(?:="(?P<of>[^"]*)")?\]\s*(?P<said>.*?)\s*\[/quote\]', re.DOTALL)
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
MENTION = re.compile(r"(?<![\w@/.])@([\w][\w.-]*\w)")
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
TOPIC = re.compile(r"/t/[^/\s]+/(\d+)(?:/(\d+))?")

Known = Callable[[str], str | None]
"""The kind of a name that was written after an @: user, group, or None."""


def spoken(raw: str) -> str:
    """Without code and quotes: a name in there calls nobody [22 post_analyzer cooked_stripped]."""
    return CODE.sub(" ", QUOTE.sub(" ", raw))


def mentioned(raw: str) -> list[str]:
    return list(dict.fromkeys(MENTION.findall(spoken(raw))))


def quoted(raw: str) -> list[tuple[int, int]]:
    """(topic, post number) of every quote that says whom it quotes."""
    found = (re.search(r"post:(\d+), topic:(\d+)", quote["of"] or "") for quote in QUOTE.finditer(raw))
    return [(int(one[2]), int(one[1])) for one in found if one]


def linked(raw: str, base: str) -> list[tuple[int, int]]:
    """(topic, post number) of every link to this forum."""
    links = (TOPIC.search(link) for link in LINK.findall(raw) if link.startswith(base))
    return [(int(one[1]), int(one[2] or 1)) for one in links if one]


def links(raw: str) -> list[str]:
    return LINK.findall(raw)


def cook(raw: str, known: Known, base: str, baked: bool) -> str:
    """`base`: the path that the forum is mounted below. `baked`: after the job that follows the saving: link previews
    have come, the HTML is another [22 onebox.js].
    """
    parts, end = [], 0
    for quote in QUOTE.finditer(raw):
        parts += [_render(raw[end : quote.start()], known, base, baked), _aside(quote, known, base, baked)]
        end = quote.end()
    return "\n".join(filter(None, [*parts, _render(raw[end:], known, base, baked)]))


def _aside(quote: re.Match[str], known: Known, base: str, baked: bool) -> str:
    name, *rest = [part.strip() for part in (quote["of"] or "").split(",")]
    marks = dict(part.split(":", 1) for part in rest if ":" in part)
    data = "".join(f' data-{key}="{html.escape(value)}"' for key, value in marks.items() if key in ("post", "topic"))
    title = f'<div class="title">{html.escape(name)}:</div>\n' if name else ""
    inside = _render(quote["said"], known, base, baked)
    attributes = f'class="quote no-group" data-username="{html.escape(name)}"{data}'
    return f"<aside {attributes}>\n{title}<blockquote>\n{inside}\n</blockquote>\n</aside>"


def _render(raw: str, known: Known, base: str, baked: bool) -> str:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})

    def text(renderer: object, tokens: list[Token], at: int, options: object, environment: object) -> str:
        open_links = sum({"link_open": 1, "link_close": -1}.get(token.type, 0) for token in tokens[:at])
        alone = all(token.type == "softbreak" for token in _neighbours(tokens, at))
        return html.escape(tokens[at].content, quote=False) if open_links else _text(tokens[at].content, alone)

    def _text(content: str, alone: bool) -> str:
        whole = alone and bool(LINK.fullmatch(content))
        pieces, end = [], 0
        for link in LINK.finditer(content):
            pieces += [_names(content[end : link.start()], known, base), _onebox(link[0], whole, baked)]
            end = link.end()
        return "".join([*pieces, _names(content[end:], known, base)])

    markdown.add_render_rule("text", text)
    return str(markdown.render(raw)).strip()


def _neighbours(tokens: list[Token], at: int) -> Iterable[Token]:
    return tokens[max(0, at - 1) : at] + tokens[at + 1 : at + 2]


def _onebox(url: str, whole: bool, baked: bool) -> str:
    name, safe = html.escape(url.split("/")[2]), html.escape(url)
    if whole and baked:
        return f'<aside class="onebox" data-onebox-src="{safe}"><h3><a href="{safe}">{name}</a></h3></aside>'
    kind = "onebox" if whole else "inline-onebox" if baked else "inline-onebox-loading"
    shown = f"Page de {name}" if baked else safe
    return f'<a href="{safe}" class="{kind}" rel="noopener nofollow ugc">{shown}</a>'


def _names(content: str, known: Known, base: str) -> str:
    def name(found: re.Match[str]) -> str:
        kind, written = known(found[1]), html.escape(found[1])
        if kind is None:
            return f'<span class="mention">@{written}</span>'
        path, mark = ("u", "mention") if kind == "user" else ("groups", "mention-group notify")
        return f'<a class="{mark}" href="{base}/{path}/{written.lower()}">@{written}</a>'

    return MENTION.sub(name, html.escape(content, quote=False))
