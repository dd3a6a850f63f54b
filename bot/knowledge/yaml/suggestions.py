"""Corrections of valid YAML that does not fit the model: the line as meant, the key closest to a misspelt one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import takewhile

from rapidfuzz import fuzz, process

from bot.knowledge.yaml.lines import indent_of, is_field, parse_item, parse_line, quote, strip_smart_quotes, text_column
from bot.knowledge.yaml.slips import BULLETS, ODD, quote_list, sure_fix

_ADDRESS = r"(?:https?://|mailto:)[^\s)\]>\"'”»]++"
_MARKDOWN = re.compile(rf"!?\[([^\]]*+)(?:\]\(({_ADDRESS})[^)\[]*+\))?")
_BARE = re.compile(rf"(?<![\s:(<–\"'-])[\s:(<–\"'-]*+({_ADDRESS})")
_MONTHS = re.findall(r"\w+", "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre")


def has_address(text: str) -> bool:
    return re.search(_ADDRESS, text) is not None


def rename_key(line: str, key: str, name: str) -> str:
    return re.sub(rf"{re.escape(key)}(?=[\"']?\s*:)", name, line, count=1)


def as_text(lines: Sequence[str], number: int, value: object) -> str:
    """The line as one quoted text, with the lines that continue it; empty where it is no simple line."""
    line = lines[number - 1]
    if isinstance(value, list) and (fixed := _text_of_list(line, value)) is not None:
        return fixed
    if line.rstrip().endswith(":") and not line.lstrip().startswith("- "):
        return "\n".join([f"{line.rstrip()} |", *_block(lines, number)])
    if isinstance(value, list):
        return _unnested(line)
    parsed = parse_item(line)
    if parsed is None:
        return _unflowed(line)
    alone = isinstance(value, dict) and len(value) == 1
    text = " ".join([parsed.value, *(line.strip() for line in _block(lines, number) if alone)])
    return parsed.with_value(quote(strip_smart_quotes(text) or text))


def _text_of_list(line: str, items: Sequence[object]) -> str | None:
    """What stands in brackets, or as the only item, behind a key that wants one text; None: it is another list."""
    texts, parsed = [item for item in items if isinstance(item, str)], parse_line(line)
    if not is_field(line.strip().removeprefix("- ")):
        return None
    if parsed.value.startswith("["):
        return parsed.with_value(quote(", ".join(texts))) if len(texts) == len(items) else ""
    alone = line.rstrip().endswith(":") and len(items) == len(texts) == 1
    return f"{line.rstrip()} {quote(texts[0])}" if alone else None


def _unflowed(line: str) -> str:
    parsed = parse_line(line)
    return parsed.with_value(quote_list(parsed.value)) if parsed.value.startswith("[") else ""


def _unnested(line: str) -> str:
    nested = re.fullmatch(r"( *+- )(?:- ++)+(?!- )(.*)", line)
    if nested:
        return f"{nested[1]}{quote(nested[2])}"
    return parse_line(line).quoted if parse_line(line).value else ""


def as_list(lines: Sequence[str], number: int, value: object, names: Sequence[str]) -> str:
    """A key whose text or mapping should be a list: the key, and its items below; empty where that cannot be guessed.

    `names`: the keys of such an item, if it is a mapping.
    """
    line = lines[number - 1]
    are_links = {"title", "url"} <= set(names)
    if isinstance(value, dict):
        fits = not names or not value.keys().isdisjoint(names)
        return "\n".join([line, *_dashed(lines, number, bool(names))]) if fits else ""
    if not isinstance(value, str) or (names and not are_links):
        return ""
    if parse_line(line).value.startswith("["):
        return parse_line(line).with_value(f"[{quote_list(parse_line(line).value)}]")
    if (parsed := parse_item(line)) and not is_field(parsed.value):
        return parsed.with_value(quote_list(value))
    below = line.rstrip().endswith(":")
    head = line.rstrip() if below else parse_line(line).before.rstrip()
    texts = [text for deeper in _block(lines, number) for text in _items(deeper)] if below else _items(value)
    margin = " " * (text_column(line) + 2)
    items = [_link(f"{margin}- ", text) if are_links else f"{margin}- {_quoted(text)}" for text in texts]
    return "\n".join([head, *items]) if head.endswith(":") and all(items) else ""


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"\"[^\"\\]*\"|'[^']*'", text) else quote(text)


def _items(value: str) -> list[str]:
    """The items of one text: its lines, or short texts between commas."""
    value = value.strip().strip(ODD)
    if "\n" in value:
        items = value.split("\n")
    elif re.match(rf"[-{BULLETS}]\s", value):
        items = re.split(rf"[\s{ODD}][-{BULLETS}]\s", value)
    else:
        items = [value] if "?" in value else re.split(r"[,;]\s", value)
    return [text for item in items if (text := item.strip().lstrip(f"-{BULLETS}{ODD} ").strip("[] "))]


def as_fields(lines: Sequence[str], number: int) -> str:
    """`id = a` or `id:a`, in a line and those below it, as keys with a colon; empty where the line is neither."""
    slip, first = sure_fix(lines[number - 1])
    block = _block(lines, number)
    below = [line if line.lstrip().startswith("- ") else sure_fix(line)[1] for line in block]
    return "\n".join([first, *below]) if slip else ""


def as_id(line: str) -> str:
    parsed = parse_line(line)
    return parsed.with_value(re.sub(r"[^a-z0-9]+", "-", strip_accents(parsed.value).casefold()).strip("-"))


def add_scheme(line: str) -> str:
    """`www.example.org` with https:// before it; empty for another scheme."""
    parsed = parse_line(line)
    address = parsed.value.strip("\"'")
    return parsed.with_value(quote(f"https://{address}")) if re.match(r"[\w-]+(\.[\w-]+)+(/|$)", address) else ""


