"""From text to the fields of an entry: a reply to a question, a topic of the forum, an entry typed as text. Pure.

A moderator reads each proposal before it is kept; nothing in it may come from a private room.
"""

import re
from collections.abc import Collection, Sequence

from bot.conversation.moderation.changes import json_fields
from bot.conversation.moderation.link_extraction import Links, ParsedReply, links_of_posts, parse_reply
from bot.knowledge.entry_input import parse_changes, parse_entry
from bot.knowledge.models import Entry
from bot.messages import TopicPost
from bot.reading.clothes import undress
from bot.reading.model import shipped_model
from bot.reading.read import is_courtesy
from bot.text import word_lists
from bot.text.accents import bare
from bot.text.folding import fold, is_bare, sentences, tokens, words

PHRASINGS, POST_PHRASINGS = 8, 6  # of one entry: from its questions, from a forum post
LONGEST = 200  # characters of a phrasing
CONTACTS = 10  # people who answered in a topic, at most
_LONGEST_TITLE = 120  # characters
_ADDRESS = re.compile(
    r"<?(?:https?://|www\.|mailto:)\S+|(?<!\S)\S+@[\w-]++\.\S+|@[\w.=/-]+(?::[\w.-]+)?", re.IGNORECASE
)
_NUMBER = re.compile(  # `kept`: '12-ab' is no number, and none begins at a later digit of it either
    r"(?<![\w-])\(?\+?\d(?:(?:[\d\s.,/:()-]*\d)?\)?(?:\s?[€$%])?(?![\w-])|(?P<kept>(?:[\s.,/:()-]*+\d)*))"
)
_GAPS = (
    (r"\s+", " "),
    (r"\(\s*\)", ""),
    (r"(?<!\s)\s++([,.])", r"\1"),
    (r"([,;:])(?:\s*[,;:.])+", r"\1"),
    (r",\s*(\?)", r" \1"),
)
_FENCE = re.compile(r"\s*+(`{3,}+|~{3,}+)[^\n`]*+\n")
_YAML = re.compile(rf"^[^\S\n]*+(?:-\s++)?(?:{'|'.join(Entry.model_fields)})\s*+:", re.MULTILINE)
_ID = re.compile(r"^[^\S\n]*+(?:-\s++)?id\s*+:", re.MULTILINE)
_BULLET = re.compile(r"^\s*[-*•]\s+")

_FIRST_NAMES = word_lists.words("first_names")
_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]++"
_WITH_TITLE = re.compile(rf"\b(?:M\.|MM\.|Mme|Mlle|Mr|Mrs|Ms|Dr|[Mm]onsieur|[Mm]adame)\s+{_WORD}(?:\s+{_WORD})?")
_PAIR = re.compile(rf"(?<![.!?…]\s)(?<!^)\b({_WORD})(?:\s++({_WORD}))?", re.MULTILINE)
_ONE = re.compile(rf"\b{_WORD}")

Fields = dict[str, object]


def fields_from_reply(questions: Sequence[str], reply: ParsedReply, updated: str, source: str) -> Fields:
    """Return all fields but the id; without title and questions if the question was asked in private only."""
    title = _shortened(questions[0], _LONGEST_TITLE) if questions else ""
    return _given(
        title=title[:1].upper() + title[1:],
        questions=questions,
        answer=reply.text,
        links=_link_fields(reply.links),
        updated=updated,
        source=source,
    )


def fields_from_topic(title: str, url: str, posts: Sequence[TopicPost]) -> Fields:
    """Return all fields but the id. The first post asks, the others answer.

    The first post's links count only if no answer has one.
    """
    first, *answers = posts
    questions = (question for question in questions_of(first.text) if question.casefold() != title.casefold())
    contacts = dict.fromkeys(post.author for post in answers if post.author != first.author)
    return {
        "title": title,
        "questions": [title, *questions],
        "links": _link_fields(links_of_posts(url, answers) or links_of_posts(url, [first])),
        "contacts": list(contacts)[:CONTACTS],
        "source": f"fil du forum, {url}",
    }


