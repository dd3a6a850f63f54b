"""The form of an entry: what stands in its fields, as typed, the entry that it comes to, and the difference to another
state of it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Self

from bot.conversation.moderation.changes import json_fields
from bot.knowledge.entry_input import draft
from bot.knowledge.models import Entry, Knowledge

LISTS = ("questions", "not_questions", "keywords", "contacts", "rooms")
"""Fields that are shown as a text with an item in each line."""
TEXTS = ("title", "region", "review_by", *LISTS, "answer")
EDITED = (
    *("title", "questions", "answer", "links", "contacts", "see_also", "keywords", "not_questions", "rooms"),
    *("region", "public", "overheard", "review_by"),
)
"""The fields of an entry that the form has, in its order. Others stay as they are."""
CONTENT = {"title", "answer", "links"}
"""Fields whose change makes an entry up to date."""
LONGEST_QUESTION = 300  # characters that the bot is tried with
LIMITS = {"": 30_000, "answer": 25_000, **dict.fromkeys((*LISTS, "url"), 10_000)}
"""Characters of the whole form, which `desk.refused_too_large` names, and of each field in a browser; SHORT: of the
others."""
SHORT = 500


@dataclass(frozen=True, slots=True)
class EntryForm:
    """`texts`: by field of `TEXTS`. `links`: titles and addresses. `see_also`: titles.
    `theme`: name of a file; `new_theme`: title of one to be made. `seen`: the entry when the form was opened, None for
    a new one. `question`: number of the open one that it answers. `asked`: what the bot shall be tried with.
    `draft`: version of the one that it edits."""

    texts: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[tuple[str, str]] = ()
    see_also: Sequence[str] = ()
    is_public: bool = True
    only_called: bool = False
    theme: str = ""
    new_theme: str = ""
    seen: Entry | None = None
    question: int | None = None
    asked: str = ""
    draft: str = ""

    @classmethod
    def of_entry(cls, entry: Entry, knowledge: Knowledge) -> Self:
        fields, titles = json_fields(entry), entry_titles(knowledge)
        return cls(
            texts={name: "\n".join(fields.get(name, ())) if name in LISTS else fields.get(name, "") for name in TEXTS},
            links=[(link.title, link.url) for link in entry.links],
            see_also=[titles.get(id, id) for id in entry.see_also],
            is_public=entry.public,
            only_called=not entry.overheard,
            seen=entry,
        )

    @classmethod
    def of_post(cls, posted: Mapping[str, Sequence[str]]) -> Self:
        """`posted`: all values by field. Raises ValueError where its hidden fields are not as they were given out."""

        def first(name: str) -> str:
            return next(iter(posted.get(name, ())), "").replace("\r\n", "\n")

        def rows(name: str) -> list[str]:
            return [text.strip() for text in posted.get(name, ())]

        seen, question = first("seen"), first("question")
        links = zip(rows("link_title"), rows("link_url"), strict=True)
        return cls(
            texts={name: first(name) for name in TEXTS},
            links=[link for link in links if any(link)],
            see_also=[title for title in rows("see_also") if title],
            is_public=first("hidden") == "",
            only_called=first("only_called") != "",
            theme=first("theme"),
            new_theme=first("new_theme").strip(),
            seen=Entry.model_validate(json.loads(seen)) if seen else None,
            question=int(question) if question else None,
            asked=first("asked").strip()[:LONGEST_QUESTION],
            draft=first("draft"),
        )

    @property
    def seen_json(self) -> str:
        return json.dumps(json_fields(self.seen), ensure_ascii=False) if self.seen else ""

    def fields(self, knowledge: Knowledge) -> dict[str, Any]:
        """Return the fields of an entry; empty ones are left out."""
        ids = {title: id for id, title in entry_titles(knowledge).items()}
        unknown = self.unknown_titles(knowledge)
        fields: dict[str, Any] = {name: text.strip() for name, text in self.texts.items()}
        fields |= {name: list(filter(None, map(str.strip, fields.get(name, "").split("\n")))) for name in LISTS}
        fields |= {
            "links": [dict(filter(all, (("title", title), ("url", url)))) for title, url in self.links],
            "see_also": [ids.get(title, title) for title in self.see_also if title not in unknown],
            "public": "" if self.is_public else "false",
            "overheard": "false" if self.only_called else "",
        }
        return {name: fields[name] for name in EDITED if fields.get(name)}

    def unknown_titles(self, knowledge: Knowledge) -> list[str]:
        """Return what is new under 'see also' and is neither the title nor the id of an entry."""
        known = {*entry_titles(knowledge).values(), *knowledge.entries, *(self.seen.see_also if self.seen else ())}
        return [title for title in self.see_also if title not in known]

    def entry(self, knowledge: Knowledge, id: str, updated: str) -> Entry:
        """Return the entry of the form. `updated`: today, if it is new or has changed. Raises EditRejected."""
        fields = self.fields(knowledge)
        kept = json_fields(self.seen) if self.seen else {"id": id, "updated": updated}
        entry = draft({**{name: kept[name] for name in kept if name not in EDITED}, **fields})
        if self.seen and {name for name in CONTENT if getattr(entry, name) != getattr(self.seen, name)}:
            return draft({**json_fields(entry), "updated": updated})
        return entry

    def rebased(self, now: Entry, knowledge: Knowledge) -> EntryForm:
        """The form over an entry that has changed meanwhile: fields that were not touched here are as they are now."""
        if self.seen is None:
            return self
        old, new = EntryForm.of_entry(self.seen, knowledge), EntryForm.of_entry(now, knowledge)
        names = ("links", "see_also", "is_public", "only_called")
        kept: dict[str, Any] = {name: getattr(new, name) for name in names if getattr(self, name) == getattr(old, name)}
        texts = {name: new.texts[name] if text == old.texts[name] else text for name, text in self.texts.items()}
        return replace(self, texts=texts, seen=now, **kept)

    @property
    def typed(self) -> list[str]:
        """What somebody has typed, or kept."""
        return list(filter(None, (*self.texts.values(), *chain(*self.links), *self.see_also, self.new_theme)))

    @property
    def length(self) -> int:
        return sum(map(len, self.typed))

    @staticmethod
    def limit(name: str = "") -> int:
        return LIMITS.get(name, SHORT)

    @property
    def place(self) -> str:
        """The path of its page, below `desk/`."""
        new = "new" if self.question is None else f"new?q={self.question}"
        return f"e/{self.seen.id}" if self.seen else new

    @property
    def digest(self) -> str:
        """The same for the same form only: what was shown, and what is sent twice, is known by it."""
        return replace(self, asked="").key

    @property
    def key(self) -> str:
        """The same for the same form with the same question to try."""
        return hashlib.sha256(repr(self).encode(errors="replace")).hexdigest()


def entry_titles(knowledge: Knowledge) -> Mapping[str, str]:
    """By id, with the id behind it where several entries have the same one."""
    titles = {id: entry.title for id, entry in knowledge.entries.items()}
    times = Counter(titles.values())
    return {id: title if times[title] == 1 else f"{title} ({id})" for id, title in titles.items()}


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """Lines of a field that are gone, and those that came; a list has an item in each."""

    name: str
    removed: Sequence[str]
    added: Sequence[str]


def differences(before: Entry | None, after: Entry | None) -> list[FieldDifference]:
    """Return the differences of the fields that the form has. None: there is no entry."""
    old, new = (json_fields(entry) if entry else {} for entry in (before, after))
    pairs = [(name, _lines(old.get(name)), _lines(new.get(name))) for name in EDITED]
    return [
        FieldDifference(name, [line for line in one if line not in other], [line for line in other if line not in one])
        for name, one, other in pairs
        if one != other
    ]


def _lines(value: object) -> list[str]:
    if isinstance(value, list):
        return [f"{item['title']} – {item['url']}" if isinstance(item, dict) else str(item) for item in value]
    return [line for line in str(value or "").split("\n") if line.strip()]


def clashes(seen: Entry, mine: Entry, now: Entry) -> list[FieldDifference]:
    """Fields that were changed both here and meanwhile, each in another way: from theirs to mine."""
    here, meanwhile = ({change.name for change in differences(seen, other)} for other in (mine, now))
    return [change for change in differences(now, mine) if change.name in here & meanwhile]
