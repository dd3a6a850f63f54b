"""The publication: what readers see at one moment: the entries that everybody may see, by theme."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from bot.knowledge.models import Entry, Knowledge
from bot.matching.locality import visible
from bot.messages import NOWHERE
from bot.text.accents import slug

LEAST_ASKED = 3  # times in the 90 days that posts are kept
_ORDER = re.compile(r"^\d+[-_. ]+")


def most_asked(uses: Counter[str]) -> Sequence[str]:
    """Return the ids of entries that were given often, most often first."""
    return [id for id, times in uses.most_common() if times >= LEAST_ASKED]


@dataclass(frozen=True, slots=True)
class ThemePage:
    """A file of entries. `slug`: its name in addresses."""

    slug: str
    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, eq=False)
class Publication:
    """`all_knowledge`: with what is hidden, which no page has; `dead`: addresses of dead links; `most_asked`: ids."""

    all_knowledge: Knowledge
    dead: Set[str]
    today: date
    most_asked: Sequence[str] = ()

    def is_of(self, knowledge: Knowledge, dead: Set[str], today: date, most_asked: Sequence[str]) -> bool:
        """Whether it shows just these."""
        others = self.dead, self.today, self.most_asked
        return self.all_knowledge is knowledge and others == (dead, today, most_asked)

    @cached_property
    def knowledge(self) -> Knowledge:
        """Return the knowledge that everybody may see."""
        return visible(self.all_knowledge, NOWHERE)

    @cached_property
    def themes(self) -> Sequence[ThemePage]:
        """In the order of the files; those without a visible entry are left out. A slug is made of its file's name,
        without the number that orders it: lower case, digits and hyphens; numbered where two are alike."""
        files: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.knowledge.entries.values():
            files[self.knowledge.origins[entry.id].file].append(entry)
        themes: list[ThemePage] = []
        for file, entries in files.items():
            plain = slug(_ORDER.sub("", Path(file).stem), longest=255) or "theme"
            number = sum(plain in (theme.slug, theme.slug.rpartition("-")[0]) for theme in themes)
            title = self.knowledge.origins[entries[0].id].theme
            themes.append(ThemePage(f"{plain}-{number + 1}" if number else plain, title, entries))
        return themes

    def see_also(self, entry: Entry) -> Sequence[Entry]:
        """Return the related entries that everybody may see."""
        return [self.knowledge.entries[id] for id in entry.see_also if id in self.knowledge.entries]

    def latest(self, most: int) -> Sequence[Entry]:
        """Entries with a date, those that changed last first."""
        dated = [entry for entry in self.knowledge.entries.values() if entry.updated]
        return sorted(dated, key=attrgetter("updated"), reverse=True)[:most]

    @cached_property
    def theme_of(self) -> Mapping[str, ThemePage]:
        """By id of the entry."""
        return {entry.id: theme for theme in self.themes for entry in theme.entries}
