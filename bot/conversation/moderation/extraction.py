"""From a question and what a moderator replied to it to the fields of an entry. Pure.

What is proposed is read by a moderator before it is kept; nothing of it may come from a private place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.conversation.moderation.reply_parser import ParsedReply
from bot.matching.split import is_courtesy
from bot.matching.text import bare, fold, sentences, tokens, words

MOST = 8  # phrasings
LONGEST = 200  # characters of one
_TITLE = 120
_HELLO = re.compile(
    r"^\s*(?:re)?(?:bonjour|bonsoir|salut|coucou|hello|hi|hey)\b(?:[^,!.?:\n]{0,40}[,!.:\n]+|"
    r"(?:\s+(?:à|a|et|all|there|tou(?:te)?s|tout le monde|le monde|everyone|everybody))*)\s*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^(?:un grand |mille )?(?:mercis?|thanks|thank you|cordialement|bien à vous|bonne (?:journée|soirée)|"
    r"belle journée|best regards|cheers|à bientôt|amitiés)\b",
    re.IGNORECASE,
)
_THANKS_BEHIND = re.compile(
    r"(?<![\s,;–-])[\s,;–-]++(?:(?:un grand |mille )?mercis?|thanks|svp|stp|please)\b[^?]*+", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"<?(?:https?://|www\.|mailto:)\S+|(?<!\S)\S+@[\w-]++\.\S+|@[\w.=/-]+(?::[\w.-]+)?", re.IGNORECASE
)
_NUMBER = re.compile(  # `kept`: '12-ab' is none; past all of its figures, for none of them begins one either
    r"(?<![\w-])\(?\+?\d(?:(?:[\d\s.,/:()-]*\d)?\)?(?:\s?[€$%])?(?![\w-])|(?P<kept>(?:[\s.,/:()-]*+\d)*))"
)
_GAPS = (
    (r"\s+", " "),
    (r"\(\s*\)", ""),
    (r"(?<!\s)\s++([,.])", r"\1"),
    (r"([,;:])(?:\s*[,;:.])+", r"\1"),
    (r",\s*(\?)", r" \1"),
)


@dataclass(frozen=True, slots=True)
class QuestionSources:
    """What was asked, in public places only; the names of those who took part; the words of the knowledge, folded."""

    texts: Sequence[str]
    called: Collection[str] = ()
    known: Collection[str] = ()


def fields(asked: QuestionSources, replied: ParsedReply, updated: str, source: str) -> dict[str, object]:
    """Of an entry but its id; without title and questions where nothing may be proposed."""
    questions = phrasings(asked)
    known = {"title": _titled(questions[0]), "questions": questions} if questions else {}
    links = [{"title": title, "url": url} for title, url in replied.links]
    given = {"answer": replied.text, "links": links, "updated": updated, "source": source}
    return known | {name: value for name, value in given.items() if value}


def phrasings(asked: QuestionSources) -> list[str]:
    """The ways in which it was asked, each once, without greetings, names, addresses and numbers."""
    found = [phrasing(text, asked.called, asked.known) for text in asked.texts]
    return list({fold(text): text for text in reversed(found) if words(fold(text))}.values())[::-1][:MOST]


def phrasing(text: str, called: Collection[str] = (), known: Collection[str] = ()) -> str:
    nameless = without_names(_ADDRESS.sub(" ", text), called, known)
    asked = [_unthanked(sentence) for sentence in _asking(nameless)]
    said = _NUMBER.sub(lambda found: " " if found["kept"] is None else found[0], " ".join(asked))
    for gap, instead in _GAPS:
        said = re.sub(gap, instead, said)
    return _short(said.strip(" ,;:.-–—"), LONGEST)


def _unthanked(sentence: str) -> str:
    """Without thanks behind what is asked; before another question they stay."""
    last = sentence.rstrip().rfind("?", 0, -1) + 1
    return sentence[:last] + _THANKS_BEHIND.sub(" ", sentence[last:])


def _asking(text: str) -> list[str]:
    """The sentences that ask; all but courtesy where none has a question mark. A short one needs the one before it."""
    pieces = [piece for piece in sentences(_HELLO.sub("", text)) if not _THANKS.match(piece) and not is_courtesy(piece)]
    marked = [target for target, piece in enumerate(pieces) if "?" in piece]
    if not marked:
        return pieces
    if len(words(fold(pieces[marked[0]]))) < 2 and marked[0] > 0:
        return pieces[marked[0] - 1 : marked[0] + 1]
    return [pieces[target] for target in marked]


def _titled(question: str) -> str:
    said = _short(question, _TITLE)
    return said[:1].upper() + said[1:]


def _short(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[:longest].rpartition(" ")[0].rstrip(" ,;:") + "…"


def vocabulary(texts: Collection[str]) -> frozenset[str]:
    """The words of the knowledge's texts, folded."""
    return frozenset(token for text in texts for token in tokens(fold(text)))


