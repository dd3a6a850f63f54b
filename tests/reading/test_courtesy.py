"""Whether a text is nothing but courtesy."""

from __future__ import annotations

import pytest

from bot.reading.courtesy import is_courtesy


@pytest.mark.parametrize(
    ("text", "is_nothing_else"),
    [
        *((text, True) for text in ("merci beaucoup, c'est parfait", "Bonjour à tous !", "🙏 !!", "", "thanks a lot!")),
        *(
            (text, False)
            for text in ("как стать фабменеджером", "quelle assurance pour le lieu ?", "le bail est signé")
        ),
    ],
)
def test_courtesy_is_told_from_what_says_something(text: str, is_nothing_else: bool) -> None:
    assert is_courtesy(text) is is_nothing_else
