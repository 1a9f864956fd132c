"""A database with the guide's tables, which are nobody's of ours, on a PostgreSQL server."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.conftest import missing
from tests.support.postgres import find_binaries, running_server

TABLES = Path(__file__).with_name("guides_tables.sql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a database on a server that may hold others."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
    elif find_binaries() is None:
        missing("PostgreSQL")
    else:
        with running_server() as url:
            yield url


@pytest.fixture
def foreign_url(postgres: str) -> Iterator[str]:
    """The address of a database with the guide's tables, made for one test; its sessions begin in another time zone."""
    name = f"facts_{os.getpid()}_{time.monotonic_ns()}"
    url = f"{postgres.rpartition('/')[0]}/{name}"
    _execute(postgres, "CREATE DATABASE {}", name)
    _execute(postgres, "ALTER DATABASE {} SET timezone TO 'Asia/Tokyo'", name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES.read_text())
    yield url
    _execute(postgres, "DROP DATABASE {} WITH (FORCE)", name)


def _execute(server: str, statement: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
