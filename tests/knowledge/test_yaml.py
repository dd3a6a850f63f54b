"""YAML as people type it: what is wrong is said with its line and the line to paste, and that line mends the file."""

from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from bot.knowledge.yaml import parser, recovery
from bot.knowledge.yaml.problems import Faulty, Problem
from bot.knowledge.yaml.reader import load, read
from bot.locale import LANGUAGES, wording


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


@pytest.fixture(params=["libyaml", "python"])
def each_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With PyYAML as it is usually built, and as it is where libyaml was missing."""
    if request.param == "python":
        monkeypatch.setattr(parser, "LOADER", yaml.BaseLoader)


def problems(text: str | bytes) -> tuple[Problem, ...]:
    try:
        _, document = load(text, "vie.yaml", Page)
    except Faulty as fault:
        return fault.problems
    return document.warnings


def pasted(text: str, problem: Problem) -> str:
    """The text with the lines of the problem's correction in the place of its line."""
    lines = text.split("\n")
    lines[problem.line - 1 : problem.line] = str(problem.values["correction"]).split("\n")
    return "\n".join(lines)


SLIPS = [  # beside those of docs/fichiers.md: what is typed, what the sentence speaks of, the text that was meant
    ("- « Tiers-lieu » : c’est quoi ?", "deux-points", "« Tiers-lieu » : c’est quoi ?"),
    ("- Qui va sur #fablab ?", "#", "Qui va sur #fablab ?"),
    ("- @ana prête la malle ?", "@", "@ana prête la malle ?"),
    ('- "Où est la malle ?",', "virgule", "Où est la malle ?"),
    ("- `!aide` marche ?", "accent grave", "`!aide` marche ?"),
    *(("- %TVA ?", "%", "%TVA ?"), ("- & Cie ?", "&", "& Cie ?"), ("- ! attention", "exclamation", "! attention")),
    *(("- > 18 ans ?", "> ou |", "> 18 ans ?"), ("- ? quoi", "interrogation", "? quoi")),
    ("- [lien](https://exemple.org)", "[texte](adresse)", "[lien](https://exemple.org)"),
    ("- {nom} a la clé ?", "accolade", "{nom} a la clé ?"),
    ("- 'L'atelier est ouvert ?'", "guillemets", "L'atelier est ouvert ?"),
    ('- "C:\\Documents ?"', "oblique", "C:\\Documents ?"),
    *((f"{typed}Où est la clé ?", "tiret", "Où est la clé ?") for typed in ("-", "* ")),
    *((f"{typed}Où est la clé ?", "tirets", "Où est la clé ?") for typed in ("  - ", "- - ")),
    *((f"{typed}Où est la clé ?", "insécable", "Où est la clé ?") for typed in ("-\u00a0", "\u00a0 - ")),
    *(("- 'Où est la clé ?", "refermé", "Où est la clé ?"), ("  \t- Où est la clé ?", "tabulation", "Où est la clé ?")),
]


@pytest.mark.usefixtures("each_loader")
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


