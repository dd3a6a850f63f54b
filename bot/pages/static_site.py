"""The readers' pages as files, for any web host and for a disk: all that a folder must hold, and the index with which a
browser searches them."""

import json
from collections.abc import Callable, Iterable, Mapping

from bot.pages.publication import FILES, Publication, ReaderPages
from bot.pages.rendered import assets, encoded
from bot.pages.templates import Templates, described, shown_title
from bot.text.folding import clean, fold, prepared, tokens
from bot.text.languages import STEMS, STOP_WORDS
from bot.text.shorthands import SHORTHANDS

FOR_A_BOT = {"entry.js"}
"""Assets for pages that a bot serves only."""
INDEX = "assets/search-index.js"
NOT_FOUND = "404.html"
"""What most hosts of files show for an address that leads nowhere."""
SUFFIX = ".html"


def site_files(
    publication: Publication, templates: Templates, progress: Callable[[int, int], None] = lambda done, of: None
) -> Mapping[str, bytes]:
    """By path, in the order in which they can take the places of older ones: what a page needs stands before it, and
    the first page comes last. `templates`: with `SUFFIX`. `progress`: called with the number of pages made, and of all.
    """
    pages = ReaderPages(templates, publication)
    files = {f"assets/{name}": content for name, content in assets().items() if name not in FOR_A_BOT}
    files |= {f"assets/{name}": content for name, content in templates.images.items()}
    files[INDEX] = encoded(search_index(publication))
    files |= {path: encoded(text) for path in FILES if (text := pages.file(path))}
    if root := templates.public_url:  # it is shown in any folder, so its own addresses must be public ones
        files[NOT_FOUND] = encoded(templates.render_from(f"{root}/", "message.html", problem="not_found", words=""))
    paths = [*pages.paths()]
    for done, path in enumerate(reversed(paths), start=1):
        files[f"{path or 'index'}{SUFFIX}"] = encoded(pages.page(path) or "")
        progress(done, len(paths))
    return files


def search_index(publication: Publication) -> str:
    """A script that sets `conciergeIndex`. Of phrasings and keywords it has the words alone, each once and in the order
    of the alphabet, and a hash of the words of each phrasing, so that no member's sentence can be read from it."""
    groups = [[tokens(fold(word)) for word in group] for group in publication.knowledge.synonyms]
    rows = []
    for entry in publication.knowledge.entries.values():
        said = (word for text in (*entry.questions, *entry.keywords, entry.title) for word in tokens(fold(clean(text))))
        words = {word for word in said if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())}
        # With the other words, of one word each, for what the entry is about.
        about = [group for group in groups if any(words.issuperset(variant) for variant in group if variant)]
        words |= {variant[0] for group in about for variant in group if len(variant) == 1}
        asked = sorted({phrasing_hash(prepared(text).words) for text in (*entry.questions, entry.title)})
        rows.append((entry.id, shown_title(entry.title), described(entry), " ".join(sorted(words)), asked))
    index = {
        "stems": STEMS,
        "stopWords": sorted(STOP_WORDS),
        "shorthands": SHORTHANDS,
        "entries": rows,
    }
    return f"globalThis.conciergeIndex = {json.dumps(index, ensure_ascii=True, separators=(',', ':'))};\n"


def phrasing_hash(stems: Iterable[str]) -> int:
    """Return a hash of the stems in any order, as `static-search.js` computes it of a question: FNV-1a, folded to 16
    bits, so that many sets of an entry's words have it, and trying them all does not tell which were said together."""
    value = 0x811C9DC5
    for byte in " ".join(sorted(set(stems))).encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value >> 16 ^ value & 0xFFFF
