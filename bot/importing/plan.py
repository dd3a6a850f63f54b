"""Plan of an import: rows become new entries, phrasings of existing ones, or are left out. And where it leads: files of
drafts, which are checked and never used in answers."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any

from bot.conversation.moderation.extraction import fields_from_topic
from bot.conversation.moderation.link_extraction import parse_reply
from bot.importing import ImportedRow, LeftOut
from bot.knowledge.atomic_write import folder_lock, replace_file
from bot.knowledge.edit_result import EditRejected
from bot.knowledge.editor import DRAFTS, DRAFTS_THEME
from bot.knowledge.entry_input import draft, id_for
from bot.knowledge.models import Entry
from bot.knowledge.rendering import scalar, yaml_of
from bot.locale import Wording
from bot.matching.embedding_cache import Progress
from bot.matching.index import Index
from bot.messages import WholeTopic
from bot.text.folding import fold
from bot.text.markdown import clip

LONGEST = 200  # characters of a phrasing
MOST = 500  # entries of a file of drafts
LARGEST_DRAFTS = 900_000  # bytes of such a file; one of a million is refused
_LONGEST_TITLE = 120  # characters; the rest becomes "…"
_WITHOUT_SCHEME = re.compile(r"(?<![\w/.@:=-])www\.[\w-]++\.[^\s()<>]+", re.IGNORECASE)
_RELATIVE = re.compile(r"!?\[([^\[\]]*+)\]\(\s*+<?(?!https?:|mailto:|tel:)[^()\s<>]++>?[^()]*+\)", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?://(?:(?![;,|]https?://)\S)+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OfferedPhrasing:
    """A question that an entry answers already. `title` is the entry's."""

    line: int
    id: str
    title: str
    text: str


@dataclass(slots=True)
class ImportPlan:
    """The plan. `altered`: what is imported otherwise than it stands in the file."""

    entries: list[Entry] = field(default_factory=list)
    phrasings: list[OfferedPhrasing] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    altered: list[LeftOut] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Importer:
    """Planner of an import. `known` maps each phrasing, drafts included, to its entry's id.

    `taken` are ids that no new entry may have. `takes_all`: also import rows that an entry seems to cover already.
    """

    index: Index
    confident: float
    known: Mapping[str, str]
    taken: set[str]
    today: date
    source: str
    words: Wording
    takes_all: bool = False

    def plan(self, rows: Iterable[ImportedRow], progress: Progress) -> ImportPlan:
        plan, known = ImportPlan(), {fold(text): id for text, id in self.known.items()}
        merged = self._merged(rows, plan)
        pool = ThreadPoolExecutor(os.cpu_count())  # the encoder takes two thirds of the time, on one core
        try:
            judged_rows = zip(merged, pool.map(partial(self._judge, known), merged), strict=True)
            for done, (row, judged) in enumerate(judged_rows, start=1):
                progress(done, len(merged))
                if isinstance(judged, str):
                    plan.left_out.append(LeftOut(row.line, _first(row), "known", judged))
                elif judged:
                    plan.phrasings += judged
                else:
                    self._add(row, plan)
        finally:
            pool.shutdown(cancel_futures=True)
        return plan

    def _merged(self, rows: Iterable[ImportedRow], plan: ImportPlan) -> Sequence[ImportedRow]:
        """Merge rows with the same answer, or with a question in common."""
        groups: list[list[ImportedRow]] = []
        places: dict[object, int] = {}
        for row in map(_with_whole_addresses, rows):
            if not _first(row):
                plan.left_out.append(LeftOut(row.line, row.answer[:80], "no_question"))
            elif not (row.answer or row.links):
                plan.left_out.append(LeftOut(row.line, _first(row), "no_answer"))
            else:
                keys = [(fold(row.answer), row.links), *filter(None, map(fold, row.questions or [row.title]))]
                place = next((places[key] for key in keys if key in places), len(groups))
                if place == len(groups):
                    groups.append([row])
                else:
                    why = "same_answer" if keys[0] in places else "same_question"
                    merged = LeftOut(row.line, _first(row), why, _first(groups[place][0])[:80])
                    groups[place].append(replace(row, altered=[*row.altered, merged]))
                for key in keys:
                    places.setdefault(key, place)
        return [_joined(group) for group in groups]

    def _judge(self, known: Mapping[str, str], row: ImportedRow) -> str | list[OfferedPhrasing]:
        """Return the id of an entry with the row's words, else the phrasings to offer to the one that answers it.

        Safe in any thread.
        """
        same = next((known[fold(text)] for text in (_title(row), *row.questions) if fold(text) in known), None)
        if same or self.takes_all:
            return same or []
        best = next(iter(self.index.search(_first(row)).matches), None)
        if best is None or best.confidence < self.confident:
            return []
        questions = {fold(text): text for text in row.questions or [row.title] if len(text) <= LONGEST}
        return [OfferedPhrasing(row.line, best.id, best.title, text) for text in questions.values()]

    def _add(self, row: ImportedRow, plan: ImportPlan) -> None:
        fields: dict[str, object] = {
            "id": id_for(_title(row), self.taken),
            "title": _title(row),
            "questions": [text for text in row.questions if len(text) <= LONGEST] or [_title(row)],
            "answer": row.answer,
            "links": [{"title": label, "url": url} for url, label in parse_reply(row.links).links.items()],
            "keywords": _listed(row.keywords),
            "contacts": _listed(row.contacts),
            "updated": self.today.isoformat(),
            "source": row.source or f"{self.source}:{row.line}",
        }
        try:
            entry = draft(fields)
        except EditRejected as refusal:
            said = "; ".join(self.words(f"problems.{one.key}", **one.values) for one in refusal.problems)
            plan.left_out.append(LeftOut(row.line, _first(row), "refused", said))
        else:
            self.taken.add(entry.id)
            plan.entries.append(entry)
            plan.altered += row.altered
            plan.altered += [LeftOut(row.line, text, "long") for text in row.questions if len(text) > LONGEST]


