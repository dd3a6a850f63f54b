"""A made-up past of a room, as Element exports it: questions with typos, small talk, the bot, edits, deletions."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.knowledge.library import Library

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
BOT = "@concierge:example.org"
START = datetime(2025, 1, 6, 9, tzinfo=UTC)
SETTINGS = f"matrix: {{homeserver: https://example.org, user: '{BOT}', rooms: ['#cafe:example.org']}}\n"
SMALL_TALK = """merci !|ok|super|bonjour à tous|à demain|parfait, merci|bon week-end|d’accord|😀|je suis en retard|
on se voit lundi|qui vient au repas de vendredi ?|le camion est en panne|j’ai posé les clés sur le bureau|
la réunion est décalée à quinze heures|tu as vu mon message ?|bravo pour la soirée d’hier|c’est noté""".replace(
    "\n", ""
).split("|")
OTHERS = "la fraiseuse|le portail|la salle|le vélo cargo|le potager|l’imprimante|le four à pain|la sono".split("|")
ASKS = (
    *("qui a les clés de {} ?", "est-ce que quelqu’un a réservé {} samedi ?", "comment on répare {} ?"),
    *("où est passée la notice pour {} ?", "je cherche quelqu’un pour m’aider avec {}", "on a rangé {} ce matin"),
)
Raw = dict[str, Any]


def event(number: int, sender: str, text: str, sent: datetime, **content: Any) -> Raw:
    return {
        "type": "m.room.message",
        "event_id": f"${number}",
        "sender": sender,
        "origin_server_ts": int(sent.timestamp() * 1000),
        "content": {"msgtype": "m.text", "body": text, **content},
    }


def export(events: Sequence[Raw]) -> Raw:
    return {"room_name": "Café", "exported_by": "@ana:example.org", "topic": "", "messages": list(events)}


def with_slips(text: str, chance: random.Random) -> str:
    """Two letters swapped, one left out, or the accents gone."""
    at = chance.randrange(max(1, len(text) - 2))
    kind = chance.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    return text.lower() if kind == 2 else f"Bonjour, {text}"


def texts(different: int, chance: random.Random) -> Iterator[str]:
    """So many different ones."""
    entries, found = Library(KNOWLEDGE).load(date.min).knowledge.entries.values(), set[str]()
    known = [text for entry in entries for text in entry.questions]
    while len(found) < different:
        pick = chance.random()
        if pick < 0.35:
            text = with_slips(chance.choice(known), chance)
        elif pick < 0.6:
            words = chance.choice(known).split()
            text = " ".join(words[: max(2, len(words) // 2)])
        else:
            text = chance.choice(ASKS).format(chance.choice(OTHERS)) + chance.choice(("", " svp", " stp", " merci"))
            text += f" ({chance.randrange(1, 60)})" if chance.random() < 0.7 else ""
        if text not in found:
            found.add(text)
            yield text


def past_of_a_room(messages: int, different: int, seed: int = 1) -> Iterator[Raw]:
    """Real rooms repeat themselves: half of it is small talk, and so is this."""
    chance = random.Random(seed)
    known = list(texts(different, chance))
    people = [f"@membre{number}:example.org" for number in range(40)]
    sent = START
    for number in range(messages):
        sent += timedelta(minutes=chance.randrange(1, 50))
        text = known[number] if number < different else chance.choice(SMALL_TALK if chance.random() < 0.7 else known)
        yield event(number, chance.choice(people), text, sent)
