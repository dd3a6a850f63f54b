"""Whether a message is for the bot, and what is left of it without the call: name, mention or command prefix. Pure.

Each message is parsed once, where the conversation gets it; everything after that reads the `Utterance`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from bot.messages import Message
from bot.text.folding import bare, fold

if TYPE_CHECKING:  # a text is read without a store
    from bot.store import Purpose

DISCUSSED: Set[Purpose] = {"asked", "asked_more", "draft", "note", "relayed", "phrasings"}
"""Posts that moderators discuss among themselves: a reply to one does not address the bot."""
_POLITE = re.compile(r"(?<=\w)[ .!]{1,9}(?:merci|s il (?:te|vous) plait|svp|stp|thanks|thank you|please)\Z")
_LEADING = re.compile(  # 'oui, la 2', 'le numéro deux', 'la deuxième'; not where more than a word or numbers follow
    r"\A(?:(?:oui|ok|euh|ah|en fait|si|plutot|yes|le|les(?! (?:deux|trois|[23])\Z)|la|the|numeros?|numbers?|n°|option|"
    r"choix|reponse|choice|answer) ?\b){1,4}(?=\d|\S+\Z|les (?:deux|trois|[23])\Z)"
)
_DECORATION = str.maketrans("", "", "\ufe0e\ufe0f🏻🏼🏽🏾🏿")  # variation selectors and skin tones
_STRETCHED = re.compile(r"([a-z])\1{2,}")  # 'ouiii'
_ONE = re.compile(r"(?<=\w) one\Z")  # 'the second one'
_AFTER_NAME = 40  # characters after a name that are folded with it: folding may change a text's length
_AROUND = ' .)(!,°»«"\n'
_CALLS = 3  # in one message
_LEAD = (  # what people say before a name: 'Bonjour à tous, dis-moi concierge'
    r"(?:(?:(?:re)?bonjour|bonsoir|salut|slt|bjr|bsr|cc|coucou|hello|hi|hey|good (?:morning|afternoon|evening)|"
    r"dear all|allo|he|eh|ho|oh|ok|chere?|dis(?:[ -]moi)?|dites(?:[ -]moi)?|(?:un grand |mille )?merci|thanks|"
    r"thank you|please|svp|stp|s'il (?:te|vous) plait|a tou(?:te)?s(?: et (?:a )?tou(?:te)?s)?|tout le monde|"
    r"beaucoup|bien|very much)"
    r"\b[\s,!.]{0,9}){1,6}"
)
_AGAIN = r"(?:non|pardon)[\s,]{1,9}"  # 'non concierge, je voulais dire …'
_THANKS = r"(?:merci|thanks|thank you|bravo|please|svp|stp|s'il (?:te|vous) plait)"
_COMPOUND = r"(?!\s{1,9}(?:d[eu]s?\b|d'|en\b|of\b))"  # 'concierge de tiers-lieu': the word of the field
_NOUNS_FOLLOW = (  # 'un concierge', 'devenir concierge'
    "un une le la du de des ce cette mon notre comme quel bon nouveau devenir formation metier poste fiche the a an"
)
_NO_NOUN = "".join(rf"(?<!\b{word} )" for word in _NOUNS_FOLLOW.split())
_WANTS = (  # how a statement begins that asks for something
    r"(?:je (?:cherche|recherche|voudrais|veux|souhaite)|j'aimerais|il (?:me|nous) faut|on (?:cherche|voudrait)|"
    r"nous cherchons|qui|que|quel(?:le)?s?|ou|comment|combien|pourquoi|quand|i need|i am looking|i'm looking|we need|"
    r"what|which|how|where|who)"
)
_ASKS = (  # what follows where the sign is left out: 'bonjour concierge comment …'
    r"(?=\s{1,9}(?:tu|vous|qui|que|quoi|koi|c (?:quoi|koi|ou|qui)|quel(?:le)?s?|ou|comment|combien|pourquoi|"
    r"quand|c'est|est-ce|qu'est[ -]ce|keske?|ki|kel(?:le)?s?|cmt|cb|peux|pouvez|"
    r"what|which|how|where|who|when|why|can|do|does|is|are)\b)"
)
_ASKED = r"(?:stp|svp|please|s'il (?:te|vous) plait)"
_SAYS_LITTLE = (  # what follows where all is said in a word: 'concierge 2 stp', 'concierge merci'
    r"(?=\s{1,9}(?:l[ae]\s{1,9})?(?:[0-3]|oui|non|yes|no|ok|merci|thanks|aide|help|stop|plus|la suite|"
    r"laisse tomber)"
    r"(?:[\s,]{1,9}(?:merci|stp|svp|please))?[\s.!]*\Z)"
)

_WHAT_IS = r"(?=\s{1,9}c(?:'est)?\s{1,9}(?:quoi|koi)\s{1,9}(?:une?|des)\b)"  # not 'concierge c koi ?'

_FOR_OTHERS = (  # 'concierge quelle formation pour devenir fabmanager': the noun would leave nothing to ask about
    r"(?=\s{1,9}(?:quel(?:le)?s?|kel(?:le)?s?|what)\s{1,9}\w{2,20}\s{1,9}(?:pour|pr|for)\s{1,9}"
    r"(?!(?:y|ca|cela|ce|cette|le|la|l'|this|that|it)\b)\w)"
)


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message with what addresses the bot in it cut off.

    `text` has no vocative; `called`: there was one. `command` stands behind the prefix, None without a prefix;
    `names_bot`: the bot's name stood between them ('!concierge aide').
    """

    message: Message
    text: str = field(repr=False)
    called: bool = False
    command: str | None = field(default=None, repr=False)
    names_bot: bool = False

    @property
    def is_addressed(self) -> bool:
        """By a call, a mention or a direct room; `is_for_bot` counts replies and follow-ups as well."""
        return self.called or self.message.direct or self.message.mentions_bot


