"""Learn `bot/matching/typos.json`: which letters people type for others, and how usual words are.

usage: python -m training.learn_typos

Letters are learned from `careless.jsonl`, questions that people typed again in haste, each word beside the right one;
words from the knowledge and the carefully written questions of `training/sets`, and `bot/reading/messages.jsonl`.
Takes ten seconds.
"""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz.distance import Levenshtein

from bot.matching.typos import END, TYPOS
from bot.reading.examples import messages
from bot.text.accents import bare
from bot.text.folding import clean

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "bot" / "matching"
ALIKE = 0.4  # least similarity of a word and what stands in its place: less is another word
SEEN = 2  # occurrences of an edit from which on it is kept
LONGEST = 4  # letters of an edit
ELIDED, ELIDES = 2, 50  # letters, at most, and occurrences, at least, of a word before an apostrophe
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
SIGNS = ".,;:!?()«»\"'… "


def typed_words() -> Iterator[tuple[str, str]]:
    """Yield words, or runs of them, each with what was typed in its place."""
    for line in (HERE / "careless.jsonl").read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        right, typed = (
            [bare(word.strip(SIGNS)) for word in clean(raw[key]).lower().split()] for key in ("text", "typed")
        )
        for kind, begin, end, first, last in SequenceMatcher(None, right, typed, autojunk=False).get_opcodes():
            if kind == "equal" or end - begin == last - first:
                yield from zip(right[begin:end], typed[first:last], strict=True)
            elif kind == "replace":
                yield " ".join(right[begin:end]), " ".join(typed[first:last])


def edits(meant: str, typed: str) -> Iterator[tuple[str, str]]:
    """Yield the letters of a word that were typed as others; what is missing or added, with the letter before it."""
    runs: list[list[int]] = []  # begin and end in the word, then in what was typed
    for op in Levenshtein.opcodes(meant, typed):
        if op.tag == "equal":
            continue
        if runs and op.src_start - runs[-1][1] <= 1:  # one right letter between two edits joins them
            runs[-1][1], runs[-1][3] = op.src_end, op.dest_end
        else:
            runs.append([op.src_start, op.src_end, op.dest_start, op.dest_end])
    for begin, end, first, last in runs:
        is_empty = begin == end or first == last
        before, behind = int(is_empty and begin > 0), int(is_empty and begin == 0)
        one = meant[begin - before : end + behind], typed[first - before : last + behind]
        if max(map(len, one)) <= LONGEST:
            yield one


def learned_edits() -> dict[str, list[tuple[str, float]]]:
    """Return, for letters as typed, those that were meant, each with its cost."""
    seen, possible = Counter[tuple[str, str]](), Counter[str]()
    for meant, typed in typed_words():
        letters = meant + END
        possible.update(
            letters[at:end] for at in range(len(letters)) for end in range(at + 1, min(at + LONGEST, len(letters)) + 1)
        )
        if meant != typed and SequenceMatcher(None, meant, typed, autojunk=False).ratio() > ALIKE:
            seen.update(edits(letters, typed + END))
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (meant, typed), times in sorted(seen.items()):
        if times >= SEEN:
            found[typed].append((meant, round(-math.log(times / (possible[meant] + 1)), 2)))
    return found


def words() -> tuple[dict[str, int], list[str]]:
    """Return each word, in its most frequent spelling, with its occurrences; and those that an apostrophe follows."""
    counted = Counter[str](word for text in texts() for word in WORD.findall(clean(text).lower()))
    parts, elided = Counter[str](), Counter[str]()
    for word, times in counted.items():
        *first, last = word.split("'")
        parts.update(dict.fromkeys((*first, last), times))
        elided.update({one: times for one in first if len(one) <= ELIDED < len(last)})
    spelled: dict[str, tuple[int, str]] = {}
    occurrences = Counter[str]()
    for word, times in parts.items():
        occurrences[bare(word)] += times
        spelled[bare(word)] = max(spelled.get(bare(word), (0, "")), (times, word))
    known = {spelled[word][1]: times for word, times in sorted(occurrences.items()) if word.isascii()}
    return known, sorted(word for word, times in elided.items() if times >= ELIDES)


def texts() -> Iterator[str]:
    for folder in sorted((HERE / "sets").iterdir()):
        yield from strings(yaml.load((folder / "knowledge.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines():
            text = str(json.loads(line)["text"])
            if text[:1].isupper() and text.rstrip()[-1:] in ".?!":
                yield text
    yield from (message.text for message in messages())


def strings(content: Any) -> Iterator[str]:
    """Yield the texts of a knowledge file, but for ids and addresses."""
    match content:
        case str():
            yield content
        case list():
            yield from (text for one in content for text in strings(one))
        case dict():
            yield from (text for key, one in content.items() if key not in ("id", "url") for text in strings(one))


def main() -> None:
    known, elided = words()
    content = {"edits": learned_edits(), "words": known, "elided": elided}
    (PACKAGE / TYPOS).write_text(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
