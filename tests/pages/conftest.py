"""One set of answers for all pages' tests: plain ones, one for a region, a hidden one, and one that tries mischief."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.knowledge.models import Knowledge
from tests.reader_site import ReaderSite, knowledge_of, reader_site, showing

FORMATIONS = """\
theme: "Se former"
entries:
  - id: formation-facilitation
    title: "Se former à la facilitation de tiers-lieu"
    questions:
      - "Où trouver une formation de facilitateur ?"
      - "mon chef veut que je devienne concierge mais comment"
    answer: "Une coopérative **forme** et [certifie](https://certifie.example/). Elle demande deux mois."
    links:
      - {title: "La formation", url: "https://formation.example/"}
      - {title: "L’ancienne page", url: "https://morte.example/"}
    contacts: ["ana", "@bob"]
    see_also: [fiche-de-poste, secret-budget]
    updated: 2026-10-02
    review_by: 2026-11-01
  - id: formation-bretagne
    title: "Se former en Bretagne"
    questions: ["Quelle formation en Bretagne ?", "se former à Rennes ou à Brest"]
    answer: "Le réseau breton forme."
    region: "Bretagne"
    updated: 2026-11-20
"""
POSTES = """\
theme: "Fiches de poste"
entries:
  - id: fiche-de-poste
    title: "Modèles de fiche de poste"
    questions: ["Où trouver une fiche de poste ?", "zavez pas un modele pour mon annonce svp"]
    links: [{title: "Le modèle", url: "https://fiche.example/"}]
    updated: 2026-01-05
  - id: secret-budget
    title: "Budget confidentiel du comité"
    questions: ["Quel est le budget confidentiel du comité ?", "combien reste-t-il dans la caisse noire"]
    answer: "Il reste 4321 euros à la Banque Zébulon."
    links: [{title: "Le tableau", url: "https://tableau-secret.example/"}]
    rooms: ["comite"]
    public: false
    updated: 2026-11-27
  - id: mechante
    title: "<script>alert('titre')</script> & \\"guillemets\\""
    questions: ["comment attaquer une page web ?", "balise script malveillante"]
    answer: "<script>alert('corps')</script> <img src=x onerror=alert(1)> [ici](javascript:alert(2)) </script>"
    links: [{title: "</a><script>alert('lien')</script>", url: "https://m.example/?a='b'&c=d"}]
    contacts: ["<b>eve</b>"]
"""
DEAD = frozenset({"https://morte.example/", "https://certifie.example/"})
PHRASINGS = ("mon chef veut", "zavez pas", "attaquer une page", "à Rennes ou à Brest")
HIDDEN = ("secret-budget", "confidentiel", "4321", "Zébulon", "tableau-secret", "caisse noire", "comite")


@pytest.fixture
def answers(tmp_path: Path) -> Knowledge:
    return knowledge_of(tmp_path / "answers", formations=FORMATIONS, postes=POSTES)


@pytest.fixture
async def site(answers: Knowledge) -> AsyncIterator[ReaderSite]:
    async with reader_site(showing(answers)) as site:
        yield site
