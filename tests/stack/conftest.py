"""One PostgreSQL and one Kafka for the tests that do not harm them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from florin_local.folders import temporary_folder
from florin_local.kafka import Kafka
from florin_local.postgres import Postgres


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    with temporary_folder() as folder:
        yield folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres(session_folder: Path) -> Iterator[Postgres]:
    with Postgres(session_folder / "postgres", durable=False) as postgres:
        yield postgres


@pytest.fixture(scope="session")
def kafka(session_folder: Path) -> Iterator[Kafka]:
    with Kafka(session_folder / "kafka") as kafka:
        yield kafka
