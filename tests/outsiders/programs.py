"""The two programs that the documentation gives to consumers, run as a consumer would run them."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition
from tests.outsiders.log import log_ends

from florin_local.folders import FLORIN, PROJECT
from florin_local.java import find_java
from florin_local.kafka_jars import kafka_jars
from florin_local.processes import Process

CONSUMERS = PROJECT / "contracts" / "consumers"
READ_TIMEOUT_S = 60


def python_command() -> list[str]:
    return [sys.executable, str(CONSUMERS / "python" / "clients_mirror.py")]


def java_command(classes: Path) -> list[str]:
    """Compile the program for Java 17 into the folder; returns how to run it."""
    jars = kafka_jars(CONSUMERS / "java" / "pom.xml", FLORIN / "java-consumer-libs")
    (compiler,) = kafka_jars(
        Path(__file__).parent / "compiler" / "pom.xml", FLORIN / "java-compiler-libs"
    ).glob("ecj-*.jar")
    java, path = str(find_java()), os.pathsep.join(map(str, sorted(jars.glob("*.jar"))))
    sources = CONSUMERS / "java" / "src" / "main" / "java"
    command = [java, "-jar", str(compiler), "-17", "-cp", path, "-d", str(classes), str(sources)]
    compiled = subprocess.run(command, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stderr
    small = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    return [java, *small, "-cp", os.pathsep.join((str(classes), path)), "mirror.ClientsMirror"]


class Program:
    """One mirror with its file; it may be stopped, killed and started again on the same file."""

    def __init__(self, command: Sequence[str], bootstrap: str, prefix: str, folder: Path) -> None:
        self._command, self._folder = command, folder
        self._bootstrap, self._prefix = bootstrap, prefix
        self._file = folder / "clients.sqlite"
        self.process = Process("mirror", pidfile=folder / "mirror.pid", log=folder / "mirror.log")

    def start(self) -> None:
        environment = {
            "FLORIN_KAFKA": self._bootstrap,
            "FLORIN_TOPIC_PREFIX": self._prefix,
            "FLORIN_SCHEMAS": str(PROJECT / "contracts" / "schemas"),
            "MIRROR_FILE": str(self._file),
            "PATH": os.environ["PATH"],
        }
        self.process.start(self._command, environment=environment, folder=self._folder)

    async def catch_up(self) -> None:
        """Wait until everything that the topics hold was handled and that was committed."""
        ends = await log_ends(self._bootstrap, self._prefix)

        def has_read() -> bool:
            positions = self.positions()
            return all(positions.get(p, 0) >= end for p, end in ends.items())

        self.process.wait_until(has_read, timeout_s=READ_TIMEOUT_S)

    def write_more_than(self, letters: int) -> None:
        """Wait until so many letters and one more are written."""
        self.process.wait_until(lambda: len(self.letters()) > letters, timeout_s=READ_TIMEOUT_S)

    def said(self, *beginnings: str) -> list[str]:
        """What it printed since its last start that begins so; Kafka's clients say more."""
        lines = self.process.last_lines(10_000).splitlines()
        return [line for line in lines if line.startswith(beginnings)]

    def clients(self) -> dict[str, Any]:
        """The state of each client by id; `None` of an erased one."""
        rows = self._rows("SELECT id, state FROM clients")
        return {id: json.loads(state) if state else None for id, state in rows}

    def letters(self) -> list[str]:
        """The event that each letter was written for."""
        return sorted(event_id for (event_id,) in self._rows("SELECT event_id FROM letters"))

    def rejected(self) -> set[tuple[str, int, int]]:
        """Where the records are that it could not read."""
        return set(self._rows("SELECT topic, partition, record_offset FROM rejected"))

    def positions(self) -> dict[TopicPartition, int]:
        rows = self._rows("SELECT topic, partition, next_offset FROM positions")
        return {TopicPartition(topic, partition): offset for topic, partition, offset in rows}

    @contextmanager
    def no_letters_possible(self) -> Iterator[None]:
        """Meanwhile writing a letter fails, as on a full disk."""
        refuse = "BEGIN SELECT RAISE(ABORT, 'no letters today'); END"
        self._change(f"CREATE TRIGGER refuse BEFORE INSERT ON letters {refuse}")
        try:
            yield
        finally:
            self._change("DROP TRIGGER refuse")

    def _change(self, statement: str) -> None:
        with closing(sqlite3.connect(self._file, timeout=30)) as database, database:
            database.execute(statement)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        if not self._file.exists():
            return []
        with closing(sqlite3.connect(self._file, timeout=30)) as database:
            known = database.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'")
            return database.execute(query).fetchall() if known.fetchone()[0] == 4 else []
