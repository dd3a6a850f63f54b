"""What people say to the bot about itself: a table of what is said, in both languages. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from rapidfuzz import fuzz, process

from bot.conversation.addressing import curt
from bot.matching.split import is_courtesy, says_small_words
from bot.text.folding import fold, tokens

Topic = Literal["identity", "machine", "people", "complaint", "courtesy", "leave"]
SmallTalk = Topic | Literal["thanks", "nothing"]

SAID: Mapping[Topic, Sequence[str]] = {
    "identity": (
        *("qui es tu", "tu es qui", "t es qui", "qui etes vous", "vous etes qui", "c est qui ce bot"),
        *("c est quoi ce bot", "t es qui toi", "tu es qui toi", "tu peux faire quoi", "tu fais quoi"),
        *("a quoi tu sers", "a quoi sers tu", "tu sers a quoi", "que sais tu faire", "tu sais faire quoi"),
        *("qu est ce que tu sais faire", "que peux tu faire", "comment tu marches", "comment tu fonctionnes"),
        *("comment fonctionnes tu", "presente toi", "who are you", "what are you", "what can you do", "what do you do"),
        *("how do you work", "introduce yourself", "do you speak english", "you speak english", "parles tu anglais"),
        *("tu parles anglais", "tu parles francais", "parles tu francais", "c qui", "qui repond", "who is this"),
        *("c qui qui repond", "c qui qui repond la", "c est qui qui repond", "who s this"),
    ),
    "machine": (
        *("es tu une ia", "tu es une ia", "t es une ia", "c est une ia", "es tu une intelligence artificielle"),
        *("tu es une intelligence artificielle", "es tu un robot", "tu es un robot", "t es un robot", "es tu un bot"),
        *("t un robot", "t un bot", "vous etes un robot", "etes vous un robot", "vous etes humain", "etes vous humain"),
        *("tu es un bot", "t es un bot", "c est un bot", "c est un robot", "es tu humain", "tu es humain"),
        *("es tu une vraie personne", "tu es une vraie personne", "es tu chatgpt", "tu es chatgpt", "c est chatgpt"),
        *("are you an ai", "are you a robot", "are you a bot", "are you human", "are you a real person"),
        *("are you chatgpt", "is this a bot", "is this an ai", "is this chatgpt"),
        *("t sur", "t es sur", "tu es sur", "tu en es sur", "t es sur de toi", "vous etes sur", "are you sure"),
    ),
    "people": (
        *("qui t a fait", "qui t a cree", "qui t a programme", "qui te programme", "qui te gere", "qui te tient"),
        *("qui s occupe de toi", "qui est derriere toi", "qui te fait marcher", "qui est responsable de toi"),
        *("je veux parler a un humain", "je voudrais parler a un humain", "je veux parler a une vraie personne"),
        *("je veux parler a quelqu un", "comment joindre un humain", "comment joindre une vraie personne"),
        *("comment parler a un humain", "comment parler a une vraie personne", "comment parler a quelqu un"),
        *("who made you", "who created you", "who runs you", "who is behind you", "i want to talk to a human"),
        *("can i speak to someone", "can i talk to someone", "can i talk to a human"),
        *("i want to talk to a real person",),
    ),
    "complaint": (
        *("t nul", "t trop nul", "t es trop nul", "tu es trop nul", "t es nul", "tu es nul", "t es nulle"),
        *("tu es nulle", "t es vraiment nul", "nul", "c est nul", "trop nul"),
        *("tu sers a rien", "tu ne sers a rien", "t es bete", "tu es bete", "t es con", "ta gueule", "tais toi"),
        *("n importe quoi", "c est n importe quoi", "tu dis n importe quoi", "c est faux", "c est pas ca"),
        *("reponse nulle", "c est nul cette reponse", "vous vous trompez", "tu te trompes", "tu t es trompe"),
        *("ta reponse est fausse", "votre reponse est fausse", "tu reponds a cote", "tu reponds a cote la", "a cote"),
        *("c est pas ce que je demande", "j ai pas compris", "j ai pas tout compris", "ca marche pas ton truc"),
        *("le premier lien marche pas", "le deuxieme lien marche pas", "le 1er lien est mort", "le lien 2 marche pas"),
        *("merci mais c etait pas la question", "c etait pas la question", "c etait pas ma question"),
        *("ce n est pas ca", "mauvaise reponse", "rien a voir", "a cote de la plaque", "you suck", "you are useless"),
        *("pas ca", "c pas ca", "non pas ca", "non c est pas ca", "aucun rapport", "rien compris", "👎"),
        *("pas sa", "nn pas sa", "non pas sa"),
        *("j ai rien compris", "je n ai rien compris", "je comprends rien", "je ne comprends rien", "c est pas clair"),
        *("je comprends pas", "je ne comprends pas", "c est pas ma question", "ce n est pas ma question"),
        *("ca repond pas a ma question", "ca ne repond pas a ma question", "that is not my question"),
        *("not that", "not this", "wrong"),
        *("le lien marche pas", "le lien ne marche pas", "le lien marche plus", "le lien ne marche plus", "lien mort"),
        *("le lien est mort", "le lien ne fonctionne pas", "ca marche pas", "ca ne marche pas", "page introuvable"),
        *("the link is dead", "the link does not work", "the link doesn t work", "broken link"),
        *("this is useless", "stupid bot", "bad bot", "shut up", "that is wrong", "wrong answer", "nonsense"),
    ),
    "courtesy": (
        *("il y a quelqu un", "y a quelqu un", "quelqu un est la", "t es la", "tu es la", "es tu la"),
        *("cc", "bjr", "bsr", "slt", "allo", "hein", "quoi", "pardon", "vous etes la", "tu vas bien"),
        *("comment vas tu", "comment tu vas", "comment ca va", "ca va", "ca va toi", "test", "anybody here"),
        *("are you there", "how are you"),
        *("une question", "j ai une question", "petite question", "j ai une petite question", "dis moi"),
        *("je peux te poser une question", "je peux vous poser une question", "puis je te poser une question"),
        *("tu peux m aider", "vous pouvez m aider", "besoin d aide", "besoin d aide svp", "aide moi"),
        "tu peux me dire",
        *("i have a question", "can i ask you something", "can you help me"),
    ),
    "leave": (
        *("bon tant pis", "ok j ai compris", "j ai compris", "c etait une blague", "je sais pas", "je ne sais pas"),
        *("laisse tomber", "non laisse tomber", "laissez tomber", "oublie", "tant pis", "pas grave", "c est pas grave"),
        *("non mais laisse tomber", "bon laisse tomber", "ok laisse tomber", "ok tant pis"),
        *("annule", "stop", "c bon", "c est bon", "non c est bon", "j ai trouve", "c est bon j ai trouve"),
        *("c bon j ai trouve",),
        *("non rien", "ok", "okay", "d accord", "d acc", "dac", "ca marche", "entendu", "compris", "trop bien", "👍"),
        *("mdr", "lol", "ptdr", "haha", "hihi", "au revoir", "bye", "ciao", "a plus tard", "a demain", "a bientot"),
        *("bonne journee", "bonne soiree", "bonne nuit", "bon week end", "bon courage", "forget it", "never mind"),
        *("nevermind", "no worries", "found it", "goodbye", "see you", "good night"),
    ),
}
_TOPICS = {fold(phrase): topic for topic, phrases in SAID.items() for phrase in phrases}
_LIKE = 92  # of 100, from which on a text says the same with typos
_LONGEST = 60  # characters
_THANKS = re.compile(
    r"^(?:un (?:tres )?grand |mille |ok |super |parfait )?(?:merci+s?|bravo|thanks|thank you|thx)\b(?! (?:de|d)\b)"
)
_PLEASED = re.compile(  # 'ok je vais voir ça, merci beaucoup'; 'une fiche de poste merci' asks for one
    r"^(?:ah |oh |bon )?(?:ok|d accord|super|cool|parfait|genial|top|nickel|great|c est (?:bon|parfait|super|gentil))\b"
    r".{0,60}\b(?:merci|thanks|thank you)(?: \w{1,20}){0,2}[ .!]*$"
)
_ASKING_WORD = r"\b(?:ou|comment|combien|quel(?:le)?s?|qui|quoi|pourquoi|quand|how|where|what|who|when)\b"
_ASKS = re.compile(rf"\?|{_ASKING_WORD}")
_BARELY = re.compile(  # without a '?'
    r"\b(?:combien|how (?:much|many|long))\b|\bveut dire quoi$|"
    r"^(?:et )?(?:c|c est|il est|elle est|ils sont|elles sont) (?:ou|quand|qui|comment)$"
)
_IDIOM = re.compile(r"\b(?:quand meme|pourquoi pas|ou (?:pas|bien|sinon)|why not|comment (?:te |vous )?dire)\b")
_GREETS = re.compile(r"(?:re)?(?:bonjour|bonsoir|salut|slt|coucou|hello|hi|hey|good (?:morning|evening))\b")
_FEW = 9  # words of thanks
_SIGNS = re.compile(r"[^\w\s]")


def recognise(text: str, typed: str) -> SmallTalk | None:
    """What a text is that wants no entry. `typed`: with the call, which may stand behind the thanks."""
    if topic := topic_of(text):
        return topic
    if gives_thanks(text) or gives_thanks(typed):
        return "thanks"
    if is_courtesy(text):
        greets = _GREETS.match(fold(text)) or (typed != text and not tokens(fold(text)))
        return "courtesy" if greets else "nothing" if "?" in text else "leave"
    return "nothing" if says_nothing(text) else None


def asks_barely(text: str) -> bool:
    """Whether it asks in small words alone, hence about what was said before: 'combien par an', 'il existe encore ?'"""
    folded = fold(text)
    if not says_small_words(text) or _GREETS.match(folded) or _IDIOM.search(folded) or topic_of(text.replace("?", "")):
        return False
    asks = "?" in text and (len(tokens(folded)) > 1 or re.search(_ASKING_WORD, folded))
    return bool(asks or _BARELY.search(folded))


def topic_of(text: str) -> Topic | None:
    """What a text is about that says nothing but one of these; None: something else."""
    if len(text) > _LONGEST:
        return None
    said = _GREETS.sub("", curt(text), count=1).strip(" !") or curt(text)
    folded = " ".join(_SIGNS.sub(" ", said).split()) or said
    found = process.extractOne(folded, _TOPICS.keys(), scorer=fuzz.ratio, score_cutoff=_LIKE)
    topic = _TOPICS[found[0]] if found else None
    return None if topic == "leave" and "?" in text else topic


def gives_thanks(text: str) -> bool:
    """Whether it thanks, and asks nothing beside."""
    folded = fold(text)
    thanks = _THANKS.match(folded) or _PLEASED.match(folded)
    return len(tokens(folded)) <= _FEW and bool(thanks) and not _ASKS.search(folded)


def says_nothing(text: str) -> bool:
    """Whether there is not one word in it, and no name as 'RS5142': a number, a sign."""
    return not any(sum(map(str.isalpha, token)) > 1 for token in tokens(fold(text)))