def is_for_bot(utterance: Utterance, replied_to: Purpose | None, is_follow_up: bool) -> bool:
    """Whether a message speaks to the bot: by itself, by being a reply to one of its posts, or as a follow-up.

    `replied_to`: the purpose of that post. A reply to the bot that mentions a person shows them its post; clients
    mention the bot in each reply to it.
    """
    message = utterance.message
    if replied_to and message.mentions_others and not (utterance.called or message.direct):
        return False
    is_reply = replied_to is not None and replied_to not in DISCUSSED
    return utterance.is_addressed or is_reply or is_follow_up


def parse(message: Message, names: Sequence[str], prefix: str) -> Utterance:
    text, called = cut_vocative(message.text, names, message.mentions_bot)
    command = text.strip()
    if not command.startswith(prefix):
        return Utterance(message, text, called)
    command = command.removeprefix(prefix)
    for name in names:
        if re.match(rf"{re.escape(fold(name))}(\s|$)", fold(command[: len(name) + _AFTER_NAME])):
            return Utterance(message, text, called, without_words(command, len(name.split())), names_bot=True)
    return Utterance(message, text, called, command)


def without_words(text: str, count: int) -> str:
    """The text without its first words; the lines below them keep their indentation, which may count."""
    return re.sub(rf"\A(?:\s*\S+){{{count}}}[^\S\n]*\n?", "", text)


def plain_sign(text: str) -> str:
    """An emoji in its plain form."""
    return text.translate(_DECORATION)


def curt(text: str) -> str:
    """What a short reply says, folded: without a courtesy behind it, an article before a word or number, commas and
    signs around it.

    A forum refuses posts of a few characters, so people have to say 'oui, merci' and 'la 2, merci'.
    """
    folded = _STRETCHED.sub(r"\1", fold(plain_sign(text)).replace(",", " "))
    said = _POLITE.sub("", " ".join(folded.split()).strip(_AROUND))
    return _LEADING.sub("", _ONE.sub("", said)).strip(_AROUND)


def cut_vocative(text: str, names: Sequence[str], mentioned: bool) -> tuple[str, bool]:
    """The text without the vocatives in it, and whether there was one.

    The bot's name is a word of the field. It calls the bot at the start, behind a greeting or not, and at the end, if a
    sign sets it off; as `@name` anywhere; where the bot is `mentioned`, anywhere but as a noun.
    """
    called = False
    for _ in range(_CALLS):
        cut = _vocative(text, tuple(names), mentioned and not called)
        if not cut:
            break
        text, called = (text[: cut.start("cut")] + text[cut.end("cut") :]).strip().rstrip(", "), True
    return text, called


def _vocative(text: str, names: tuple[str, ...], mentioned: bool) -> re.Match[str] | None:
    patterns, folded = _patterns(names), _same_length(text)
    found = (pattern.search(folded) for is_loose, pattern in patterns if mentioned or not is_loose)
    return next(filter(None, found), None)


@cache
def _patterns(names: tuple[str, ...]) -> Sequence[tuple[bool, re.Pattern[str]]]:
    """Of calls, on text from `_same_length`; True: only where the bot is mentioned. `cut` is what goes."""
    folded = sorted({_same_length(name).lstrip("@") for name in names}, key=len, reverse=True)
    name = rf"(?:{'|'.join(map(re.escape, folded))})(?![\w-]|[.:]\w)"
    sign = r"(?:\s*(?:[,:]|[!?.…;–—-]+(?=\s|\Z)))"
    forms = (
        (False, rf"\A\s*{_LEAD}(?P<cut>@?{name}[\s,:!?.…]*)\Z"),  # nothing but greetings
        (False, rf"\A(?P<cut>\s*(?:{_LEAD}|{_AGAIN})?(?:@{name}{sign}?|{name}\s*(?:[,:]|[!?…]+(?=\s|\Z)))\s*)"),
        (False, rf"\A(?P<cut>\s*{_LEAD}(?<=\w\s){name}{_ASKS}\s*)"),
        (False, rf"\A(?P<cut>\s*(?:{_LEAD})?{name}(?:{_SAYS_LITTLE}|{_WHAT_IS}|{_FOR_OTHERS})\s*)"),
        (False, rf"\A(?P<cut>\s*(?:{_LEAD})?{name}\s{{1,9}}{_ASKED}\b[\s,]*)"),
        (False, rf"(?P<cut>,\s{{0,9}}{name})\s{{0,9}}[?!…]+\s*\Z"),
        (False, rf"\A\s*(?:{_LEAD})?{_WANTS}\b[^\n]*(?P<cut>,\s{{0,9}}{name})[\s.]*\Z"),
        (False, rf"\b{_THANKS}(?P<cut>[\s,]{{1,9}}{name})[\s.?!…]*\Z"),
        (False, rf"(?P<cut>[\s,]{{0,9}}(?<![\w@.:/])@{name}[,:]?)"),
        (True, rf"\A(?P<cut>\s*(?:{_LEAD})?{name}{_COMPOUND}(?:{sign}|(?=\s)|\Z)\s*)"),
        (True, rf"(?P<cut>[\s,]{{1,9}}(?={name}){_NO_NOUN}{name}{_COMPOUND})"),  # the name first: it costs least
    )
    return [(is_loose, re.compile(form)) for is_loose, form in forms]


def _same_length(text: str) -> str:
    """Folded for comparison, character by character: positions stay the same."""
    return "".join(c.lower() if c.isascii() else bare(c.lower())[:1] or c for c in text.replace("’", "'"))
