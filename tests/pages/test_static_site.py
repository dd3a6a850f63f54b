"""The pages as files: each link leads to a file, nothing hidden and no member's sentence is in any of them."""

import hashlib
import posixpath
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.pages.publication import Publication
from bot.pages.static_site import SUFFIX, site_files
from bot.pages.templates import Templates
from tests.pages.conftest import HIDDEN, PHRASINGS
from tests.reader_site import PUBLIC

TODAY = date(2026, 11, 28)


def files(known: Knowledge, **more: str) -> Mapping[str, bytes]:
    """The name is in no answer."""
    templates = Templates(wording("fr"), "Zigomar", suffix=SUFFIX, **more)
    return site_files(Publication(known, frozenset(), TODAY), templates)


@pytest.fixture(scope="module")
def shipped() -> Knowledge:
    return Library(Path(__file__).parents[2] / "knowledge").load(TODAY).knowledge


@pytest.fixture(scope="module")
def site(shipped: Knowledge) -> Mapping[str, bytes]:
    return files(shipped)


def test_a_file_takes_its_place_after_those_it_needs_and_the_library_has_its_licence(site: Mapping[str, bytes]) -> None:
    kinds = [name.partition("/")[0] for name in site]
    assert list(dict.fromkeys(kinds)) == ["assets", "feed.xml", "robots.txt", "r", "t", "index.html"]
    assert b"Luca Ongaro" in site["assets/vendor/minisearch-LICENSE.txt"]
    assert b"vendor/minisearch-7.2.0.js" in site["assets/static-search.js"]
    published = "03c27931eb603af1d3358579e9885eafdb6a2f5fa9929557b3e77d7e99d06d03"  # of dist/umd/index.js
    assert hashlib.sha256(site["assets/vendor/minisearch-7.2.0.js"]).hexdigest() == published


def test_each_answer_and_theme_has_its_file_and_links_lead_there(site: Mapping[str, bytes], shipped: Knowledge) -> None:
    pages = {name: content.decode() for name, content in site.items() if name.endswith(".html")}
    themes = {origin.file for origin in shipped.origins.values()}
    assert {f"r/{id}.html" for id in shipped.entries} == {name for name in pages if name.startswith("r/")}
    assert len([name for name in pages if name.startswith("t/")]) == len(themes)
    assert f"<h1>{shipped.entries['formation-fabmanager'].title}</h1>" in pages["r/formation-fabmanager.html"]
    for name, html in pages.items():
        addresses = [urlsplit(address) for address in re.findall(r'(?:href|src|action)="([^"]*)"', html)]
        own = {one.path for one in addresses if not one.scheme and one.path}
        targets = {posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) for path in own}
        assert targets - site.keys() == set(), name
        assert targets >= {"index.html", "assets/style.css"}


def test_what_is_hidden_and_what_members_say_is_in_no_file(answers: Knowledge) -> None:
    made = files(answers, public_url=PUBLIC)
    text = "\n".join([*made, *(content.decode() for name, content in made.items() if "vendor" not in name)])
    assert "formation-facilitation" in text
    assert [words for words in (*HIDDEN, *PHRASINGS) if words.lower() in text.lower()] == []
