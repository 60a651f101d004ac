"""Faults of what is on Kafka: everything delivered three times, and messages that are none."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer
from tests.faults.fault import Fault
from tests.faults.faults_of_the_database import DELAY_S_MAX
from tests.faults.injected import MARK, is_injected
from tests.faults.witness import READERS
from tests.shared.kafka_log import Record, records

from florin_contracts.clients import OrderPlaced
from florin_contracts.identity import UserRegistered

_PARKED_S_MAX = 30.0


class TripleDelivery(Fault):
    """Every message comes three times."""

    name = "triple-delivery"
    pause_s = (0.5, 2.0)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._repeated: set[bytes] = set()

    def strike(self) -> None:
        """Send everything that is new twice more."""
        count = asyncio.run(self._repeat())
        self.arena.say(f"triple-delivery: {count} messages sent twice more")

    def aftermath(self) -> None:
        """What came since the last strike, too."""
        self.strike()

    async def _repeat(self) -> int:
        bootstrap = self.arena.stack.kafka_bootstrap
        found = [record for part in (await records(bootstrap)).values() for record in part]
        new = {_event_id(record): record for record in found if not is_injected(record)}
        for known in self._repeated:
            new.pop(known, None)
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
            for record in new.values():
                for _ in range(2):
                    await producer.send(
                        record.topic, record.value, key=record.key, headers=list(record.headers)
                    )
            await producer.flush()
        self._repeated |= new.keys()
        return len(new)


def _event_id(record: Record) -> bytes:
    found: Iterator[bytes] = (value for name, value in record.headers if name == "ce_id")
    return next(found)


@dataclass(frozen=True)
class Malformed:
    """A message that no consumer can handle, and what is wrong with it."""

    why: str
    topic: str
    key: bytes | None
    headers: Sequence[tuple[str, bytes]]
    value: bytes | None


def malformed() -> list[Malformed]:
    """One of each kind, of aggregates that nobody else speaks of."""
    user, order = UserRegistered, OrderPlaced

    def message(why: str, event: Any, **changes: Any) -> Malformed:
        subject = uuid4()
        headers = _headers(event.type, subject) | changes.pop("headers", {})
        whole = {"key": str(subject).encode(), "value": b"{}"} | changes
        named = [(name, value) for name, value in headers.items() if value is not None]
        return Malformed(why, event.topic, whole["key"], named, whole["value"])

    return [
        Malformed("no headers", user.topic, b"nobody", (), b"hello"),
        message("another specversion", user, headers={"ce_specversion": b"0.3"}),
        message("an id that is none", order, headers={"ce_id": b"42"}),
        message("a sequence below one", order, headers={"ce_sequence": b"0"}),
        message("a header of no UTF-8", user, headers={"ce_actor": b"\xff\xfe"}),
        message("no type", order, headers={"ce_type": None}),
        message("another key than its subject", user, key=b"another"),
        message("no key", order, key=None),
        message("no JSON", user, value=b"<xml/>"),
        message("fields missing", order, value=b'{"id": 1}'),
        message("no value", user, value=None),
        message("NUL in the value", order, value=b'{"id": "\\u0000"}'),
    ]


def _headers(event_type: str, subject: UUID) -> dict[str, Any]:
    return {
        "ce_specversion": b"1.0",
        "content-type": b"application/json",
        "ce_id": str(uuid4()).encode(),
        "ce_source": b"florin/nobody",
        "ce_type": event_type.encode(),
        "ce_subject": str(subject).encode(),
        "ce_time": datetime.now(UTC).isoformat().encode(),
        "ce_sequence": b"1",
        "ce_dataschema": f"urn:florin:schema:{event_type}".encode(),
        "ce_actor": b"user/nobody",
        MARK: b"poison",
    }


class Poison(Fault):
    """One message in a hundred is none that can be handled; it is parked and delays nobody."""

    name = "poison"
    pause_s = (1.0, 3.0)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._sent: list[tuple[str, int, int, str]] = []
        self._left: list[Malformed] = []
        self._since: datetime | None = None

    def strike(self) -> None:
        """Two more, of the kinds in turn."""
        if self._since is None:
            self.wait_for_calm()
            self._since = datetime.now(UTC)
        if len(self._left) < 2:
            self._left = self.rng.sample(malformed(), len(malformed()))
        chosen = [self._left.pop(), self._left.pop()]
        asyncio.run(self._send(chosen))
        self.arena.say("poison: " + ", ".join(message.why for message in chosen))

    def aftermath(self) -> None:
        """All are parked at every reader, nothing else came late; the operator discards them."""
        deadline = time.monotonic() + _PARKED_S_MAX
        while (missing := self._missing()) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.arena.broken += [f"poison: {what}" for what in missing]
        if self._since:
            self.arena.broken += self.arena.witness.delays(self._since, DELAY_S_MAX, self.name)
        for topic, partition, offset, _ in self._sent:
            for reader in READERS[topic]:
                self.arena.witness.discard(reader, topic, partition, offset)
        self.arena.say(f"poison: {len(self._sent)} sent, parked and discarded")

    async def _send(self, messages: Sequence[Malformed]) -> None:
        bootstrap = self.arena.stack.kafka_bootstrap
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
            for message in messages:
                marked = [*message.headers] if message.headers else [(MARK, b"poison")]
                sent = await producer.send_and_wait(
                    message.topic, message.value, key=message.key, headers=marked
                )
                self._sent.append((sent.topic, sent.partition, sent.offset, message.why))

    def _missing(self) -> list[str]:
        """What some reader has not parked; one that handles no such type may let it pass."""
        parked = {reader: self.arena.witness.parked(reader) for reader in _readers()}
        return [
            f"{reader} has not parked {why!r} at {topic}/{partition}/{offset}"
            for topic, partition, offset, why in self._sent
            for reader in READERS[topic]
            if (topic, partition, offset) not in parked[reader]
        ]


def _readers() -> set[str]:
    return {reader for readers in READERS.values() for reader in readers}
