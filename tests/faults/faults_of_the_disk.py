"""Faults of the disks: full, under PostgreSQL and under Kafka."""

from typing import ClassVar

from tests.faults.fault import Fault

from florin_local.server import Server


class _DiskFull(Fault):
    pause_s = (5.0, 10.0)
    part: ClassVar[str]

    def not_applicable(self) -> str | None:
        """Only root may mount a disk that is small enough to fill."""
        return None if self.part in self.arena.disks else "no small disk: only root may mount one"

    def strike(self) -> None:
        """Fill it, wait, make room; start the server again if it has given up."""
        self.arena.say(f"{self.name}: the disk is full")
        with self.arena.disks[self.part].full():
            self.wait(3, 10)
        server = self.server()
        self.arena.say(f"{self.name}: room again; {self.part} {_state(server)}")
        server.start()

    def server(self) -> Server:
        """Whose disk it is."""
        stack = self.arena.stack
        return stack.postgres if self.part == "postgres" else stack.kafka


class PostgresDiskFull(_DiskFull):
    """PostgreSQL's disk is full; a person makes room and starts what has given up."""

    name = "postgres-disk-full"
    disturbs = ("postgres",)
    part = "postgres"


class KafkaDiskFull(_DiskFull):
    """Kafka's disk is full; a person makes room and starts what has given up."""

    name = "kafka-disk-full"
    disturbs = ("kafka",)
    part = "kafka"


def _state(server: Server) -> str:
    return "runs" if server.running else "has ended"
