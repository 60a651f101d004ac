"""Mirrors Florin's clients into a SQLite file, and writes a letter when one becomes active.

It starts from the compacted state topic, then follows facts and states together. Whatever it does
with a record, and how far it has read, is one transaction: killed at any moment, it goes on where
it was, and nothing is missed or done twice. One process for one file.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError, UnknownTopicOrPartitionError

from florin_contracts.clients import ClientActivated, ClientState
from florin_contracts.envelope import Envelope
from florin_contracts.records import Fact, Malformed, State, Tombstone, Unknown, read_record

KAFKA = os.environ.get("FLORIN_KAFKA", "127.0.0.1:19092")
FACTS = os.environ.get("FLORIN_TOPIC_PREFIX", "") + ClientActivated.topic
STATES = f"{FACTS}-state"
FILE = os.environ.get("MIRROR_FILE", "clients.sqlite")
CLOCKS_APART_MS = 60 * 60 * 1000
POLL_MS, PATIENCE_MS = 500, 10_000

TABLES = """
CREATE TABLE IF NOT EXISTS clients (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,  -- of the latest fact that the state holds
    known INTEGER NOT NULL,     -- its sequence when the mirror began; facts up to it are history
    state TEXT                  -- NULL: erased; the row stays, so that no old fact undoes it
);
CREATE TABLE IF NOT EXISTS letters (event_id TEXT PRIMARY KEY, client_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rejected (
    topic TEXT, partition INTEGER, record_offset INTEGER, why TEXT NOT NULL,
    PRIMARY KEY (topic, partition, record_offset)
);
CREATE TABLE IF NOT EXISTS positions (
    topic TEXT, partition INTEGER, next_offset INTEGER NOT NULL,
    newest_ms INTEGER,          -- the time of the newest record read
    PRIMARY KEY (topic, partition)
);
"""
PUT = """
INSERT INTO clients VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    sequence = excluded.sequence, known = max(known, excluded.known), state = excluded.state
WHERE excluded.sequence > sequence OR (excluded.sequence = sequence AND excluded.state IS NULL)
"""
MOVE = """
INSERT INTO positions VALUES (?, ?, ?, ?) ON CONFLICT (topic, partition) DO UPDATE SET
    next_offset = excluded.next_offset,
    newest_ms = nullif(max(coalesce(newest_ms, 0), coalesce(excluded.newest_ms, 0)), 0)
"""


class Mirror:
    """The SQLite file."""

    def __init__(self, file: str) -> None:
        self._database = sqlite3.connect(file, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(TABLES)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def put(self, envelope: Envelope, state: ClientState | None, *, cold: bool) -> None:
        """Keep a state, or with `None` that it was erased, unless a later one is here already."""
        known = envelope.sequence if cold else 0
        text = state.model_dump_json(include=set(ClientState.model_fields)) if state else None
        self._database.execute(PUT, (str(envelope.subject), envelope.sequence, known, text))

    def write_letter(self, envelope: Envelope) -> bool:
        """One letter for each event id, and none for history; whether it is a new one."""
        subject = str(envelope.subject)
        query = "SELECT known FROM clients WHERE id = ?"
        (known,) = self._database.execute(query, (subject,)).fetchone()
        if envelope.sequence <= known:
            return False
        letter = (str(envelope.id), subject)
        written = self._database.execute("INSERT OR IGNORE INTO letters VALUES (?, ?)", letter)
        return written.rowcount == 1

    def reject(self, record: ConsumerRecord[bytes, bytes], why: str) -> None:
        """Keep where a record is that could not be read, for a person to look at."""
        row = (record.topic, record.partition, record.offset, why)
        self._database.execute("INSERT OR IGNORE INTO rejected VALUES (?, ?, ?, ?)", row)

    def move(self, partition: TopicPartition, next_offset: int, newest_ms: int | None) -> None:
        """Remember how far a partition was read."""
        self._database.execute(MOVE, (*partition, next_offset, newest_ms))

    def positions(self) -> dict[TopicPartition, tuple[int, int | None]]:
        """How far each partition was read, and the time of the newest record read in it."""
        rows = self._database.execute("SELECT * FROM positions")
        return {TopicPartition(topic, p): (offset, newest) for topic, p, offset, newest in rows}

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


async def follow(mirror: Mirror, stopping: asyncio.Event) -> None:
    """Read until `stopping`."""
    # Without a group it is assigned every partition, and the file alone says where to go on.
    consumer = AIOKafkaConsumer(
        FACTS,
        STATES,
        bootstrap_servers=KAFKA,
        group_id=None,
        auto_offset_reset="none",
        isolation_level="read_committed",
        request_timeout_ms=PATIENCE_MS,
    )
    try:
        await consumer.start()
        facts = [p for p in consumer.assignment() if p.topic == FACTS]
        states = [p for p in consumer.assignment() if p.topic == STATES]
        if not any(partition.topic == FACTS for partition in mirror.positions()):
            await read_all_states(consumer, mirror, facts, states, stopping)
        await seek(consumer, mirror, [*facts, *states])
        while not stopping.is_set():
            await read_some(consumer, mirror, cold=False)
    finally:
        await consumer.stop()


async def read_all_states(
    consumer: AIOKafkaConsumer,
    mirror: Mirror,
    facts: list[TopicPartition],
    states: list[TopicPartition],
    stopping: asyncio.Event,
) -> None:
    """The cold start: every state up to today's end, then where to begin with the facts."""
    consumer.pause(*facts)
    await seek(consumer, mirror, [*facts, *states])
    ends = await consumer.end_offsets(states)
    while [p for p in states if await consumer.position(p) < ends[p]]:
        if stopping.is_set():
            return
        await read_some(consumer, mirror, cold=True)
    begin = await first_facts(consumer, mirror, facts)
    with mirror.transaction():
        for partition, offset in begin.items():
            mirror.move(partition, offset, None)
    consumer.resume(*facts)
    print("complete: every client is here", flush=True)


async def first_facts(
    consumer: AIOKafkaConsumer, mirror: Mirror, facts: list[TopicPartition]
) -> dict[TopicPartition, int]:
    """Where the facts begin that the states read so far may not hold.

    A client's facts and states are in partitions of the same number, and in the same order. So what
    is missing was sent after the newest state there was stated; an hour covers clocks that differ.
    """
    earliest = await consumer.beginning_offsets(facts)
    ends = await consumer.end_offsets(facts)
    begin = {}
    for partition in facts:
        _, newest_ms = mirror.positions().get(
            TopicPartition(STATES, partition.partition), (0, None)
        )
        if newest_ms is None:
            begin[partition] = earliest[partition]
            continue
        found = await consumer.offsets_for_times({partition: newest_ms - CLOCKS_APART_MS})
        first = found[partition]
        begin[partition] = first.offset if first else ends[partition]
    return begin


async def seek(
    consumer: AIOKafkaConsumer, mirror: Mirror, partitions: Iterable[TopicPartition]
) -> None:
    """Go on where the file says, or begin at the beginning."""
    earliest = await consumer.beginning_offsets(list(partitions))
    saved = mirror.positions()
    for partition, first in earliest.items():
        consumer.seek(partition, saved[partition][0] if partition in saved else first)


async def read_some(consumer: AIOKafkaConsumer, mirror: Mirror, *, cold: bool) -> None:
    """A few records from each partition and the positions after them, in one transaction."""
    polled = await consumer.getmany(timeout_ms=POLL_MS)
    with mirror.transaction():
        for partition, records in polled.items():
            times = [handle(mirror, record, cold=cold) for record in records]
            newest_ms = max((time for time in times if time is not None), default=None)
            mirror.move(partition, records[-1].offset + 1, newest_ms)


def handle(mirror: Mirror, record: ConsumerRecord[bytes, bytes], *, cold: bool) -> int | None:
    """Do what one record asks for; returns when it was stated, in milliseconds."""
    match read_record(record.headers, record.key, record.value):
        case Fact(envelope, ClientState() as event):
            mirror.put(envelope, event, cold=cold)
            if isinstance(event, ClientActivated) and mirror.write_letter(envelope):
                print(f"letter to {event.name}", flush=True)
        case State(envelope, ClientState() as state):
            mirror.put(envelope, state, cold=cold)
        case Tombstone(envelope):
            mirror.put(envelope, None, cold=cold)
        case Malformed(why):
            place = f"{record.topic}-{record.partition} at {record.offset}"
            print(f"skipped {place}: {why}", file=sys.stderr, flush=True)
            mirror.reject(record, why)
            return None
        case Fact(envelope, _) | State(envelope, _) | Unknown(envelope):
            pass  # a newer release states more on these topics; a newer mirror will know what for
    return int(envelope.time.timestamp() * 1000)


async def main() -> None:
    """Run until a signal; what is being handled then is finished."""
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    mirror = Mirror(FILE)
    try:
        await follow(mirror, stopping)
        print("stopped", flush=True)
    except UnknownTopicOrPartitionError as error:
        raise SystemExit(f"Kafka at {KAFKA} has no topic {FACTS} or {STATES}") from error
    except OffsetOutOfRangeError as error:
        sentence = "Kafka no longer holds what comes next: remove the file and start anew"
        raise SystemExit(sentence) from error
    finally:
        mirror.close()


if __name__ == "__main__":
    asyncio.run(main())
