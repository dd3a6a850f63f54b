"""A file read into its model: the parser's faults and the model's in one go."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.yamltext.document import Document
from bot.yamltext.problem import Faulty, Problem
from bot.yamltext.reading import read
from bot.yamltext.shapes import faults

Model = TypeVar("Model", bound=BaseModel)


def load(text: str | bytes, file: str, model: type[Model]) -> tuple[Model, Document]:
    """Raises Faulty with everything that is wrong."""
    document, problems = attempt(text, file)
    if document is None:
        raise Faulty(problems)
    try:
        found = model.model_validate(document.data)
    except ValidationError as error:
        raise Faulty(together(problems, faults(error, document, model)), document) from None
    if any(not problem.warning for problem in problems):
        raise Faulty(problems, document)
    return found, document


def attempt(text: str | bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """As `read`, with the problems beside what could be read."""
    try:
        document = read(text, file)
    except Faulty as fault:
        return fault.document, list(fault.problems)
    return document, list(document.warnings)


def together(read: list[Problem], shape: list[Problem]) -> list[Problem]:
    """Both, but one correction a line: the model knows more of what a line was meant to be than the parser does.

    Only where all of a value was lost after ` #`, the parser knows why it is missing.
    """
    lost = {problem.line: problem for problem in read if problem.key == "hash"}
    shape = [replace(lost[one.line], warning=False) if _nothing(one) and one.line in lost else one for one in shape]
    lines = {line for problem in shape for line in _covered(problem)}
    return [problem for problem in read if problem.line not in lines] + shape


def _nothing(problem: Problem) -> bool:
    return problem.key in ("empty", "empty_text")


def _covered(problem: Problem) -> range:
    """The lines that its correction stands for."""
    return range(problem.line, problem.line + len(str(problem.values.get("mended", "")).splitlines()))
