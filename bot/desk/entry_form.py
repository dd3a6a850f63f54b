"""The form of an entry: what stands in its fields, as typed, and what that says of the entry. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from bot.conversation.moderation.changes import json_fields
from bot.knowledge.entry_input import draft
from bot.knowledge.models import Entry, Knowledge

ON_ONE_LINE = ("title", "region", "review_by")
LISTS = ("questions", "not_questions", "keywords", "contacts", "rooms")
"""Fields that are shown as a text with an item in each line."""
EDITED = (
    *("title", "questions", "answer", "links", "contacts", "see_also", "keywords", "not_questions", "rooms"),
    *("region", "public", "overheard", "review_by"),
)
"""The fields of an entry that the form has, in its order. Others stay as they are."""
CONTENT = {"title", "answer", "links"}
"""Fields whose change makes an entry up to date."""
LONGEST_QUESTION = 300  # characters that the bot is tried with


@dataclass(frozen=True, slots=True)
class EntryForm:
    """`texts`: by field of `ON_ONE_LINE` and `LISTS`, and `answer`. `links`: titles and addresses. `see_also`: titles.
    `theme`: name of a file; `new_theme`: title of one to be made. `seen`: the entry when the form was opened, None for
    a new one. `question`: number of the open one that it answers. `asked`: what the bot shall be tried with."""

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

    @classmethod
    def of_entry(cls, entry: Entry, knowledge: Knowledge) -> Self:
        fields, titles = json_fields(entry), entry_titles(knowledge)
        return cls(
            texts={
                **{name: str(fields.get(name) or "") for name in (*ON_ONE_LINE, "answer")},
                **{name: "\n".join(fields.get(name) or ()) for name in LISTS},
            },
            links=[(link.title, link.url) for link in entry.links],
            see_also=[titles.get(id, id) for id in entry.see_also],
            is_public=entry.public,
            only_called=not entry.overheard,
            seen=entry,
        )

    @classmethod
    def of_question(cls, texts: Sequence[str], number: int, theme: str = "") -> Self:
        """`texts`: in which the question was asked, in public. `theme`: the file that it likely belongs to."""
        title = texts[0] if texts else ""
        return cls({"title": title, "questions": "\n".join(texts)}, question=number, theme=theme)

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
            texts={name: first(name) for name in (*ON_ONE_LINE, *LISTS, "answer")},
            links=[link for link in links if any(link)],
            see_also=[title for title in rows("see_also") if title],
            is_public=first("hidden") == "",
            only_called=first("only_called") != "",
            theme=first("theme"),
            new_theme=first("new_theme").strip(),
            seen=Entry.model_validate(json.loads(seen)) if seen else None,
            question=int(question) if question else None,
            asked=first("asked").strip()[:LONGEST_QUESTION],
        )

    @property
    def seen_json(self) -> str:
        return json.dumps(json_fields(self.seen), ensure_ascii=False) if self.seen else ""

    def fields(self, knowledge: Knowledge) -> dict[str, Any]:
        """As of an entry, those that are empty left out."""
        ids = {title: id for id, title in entry_titles(knowledge).items()}
        fields: dict[str, Any] = {name: self.texts.get(name, "").strip() for name in (*ON_ONE_LINE, "answer")}
        lines = {name: map(str.strip, self.texts.get(name, "").split("\n")) for name in LISTS}
        fields |= {name: [line for line in lines[name] if line] for name in LISTS}
        fields["links"] = [
            {name: text for name, text in zip(("title", "url"), link, strict=True) if text} for link in self.links
        ]
        unknown = self.unknown_titles(knowledge)
        fields["see_also"] = [ids.get(title, title) for title in self.see_also if title not in unknown]
        fields["public"] = "" if self.is_public else "false"
        fields["overheard"] = "false" if self.only_called else ""
        return {name: fields[name] for name in EDITED if fields[name]}

    def unknown_titles(self, knowledge: Knowledge) -> list[str]:
        """What stands under 'see also', is neither the title nor the id of an entry, and was not there before."""
        known = {*entry_titles(knowledge).values(), *knowledge.entries, *(self.seen.see_also if self.seen else ())}
        return [title for title in self.see_also if title not in known]

    def entry(self, knowledge: Knowledge, id: str, updated: str) -> Entry:
        """As it would be. `updated`: today, if it is new or its content has changed. Raises EditRejected."""
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
    def digest(self) -> str:
        """The same for the same form only: what was shown, and what is sent twice, is known by it."""
        parts = [sorted(self.texts.items()), self.links, self.see_also, self.is_public, self.only_called, self.theme]
        text = json.dumps([*parts, self.new_theme, self.seen_json, self.question])
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def entry_titles(knowledge: Knowledge) -> Mapping[str, str]:
    """By id, with the id behind it where several entries have the same one."""
    titles = [entry.title for entry in knowledge.entries.values()]
    twice = {title for title in titles if titles.count(title) > 1} if len(set(titles)) < len(titles) else set()
    return {
        id: f"{entry.title} ({id})" if entry.title in twice else entry.title for id, entry in knowledge.entries.items()
    }
