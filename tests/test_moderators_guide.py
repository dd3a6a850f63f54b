"""What the moderators' pages show is what the program takes and says today: examples, sentences, commands, pictures."""

import re
import shutil
from datetime import date
from html import unescape
from pathlib import Path

import pytest
import yaml

from bot.conversation.commands import COMMANDS, named
from bot.knowledge.file_parser import parse_file
from bot.knowledge.library import check
from bot.knowledge.models import Entry
from bot.knowledge.yaml.parser import LOADER
from bot.locale import wording
from tools import draw_pictures

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDE = (DOCS / "moderateurs.md").read_text(encoding="utf-8")
TEXT = GUIDE + (DOCS / "fichiers.md").read_text(encoding="utf-8")
FRENCH = wording("fr")
SENTENCES = yaml.load((ROOT / "bot" / "locale" / "fr.yaml").read_text(encoding="utf-8"), LOADER)  # noqa: S506 (texts alone)
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
TO_COPY = next(example for example in EXAMPLES if example.startswith("  - id:"))
THEME = 'theme: "Prêt de matériel"\nentries:\n'


def table(heading: str) -> list[list[str]]:
    """The rows of the table whose first line holds the words of `heading`."""
    _, _, below = TEXT.partition(f"| {heading} |")
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in below.split("\n\n")[0].splitlines()[2:]]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.strip().splitlines()[0])
def test_each_example_is_taken_as_it_stands(tmp_path: Path, text: str) -> None:
    """Pasted into a copy of the shipped answers, nothing is wrong with it."""
    folder = Path(shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge"))
    apart = {"synonyms:": "synonymes.yaml", "readings:": "lectures.yaml"}
    name = apart.get(text.split("\n", 1)[0], "pret.yaml")
    (folder / name).write_text(THEME + text if text.startswith("  - id:") else text, encoding="utf-8")
    assert [problem.say(FRENCH) for problem in check(folder, date.min)] == []


def test_the_entry_to_copy_shows_every_part_and_the_guide_explains_each() -> None:
    """But for whom an entry is: that stands in an example of its own, so that nobody copies it unawares."""
    parts = re.compile(r"^(?:  - |    )([a-z_]+):", re.MULTILINE)
    copied, shown = (set(parts.findall(text)) for text in (TO_COPY, "".join(EXAMPLES)))
    assert copied == set(Entry.model_fields) - {"rooms", "region", "public", "overheard"}
    assert shown - {"text", "read_as"} == set(Entry.model_fields)
    explained = [name for cells in table("partie | à quoi elle sert") for name in re.findall("`(.*?)`", cells[0])]
    assert explained == list(Entry.model_fields)


@pytest.mark.parametrize(("typed", "said", "correction"), table("on écrit | `check` répond | il propose"))
def test_check_says_what_the_guide_says_and_proposes_the_same_line(typed: str, said: str, correction: str) -> None:
    """In the entry to copy, in the place of the line that it was meant to be."""
    typed, meant = typed.strip("`"), correction.strip("`")
    line = _line_like(meant)
    margin = line[: len(line) - len(line.lstrip())]
    file = THEME + f"{TO_COPY}\n".replace(f"\n{line}\n", f"\n{margin}{typed}\n")
    problems = [problem.say(FRENCH) for problem in parse_file(file.encode(), "pret.yaml").problems]
    right = [f"{said} {FRENCH('problems.write')}", margin + meant]
    assert [re.sub(r"^pret.yaml:\d+: ", "", problem).split("\n") for problem in problems] == [right]


def _line_like(meant: str) -> str:
    """The line with the same key; for what people ask, their second phrasing."""
    key = re.match(r"[a-z_]+:", meant)
    lines = [line for line in TO_COPY.splitlines() if line.lstrip().startswith(key[0] if key else "- ")]
    return lines[0 if key else 2]


def test_the_lines_of_an_explanation_are_those_of_ask() -> None:
    lines = [cells[0].strip("`") for cells in table("ligne | comment la lire")]
    assert len(lines) > 5
    assert [line for line in lines if not (_is_said(line) or _begins(line.split("…")[0]))] == []


def _is_said(text: str) -> bool:
    """Whether the text is a sentence of the program, with anything in the place of its {values}."""
    return any(
        re.fullmatch(re.sub(r"\\\{\w+\\\}", ".*", re.escape(_plain(sentence))), _plain(text))
        for sentence in SENTENCES["program"].values()
    )


def _begins(text: str) -> bool:
    return any(_plain(sentence).startswith(_plain(text)) for sentence in SENTENCES["program"].values())


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").strip()


def test_the_commands_in_the_guide_exist_and_none_of_the_moderators_is_missing() -> None:
    written = set(re.findall(r"`!(?:concierge )?([\w-]+)", GUIDE))
    assert [name for name in written if named(name) is None] == []
    assert {command.french for command in COMMANDS if command.who != "all"} <= written


def test_each_picture_has_a_text_for_those_who_do_not_see_it() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", TEXT)
    images = [file for form in ("*.svg", "moderation-*.png", "bureau-*.png") for file in DOCS.glob(f"images/{form}")]
    assert {DOCS / file for _, file in pictures} == {file for file in images if not file.name.startswith("bench-")}
    assert [file for text, file in pictures if len(text) < 80] == []


@pytest.mark.parametrize("name", ["reponse", "check", "apprendre"])
def test_a_picture_shows_what_the_program_says_today(name: str) -> None:
    assert _words(draw_pictures.draw(name)) == _words(_svg(name)), "draw it again: python tools/draw_pictures.py"


def test_the_picture_of_an_explanation_is_worded_as_today() -> None:
    """Its figures are those of the day when it was drawn."""
    labels = [found[0] for line in _words(_svg("ask")) if (found := re.match(r"[^\W\d][\w ]+ : ", line))]
    assert len(labels) > 5
    assert [label for label in labels if not _begins(label)] == []


def _svg(name: str) -> str:
    return (DOCS / "images" / f"{name}.svg").read_text(encoding="utf-8")


def _words(svg: str) -> list[str]:
    """The lines of a picture."""
    lines: dict[str, str] = {}
    for height, text in re.findall(r'<text[^>]* y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        lines[height] = f"{lines.get(height, '')} {unescape(text)}".strip()
    return [_plain(line) for line in lines.values()]
