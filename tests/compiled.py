"""What is compiled once for all tests of a worker, each of which opens a store and pages of its own."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from sqlalchemy import create_engine

from bot.pages import templates
from bot.store import backend


class Statements(dict[tuple[Any, ...], Any]):
    """As SQLAlchemy compiled them: under the kind of database, and not, as it does, for each open store."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


class TemplateCode(BytecodeCache):
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Statements and templates; they were a quarter of the time of short tests."""
    options = {"compiled_cache": Statements()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backend, "create_engine", partial(create_engine, execution_options=options))
        patch.setattr(templates, "Environment", partial(Environment, bytecode_cache=TemplateCode()))
        yield