_FIRST = frozenset(
    "adele adrien agathe alain alexandra alexandre alexis alice aline amandine amelie amina anais andre anna anne "
    "antoine arnaud arthur aurelie axel baptiste benjamin benoit bernard bruno camille caroline catherine cecile "
    "cedric celine chantal charlotte chloe christian christine christophe claire clara claude clement cleo corinne "
    "cyril damien daniel david delphine denis didier dominique elena elise elodie emilie emma eric estelle etienne "
    "eva fabien fabrice fanny fatima florence florent francois francoise frederic gabriel gaelle genevieve "
    "geraldine gerard gilles guillaume helene henri herve hugo ines isabelle jacques jean jeanne jerome joelle "
    "johan jonathan josephine julie julien juliette justine karim karine kevin laetitia laura laure laurence "
    "laurent lea leo lisa louis louise luc lucas lucie ludovic madeleine magali manon marc margaux marie marine "
    "marion martine mathieu mathilde matthieu maud maxime melanie michel mickael mohamed monique morgane myriam "
    "nadia nathalie nicolas nicole nina noemie odile olivier pascal patricia patrick paul pauline philippe pierre "
    "quentin rachid raphael raymond remi remy renaud richard robin romain roxane sabine salome samir samuel sandra "
    "sandrine sarah sebastien serge simon solene sonia sophie stephane stephanie sylvain sylvie theo therese "
    "thierry thomas valentin valerie vanessa veronique victor vincent violette virginie xavier yann yannick yasmine "
    "yves zoe".split()
)
_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]++"
_TITLED = re.compile(rf"\b(?:M\.|MM\.|Mme|Mlle|Mr|Mrs|Ms|Dr|[Mm]onsieur|[Mm]adame)\s+{_WORD}(?:\s+{_WORD})?")
_PAIR = re.compile(rf"(?<![.!?…]\s)(?<!^)\b({_WORD})(?:\s++({_WORD}))?", re.MULTILINE)
_ONE = re.compile(rf"\b{_WORD}")


def without_names(text: str, called: Collection[str], known: Collection[str]) -> str:
    """`called`: the names of those who take part. `known`: the words of the knowledge, folded: what two of them name is
    no person."""
    taking_part = {bare(word.lower()) for name in called for word in re.findall(r"\w{3,}", name)}
    text = _TITLED.sub("", text)
    text = _PAIR.sub(lambda pair: pair[0] if not pair[2] or _is_known(pair, known) else "", text)
    return _ONE.sub(lambda word: "" if _names(word[0], taking_part, known) else word[0], text)


def _is_known(pair: re.Match[str], known: Collection[str]) -> bool:
    return any(bare(word.lower()) in known for word in pair.groups())


def _names(word: str, taking_part: Collection[str], known: Collection[str]) -> bool:
    folded = bare(word.lower())
    return folded in taking_part or (folded in _FIRST and folded not in known)
