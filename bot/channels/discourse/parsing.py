"""From the JSON of an answer to our models. Pure."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from bot.channels.discourse.models import Answer
from bot.messages import Unreachable

Kind = TypeVar("Kind", bound=Answer)


def part(said: Any, *keys: str) -> Any:
    """What stands there; None where there is no such thing."""
    for key in keys:
        said = said.get(key) if isinstance(said, dict) else None
    return said


def parsed(kind: type[Kind], said: Any) -> Kind:
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        raise Unreachable(f"the forum's answer is no {kind.__name__}") from error


def one(kind: type[Kind], said: Any) -> Kind | None:
    return None if said is None else parsed(kind, said)


def many(kind: type[Kind], said: Any) -> list[Kind]:
    return [parsed(kind, single) for single in said if single is not None] if isinstance(said, list) else []
