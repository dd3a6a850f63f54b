"""From a post to what it says and whom it names, and what stands in the bot's own."""

from datetime import timedelta
from typing import Any

import pytest

from bot.channels.discourse import event_parser
from bot.channels.discourse.event_parser import CategoryRole, JournalledPost
from bot.channels.discourse.formatting import LONGEST, mentions, plain_text, raw, variants
from bot.channels.discourse.models import DiscoursePost
from bot.messages import Message, Reply
from tests.channels.discourse.conftest import NOW, SITE, a_post, called

OPEN = CategoryRole(overhears=True)


def read(post: DiscoursePost, direct: bool = False) -> Message:
    """By way of the journal."""
    event = event_parser.message_event(JournalledPost(post, direct), SITE)
    return event_parser.message(event_parser.journalled_post(event), OPEN, SITE)


HEARD: dict[str, tuple[dict[str, Any], bool]] = {
    "a person's": ({}, True),
    "our own": ({"username": "Concierge"}, False),
    "the system's": ({"user_id": -1, "username": "system"}, False),
    "that of nobody": ({"user_id": None}, False),
    "another bot's": ({"username": "autobot"}, False),  # by a name that folds
    "a moderator's action": ({"post_type": 2}, False),
    "a small action": ({"post_type": 3, "action_code": "closed.enabled"}, False),
    "a whisper": ({"post_type": 4}, False),
    "one that was flagged away": ({"hidden": True}, False),
    "one that was deleted": ({"deleted_at": NOW.isoformat()}, False),
    "one that its author deleted": ({"user_deleted": True}, False),
}


def test_a_post_of_a_moment_that_not_every_database_can_keep_is_a_very_old_one() -> None:
    for said, year in (
        ("2026-11-25T12:00:00", 2026),  # without a zone: the forum's is UTC
        ("9999-12-31T23:59:59-05:00", 1970),
        ("0001-01-01T00:00:00+14:00", 1970),
        ("9999-12-31T23:59:59", 1970),
        (20_000_000_000, 1970),
    ):
        event = event_parser.message_event(JournalledPost(a_post(created_at=said), direct=False), SITE)
        assert (event.sent.year, event.sent.utcoffset()) == (year, timedelta()), said


@pytest.mark.parametrize(("fields", "heard"), HEARD.values(), ids=HEARD)
def test_only_what_people_post_is_heard(fields: dict[str, Any], heard: bool) -> None:
    assert event_parser.is_by_person(a_post(**fields), SITE) is heard


def test_a_new_topic_is_read_with_its_title_and_overheard_in_the_listed_categories() -> None:
    message = read(a_post(number=1, raw="@concierge Où trouver une formation ?", cooked=called()))
    assert message.text == "Se former à la facilitation\n\nOù trouver une formation ?"
    assert (message.listen, message.private, message.direct, message.reply_to) == ("questions", False, False, None)
    assert (message.id, message.room, message.sender, message.sent) == ("45/1", "topic/45", "ana", NOW)
    for other in (read(a_post(number=2)), read(a_post(number=1), direct=True)):  # test_forum_looking has the others
        assert other.listen == "mentions"


CALLS = {
    "@concierge où trouver une formation ?": "où trouver une formation ?",
    "@Concierge : !aide": "!aide",
    "Bonjour @concierge, une formation ?": "Bonjour une formation ?",
    "Merci @concierge.": "Merci .",
    "@concierge2 et @concierge-bot savent": "@concierge2 et @concierge-bot savent",
}


@pytest.mark.parametrize(("raw", "said"), CALLS.items())
def test_a_call_to_the_bot_is_heard_and_is_no_word_of_the_question(raw: str, said: str) -> None:
    message = read(a_post(raw=raw, cooked=called("concierge")))
    assert message.mentions_bot
    assert not message.mentions_others
    assert message.text == said


@pytest.mark.parametrize("raw", ["Qui a les clés du portail ?", "Bonjour.\nQui a les clés  du portail ? Merci !"])
def test_a_title_that_the_post_says_again_is_read_once(raw: str) -> None:
    post = a_post(number=1, topic_title="Qui a les clés du portail", raw=raw)
    assert read(post).text == raw


def test_naming_somebody_else_is_seen_and_naming_oneself_is_not() -> None:
    assert read(a_post(cooked=called("bob"))).mentions_others
    assert not read(a_post(cooked=called("ana"))).mentions_others
    assert not read(a_post(raw="devenir concierge ?")).mentions_bot


