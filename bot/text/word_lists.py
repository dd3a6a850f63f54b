"""Lists of words in text files, `lists/*.txt`; a line that begins with # is a comment."""

from importlib.resources import files


def lines(name: str) -> list[str]:
    text = (files("bot.text") / "lists" / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def words(name: str) -> frozenset[str]:
    return frozenset(" ".join(lines(name)).split())
