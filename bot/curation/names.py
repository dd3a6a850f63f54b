"""Words that name a person, so that nobody's name gets into the knowledge from a question. Pure.

No list holds all names: a moderator reads each draft before it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.matching.text import bare

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
