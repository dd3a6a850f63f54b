"""Markdown of replies as HTML with only what was meant, and as plain text that says all; and HTML that others wrote."""

import re
import time
from html import escape as html_escape
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text.html import UNSPOKEN, links, spoken_text
from bot.text.markdown import escape, link
from bot.text.renderers import to_html, to_plain_text

TAGS = {"p", "br", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "a", "blockquote", "hr"}
ATTRIBUTES = {("a", "href"), ("ol", "start")}
WITHOUT_END = {"br", "hr"}

MARKS = st.text(alphabet="*_`~[]()<>!#-+=.1&;:\\|@ \t\n\u00a0ab\"'/", max_size=200)
PIECES = (
    *("**", "[a](https://x.fr)", "![i](https://x.fr/i.png)", "<b>", "@room", "\n\n", "\n", "> ", "- ", "1. ", "    "),
    *("```\n", "`", "&lt;", "<https://y.fr>", "javascript:", "[a]: https://z.fr\n", "# ", "---\n", "é", "\u202e"),
)
WORDS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
ANYTHING = st.one_of(st.text(max_size=300), MARKS, WORDS)
REACHED = {
    **{url: url for url in ("https://x.fr/a_(b)?q=*c*&copy=1&lt;=2#d", "https://matrix.to/#/!a:x.fr/$m?via=x.fr")},
    **{url: url for url in ("https://x.fr/a)b](c", "https://x.fr/a%20b%C3%A9", "https://x.fr/é&copy;")},
    "https://x.fr/a b": "https://x.fr/a%20b",
    "https://x.fr/<b>\"'`": "https://x.fr/%3Cb%3E%22'%60",
    "https://x.fr/\\": "https://x.fr/%5C",
}


