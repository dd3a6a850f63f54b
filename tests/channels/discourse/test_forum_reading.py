"""From a post to what it says and whom it names, and what stands in the bot's own."""

from datetime import timedelta
from typing import Any

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


def test_only_what_people_post_is_heard() -> None:
    unheard: list[dict[str, Any]] = [
        *({"username": "Concierge"}, {"user_id": -1, "username": "system"}, {"user_id": None}),
        {"username": "autobot"},  # another bot, by a name that folds
        *({"post_type": 2}, {"post_type": 3, "action_code": "closed.enabled"}, {"post_type": 4}),  # 4: a whisper
        *({"hidden": True}, {"deleted_at": NOW.isoformat()}, {"user_deleted": True}),
    ]
    assert event_parser.is_by_person(a_post(), SITE)
    assert [fields for fields in unheard if event_parser.is_by_person(a_post(**fields), SITE)] == []


def test_a_new_topic_is_read_with_its_title_and_overheard_in_the_listed_categories() -> None:
    message = read(a_post(number=1, raw="@concierge Où trouver une formation ?", cooked=called()))
    assert message.text == "Se former à la facilitation\n\nOù trouver une formation ?"
    assert (message.listen, message.private, message.direct, message.reply_to) == ("questions", False, False, None)
    assert (message.id, message.room, message.sender, message.sent) == ("45/1", "topic/45", "ana", NOW)
    for other in (read(a_post(number=2)), read(a_post(number=1), direct=True)):  # test_forum_looking has the others
        assert other.listen == "mentions"


def test_a_call_to_the_bot_is_heard_and_is_no_word_of_the_question() -> None:
    for post, said in (
        ("@concierge où trouver une formation ?", "où trouver une formation ?"),
        ("@Concierge : !aide", "!aide"),
        ("Bonjour @concierge, une formation ?", "Bonjour une formation ?"),
        ("Merci @concierge.", "Merci ."),
        ("@concierge2 et @concierge-bot savent", "@concierge2 et @concierge-bot savent"),
    ):
        message = read(a_post(raw=post, cooked=called("concierge")))
        assert (message.mentions_bot, message.mentions_others, message.text) == (True, False, said), post


def test_a_title_that_the_post_says_again_is_read_once() -> None:
    for said in ("Qui a les clés du portail ?", "Bonjour.\nQui a les clés  du portail ? Merci !"):
        assert read(a_post(number=1, topic_title="Qui a les clés du portail", raw=said)).text == said


def test_naming_somebody_else_is_seen_and_naming_oneself_is_not() -> None:
    assert read(a_post(cooked=called("bob"))).mentions_others
    assert not read(a_post(cooked=called("ana"))).mentions_others
    assert not read(a_post(raw="devenir concierge ?")).mentions_bot


def test_a_post_says_its_own_words() -> None:
    for post, said in (
        ("Où trouver une formation ?", "Où trouver une formation ?"),
        ("Bonjour,\n\nOù ça ?\nEt quand ?", "Bonjour,\n\nOù ça ?\nEt quand ?"),
        ('[quote="bob, post:3, topic:45"]\nUne formation ?\n[/quote]\n\nMerci Bob', "Merci Bob"),
        *(("[quote]a [quote]b[/quote] c[/quote] d", "d"), ("[quote]a[/quote] et [quote]b[/quote] puis", "et\n puis")),
        *(('[quote="bob"]\nEt le prix ?', "Et le prix ?"), ("Et le prix ?[/quote]", "Et le prix ?")),
        *(("> Une formation ?\n> Oui\n\nOù ça ?", "Où ça ?"), ("Avant\n```\nformation ?\n```\nAprès", "Avant\nAprès")),
        *(("~~~~\n```\nnon\n```\n~~~~\noui", "oui"), ("Avant\n```\nformation ?", "Avant")),
        ("Lancez `pip install` ici", "Lancez  ici"),
        ("Voici ![plan|690x400](upload://abc.png) le plan", "Voici  le plan"),
        ("Voir [la fiche](https://fiche.example/) svp", "Voir la fiche svp"),
        ("Voir [la fiche](https://x.example/a_(b)) svp", "Voir la fiche svp"),
        ("Voir <https://fiche.example/>", "Voir https://fiche.example/"),
        *(("Avant<!-- ne pas lire\nceci --> après", "Avant après"), ("<small>Où</small> <b>ça</b> ?", "Où ça ?")),
        *(("si 3 < 4 et 5 > 4 ?", "si 3 < 4 et 5 > 4 ?"), ('[details="Suite"]\nOù ça ?\n[/details]', "Où ça ?")),
        ("Bonjour :wave: à 18:30 :+1:", "Bonjour  à 18:30"),
        ("## Ma question\n**Où** est-ce __vraiment__ ?", "Ma question\nOù est-ce vraiment ?"),
        *(("Avant\n\n---\n\nAprès", "Avant\n\nAprès"), ("Où ?\r\n> non\r\nQuand ?", "Où ?\nQuand ?")),
        ("", ""),
    ):
        assert plain_text(post) == said, post


def test_a_post_names_whom_its_author_called() -> None:
    ana = '<a class="mention" href="/u/ana">@ana</a>'
    for cooked, names in (
        ("<p>concierge</p>", set()),
        (f"<p>Merci {ana}</p>", {"ana"}),
        ('<a class="mention" href="/forum/u/ANA">@ANA</a>', {"ana"}),
        ("<a href='https://f.example/u/ana/' class='x mention'>@ana</a>", {"ana"}),
        ('<a class="mention" href="/u/zo%C3%A9">@zoé</a>', {"zoé"}),
        ('<a class="mention-group notify" href="/groups/equipe">@equipe</a>', {"equipe"}),
        (f'<aside class="quote"><blockquote>{ana}</blockquote></aside><p>oui</p>', set()),
        (f'<aside class="quote"><blockquote>non</blockquote></aside><p>{ana}</p>', {"ana"}),
        (f"<blockquote><p>{ana}</p></blockquote>", set()),
        (f"<pre><code>{ana}</code></pre>", set()),
        ('<span class="mention">@ana</span>', set()),
        ('<a href="/u/ana">@ana</a>', set()),
        (f"<aside>{ana}", set()),
        (f"</aside>{ana}", {"ana"}),
    ):
        assert mentions(cooked) == names, cooked


def test_a_post_of_ours_calls_nobody_and_shows_no_preview() -> None:
    for text, written in (
        ("Demandez à @ana, à (@bob) ou à @zoé.", "Demandez à ana, à (bob) ou à zoé."),
        ("Écrivez à ana@tiers.example", "Écrivez à ana@tiers.example"),
        ("Voir https://x.example/@ana?u=@bob", "Voir https://x.example/@ana?u=@bob"),
        ("[La fiche](https://fiche.example/@ana)", "[La fiche](https://fiche.example/@ana)"),
        ("Voir :\nhttps://x.example/\nmerci", "Voir :\n<https://x.example/>\nmerci"),
        ("- https://fiche.example/", "- <https://fiche.example/>"),
        ("Voir https://fiche.example/ ici", "Voir https://fiche.example/ ici"),
        *(("Écrivez `@equipe` à @ana", "Écrivez `@equipe` à ana"), ("\\`@ana\\`", "\\`ana\\`")),
        ("5 @ 3 €", "5 @ 3 €"),
    ):
        assert raw(text) == written, text


def test_a_text_that_is_too_long_ends_early() -> None:
    written, varied = variants(SITE, Reply("topic/45", "une phrase de plus. " * 3000, to="45/3"))
    assert len(varied) <= LONGEST
    assert written.endswith("phrase de plus.\n\n…")
