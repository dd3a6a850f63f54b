import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import new_schema

_numbers = itertools.count(1)
NewUrl = Callable[[str], str]


@pytest.fixture
def new_url(request: pytest.FixtureRequest, fast_folder: Path) -> NewUrl:
    """The address of a store that is not there yet, of the kind that is asked for."""

    def new(kind: str) -> str:
        if kind == "postgresql":
            return new_schema(request.getfixturevalue("postgres"))
        return f"sqlite:///{fast_folder}/backup-{next(_numbers)}/var/store.db"

    return new


SAME = (pytest.param(kinds, marks=pytest.mark.soak) for kinds in ("sqlite sqlite", "postgresql postgresql"))


@pytest.fixture(params=["sqlite postgresql", "postgresql sqlite", *SAME])
def both(request: pytest.FixtureRequest, new_url: NewUrl) -> tuple[str, str]:
    """From where, and to where."""
    before, after = request.param.split()
    return new_url(before), new_url(after)
