"""Text in, Document or Faulty out."""

from __future__ import annotations

import yaml

from bot.yamltext.problem import Faulty, Problem
from bot.yamltext.tree import Document, build


def read(text: str | bytes, file: str) -> Document:
    """Raises Faulty with everything that can be told in one go."""
    plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    try:
        return build(plain, file)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Faulty([Problem(file, line, "syntax")]) from error
