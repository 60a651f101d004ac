"""What PostgreSQL and Kafka have in common: a folder, a port, and a life that a test can hold."""

import asyncio
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from florin_local.ports import free_port
from florin_local.processes import Process


class Server(ABC):
    """A server with its data in `data_dir`, on 127.0.0.1 only.

    `start()` leaves it running after us, as `make up` wants. As a context manager (`with` and
    `async with`) it ends with the block, and with this interpreter however that ends.
    """

    name: str

    def __init__(
        self, data_dir: Path, port: int = 0, *, log: Path | None = None, leashed: bool = False
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.port = port or free_port()
        self.leashed = leashed
        self.process = Process(
            self.name,
            pidfile=self.data_dir.with_name(f"{self.data_dir.name}.pid"),
            log=log or self.data_dir.with_name(f"{self.data_dir.name}.log"),
        )

    @property
    def running(self) -> bool:
        """Whether the server's process lives."""
        return self.process.running

    @abstractmethod
    def start(self) -> None:
        """Start unless it runs; return when it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Stop in order; return when no process is left."""

    def __enter__(self) -> Self:
        self.leashed = True
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)
