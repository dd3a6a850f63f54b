"""The model of the knowledge: entries with their phrasings, validated and frozen; a change builds a new Knowledge.

`python -m bot.knowledge.models > knowledge/schema.json` writes the JSON Schema that text editors check the files with.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot.reading import ReadAs

ID = "[a-z0-9]+(-[a-z0-9]+)*"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"]+")
_MAIL = re.compile(r"mailto:[^@?,;]+@(?=[^@?,;/]+\.[^@?,;/])[^@?,;/]++(\?.*)?", re.IGNORECASE)


def _error(key: str) -> PydanticCustomError:
    """Return an error for pydantic. `key`: a sentence of `problems.` in the wording."""
    return PydanticCustomError(key, "{name}", {"name": key})


def _require(key: str, holds: Callable[[Any], object]) -> AfterValidator:
    """Return a check of a value. `key`: the error if it does not hold."""

    def check(value: Any) -> Any:
        if not holds(value):
            raise _error(key)
        return value

    return AfterValidator(check)


def one_line(text: str) -> str:
    """Replace line breaks and other control characters by one space."""
    return " ".join(filter(None, map(str.strip, _CONTROLS.split(text))))


def _check_day(value: object) -> object:
    """Accept ISO dates only: pydantic would read a number as seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip()):
        raise _error("date")
    return value.strip() if isinstance(value, str) else value


def _check_url(text: str) -> str:
    """Accept only an address that shows where it leads: no blank or invisible character, no user name."""
    if any(char.isspace() or char in '<>"\\' or unicodedata.category(char) in ("Cc", "Cf") for char in text):
        raise _error("link_sign")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _error("link_host") from None
    if parts.scheme not in ("http", "https", "mailto"):
        raise _error("link_scheme")
    if "@" in parts.netloc:
        raise _error("link_user")
    if not (_MAIL.fullmatch(text) if parts.scheme == "mailto" else host):
        raise _error("link_host")
    return text


def _check_public(is_public: bool, info: ValidationInfo) -> bool:
    """Require rooms for a hidden entry. Rooms with an error of their own are missing from `info`."""
    if not is_public and info.data.get("rooms") == ():
        raise _error("hidden_everywhere")
    return is_public


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Line = Annotated[Text, AfterValidator(one_line)]
Phrasing = Annotated[Line, _require("empty_phrasing", lambda text: any(char.isalnum() for char in text))]
Id = Annotated[Text, _require("id_form", re.compile(ID).fullmatch), Field(json_schema_extra={"pattern": f"^{ID}$"})]
Day = Annotated[date, BeforeValidator(_check_day)]
Url = Annotated[Text, AfterValidator(_check_url), Field(json_schema_extra={"pattern": "^(https?://|mailto:)"})]
_AS_IN_A_FILE = PlainSerializer(lambda value: str(value).lower(), return_type=str, when_used="json")
Public = Annotated[bool, AfterValidator(_check_public), _AS_IN_A_FILE]
Overheard = Annotated[bool, _AS_IN_A_FILE]
Group = Annotated[tuple[Line, ...], _require("synonym_group", lambda words: len(words) > 1)]


class _Frozen(BaseModel, frozen=True, extra="forbid"):
    """The base of what the files hold: an unknown key is an error."""


class Link(_Frozen):
    title: Line = Field(description="Ce que le lien montre, en quelques mots")
    url: Url = Field(description="L'adresse : http, https ou mailto")


_RULES: dict[str, Any] = {
    "anyOf": [{"required": ["answer"]}, {"required": ["links"]}],
    "if": {"properties": {"public": {"const": False}}, "required": ["public"]},
    "then": {"properties": {"rooms": {"minItems": 1}}, "required": ["rooms"]},
}


