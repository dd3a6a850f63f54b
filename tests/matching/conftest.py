"""A small knowledge of the field, written for the tests."""

import pytest

from bot.knowledge.models import Entry, Knowledge, Link
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index

HOUSE = Link(title="La page", url="https://example.org/")


def entry(name: str, title: str, *questions: str, **more: object) -> Entry:
    return Entry.model_validate({"id": name, "title": title, "questions": questions, "links": (HOUSE,), **more})


ENTRIES = (
    entry(
        "fiche-fabmanager",
        "Fiche de poste de fabmanager",
        "Auriez-vous une fiche de poste de fabmanager ?",
        "Quel descriptif pour recruter un fabmanager ?",
        keywords=("fiche de poste",),
        answer="Le réseau des fablabs tient des exemples de fiches de poste à jour.",
    ),
    entry(
        "formation-facilitateur",
        "Se former au métier de facilitateur de tiers-lieu",
        "Où trouver une formation de facilitateur de tiers-lieu ?",
        "Comment devenir facilitatrice de tiers-lieu ?",
        not_questions=("notre formation de facilitateur d'hier était super",),
        keywords=("RS5142",),
    ),
    entry(
        "assurance",
        "Assurer son lieu et son public",
        "Quelle assurance responsabilité civile pour un atelier partagé ?",
        "Qui paie si un visiteur se blesse sur une machine ?",
    ),
    entry(
        "service-civique",
        "Accueillir un service civique",
        "Comment accueillir un volontaire en service civique ?",
        "Faut-il un agrément pour le service civique ?",
    ),
    entry(
        "statut-juridique",
        "Choisir un statut juridique",
        "Quel statut juridique pour notre tiers-lieu ?",
        "Association ou coopérative, que choisir ?",
    ),
    entry(
        "subvention",
        "Trouver des subventions",
        "Où trouver des subventions pour un tiers-lieu ?",
        "Quelles aides financières de la région pour un fablab ?",
    ),
)
SYNONYMS = (("fabmanager", "fab manager", "labmanager"), ("service civique", "SC"))


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge({one.id: one for one in ENTRIES}, SYNONYMS)


@pytest.fixture(scope="session")
def index(knowledge: Knowledge, embeddings: EmbeddingCache) -> Index:
    return Index(knowledge, embeddings=embeddings)


@pytest.fixture(scope="session")
def plain(knowledge: Knowledge) -> Index:
    """Without the encoder."""
    return Index(knowledge)
