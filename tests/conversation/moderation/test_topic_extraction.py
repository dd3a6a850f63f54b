"""A topic of the forum becomes a draft: what was asked, every link of the replies, who answered."""

from __future__ import annotations

import pytest

from bot.conversation.moderation.extraction import fields_from_topic, questions_of
from bot.conversation.moderation.link_extraction import links_of_posts
from bot.messages import TopicPost

TOPIC = "https://forum.example/t/-/12"
ONEBOX = ['<a href="https://x.example">x.example</a>', '<h3><a href="https://x.example">Le titre</a></h3>']


def told(author: str, html: str, text: str = "") -> TopicPost:
    return TopicPost(author, text or html, html)


def test_a_topic_with_its_replies_becomes_the_fields_of_an_entry() -> None:
    asked = "Bonjour à tous ! Connaissez-vous des formations de fabmanager ? Quel coût ? Merci d’avance."
    draft = fields_from_topic(
        "Formation fabmanager",
        TOPIC,
        [
            told("ana", f"<p>{asked}</p>", asked),
            told("ben", '<p>Il y a <a href="https://a.example/du">le DU</a> et https://b.example</p>'),
            told("cleo", '<p><a href="https://a.example/du">https://a.example/du</a></p>'),
            told("ana", "<p>Merci !</p>"),
            told("ben", '<p><a href="mailto:c@a.example">écrire</a></p>'),
        ],
    )
    assert draft == {
        "title": "Formation fabmanager",
        "questions": [
            "Formation fabmanager",
            "Connaissez-vous des formations de fabmanager ?",
            "Quel coût ?",
        ],
        "links": [
            {"title": "le DU", "url": "https://a.example/du"},
            {"title": "écrire", "url": "mailto:c@a.example"},
        ],
        "contacts": ["ben", "cleo"],
        "source": f"fil du forum, {TOPIC}",
    }


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="https://x.example/une/p">https://x.ex…</a>', {"https://x.example/une/p": "x.example/une/p"}),
        ('<a href="https://x.example" class="inline-onebox">Le site</a>', {"https://x.example": "Le site"}),
        (f'<aside class="onebox">{"".join(ONEBOX)}</aside>', {"https://x.example": "Le titre"}),
        ('<aside class="quote"><a href="https://x.example">cité</a></aside>', {}),
        ('<a class="mention" href="/u/ben">@ben</a>', {}),
        ('<a class="lightbox" href="https://x.example/i.png"><img></a>', {}),
        ('<a href="/t/autre/3">voir aussi</a>', {"https://forum.example/t/autre/3": "voir aussi"}),
        ('<a href="javascript:alert(1)">x</a>', {}),
        (f'<a href="{TOPIC}">ici</a>', {}),
        ('<a href="http://[::1">x</a><a href="/t/4">y</a>', {"https://forum.example/t/4": "y"}),
        ('<![if <a href="https://x.example/?a&amp;b">&lt;R&D&gt; <b>y</b></a>', {"https://x.example/?a&b": "<R&D> y"}),
    ],
)  # fmt: skip
def test_which_links_of_a_post_are_taken(html: str, found: dict[str, str]) -> None:
    assert links_of_posts(TOPIC, [told("ben", html)]) == found


def test_the_links_of_the_question_are_taken_where_no_reply_has_one() -> None:
    asks, answers = (f'<a href="https://{host}.example">le site</a>' for host in ("a", "b"))
    for replies, host in ([], "a"), ([told("ben", "Merci")], "a"), ([told("ben", answers)], "b"):
        found = fields_from_topic("Un sujet", TOPIC, [told("ana", asks), *replies])["links"]
        assert found == [{"title": "le site", "url": f"https://{host}.example"}]


def test_only_what_asks_becomes_a_phrasing_and_each_once() -> None:
    assert questions_of("Bonjour ! Où ? Je cherche. Où ? Et " + "x" * 300 + " ?") == ["Où ?"]