class Entry(_Frozen, json_schema_extra=_RULES):
    """An answer, and the ways people ask for it.

    `rooms` (by their names in the settings) and `region`: where it has precedence; elsewhere it is given if nothing
    else fits. An entry that is not `public` is shown in its rooms only (`bot/matching/locality.py`).
    """

    id: Id = Field(description="Minuscules, chiffres et traits d'union ; unique dans tous les fichiers")
    title: Line = Field(description="Le titre de la réponse")
    questions: tuple[Phrasing, ...] = Field(min_length=1, description="Les façons de poser la question")
    not_questions: tuple[Phrasing, ...] = Field((), description="Ce qui y ressemble et n'en est pas")
    keywords: tuple[Line, ...] = Field((), description="Noms, sigles et mots rares qui mènent à cette réponse")
    answer: Text | None = Field(None, description="La réponse, courte, en Markdown")
    links: tuple[Link, ...] = Field((), description="Les liens donnés avec la réponse")
    contacts: tuple[Line, ...] = Field((), description="Qui sait : pseudos du forum, montrés sans notification")
    see_also: tuple[Id, ...] = Field((), description="Identifiants d'autres réponses")
    rooms: tuple[Line, ...] = Field(
        (), description="Salons ou catégories où elle passe d'abord, comme dans les réglages"
    )
    region: Line | None = Field(None, description="Région où elle passe d'abord, comme dans les réglages")
    public: Public = Field(True, description="false : montrée dans ses salons seulement")
    overheard: Overheard = Field(True, description="false : donnée seulement à qui appelle le concierge")
    updated: Day | None = Field(None, description="Dernière mise à jour : AAAA-MM-JJ")
    review_by: Day | None = Field(None, description="À revoir après ce jour : AAAA-MM-JJ")
    source: Line | None = Field(None, description="D'où vient la réponse")

    @model_validator(mode="after")
    def _require_answer(self) -> Self:
        if not self.answer and not self.links:
            raise _error("answer_or_links")
        return self

    @property
    def home(self) -> tuple[frozenset[str], str | None]:
        """The rooms and the region: equal for entries that have precedence in the same places."""
        return frozenset(self.rooms), self.region

    @property
    def is_local(self) -> bool:
        """Whether it is for certain rooms or a region."""
        return bool(self.rooms or self.region)

    @property
    def further_links(self) -> tuple[Link, ...]:
        """The links whose address does not stand in the answer."""
        shown = {address.rstrip(".,;:!?") for address in _ADDRESS.findall(self.answer or "")}
        return tuple(link for link in self.links if link.url.rstrip(".,;:!?") not in shown)

    def is_overdue(self, day: date) -> bool:
        """Whether it should have been reviewed before that day."""
        return self.review_by is not None and self.review_by < day


class Theme(_Frozen):
    """A file of answers."""

    theme: Line = Field(description="Le thème de ce fichier")
    entries: tuple[Entry, ...] = Field(description="Les réponses")


class Synonyms(_Frozen):
    """The file of synonyms."""

    synonyms: tuple[Group, ...] = Field(description="Groupes de mots de même sens, deux au moins par groupe")


class Misread(_Frozen):
    """A message that was misread, and its right reading."""

    text: Line = Field(description="Le message, en vos mots : sans nom ni rien de privé")
    read_as: ReadAs = Field(description="Ce que c'était")


class Readings(_Frozen):
    """The file of misread messages."""

    readings: tuple[Misread, ...] = Field(description="Des messages, et comment les lire")


@dataclass(frozen=True, slots=True)
class Origin:
    """The place of an entry: path of its file as given, its first line (from 1), its theme.

    `lines`: by field, for warnings: one for each item of a list, one for any other value.
    """

    file: str
    line: int
    theme: str
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def line_of(self, name: str, number: int = 0) -> int:
        """Return the line of a field, or the entry's own line if that is unknown (in knowledge built by hand)."""
        lines = self.lines.get(name, ())
        return lines[number] if number < len(lines) else self.line

    def at(self, name: str, number: int = 0) -> str:
        """Return `file:line`."""
        return f"{self.file}:{self.line_of(name, number)}"


@dataclass(frozen=True)
class Knowledge:
    entries: Mapping[str, Entry]  # by id, in the order of the files
    synonyms: tuple[tuple[str, ...], ...] = ()
    readings: tuple[Misread, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)  # by entry id

    @cached_property
    def local(self) -> tuple[Entry, ...]:
        """The entries for certain rooms or a region."""
        return tuple(entry for entry in self.entries.values() if entry.is_local)


def schema() -> str:
    """Return the JSON Schema of the knowledge files, as text."""
    files = TypeAdapter(Theme | Synonyms | Readings).json_schema()
    header = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Concierge"}
    return json.dumps({**header, **files}, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