FILES = [  # what is typed as a whole, line of the problem, what the sentence speaks of, whether it has a correction
    ("title: Fiche : modèle\nquestions: [a]\n", 1, "deux-points", True),
    ("title\u00a0: Vie\nquestions:\n  - a\n", 1, "insécable", True),
    ("title = Vie\nquestions:\n  - a\n", 1, "signe égal", True),
    ("title: Vie\nquestions\n  - a\n", 2, "deux-points", True),
    ("titre: Vie\nquestions: [a]\n", 1, "title", True),
    ("title: Vie\nquestions: [a]\nbidule: x\n", 3, "title, questions, links, level", False),
    ("title: Vie\ntitle: Lieu\nquestions: [a]\n", 2, "ligne 1", False),
    ("title: Vie\nquestions: Où est la clé ?\n", 2, "liste", True),
    ("title: Vie\nquestions:\n  – Où ?\n  – Quand ?\n", 2, "liste", False),
    ("title: Vie\nquestions: [a]\nlinks:\n  - https://exemple.org/page\n", 4, "titre et une adresse", True),
    ("title: Vie\nquestions: [a]\nlinks:\n  - [La page](https://exemple.org/page)\n", 4, "titre et une adresse", True),
    ("title: Vie\nquestions: [salle #3, b]\n", 2, "crochets", True),
    ("title: Vie\nquestions: ['a' \"b\"]\n", 2, "crochets", True),
    ("title: Vie\nquestions: ['l’atelier', b\nlevel: 3\n", 2, "crochets", True),
    ("title: Vie\nquestions: [a]\nlinks: [https://exemple.org/page]\n", 3, "titre et une adresse", True),
    ("title: Vie\nquestions: - Où ?\n  - Quand ?\n", 2, "ligne suivante", False),
    ("title:\n  - Vie\nquestions: [a]\n", 1, "texte", False),
    ("title: Vie\nquestions:\n    - a\n  - b\n  - c\n", 3, "retrait", True),
    ("title: Vie\nquestions:\n  - a\n  b\n  - c\n", 4, "tiret", True),
    ("links:\n  - title: b\n    url: https://a.b\n  - title: c\n    url https://a.c\n", 5, "deux-points", False),
    ("title: Vie\nquestions: [a]\nlinks:\n  - {title: @page, url: https://exemple.org}\n", 4, "accolades", True),
    ("title: Vie\nquestions: [a]\nlinks:\n  - {title: page, url: https://exemple.org\n", 4, "accolade", True),
    ("title: Vie\nquestions:\n  - Où est\n    la salle : ici\n", 4, "deux-points", False),
    ("title: Vie\n questions: [a]\n", 2, "retrait", True),
    ("title: Vie\nquestions:,\n  - a\n", 2, "virgule", True),
    ("title: Vie\nquestions:\n  - a\nlinks:\n  title: La page\n  url: https://exemple.org\n", 4, "liste", False),
    ("title: #fablab\nquestions: [a]\n", 1, "#", True),
    ("title: |\nVie\nquestions: [a]\n", 2, "retrait", True),
    ("title:\nquestions: [a]\n", 1, "vide", False),
    ("title: Vie\nquestions: [a]\nlinks:\n  - La page : https://exemple.org/page\n", 4, "titre et une adresse", True),
    ("title: Vie\nquestions: [a]\nlinks: https://exemple.org/page\n", 3, "liste", True),
    ("title: Vie\nquestions: &q [a]\n", 2, "ancres", False),
    ("title: Vie\n---\nquestions: [a]\n", 2, "---", False),
    ("title: Vie\nquestions: [a]\nlevel: trois\n", 3, "nombre", False),
    ("title: Vie\n", 1, "questions", False),
    ("bonjour\n", 1, "title, questions, links, level", False),
    ("title: Vie\nquestions: [a]\n<<<<<<< HEAD\nlevel: 3\n", 3, "Git", False),
    ("title: Vie\nquestions: " + "[" * 30 + "]" * 30 + "\n", 2, "Trop de listes", False),
    ("title: Vie\nquestions: [a]\n#" + "x" * 1_000_000, 1, "Mo", False),
]


@pytest.mark.usefixtures("each_loader")
@pytest.mark.parametrize(("typed", "line", "about", "mendable"), FILES)
def test_a_fault_is_said_at_its_line_with_its_correction(typed: str, line: int, about: str, mendable: bool) -> None:
    found = problems(typed)
    problem = next(one for one in found if one.line == line)
    assert about in problem.say(wording("fr"))
    assert all(one.say(wording(language)).startswith("vie.yaml:") for one in found for language in LANGUAGES)
    if mendable:
        assert not problems(pasted(typed, problem))


def test_all_faults_of_a_file_are_said_in_one_go_in_the_order_of_its_lines() -> None:
    typed = (
        'titre: Vie : lieu\nquestions:\n  - @ana sait\n  - "Où ?\n  - Fiche : où ?\n  - La salle #3\n  - *gras*\n'
        "\t- Quand ?\nlinks:\n  - url: https://exemple.org\n  - https://exemple.org\nlevel: trois\n"
    )
    assert [problem.line for problem in problems(typed)] == [1, 3, 4, 5, 6, 7, 8, 10, 11, 12]