def _with_whole_addresses(row: ImportedRow) -> ImportedRow:
    """Complete addresses without `https://`; keep but the text of links to no site, and of what is no link."""
    altered: list[LeftOut] = []

    def completed(found: re.Match[str]) -> str:
        altered.append(LeftOut(row.line, found[0].rstrip(".,;:!?»"), "completed"))
        return f"https://{found[0]}"

    def unlinked(found: re.Match[str]) -> str:
        altered.append(LeftOut(row.line, found[0], "relative"))
        return found[1]

    answer, links = (_RELATIVE.sub(unlinked, _WITHOUT_SCHEME.sub(completed, text)) for text in (row.answer, row.links))
    links = "\n".join(map(_one_a_line, links.splitlines()))
    if (text := parse_reply(links).text) not in answer:
        altered.append(LeftOut(row.line, text, "joined"))
        answer = f"{answer}\n\n{text}".strip()
    return replace(row, answer=answer, links=links, altered=altered)


def _one_a_line(links: str) -> str:
    """Break a line after each address behind which another one stands, so that each keeps its own label."""
    *parts, rest = _ADDRESS.split(links)
    labels = (label.lstrip(" \t;,|") for label in parts[::2])
    return "\n".join(map("".join, zip(labels, parts[1::2], strict=True))) + rest


def _joined(rows: Sequence[ImportedRow]) -> ImportedRow:
    separators = {"answer": "\n\n", "links": "\n", "keywords": ", ", "contacts": ", "}
    joined: dict[str, Any] = {
        name: separator.join(dict.fromkeys(filter(None, (getattr(row, name) for row in rows))))
        for name, separator in separators.items()
    }
    questions = {fold(text): text for row in rows for text in row.questions or [row.title]}
    altered = [one for row in rows for one in row.altered]
    return replace(rows[0], questions=[*questions.values()], altered=altered, **joined)


def _listed(text: str) -> list[str]:
    return [item.strip() for item in re.split("[,;]", text) if item.strip()]


def _first(row: ImportedRow) -> str:
    return row.questions[0] if row.questions else row.title


def _title(row: ImportedRow) -> str:
    return clip(" ".join((row.title or row.questions[0]).split()), _LONGEST_TITLE)


def row_of_topic(topic: WholeTopic) -> ImportedRow | None:
    """Return a topic as a row; None if nobody wrote there, or not everybody may read it."""
    if topic.private or not topic.posts:
        return None
    fields: dict[str, Any] = fields_from_topic(topic.title, topic.url, topic.posts)
    links = "\n".join(f"- [{link['title']}]({link['url']})" for link in fields["links"])
    number = topic.url.rpartition("/")[2]
    return ImportedRow(
        int(number) if number.isdecimal() else 0,
        fields["questions"],
        title=topic.title,
        links=links,
        contacts=", ".join(fields["contacts"]),
        source=str(fields["source"]),
    )


def write_drafts(folder: Path, entries: Sequence[Entry]) -> list[Path]:
    """Write `brouillons.yaml`, `brouillons-2.yaml`, …, with the first free numbers, and return the files. No existing
    file is changed. Raises OSError, and what `folder_lock` raises.
    """
    batches, size = list[list[str]](), 0  # of as few files as the limits allow
    for item in map(yaml_of, entries):
        length = len(item.encode())
        if not batches or len(batches[-1]) == MOST or size + length > LARGEST_DRAFTS:
            batches.append([])
            size = 0
        batches[-1].append(item)
        size += length + 1
    written, first = list[Path](), folder / DRAFTS
    paths = chain([first], (first.with_stem(f"{first.stem}-{number}") for number in count(2)))
    head = f"theme: {scalar('theme', DRAFTS_THEME)}\nentries:\n"
    with folder_lock(folder):
        for batch in batches:
            path = next(path for path in paths if not path.exists())
            replace_file(path, None, (head + "\n".join(batch)).encode())
            written.append(path)
    return written