def _dashed(lines: Sequence[str], number: int, is_mapping: bool) -> list[str]:
    block = _block(lines, number)
    margin = min((indent_of(line) for line in block), default=0)
    if is_mapping:
        return [" " * margin + ("  " if n else "- ") + line[margin:] for n, line in enumerate(block)]
    return [" " * margin + "- " + quote(line.strip()) for line in block]


def as_link(line: str) -> str:
    """`- [Title](https://…)`, `- Title : https://…` or `- https://…` as title and address.

    Of a line with its key, `links: [https://…, https://…]`, all items.
    """
    parsed = parse_item(line)
    if parsed:
        return _link(parsed.before, parsed.value)
    key, margin = parse_line(line), " " * (text_column(line) + 2)
    links = [_link(f"{margin}- ", text) for text in _items(key.value) if has_address(text)]
    return "\n".join([key.before.rstrip(), *links])


def _link(begin: str, text: str) -> str:
    title, url = _title_and_url(text)
    if not url:
        return ""
    title = title.strip(" \"'«»“”[]\u00a0:") or re.sub(r"(?s)^\w+:(//)?(www\.)?|/.*", "", url)
    return f"{begin}title: {quote(title)}\n{' ' * len(begin)}url: {quote(url)}"


def _title_and_url(text: str) -> tuple[str, str]:
    """The text before an address, and the address; both empty where there is none."""
    markdown = next((match for match in _MARKDOWN.finditer(text) if match[2]), None)
    if markdown:
        return markdown[1], markdown[2]
    plain = _BARE.search(text)
    return (text[: plain.start()], plain[1]) if plain else ("", "")


def as_date(line: str) -> str:
    """A day as people write it, as YYYY-MM-DD; empty where it is none."""
    parsed = parse_line(line)
    day = _day(parsed.value.strip("\"'"))
    return parsed.with_value(day.isoformat()) if day else ""


def _day(text: str) -> date | None:
    plain = strip_accents(text).casefold().replace("1er", "1")
    for number, month in enumerate(_MONTHS, 1):
        plain = plain.replace(month, f"/{number}/")
    figures = re.findall(r"\d+", plain)
    if len(figures) < 3:
        return None
    try:
        numbers = [int(figure) for figure in figures[:3]]
        year, month_, day = numbers if numbers[0] > 31 else numbers[::-1]
        return date(year + 2000 if year < 100 else year, month_, day)
    except (ValueError, OverflowError):
        return None


def _block(lines: Sequence[str], number: int) -> list[str]:
    """The lines right after this one with a deeper indentation."""
    own = indent_of(lines[number - 1])
    block = takewhile(lambda line: not line.strip() or indent_of(line) > own, lines[number:])
    return [line for line in block if line.strip()]


_SIMILAR = 65  # per cent; below it, a guess helps nobody
_ACCENTS = re.compile("[\u0300-\u036f]+")
_FRENCH = {
    "titre": "title",
    "nom": "title name",
    "intitule": "title",
    "identifiant": "id",
    "reponse": "answer",
    "texte": "answer",
    "question": "questions",
    "formulations": "questions",
    "phrases": "questions",
    "pas questions": "not_questions",
    "mots cles": "keywords",
    "mots": "keywords",
    "lien": "links url",
    "liens": "links",
    "ressources": "links",
    "adresse": "url",
    "contacts": "contacts",
    "personnes": "contacts",
    "voir": "see_also",
    "voir aussi": "see_also",
    "maj": "updated",
    "mis a jour": "updated",
    "mise a jour": "updated",
    "a revoir": "review_by",
    "a verifier": "review_by",
    "revoir le": "review_by",
    "theme": "theme",
    "categorie": "theme",
    "entrees": "entries",
    "fiches": "entries",
    "reponses": "entries answer",
    "synonymes": "synonyms",
    "lectures": "readings",
    "lu": "read_as",
    "langue": "language",
    "fuseau": "timezone",
    "fuseau horaire": "timezone",
    "prefixe": "prefix",
    "connaissances": "knowledge",
    "base": "store",
    "serveur": "homeserver url",
    "utilisateur": "user username",
    "salon": "rooms room",
    "salons": "rooms",
    "lieux": "rooms",
    "regions": "region",
    "publique": "public",
    "prive": "public",
    "private": "public",
    "ecoute": "listen",
    "moderation": "moderators_room moderators",
    "moderateurs": "moderators moderators_group",
    "ignorer": "ignore",
    "chiffrement": "encryption",
    "forum": "discourse",
    "jour": "day",
    "heure": "at",
    "hote": "host",
}


def closest(key: str, names: Iterable[str], similar: int = _SIMILAR) -> str | None:
    """The name that `key` translates or nearly spells, or None. `similar`: the least similarity, in per cent."""
    known = list(names)
    if translations := [name for name in _FRENCH.get(_fold_key(key), "").split() if name in known]:
        return translations[0]
    match = process.extractOne(_fold_key(key), known, scorer=fuzz.ratio, processor=_fold_key, score_cutoff=similar)
    return match[0] if match else None


def strip_accents(text: str) -> str:
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text))


def _fold_key(text: str) -> str:
    return re.sub(r"[\W_]+", " ", strip_accents(text)).strip().casefold()
