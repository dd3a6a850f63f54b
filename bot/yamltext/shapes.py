"""Pydantic's errors, said as faults of the file."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError

from bot.yamltext.problem import Problem
from bot.yamltext.tree import Document


def faults(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Problem]:
    """One problem for each of pydantic's errors, in the order of the lines."""
    return [
        Problem(document.file, document.line(*one["loc"]), "value", {"key": ".".join(map(str, one["loc"]))})
        for one in error.errors(include_url=False)
    ]
