"""Draw the pictures of the moderators' pages from the program's current output: python tools/draw_pictures.py"""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import wrap
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from bot.cli import app
from bot.conversation.moderation import extraction
from bot.conversation.moderation.link_extraction import parse_reply
from bot.knowledge.models import Entry, Knowledge
from bot.knowledge.rendering import yaml_of
from bot.locale import wording
from bot.replies import Replies
from bot.replies.draft_notes import ShownDraft
from bot.replies.moderation import QueueRow
from bot.text.renderers import to_plain_text

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "fichiers.md"
IMAGES = ROOT / "docs" / "images"

FRENCH = Replies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"))
WIDTH = 98
BLANK, CHARACTER = "&#160;", 12.2  # rich's, and the width of one of its characters
COLUMN = 64  # where the names of the parts begin
NAMES = {
    "id": "son nom, gardé pour toujours",
    "title": "le titre affiché",
    "questions": "les phrases des gens",
    "not_questions": "ce qui y ressemble, sans en être",
    "keywords": "les mots rares qui mènent ici",
    "answer": "le texte de la réponse",
    "links": "les liens : titre et adresse",
    "contacts": "qui sait",
    "see_also": "les réponses voisines",
    "updated": "vérifiée ce jour-là",
    "review_by": "à relire passé ce jour",
    "source": "d'où vient l'information",
}
QUESTION = "bjr vous conaissez des formations d'ou sortent ce genre de profils"
SOUND, BROKEN = "accueil.yaml", "pret.yaml"
FILES = {
    SOUND: """\
theme: "Accueil"
entries:
  - id: horaires
    title: "Les horaires d'ouverture"
    questions:
      - "À quelle heure ouvre le lieu ?"
    answer: "Du mardi au samedi, de 10 h à 19 h."
""",
    BROKEN: """\
theme: "Prêt de matériel"
entries:
  - id: malle-robotique
    title: Malle robotique : comment l'emprunter
    questions:
      - "Comment emprunter la malle robotique ?
      - La malle #3 est libre ?
    answer: "Inscrivez-vous sur le planning, dix jours avant."
    updated: 24/11/2026
""",
}