def fields_from_text(text: str) -> Fields:
    """Return the fields of an entry typed as YAML or as lines. Raises EditRejected for faulty YAML.

    The first line is the title; those that end with a question mark are phrasings, the others the answer.
    """
    plain = unfenced(text)
    if _YAML.search(plain):
        return json_fields(parse_entry(plain)) if _ID.search(plain) else parse_changes(plain)
    title, *rest = plain.strip().splitlines() or [""]
    questions = [_BULLET.sub("", line).strip() for line in rest if line.rstrip().endswith("?")]
    reply = parse_reply("\n".join(line for line in rest if not line.rstrip().endswith("?")))
    questions = questions or list(filter(None, [title.strip()]))
    return _given(title=title.strip(), questions=questions, answer=reply.text, links=_link_fields(reply.links))


def changes_from_text(text: str) -> Fields:
    """Return the fields to change, typed as YAML; none for any other text. Raises EditRejected."""
    plain = unfenced(text)
    return parse_changes(plain) if _YAML.search(plain) else {}


def unfenced(text: str) -> str:
    """Return the text without the fence of a code block around it."""
    fence = _FENCE.match(text)
    return text[fence.end() :].rstrip().removesuffix(fence[1]).rstrip() if fence else text


def _given(**fields: object) -> Fields:
    return {name: value for name, value in fields.items() if value}


def _link_fields(links: Links) -> list[dict[str, str]]:
    return [{"title": label, "url": url} for url, label in links.items()]


# Phrasings


def vocabulary(texts: Collection[str]) -> frozenset[str]:
    """Return the words of the knowledge's texts, folded."""
    return frozenset(token for text in texts for token in tokens(fold(text)))


def questions_of(text: str) -> list[str]:
    """Return the questions of a forum post, as written."""
    questions = [sentence for sentence in sentences(text) if "?" in sentence and len(sentence) <= LONGEST]
    return list(dict.fromkeys(questions))[:POST_PHRASINGS]


def phrasings(texts: Sequence[str], people: Collection[str] = (), known: Collection[str] = ()) -> list[str]:
    """Return the distinct phrasings of a question, each in its first wording. Arguments as of `phrasing`."""
    asked = [phrasing(text, people, known) for text in texts]
    return list({fold(text): text for text in reversed(asked) if words(fold(text))}.values())[::-1][:PHRASINGS]


def phrasing(text: str, people: Collection[str], known: Collection[str]) -> str:
    """Return the question of a text, without greetings, names, addresses and numbers.

    `people`: the names of its askers; `known`: the words of the knowledge, folded.
    """
    nameless = without_names(_ADDRESS.sub(" ", text), people, known)
    asked = []
    for sentence in _asking_sentences(nameless):
        plain = undress(sentence, shipped_model().clothes)
        lost = set(tokens(fold(sentence))) - set(tokens(fold(plain)))
        # A part with a word of the knowledge is no courtesy.
        asked.append(sentence if any(token in known for token in lost if words(token)) else plain)
    question = " ".join(asked)
    question = _NUMBER.sub(lambda number: " " if number["kept"] is None else number[0], question)
    for gap, instead in _GAPS:
        question = re.sub(gap, instead, question)
    return _shortened(question.strip(" ,;:.-–—"), LONGEST)


def _asking_sentences(text: str) -> list[str]:
    """Return the sentences with a question mark, else all but courtesy.

    A question of one word comes with the sentence before it.
    """
    pieces = [piece for piece in sentences(text) if not is_courtesy(piece)]
    pieces = [piece for piece in pieces if not is_bare(piece)] or pieces
    marked = [place for place, piece in enumerate(pieces) if "?" in piece]
    if not marked:
        return pieces
    if len(words(fold(pieces[marked[0]]))) < 2 and marked[0] > 0:
        return pieces[marked[0] - 1 : marked[0] + 1]
    return [pieces[place] for place in marked]


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[:longest].rpartition(" ")[0].rstrip(" ,;:") + "…"


# Names of people


def without_names(text: str, people: Collection[str], known: Collection[str]) -> str:
    """Remove names of people: first names, titles with a name, pairs of capitalised words, and the participants.

    `people`: the participants. `known`: the words of the knowledge, folded; a pair with one of them is no person.
    """
    participants = {bare(word.lower()) for name in people for word in re.findall(r"\w{3,}", name)}

    def without_pair(pair: re.Match[str]) -> str:
        is_person = pair[2] and all(bare(word.lower()) not in known for word in pair.groups())
        return "" if is_person else pair[0]

    def without_name(word: re.Match[str]) -> str:
        folded = bare(word[0].lower())
        return "" if folded in participants or (folded in _FIRST_NAMES and folded not in known) else word[0]

    return _ONE.sub(without_name, _PAIR.sub(without_pair, _WITH_TITLE.sub("", text)))
