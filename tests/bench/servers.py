"""The servers that benchmarks share, each started when it is first asked for."""

import secrets
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from florin_local.folders import temporary_folder
from florin_local.kafka import Kafka
from florin_local.postgres import Postgres


class Servers:
    """A durable PostgreSQL and a Kafka of our own; they end with the block."""

    def __init__(self) -> None:
        self._open = ExitStack()

    @cached_property
    def folder(self) -> Path:
        """Where servers and programs keep their files; removed at the end."""
        return self._open.enter_context(temporary_folder("florin-bench-"))

    @cached_property
    def postgres(self) -> Postgres:
        """It writes to disk as in production: a benchmark without fsync measures another system."""
        return self._open.enter_context(Postgres(self.folder / "postgres", durable=True))

    @cached_property
    def kafka(self) -> Kafka:
        """One broker."""
        return self._open.enter_context(Kafka(self.folder / "kafka"))

    def database(self, name: str) -> str:
        """The SQLAlchemy URL of a new, empty database."""
        self.postgres.drop_service_database(name)
        return self.postgres.create_service_database(name, secrets.token_urlsafe(16))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()
