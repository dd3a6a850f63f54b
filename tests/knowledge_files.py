"""Knowledge files as people write them: every indentation, every kind of quotes, lists and texts, remarks anywhere."""

import json
import re
from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Any

WORDS = [
    *("Où", "fiche de poste : où ?", "#3", "@ana", "« tiers-lieu »", "l’été", '"cité"', "no", "null", "18:30", "é"),
    *("- tiret", "a: b", "🚀 lune", "%", "`x`", "--- suite", "[lien](https://a.example)", "{x}", "x  y", "fin:"),
    *("c\\d", "> 18", "| barre", "*gras*", "&cie", "!aide", "a#b", "x #y", "~", "1e3", "'", "a\u00a0: b", "ŒUVRE"),
]
BARE = re.compile(r"[^\W\d_][^:#]*")  # what needs no quotes
REMARK = re.compile(r"# (?:remarque|queue|tête) \d+")


def single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


double = partial(json.dumps, ensure_ascii=False)


class Author:
    """Writes one file, by chance; nearly all of them load."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.dash = self.pick(0, 1, 2, 2, 4)
        self.gap = self.pick(2, 2, 2, 3, 4)  # from the dash to the keys
        self.step = self.pick(0, 2, 2, 4)  # from a key to the dashes below it
        self.remarks = 0

    def pick(self, *ways: Any) -> Any:
        return self.chance.choice(ways)

    def now_and_then(self, often: float) -> bool:
        return self.chance.random() < often

    def phrase(self) -> str:
        return " ".join([*(self.pick(*WORDS) for _ in range(self.chance.randint(1, 4))), "mot"])

    def text(self) -> str:
        end = self.pick("\n", "\n", "\r\n")
        between = [""] if self.now_and_then(0.3) else []
        head = [self.tail(f"theme: {self.pick('T', single('T : é'))}"), *self.between(0)]
        count = self.chance.randint(0, 4)
        body = [self.tail("entries:" if count else f"entries: {self.pick('[]', '[ ]')}")]
        for number in range(count):
            body += [*(between if number else []), *self.between(self.dash), *self.entry(number)]
        lines = [*self.pick([], [], ["---"]), *self.between(0), *self.pick(head + body, head + body, body + head[:1])]
        text: str = self.pick("", "", "\ufeff") + end.join([*lines, *self.between(self.dash)]) + self.pick(end, end, "")
        return text

    def entry(self, number: int) -> list[str]:
        fields = self.fields(number)
        if self.now_and_then(0.05):
            return [f"{' ' * self.dash}- {json.dumps(fields, ensure_ascii=False)}"]
        names = list(fields)
        if self.now_and_then(0.4):
            self.chance.shuffle(names)
        parts = [self.field(name, fields[name], self.dash + self.gap) for name in names]
        (first, *more), *others = parts
        start, margin = " " * self.dash + "-".ljust(self.gap), self.dash + self.gap
        begin = [start + first[margin:]]
        if self.now_and_then(0.05):
            begin = [start.rstrip(), *self.between(margin), first]
        return [*begin, *more, *(line for part in others for line in (*self.between(margin), *part))]

    def fields(self, number: int) -> dict[str, Any]:
        some = {
            "not_questions": [f"{self.phrase()} n{n}" for n in range(self.pick(0, 1, 2))],
            "keywords": [self.phrase() for _ in range(self.pick(0, 1, 2, 3))],
            "links": [{"title": self.phrase(), "url": f"https://x{n}.example/é#a"} for n in range(self.pick(1, 2, 3))],
            "contacts": self.pick(["ana"], ["ana", "@bo"]),
            "see_also": ["e0", "ailleurs"],
            "updated": "2026-11-24",
            "review_by": "2027-06-01",
            "source": self.phrase(),
        }
        asked = [f"{self.phrase()} q{n}" for n in range(self.pick(1, 2, 3, 4))]
        given = {"id": f"e{number}", "title": self.phrase(), "questions": asked, "answer": self.phrase()}
        return given | {name: value for name, value in some.items() if self.now_and_then(0.4)}

    def field(self, name: str, value: Any, margin: int) -> list[str]:
        key = " " * margin + self.pick(name, name, name, double(name)) + ":"
        if name == "answer" and self.now_and_then(0.7):
            return [f"{key} |{self.pick('', '', '-', '+')}{self.head()}", *self.paragraphs(margin + self.pick(1, 2, 4))]
        if isinstance(value, str):
            bare = name in ("id", "updated", "review_by") and self.now_and_then(0.8)
            return self.joined(f"{key} ", [value] if bare else self.scalar(value, margin))
        if not value or (name != "links" and self.now_and_then(0.4)):
            return self.brackets(key, value, margin)
        items = [line for one in value for line in (*self.between(margin + self.step), *self.item(one, margin))]
        return [self.tail(key), *items]

    def paragraphs(self, margin: int) -> list[str]:
        more = [self.pick("", f"{' ' * margin}# {self.phrase()}", f"{' ' * margin}  - {self.phrase()}") for _ in "12"]
        return [f"{' ' * margin}Texte {self.phrase()}", *more, *self.pick([], [], [""])]

    def item(self, value: Any, margin: int) -> list[str]:
        start = " " * (margin + self.step) + "-"
        if isinstance(value, str):
            return self.joined(start + " " * self.pick(1, 1, 3), self.scalar(value, margin + self.step))
        if self.now_and_then(0.2):
            return [self.tail(f"{start} {{title: {double(value['title'])}, url: {double(value['url'])}}}")]
        lines = []
        for key, text in self.chance.sample(list(value.items()), len(value)):
            lines += self.joined(f"{start} {key}: ", self.scalar(text, len(start) + 1))
            start = " " * len(start)
        return lines

    def brackets(self, key: str, values: Sequence[str], margin: int) -> list[str]:
        items = [self.pick(single, double)(value) for value in values]
        if not items or self.now_and_then(0.6):
            return [self.tail(f"{key} [{self.pick(', ', ',').join(items)}]")]
        last = len(items) - 1
        lines = [f"{' ' * margin}  {item}{',' if n < last else self.pick('', ',')}" for n, item in enumerate(items)]
        return [f"{key} [", *map(self.tail, lines), f"{' ' * margin} ]"]

    def scalar(self, text: str, margin: int) -> list[str]:
        """What stands behind the key, and the lines below it."""
        pad, (begin, two, rest) = " " * (margin + self.pick(1, 2, 4)), text.partition(" mot")
        bare, whole = BARE.fullmatch(text), [*self.pick([], ["", ""])]
        ways: list[list[str]] = [
            [single(text)],
            [double(text)],
            ["", pad + single(text)],
            [f"{self.pick('>', '|')}{self.pick('', '-', '+')}{self.head()}", pad + text, *whole],
            *([[text]] if bare else []),
            *([[f">{self.head()}", pad + begin, f"{pad}mot{rest}"]] if two else []),
            *([[double(begin)[:-1], f"{pad}mot{double(rest)[1:]}"]] if two else []),
            *([[begin, f"{pad}mot{rest}"]] if two and bare else []),
        ]
        return self.pick(*ways)  # type: ignore[no-any-return]

    def joined(self, start: str, lines: Sequence[str]) -> list[str]:
        return [self.tail(start + lines[0]) if len(lines) == 1 else (start + lines[0]).rstrip(), *lines[1:]]

    def head(self) -> str:
        return f" {self.remark('tête')}" if self.now_and_then(0.3) else ""

    def tail(self, line: str) -> str:
        return f"{line}  {self.remark('queue')}" if self.now_and_then(0.15) else line

    def between(self, margin: int) -> list[str]:
        lines = []
        while self.now_and_then(0.15):
            columns = self.pick(margin, margin, 0, margin + 2, margin + 5, max(0, margin - 2))
            lines.append(" " * columns + self.remark("remarque") if self.now_and_then(0.7) else "")
        return lines

    def remark(self, kind: str) -> str:
        self.remarks += 1
        return f"# {kind} {self.remarks}"
