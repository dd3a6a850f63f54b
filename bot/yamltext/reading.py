"""Text in, Document or Faulty out."""

from __future__ import annotations

import yaml

from bot.yamltext.building import build
from bot.yamltext.characters import clean
from bot.yamltext.document import Document
from bot.yamltext.mending import Mending
from bot.yamltext.problem import Faulty, Problem


def read(text: str | bytes, file: str) -> Document:
    """Raises Faulty with everything that can be told in one go."""
    plain, problems = clean(text, file)
    try:
        document, found = _parsed(plain, file)
    except Faulty as fault:
        raise Faulty([*problems, *fault.problems]) from None
    problems += found
    if problems or document is None:
        raise Faulty([*problems, *(document.warnings if document else ())], document)
    return document


def _parsed(text: str, file: str) -> tuple[Document | None, list[Problem]]:
    try:
        return build(text, file)
    except yaml.YAMLError:
        mending = Mending(text, file)
    whole = mending.run()
    document, found = build(whole, file) if whole is not None else (None, [])
    return None if mending.guessed else document, mending.problems + found
