"""Money: whether a question asks for a price or a pay, and whether an entry is silent on it.

An entry about a training matches 'how much is that training?' in every word, and yet answers nothing if it is silent on
money. Words and vectors do not see that: the word for the price is a usual one.
"""

from __future__ import annotations

import re

from bot.knowledge.models import Entry

_ASKS_MONEY = re.compile(  # on folded text
    r"\b(?:combien .{0,40}\b(?:coute\w*|gagne\w*|pay(?!s\b|sa)\w+|touche\w*|vaut|debourser)|"
    r"(?:est|c est|ca fait) combien|prix|tarifs?|couts?|salaires?|(?:la|quelle) paye|remunerations?|cotisations?|frais|"
    r"how much (?!time)|prices?|costs?|fees?|salary|wages?)\b"
)
_SAYS_MONEY = re.compile(  # on text as written
    r"€|\b(?:euros?|gratuit|prix|tarif|co[uû]t(?!ur|eau|ell|um)|salair|r[eé]mun[eé]r|indemni|smic|cotis|pay(?!s\b|sa)|"
    r"frais\b|montant|bruts?\b|financ|charges?\b|budget|price|costs?\b|fees?\b|free\b(?!-?lance)|salar|money)",
    re.IGNORECASE,
)


def asks_money(folded: str) -> bool:
    """Whether a question wants to know a price, a pay or who bears the cost."""
    return _ASKS_MONEY.search(folded) is not None


def is_silent_on_money(entry: Entry) -> bool:
    """Whether nothing in it speaks of money; without an answer its links may."""
    texts = (entry.title, *entry.questions, *entry.keywords, *(link.title for link in entry.links), entry.answer or "")
    return bool(entry.answer) and not any(map(_SAYS_MONEY.search, texts))
