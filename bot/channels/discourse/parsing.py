"""From the JSON of an answer to our models."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.channels.discourse.models import Answer
from bot.messages import Unreachable

log = logging.getLogger(__name__)

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
    """Those that can be read: one that cannot must not hide the others for ever. None of many: it is no such list."""
    given = [single for single in said if single is not None] if isinstance(said, list) else []
    found = [single for single in (_readable(kind, single) for single in given) if single is not None]
    if given and not found:
        raise Unreachable(f"the forum's answer holds no {kind.__name__}")
    return found


def listed(kind: type[Kind], said: Any, *keys: str) -> list[Kind]:
    """The list that must stand there: an answer without it does not mean that there is nothing."""
    if not isinstance(said, dict) or keys[0] not in said:
        raise Unreachable(f"the forum's answer has no {keys[0]}")
    return many(kind, part(said, *keys))


def _readable(kind: type[Kind], single: Any) -> Kind | None:
    try:
        return kind.model_validate(single)
    except ValidationError as error:
        _tell(kind.__name__, tuple(str(fault["loc"]) for fault in error.errors(include_input=False)))
        return None


@cache
def _tell(kind: str, where: tuple[str, ...]) -> None:
    log.warning("a %s of the forum cannot be read and is left out: %s", kind, ", ".join(where))
