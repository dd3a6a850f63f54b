"""What may stand in a knowledge file, entry by entry."""

import json
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.knowledge.models import Entry, Link, Synonyms, Theme, schema

SCHEMA = Path(__file__).parents[2] / "knowledge" / "schema.json"
LEAST = {"id": "cle", "title": "La clé", "questions": ["Où est la clé ?"], "answer": "À l’accueil."}


def refused(model: type[Entry | Link | Synonyms | Theme], data: object) -> list[str]:
    """What the model complains about: the place and the kind of each error."""
    with pytest.raises(ValidationError) as raised:
        model.model_validate(data)
    return [f"{'.'.join(map(str, error['loc']))} {error['type']}" for error in raised.value.errors()]


def test_an_address_that_shows_where_it_leads_is_taken() -> None:
    for url in (
        *("https://exemple.org", "HTTPS://Exemple.org/Tiers_(lieu)", "https://médiathèque.exemple.org/café"),
        *("mailto:ana@exemple.org?subject=Bonjour", "https://forum.exemple.org/u/@ana"),
        "http://169.254.169.254/latest",  # a member may be inside; it is the check of links that asks no such address,
    ):
        assert Link(title="Page", url=url).url == url, url


MISLEADING = {
    "link_scheme": ("javascript:alert(1)", "ftp://exemple.org", "www.exemple.org"),
    "link_user": ("https://exemple.org@autre.org",),
    "link_sign": ("https://exemple.org\\@autre.org", "https://exemple.org/\u200b", "https://a.org/\u202egro.live"),
    "link_host": ("https://", "https://exemple.org:99999/", "mailto:ana@exemple.org,bob@exemple.org"),
}


def test_an_address_that_may_mislead_is_refused() -> None:
    for kind, url in ((kind, url) for kind, some in MISLEADING.items() for url in some):
        assert refused(Link, {"title": "Page", "url": url}) == [f"url {kind}"], url


def test_days_are_read_blanks_around_texts_vanish_and_links_are_answer_enough() -> None:
    given = {"title": " La\n clé\x1b ", "updated": "2026-11-24", "answer": "Oui.\n\nNon.\n"}
    entry = Entry.model_validate({**LEAST, **given})
    assert Entry.model_validate({**LEAST, "answer": None, "links": [{"title": "Page", "url": "https://exemple.org"}]})
    assert (entry.title, entry.updated, entry.answer) == ("La clé", date(2026, 11, 24), "Oui.\n\nNon.")


def test_the_schema_for_editors_is_the_model_s_and_knows_every_key_and_nothing_else() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema(), "python -m bot.knowledge.models > knowledge/schema.json"
    entry = json.loads(schema())["$defs"]["Entry"]
    assert entry["properties"].keys() == Entry.model_fields.keys()
    assert entry["required"] == ["id", "title", "questions"]
    assert entry["additionalProperties"] is False
    assert entry["anyOf"] == [{"required": ["answer"]}, {"required": ["links"]}]