def example() -> str:
    """Return the entry that the guide gives to copy."""
    found = re.search(r"```yaml\n(  - id: .*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    if not found:
        raise SystemExit(f"{GUIDE}: no entry to copy")
    return found[1]


def entry() -> Iterator[Text]:
    """Yield the example, each part with its name beside it."""
    for line in example().splitlines():
        key = re.match(r"(?:  - |    )([a-z_]+)(?=:)", line)
        text = Text(line)
        if key:
            text.stylize("bold cyan", key.start(1), key.end(1))
            text.pad_right(COLUMN - len(line))
            text.append(f"◂ {NAMES[key[1]]}", "yellow")
        yield text


def check() -> Iterator[Text]:
    """Yield the output of `concierge check` on a folder with a broken file."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("knowledge").mkdir()
        for name, text in FILES.items():
            Path("knowledge", name).write_text(text, encoding="utf-8")
        yield from _run("check", outstanding=r"^ .*", style="bold green")


def ask() -> Iterator[Text]:
    """Yield the output of `concierge ask` with the shipped answers."""
    with contextlib.chdir(ROOT):
        yield from _run("ask", QUESTION, outstanding=r"^\S.*", style="bold green")


def loop() -> Iterator[Text]:
    """Yield the posts in both rooms from a question without an answer until its answer is kept."""
    asked = "Peut-on garder la malle robotique deux semaines ?"
    reply = (
        "Oui, deux semaines, et une de plus si personne ne l'attend.\nLe planning : https://example.org/malle/planning"
    )
    answer = parse_reply(reply)
    fields = extraction.fields_from_reply(
        extraction.phrasings([asked]), answer, "2026-11-25", FRENCH.source(date(2026, 11, 25), None)
    )
    entry = Entry.model_validate({"id": "garder-la-malle-robotique", **fields})
    question = QueueRow(1, asked, 1, datetime(2026, 11, 25, tzinfo=UTC), ("https://matrix.to/…",))
    place = {"file": "pret.yaml", "theme": "Prêt de matériel", "question": 1}
    shown = ShownDraft(2, "add", entry.title, yaml_of(entry), entry=entry, has_asked_title=True, **place)
    draft = FRENCH.draft(shown, Knowledge({entry.id: entry}), date(2026, 11, 25))
    yield from _says("salon", "camille", f"Concierge : {asked}")
    yield from _says("salon", "concierge", FRENCH.unknown(then="queued"))
    yield from _says("modération", "concierge", FRENCH.new_question(question))
    yield from _says("modération", "sacha, en réponse à cette note", reply)
    yield from _says("salon", "concierge", FRENCH.answered(["camille"], reply))
    yield from _says("modération", "concierge", FRENCH.relayed(1, ["https://matrix.to/…"], private=0))
    yield from _says("modération", "concierge", f"{to_plain_text(draft)}\n✅ sacha", plain=True)
    yield from _says("modération", "concierge", FRENCH.draft_made("add", entry.title, 0))


def _says(room: str, who: str, said: str, *, plain: bool = False) -> Iterator[Text]:
    colour = "bold green" if who == "concierge" else "bold cyan"
    yield Text.assemble((f"[{room}] ", "bright_black"), (who, colour))
    for line in (said if plain else to_plain_text(said)).splitlines():
        yield from (Text(f"    {piece}") for piece in _wrapped(line))
    yield Text()


def _run(*arguments: str, outstanding: str, style: str) -> Iterator[Text]:
    """Yield the program's output, after a prompt; text that matches `outstanding` gets the style."""
    quoted = [f'"{one}"' if " " in one else one for one in arguments]
    yield Text.assemble(("$ ", "bold magenta"), (" ".join(["concierge", *quoted]), "bold"))
    for line in CliRunner().invoke(app, arguments).output.splitlines():
        for piece in _wrapped(line):
            text = Text(piece)
            text.highlight_regex(outstanding, style)
            text.highlight_regex(r"knowledge/\S+:\d+", "bold cyan")
            yield text


def _wrapped(line: str) -> list[str]:
    """Wrap a line at plain spaces between words: rich would also break « x » before its signs."""
    margin = line[: len(line) - len(line.lstrip(" "))]
    line = re.sub(r" (?=[?!:;])", "\u00a0", line)
    return wrap(line, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False) or [""]


PICTURES = {
    "reponse": (entry, "knowledge/pret.yaml"),
    "check": (check, "concierge"),
    "ask": (ask, "concierge"),
    "apprendre": (loop, "Concierge"),
}


def draw(name: str) -> str:
    """Return the picture as SVG. It embeds and fetches no font: any monospaced one will do."""
    lines, title = PICTURES[name]
    console = Console(record=True, width=WIDTH, highlight=False, file=io.StringIO(), force_terminal=True)
    for line in lines():
        console.print(line)
    svg = re.sub(r"\s*@font-face \{.*?\}", "", console.export_svg(title=title), flags=re.DOTALL)
    return _TEXT.sub(_indented, svg)


_TEXT = re.compile(r'x="([\d.]+)"( y="[\d.]+") textLength="([\d.]+)"([^>]*)>((?:&#160;)*)([^<]*?)((?:&#160;)*)</text>')


def _indented(found: re.Match[str]) -> str:
    """Turn blanks at the edges of a text into its position: some programs leave them out."""
    x, y, length, rest, before, text, after = found.groups()
    left, right = len(before) // len(BLANK) * CHARACTER, len(after) // len(BLANK) * CHARACTER
    return f'x="{float(x) + left:.1f}"{y} textLength="{float(length) - left - right:.1f}"{rest}>{text}</text>'


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    for name in PICTURES:
        (IMAGES / f"{name}.svg").write_text(draw(name), encoding="utf-8")


if __name__ == "__main__":
    main()
