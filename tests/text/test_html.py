"""HTML as clients and forums write it: what its author says, and which links are the author's."""

from __future__ import annotations

import time

import pytest

from bot.text.html import UNSPOKEN, links, spoken_text

SPOKEN = {
    "blocks and breaks": ("<div>Où<br>est-il\n ?</div><ul><li>Là</li></ul>", "Où\nest-il ?\n\nLà"),
    "characters by name": ("<p>a&nbsp;&lt; <b>b</b></p>", "a < b"),
    "a quote, code and a comment": ("<blockquote>non <p>non</blockquote>o<code>x</code>u<!-- non -->i", "oui"),
    "a quote in a quote": ("<aside>a<aside>b</aside>c</aside>d", "d"),
    "a quote that is not closed": ("oui<blockquote>non <code>non</code>", "oui"),
    "an end without a beginning": ("</blockquote>oui", "oui"),
    "no tag": ("si 3 < 4 et <![if 5 > 4", "si 3 < 4 et 4"),
}


@pytest.mark.parametrize(("html", "said"), SPOKEN.values(), ids=SPOKEN)
def test_what_somebody_says_is_read_without_quotes_and_code(html: str, said: str) -> None:
    assert spoken_text(html) == said


def test_a_link_has_its_address_classes_and_text_and_what_precedes_it() -> None:
    html = """Bonjour <a href='/a?b&amp;c' HREF="/no" class="x y"><b>Ana</b></a> et <A Href = "/d">là <a>ici"""
    found = [(link.address, set(link.classes), link.text, link.before) for link in links(html)]
    assert found == [
        ("/a?b&c", {"x", "y"}, "Ana", "Bonjour "),
        ("/d", set(), "là ", "Bonjour Ana et "),
        ("", set(), "ici", "Bonjour Ana et là "),
    ]


def test_links_of_a_hidden_element_are_left_out_by_its_name_or_class() -> None:
    html = (
        '<aside class="a quote"><a href="/1"></a></aside><aside><a href="/2"></a></aside><pre><a href="/3"></a></pre>'
    )
    assert [link.address for link in links(html, {"aside.quote", "pre"})] == ["/2"]


@pytest.mark.parametrize(
    "piece", ["<a ", "<a", "<a a", "a=", "<a href='", "<a href='x'>", "<![x[", "<!--", "<", "&#", "<pre>", "</code>"]
)
def test_no_html_keeps_the_reading_busy(piece: str) -> None:
    """With `html.parser` it took 39 seconds."""
    begun = time.process_time()
    for html in (piece * (100_000 // len(piece)), "<code>" * 7_000 + piece * 10_000 + "</code>" * 7_000):
        spoken_text(html)
        links(html, UNSPOKEN)
    assert time.process_time() - begun < 4
