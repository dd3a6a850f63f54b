"""What stands in the bot's posts."""

from __future__ import annotations

import pytest

from bot.channels.discourse.formatting import LONGEST, raw, variants
from bot.messages import Reply
from tests.channels.discourse.posts import SITE

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
