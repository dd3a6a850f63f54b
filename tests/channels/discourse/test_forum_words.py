"""What a post says, whom it names, and what stands in the bot's own."""

from __future__ import annotations

import time

import pytest

from bot.channels.discourse.formatting import LONGEST, mentions, plain_text, raw, variants
from bot.messages import Reply
from tests.channels.discourse.paper import SITE

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


@pytest.mark.parametrize(("raw", "said"), SAID.values(), ids=SAID)
def test_a_post_says_its_own_words(raw: str, said: str) -> None:
    assert plain_text(raw) == said


@pytest.mark.parametrize(
    "piece",
    [
        *("[quote]", "[/quote]", "<a ", "![", "](", "`", "```\n", "<!--", "**", "> ", ":a", "[x](", "# ", "---\n", " "),
        *("[quote", "[quote=", "[b ", "~~", "a:", "<https://", "<a"),
    ],
)
def test_a_long_post_of_one_mark_is_read_at_once(piece: str) -> None:
    begun = time.process_time()
    plain_text(piece * (32_000 // len(piece)))
    assert time.process_time() - begun < 1


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
    "an address with a name in it": (
        "Voir https://social.example/@ana?u=@bob",
        "Voir https://social.example/@ana?u=@bob",
    ),
    "a link": ("[La fiche](https://fiche.example/@ana)", "[La fiche](https://fiche.example/@ana)"),
    "an address alone on its line": (
        "Voir :\nhttps://fiche.example/\nmerci",
        "Voir :\n<https://fiche.example/>\nmerci",
    ),
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


@pytest.mark.parametrize(
    ("text", "varied"),
    [
        ("> Où ?\n\nIci.", "> Où ? [↩](https://forum.example/f/t/-/45/3)\n\nIci."),
        ("Ici.", "Ici. [↩](https://forum.example/f/t/-/45/3)"),
    ],
)
def test_the_variation_differs_in_its_first_line_alone(text: str, varied: str) -> None:
    assert variants(SITE, Reply("topic/45", text, to="45/3")) == (text, varied)