class Reader(HTMLParser):
    """Reads HTML and writes it again from what it understood."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = self.again = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.again += f"<{tag}" + "".join(f' {name}="{html_escape(value or "")}"' for name, value in attrs) + ">"
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.again += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.text += data
        self.again += html_escape(data, quote=False)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def addresses(markdown: str) -> list[str]:
    return [value for tag, _, value in Reader(to_html(markdown)).attributes if tag == "a"]


def test_markdown_becomes_the_html_that_matrix_allows() -> None:
    for markdown, expected in (
        ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>"),
        ("un\ndeux", "<p>un<br>deux</p>"),
        ("# Titre **fort**", "<p><strong>Titre fort</strong></p>"),
        ("- a\n- b\n  1. c", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>"),
        ("3. a", '<ol start="3"><li>a</li></ol>'),
        ("> cité", "<blockquote><p>cité</p></blockquote>"),
        ("```py\n<a>\n```", "<pre><code>&lt;a&gt;\n</code></pre>"),
        ("[a](https://x.fr/?a=1&b=2)", '<p><a href="https://x.fr/?a=1&amp;b=2">a</a></p>'),
        ("[à nous](mailto:a@x.fr)", '<p><a href="mailto:a@x.fr">à nous</a></p>'),
        ("[![plan](https://x.fr/p.png)](https://x.fr)", '<p><a href="https://x.fr">plan</a></p>'),
        ("[](https://x.fr)", '<p><a href="https://x.fr">https://x.fr</a></p>'),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
    ):
        assert to_html(markdown) == expected


def test_plain_text_says_the_same_without_marks() -> None:
    for markdown, expected in (
        ("# Titre\n\nTexte\nsuite", "Titre\n\nTexte\nsuite"),
        ("[a](https://x.fr/?a=1&b=2)", "a (https://x.fr/?a=1&b=2)"),
        ("<https://x.fr/%C3%A9> <https://x.fr/é>", "https://x.fr/%C3%A9 https://x.fr/é"),
        ("[à nous](mailto:a@x.fr)", "à nous (a@x.fr)"),
        ("<a@x.fr>", "a@x.fr"),
        ("![plan](https://x.fr/p.png)", "plan (https://x.fr/p.png)"),
        ("Avant\n\n- a\n- b\n  - c\n    d\n\nAprès", "Avant\n\n- a\n- b\n  - c\n    d\n\nAprès"),
        ("9. a\n10. b\n    - c", "9. a\n10. b\n    - c"),
        ("a\n\n> b\n> c\n>\n> - d\n\ne", "a\n\n> b\n> c\n>\n> - d\n\ne"),
        ("a\n\n```py\nx = 1\n\n  y\n```\n\nb", "a\n\nx = 1\n\n  y\n\nb"),
        ("a\n\n***\n\nb", "a\n\n———\n\nb"),
    ):
        assert to_plain_text(markdown) == expected


def test_a_link_that_is_not_allowed_or_would_ping_keeps_its_text_only() -> None:
    for address in (
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "/chemin", "http://"),
        *("matrix:u/a:x.fr", "https://matrix.to/#/@ana:x.fr", "https://matrix.to/#/%40ana:x.fr"),
        "HTTP://MATRIX.TO/#/@ana:x.fr",
    ):
        assert to_html(f"[ici]({address}) <{address}>").startswith("<p>ici ")
        assert addresses(f"[ici]({address}) <{address}>") == []
        assert to_plain_text(f"[ici]({address})") == "ici"


def test_the_whole_room_is_never_called() -> None:
    text = "@room @Room venez `@room` ![@room](https://x.fr/a)\n```\n@room\n```"
    assert "@room" not in f"{to_html(text)}{to_plain_text(text)}".lower()


@settings(deadline=None)
@given(ANYTHING)
def test_any_text_becomes_nothing_but_allowed_tags_and_escaped_text_with_every_address(text: str) -> None:
    made = to_html(text)
    reader = Reader(made)
    assert set(reader.tags) <= TAGS
    assert {(tag, name) for tag, name, _ in reader.attributes} <= ATTRIBUTES
    assert all(value.lower().startswith(("http://", "https://", "mailto:")) for value in addresses(text))
    assert reader.again == made
    said = to_plain_text(text)
    assert all(address.removeprefix("mailto:") in said for address in addresses(text))


def shown(text: str) -> str:
    """How an escaped line is read back: the invisible joiner in @room aside."""
    return re.sub("@\u2060(?=[Rr]oom)", "@", Reader(to_html(text)).text)


def typed(text: str) -> str:
    """One line, without what can't be seen and would turn round or break the line."""
    unseen = [*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0), *range(0xD800, 0xE000)]
    line = text.translate(dict.fromkeys([*unseen, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
    for space in {c for c in line if c.isspace()} - set("\u00a0\u2007\u202f"):
        line = line.replace(space, " ")
    return " ".join(part for part in line.split(" ") if part).strip()


@settings(deadline=None)
@given(ANYTHING)
def test_an_escaped_text_is_shown_as_typed_and_a_link_goes_where_it_should_under_any_title(text: str) -> None:
    reader = Reader(to_html(escape(text)))
    assert shown(escape(text)) == typed(text)
    assert shown(f"- Voir **x{escape(text)}x** : {escape(text)}") == f"Voir x{typed(text)}x : {typed(text)}".strip()
    assert set(reader.tags) <= {"p"}
    for address, reached in REACHED.items():
        assert addresses(link(text, address)) == [reached]
    assert to_plain_text(escape(text)).replace("@\u2060", "@") == typed(text).replace("@\u2060", "@")


def test_what_somebody_says_is_read_without_quotes_and_code() -> None:
    for html, said in (
        ("<div>Où<br>est-il\n ?</div><ul><li>Là</li></ul>", "Où\nest-il ?\n\nLà"),
        ("<p>a&nbsp;&lt; <b>b</b></p>", "a < b"),
        ("<blockquote>non <p>non</blockquote>o<code>x</code>u<!-- non -->i", "oui"),
        ("<aside>a<aside>b</aside>c</aside>d", "d"),
        ("oui<blockquote>non <code>non</code>", "oui"),
        ("</blockquote>oui", "oui"),
        ("si 3 < 4 et <![if 5 > 4", "si 3 < 4 et 4"),
    ):
        assert spoken_text(html) == said, html


def test_a_link_has_its_address_classes_and_text_and_what_precedes_it_unless_it_stands_in_what_is_hidden() -> None:
    html = """Bonjour <a href='/a?b&amp;c' HREF="/no" class="x y"><b>Ana</b></a> et <A Href = "/d">là <a>ici"""
    found = [(link.address, set(link.classes), link.text, link.before) for link in links(html)]
    ana, there = ("/a?b&c", {"x", "y"}, "Ana", "Bonjour "), ("/d", set(), "là ", "Bonjour Ana et ")
    assert found == [ana, there, ("", set(), "ici", "Bonjour Ana et là ")]
    html = "<aside class='a quote'><a href='1'></a></aside><aside><a href='2'></a></aside><pre><a href='3'></a></pre>"
    assert [link.address for link in links(html, {"aside.quote", "pre"})] == ["2"]


def test_no_html_keeps_the_reading_busy() -> None:
    """With `html.parser` it took 39 seconds."""
    for piece in (
        "<a ",
        "<a",
        "<a a",
        "a=",
        "<a href='",
        "<a href='x'>",
        "<![x[",
        "<!--",
        "<",
        "&#",
        "<pre>",
        "</code>",
    ):
        begun = time.process_time()
        for html in (piece * (100_000 // len(piece)), "<code>" * 7_000 + piece * 10_000 + "</code>" * 7_000):
            spoken_text(html)
            links(html, UNSPOKEN)
        assert time.process_time() - begun < 4, piece