def test_what_may_be_meant_by_thousands_of_faults_is_not_sought_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []

    def counted(text: str) -> parser.Stop:
        parsed.append(len(text))
        return parser.stop_of(text)

    monkeypatch.setattr(recovery, "BUDGET", 2_000_000)
    monkeypatch.setattr(recovery, "stop_of", counted)
    assert problems("title: x\n" + "a\n\n" * 1_300)
    assert sum(parsed) < 2_000_000


def test_a_file_without_faults_is_read_as_text_with_a_line_for_everything() -> None:
    document = read("a: no\nb:\n  - 18:30\n  - c: 2026-11-24\n    d: 1e3\n", "f.yaml")
    assert document.data == {"a": "no", "b": ["18:30", {"c": "2026-11-24", "d": "1e3"}]}
    assert [document.line(*path) for path in [(), ("a",), ("b",), ("b", 1), ("b", 1, "d")]] == [1, 1, 2, 4, 5]
    assert document.line("b", 1, "missing", "deeper") == 4
    assert document.line("missing") == 1
    document = read("a: x\nb:\nc: ~\nd: null\ne: # rien\n", "f.yaml")  # without a value it counts as absent
    assert document.data == {"a": "x"}
    assert [document.line(key) for key in "bcde"] == [2, 3, 4, 5]


def test_marks_and_line_breaks_of_other_systems_change_nothing() -> None:
    for raw in (
        "\ufefftitle: é\r\nb: ' x'\r\n".encode(),
        "title: é   # remarque\rb: ' x'\r".encode(),
        b'{"title": "\\u00e9",\n\t"b": " x"}',
    ):
        assert read(raw, "f.yaml").data == {"title": "é", "b": " x"}, raw


def test_bytes_that_are_no_text_are_said_and_read_all_the_same() -> None:
    for raw, line, about in (
        (BEFORE.encode("cp1252"), 3, "UTF-8"),
        (BEFORE.encode("utf-16-be"), 1, "UTF-16"),
        ((BEFORE + "  - a\0b\n").encode(), 4, "U+0000"),
    ):
        with pytest.raises(Faulty) as raised:
            read(raw, "f.yaml")
        (problem,) = raised.value.problems
        assert problem.line == line, raw
        assert about in problem.say(wording("fr")), raw
        assert raised.value.document, raw
        assert raised.value.document.value("questions", 0) == "Où trouver la clé ?", raw


def test_aliases_are_refused_before_they_can_grow() -> None:
    bomb = "a: &a [x, x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in pairwise("abcdefghi"))
    with pytest.raises(Faulty) as raised:
        read(bomb, "f.yaml")
    assert {problem.line for problem in raised.value.problems} == set(range(1, 10))


def test_a_secret_that_stands_in_the_file_is_not_said() -> None:
    for typed in ("password: hunter2 : x\n", "store: @postgresql://u:hunter2@host\n", "api_key = hunter2\na: b\n"):
        with pytest.raises(Faulty) as raised:
            read(typed, "f.yaml")
        for problem in raised.value.problems:
            assert "hunter2" not in f"{problem!r}{raised.value!r}{problem.say(wording('fr'))}"


ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)
PIECES = [
    *"aé:-#\"'[]{},%@`>\n\t“”\u00a0\ufeff\0\ud800\u2028",
    *(": ", "- ", "\n  ", "    ", "*x", "&x", "!x", "|\n", "? ", "---", "...", "<<: ", "https://a.b"),
    *("title: ", "questions:\n  - ", "links: ", "level: 1"),
]
YAMLISH = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(ANYTHING | YAMLISH | st.binary(max_size=200))
def test_any_text_gives_a_document_or_what_is_wrong_with_it(text: str | bytes) -> None:
    for problem in problems(text):
        assert problem.say(wording("fr"))
        assert 1 <= problem.line <= len(text) + 1


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), max_size=30)  # read as spaces


@given(st.lists(TEXTS | st.lists(TEXTS, min_size=1), max_size=8))
def test_what_was_dumped_is_read_as_it_was(texts: list[str | list[str]]) -> None:
    for style in (None, '"'):
        dumped = yaml.safe_dump({"a": texts}, allow_unicode=True, default_style=style, width=10**6)
        assert read(dumped, "f.yaml").data == {"a": texts}
