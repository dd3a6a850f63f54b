"""YAML as people type it: what is wrong is said with its line and the line to paste, and that line mends the file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from bot.wording import LANGUAGES, wording
from bot.yamltext import Document, Faulty, Problem, building, load, mending, read


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Link(Strict):
    title: str
    url: str


class Page(Strict):
    title: str
    questions: tuple[str, ...]
    links: tuple[Link, ...] = ()
    level: int = 0


BEFORE = "title: Vie du lieu\nquestions:\n  - Où trouver la clé ?\n"
AFTER = "  - Qui a la clé ?\nlevel: 3\n"
LINE = 4


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With PyYAML as it is usually built, and as it is where libyaml was missing."""
    if request.param == "python":
        for module in (building, mending):
            monkeypatch.setattr(module, "LOADER", yaml.BaseLoader)
    return None


def problems(text: str | bytes) -> tuple[Problem, ...]:
    try:
        _, document = load(text, "vie.yaml", Page)
    except Faulty as fault:
        return fault.problems
    return document.warnings


def pasted(text: str, problem: Problem) -> str:
    """The text with the lines of the problem's correction in the place of its line."""
    lines = text.split("\n")
    lines[problem.line - 1 : problem.line] = str(problem.values["mended"]).split("\n")
    return "\n".join(lines)


SLIPS = [  # what is typed, what the sentence speaks of, the text that was meant
    ("- Fiche de poste : où la trouver ?", "deux-points", "Fiche de poste : où la trouver ?"),
    ("- Fiche de poste: où la trouver ?", "deux-points", "Fiche de poste: où la trouver ?"),
    ("- Fiche de poste\u00a0: où ?", "deux-points", "Fiche de poste\u00a0: où ?"),
    ("- « Tiers-lieu » : c'est quoi ?", "deux-points", "« Tiers-lieu » : c'est quoi ?"),
    ("- il a dit :", "deux-points", "il a dit :"),
    ("- Où : ici : là ?", "deux-points", "Où : ici : là ?"),
    ("- La salle #3 est libre ?", "#", "La salle #3 est libre ?"),
    ("- Qui va sur #fablab ?", "#", "Qui va sur #fablab ?"),
    ("- @ana sait", "@", "@ana sait"),
    ("- `!aide` marche ?", "accent grave", "`!aide` marche ?"),
    ("- %TVA ?", "%", "%TVA ?"),
    ("- *gras* ou pas ?", "astérisque", "*gras* ou pas ?"),
    ("- *gras", "astérisque", "*gras"),
    ("- & Cie ?", "&", "& Cie ?"),
    ("- &cie", "&", "&cie"),
    ("- !aide marche ?", "exclamation", "!aide marche ?"),
    ("- ! attention", "exclamation", "! attention"),
    ("- > 18 ans ?", "> ou |", "> 18 ans ?"),
    ("- ? quoi", "interrogation", "? quoi"),
    ("- [lien](https://exemple.org)", "[texte](adresse)", "[lien](https://exemple.org)"),
    ("- [urgent] la clé ?", "crochet", "[urgent] la clé ?"),
    ("- {nom} a la clé ?", "accolade", "{nom} a la clé ?"),
    ("- \"Tiers-lieu\" c'est quoi ?", "guillemets", "\"Tiers-lieu\" c'est quoi ?"),
    ('- "Le "tiers-lieu" ici ?"', "guillemets", 'Le "tiers-lieu" ici ?'),
    ("- 'L'atelier est ouvert ?'", "guillemets", "L'atelier est ouvert ?"),
    ("- 'L'atelier est ouvert ?", "guillemets", "L'atelier est ouvert ?"),
    ("- 'Où est la clé ?", "refermé", "Où est la clé ?"),
    ('- "Où est la clé ?', "refermé", "Où est la clé ?"),
    ('- "Où est la clé ?",', "virgule", "Où est la clé ?"),
    ('- "C:\\Documents ?"', "oblique", "C:\\Documents ?"),
    ("- “Où est la clé ?”", "courbes", "Où est la clé ?"),
    ("- “Clé : où ?”", "courbes", "Clé : où ?"),
    ("\t- Où est la clé ?", "tabulation", "Où est la clé ?"),
    ("  \t- Où est la clé ?", "tabulation", "Où est la clé ?"),
    ("-Où est la clé ?", "tiret", "Où est la clé ?"),
    ("  - Où est la clé ?", "tirets", "Où est la clé ?"),
    (' - "Où est la clé ?"', "tirets", "Où est la clé ?"),
    ("- - Où est la clé ?", "tirets", "Où est la clé ?"),
    ("– Où est la clé ?", "tiret", "Où est la clé ?"),
    ("• Où est la clé ?", "tiret", "Où est la clé ?"),
    ("* Où est la clé ?", "tiret", "Où est la clé ?"),
    ("-\u00a0Où est la clé ?", "insécable", "Où est la clé ?"),
    ("\u00a0 - Où est la clé ?", "insécable", "Où est la clé ?"),
]


@pytest.mark.parametrize(("typed", "about", "meant"), SLIPS)
def test_a_slip_in_a_list_is_said_once_and_its_correction_mends_the_file(typed: str, about: str, meant: str) -> None:
    text = f"{BEFORE}  {typed}\n{AFTER}"
    (problem,) = problems(text)
    assert problem.line == LINE
    said = problem.say(wording("fr"))
    assert said.startswith(f"vie.yaml:{LINE}: ")
    assert about in said
    page, document = load(pasted(text, problem), "vie.yaml", Page)
    assert page.questions == ("Où trouver la clé ?", meant, "Qui a la clé ?")
    assert not document.warnings