SAID = {
    "a line": ("Où trouver une formation ?", "Où trouver une formation ?"),
    "lines": ("Bonjour,\n\nOù ça ?\nEt quand ?", "Bonjour,\n\nOù ça ?\nEt quand ?"),
    "a quote": ('[quote="bob, post:3, topic:45"]\nUne formation ?\n[/quote]\n\nMerci Bob', "Merci Bob"),
    "a quote in a quote": ("[quote]a [quote]b[/quote] c[/quote] d", "d"),
    "two quotes": ("[quote]a[/quote] et [quote]b[/quote] puis", "et\n puis"),
    "a quote that is not closed": ('[quote="bob"]\nEt le prix ?', "Et le prix ?"),
    "a closing mark alone": ("Et le prix ?[/quote]", "Et le prix ?"),
    "quoted lines": ("> Une formation ?\n> Oui\n\nOù ça ?", "Où ça ?"),
    "a block of code": ("Avant\n```\nformation ?\n```\nAprès", "Avant\nAprès"),
    "a block in tildes with backticks inside": ("~~~~\n```\nnon\n```\n~~~~\noui", "oui"),
    "a block that is not closed": ("Avant\n```\nformation ?", "Avant"),
    "code in a line": ("Lancez `pip install` ici", "Lancez  ici"),
    "a picture": ("Voici ![plan|690x400](upload://abc.png) le plan", "Voici  le plan"),
    "a link": ("Voir [la fiche](https://fiche.example/) svp", "Voir la fiche svp"),
    "a link with brackets in it": ("Voir [la fiche](https://x.example/a_(b)) svp", "Voir la fiche svp"),
    "an address in angle brackets": ("Voir <https://fiche.example/>", "Voir https://fiche.example/"),
    "a comment": ("Avant<!-- ne pas lire\nceci --> après", "Avant après"),
    "tags": ("<small>Où</small> <b>ça</b> ?", "Où ça ?"),
    "less and greater": ("si 3 < 4 et 5 > 4 ?", "si 3 < 4 et 5 > 4 ?"),
    "a folded part": ('[details="Suite"]\nOù ça ?\n[/details]', "Où ça ?"),
    "emojis": ("Bonjour :wave: à 18:30 :+1:", "Bonjour  à 18:30"),
    "stress and a heading": ("## Ma question\n**Où** est-ce __vraiment__ ?", "Ma question\nOù est-ce vraiment ?"),
    "a rule": ("Avant\n\n---\n\nAprès", "Avant\n\nAprès"),
    "Windows' line ends": ("Où ?\r\n> non\r\nQuand ?", "Où ?\nQuand ?"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("post", "said"), SAID.values(), ids=SAID)
def test_a_post_says_its_own_words(post: str, said: str) -> None:
    assert plain_text(post) == said


A = '<a class="mention" href="/u/ana">@ana</a>'
NAMED = {
    "nobody": ("<p>concierge</p>", set()),
    "somebody": (f"<p>Merci {A}</p>", {"ana"}),
    "in a folder, in capitals": ('<a class="mention" href="/forum/u/ANA">@ANA</a>', {"ana"}),
    "other quotes and order": ("<a href='https://f.example/u/ana/' class='x mention'>@ana</a>", {"ana"}),
    "with an accent": ('<a class="mention" href="/u/zo%C3%A9">@zoé</a>', {"zoé"}),
    "a group": ('<a class="mention-group notify" href="/groups/equipe">@equipe</a>', {"equipe"}),
    "in a quote": (f'<aside class="quote"><blockquote>{A}</blockquote></aside><p>oui</p>', set()),
    "after a quote": (f'<aside class="quote"><blockquote>non</blockquote></aside><p>{A}</p>', {"ana"}),
    "in quoted lines": (f"<blockquote><p>{A}</p></blockquote>", set()),
    "in code": (f"<pre><code>{A}</code></pre>", set()),
    "no such user": ('<span class="mention">@ana</span>', set()),
    "a link that only looks so": ('<a href="/u/ana">@ana</a>', set()),
    "a quote that is not closed": (f"<aside>{A}", set()),
    "an end without a beginning": (f"</aside>{A}", {"ana"}),
}


@pytest.mark.parametrize(("cooked", "names"), NAMED.values(), ids=NAMED)
def test_a_post_names_whom_its_author_called(cooked: str, names: set[str]) -> None:
    assert mentions(cooked) == names


WRITTEN = {
    "a name": ("Demandez à @ana, à (@bob) ou à @zoé.", "Demandez à ana, à (bob) ou à zoé."),
    "an address of mail": ("Écrivez à ana@tiers.example", "Écrivez à ana@tiers.example"),
    "an address with a name in it": ("Voir https://x.example/@ana?u=@bob", "Voir https://x.example/@ana?u=@bob"),
    "a link": ("[La fiche](https://fiche.example/@ana)", "[La fiche](https://fiche.example/@ana)"),
    "an address alone on its line": ("Voir :\nhttps://x.example/\nmerci", "Voir :\n<https://x.example/>\nmerci"),
    "an address alone in a list": ("- https://fiche.example/", "- <https://fiche.example/>"),
    "an address among words": ("Voir https://fiche.example/ ici", "Voir https://fiche.example/ ici"),
    "a name in code": ("Écrivez `@equipe` à @ana", "Écrivez `@equipe` à ana"),
    "a name between marks that are no code": ("\\`@ana\\`", "\\`ana\\`"),
    "an @ alone": ("5 @ 3 €", "5 @ 3 €"),
}


@pytest.mark.parametrize(("text", "written"), WRITTEN.values(), ids=WRITTEN)
def test_a_post_of_ours_calls_nobody_and_shows_no_preview(text: str, written: str) -> None:
    assert raw(text) == written


def test_a_text_that_is_too_long_ends_early() -> None:
    written, varied = variants(SITE, Reply("topic/45", "une phrase de plus. " * 3000, to="45/3"))
    assert len(varied) <= LONGEST
    assert written.endswith("phrase de plus.\n\n…")
