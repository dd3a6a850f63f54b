"""The publication: what readers see at one moment: the entries that everybody may see, by theme; and its pages by their
paths, for a server and for a folder of files. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain, count
from operator import attrgetter
from pathlib import Path
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from bot.knowledge.models import Entry, Knowledge
from bot.matching.locality import visible
from bot.messages import NOWHERE
from bot.pages.templates import Templates, described, shown_title, to_markup
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
            taken, numbered = {theme.slug for theme in themes}, (f"{plain}-{number}" for number in count(2))
            address = next(one for one in chain([plain], numbered) if one not in taken)
            themes.append(ThemePage(address, self.knowledge.origins[entries[0].id].theme, entries))
        return themes

    def see_also(self, entry: Entry) -> Sequence[Entry]:
        """Return the related entries that everybody may see."""
        return [self.knowledge.entries[id] for id in entry.see_also if id in self.knowledge.entries]

    @cached_property
    def theme_of(self) -> Mapping[str, ThemePage]:
        """By id of the entry."""
        return {entry.id: theme for theme in self.themes for entry in theme.entries}


FILES: Mapping[str, str] = {
    "feed.xml": "application/atom+xml",
    "sitemap.xml": "application/xml",
    "robots.txt": "text/plain",
}
"""Content types of what programs read, by path."""
FEED_LENGTH, MOST_ASKED = 50, 5  # entries
MOST_IN_DATA = 40  # entries of a theme: a page stays light


class ReaderPages:
    """Made anew when the knowledge changes."""

    def __init__(self, templates: Templates, publication: Publication) -> None:
        self._templates, self._publication = templates, publication
        self._themes = {theme.slug: theme for theme in publication.themes}

    def paths(self) -> Iterator[str]:
        yield ""
        yield from (f"t/{slug}" for slug in self._themes)
        yield from (f"r/{id}" for id in self._publication.knowledge.entries)

    def page(self, path: str) -> str | None:
        """Its HTML; None: there is no such page."""
        kind, _, name = path.partition("/")
        if path == "":
            known = self._publication.knowledge.entries
            asked = [known[id] for id in self._publication.most_asked if id in known][:MOST_ASKED]
            return self._templates.render("home.html", path, themes=self._publication.themes, asked=asked)
        if kind == "t" and (theme := self._themes.get(name)):
            data = self._faq(theme.entries, is_brief=True)
            return self._templates.render("theme.html", path, theme=theme, data=data)
        if kind == "r" and (entry := self._publication.knowledge.entries.get(name)):
            shown = {"theme": self._publication.theme_of[entry.id], "publication": self._publication}
            return self._templates.render("entry.html", path, entry=entry, data=self._faq([entry]), **shown)
        return None

    def file(self, path: str) -> str | None:
        """Return one of `FILES`, or None if there is none. A sitemap needs public addresses."""
        if path == "robots.txt":
            return self._templates.render(path, path, root=urlsplit(self._templates.public_url).path)
        if path == "sitemap.xml" and self._templates.public_url:
            rows = [(page, self._publication.knowledge.entries.get(page.removeprefix("r/"))) for page in self.paths()]
            return self._templates.render(path, path, rows=rows)
        if path != "feed.xml":
            return None

        def urn(id: str = "") -> str:
            """Entries keep their ids (RFC 4287, 4.2.6), also where `public_url` changes."""
            return uuid5(NAMESPACE_URL, f"concierge:{self._templates.name}/{id}").urn

        dated = [entry for entry in self._publication.knowledge.entries.values() if entry.updated]
        entries = sorted(dated, key=attrgetter("updated"), reverse=True)[:FEED_LENGTH]
        changed = entries[0].updated if entries else self._publication.today
        shown = {"entries": entries, "changed": changed, "publication": self._publication, "urn": urn}
        return self._templates.render(path, path, **shown)

    def _faq(self, entries: Sequence[Entry], *, is_brief: bool = False) -> Mapping[str, object]:
        """Return the answers as a schema.org `FAQPage`. `is_brief`: the start of each, as on the page of a theme."""
        templates, questions = self._templates, []
        for entry in entries[:MOST_IN_DATA]:
            is_whole = entry.answer and not is_brief
            text = str(to_markup(templates.marked(entry, self._publication.dead))) if is_whole else described(entry)
            url = templates.absolute(f"r/{entry.id}")
            answer = {"@type": "Answer", "text": text} | ({"url": url} if url else {})
            questions.append({"@type": "Question", "name": shown_title(entry.title), "acceptedAnswer": answer})
        return {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": questions}
