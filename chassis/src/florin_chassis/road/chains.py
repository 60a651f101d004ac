"""In which order records go to Kafka, and which outbox ids that settles: pure bookkeeping."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from florin_chassis.road.records import Record

Partition: TypeAlias = tuple[str, int]
"""A topic without its prefix, and the number of one of its partitions."""


@dataclass(eq=False, slots=True)
class Load:
    """Rows that were read together; `first` is the lowest id, `outstanding` counts the unsent."""

    first: int
    outstanding: int = 0
    held: set[int] = field(default_factory=set)

    @property
    def is_done(self) -> bool:
        """Whether all of it is on Kafka."""
        return not self.outstanding and not self.held

    @property
    def position(self) -> int:
        """While it is not done: every id of it up to this one is on Kafka."""
        return (self.first if self.outstanding else min(self.held)) - 1


Entry: TypeAlias = tuple[Load, Record]
Held: TypeAlias = tuple[str, bytes | None]
"""A topic and a key of it, or all of a topic."""


class Chains:
    """What waits for each partition, and what of it is on its way: never two batches at once.

    Only when a batch is acknowledged does the partition's next one go: whatever fails, no record
    can arrive before an earlier one of its key. A record that Kafka refuses is held, and with it
    whatever comes after it of the same key, until it is released to be tried again.
    """

    def __init__(self) -> None:
        self._waiting: dict[Partition, deque[Entry]] = {}
        self._flying: dict[Partition, list[Entry]] = {}
        self._alone: dict[Partition, int] = {}
        self.held: dict[Held, list[Entry]] = {}

    @property
    def held_count(self) -> int:
        """How many records are held."""
        return sum(map(len, self.held.values()))

    def held_by_topic(self) -> dict[str, list[int]]:
        """The outbox ids of what is held."""
        found: dict[str, list[int]] = {}
        for (topic, _), entries in self.held.items():
            found.setdefault(topic, []).extend(record.id for _, record in entries)
        return found

    def put(self, entry: Entry, partition: Partition) -> None:
        """Let a record wait for its turn, or hold it where an earlier one of its key is held."""
        load, record = entry
        if self.held:
            for kept in ((record.topic, None), (record.topic, record.key)):
                if kept in self.held:
                    self._hold(kept, entry)
                    return
        load.outstanding += 1
        chain = self._waiting.get(partition)
        if chain is None:
            chain = self._waiting[partition] = deque()
        chain.append(entry)

    def ready(self) -> list[Partition]:
        """Partitions for which something waits and nothing is on its way."""
        return [p for p, chain in self._waiting.items() if chain and p not in self._flying]

    def take(self, partition: Partition, fits: Callable[[Record], bool]) -> int:
        """Send the first of what waits on its way, as long as it `fits`; how many that were."""
        chain, flight = self._waiting[partition], self._flying.setdefault(partition, [])
        most = 1 if self._alone.get(partition) else len(chain)
        while len(flight) < most and fits(chain[0][1]):
            flight.append(chain.popleft())
        return len(flight)

    def acknowledge(self, partition: Partition) -> int:
        """The batch on its way has arrived; how many records it had."""
        flight = self._flying.pop(partition)
        for load, _ in flight:
            load.outstanding -= 1
        self._count_down(partition)
        return len(flight)

    def _count_down(self, partition: Partition) -> None:
        if self._alone.get(partition):
            self._alone[partition] -= 1

    def refuse(self, partition: Partition) -> Record | None:
        """Kafka refuses a record of the batch on its way, which goes nowhere.

        Of several, one at a time is tried next. One alone is the refused one: it is held, with
        all that waits behind it of its key, and returned.
        """
        flight = self._flying.pop(partition)
        if len(flight) > 1:
            self._waiting[partition].extendleft(reversed(flight))
            self._alone[partition] = len(flight)
            return None
        self._count_down(partition)
        _, record = flight[0]
        self._hold_waiting(partition, flight, (record.topic, record.key))
        return record

    def refuse_topic(self, partition: Partition) -> Record:
        """Kafka refuses whatever goes to this topic; the first record it has refused."""
        flight = self._flying.pop(partition)
        self._alone.pop(partition, None)
        self._hold_waiting(partition, flight, (partition[0], None))
        return flight[0][1]

    def hold_topic(self, entries: Iterable[Entry]) -> None:
        """Hold records of topics that cannot be sent to."""
        for entry in entries:
            self._hold((entry[1].topic, None), entry)

    def release(self) -> list[Entry]:
        """Everything held, to be put again, in the order of the outbox."""
        released = sorted(
            (entry for entries in self.held.values() for entry in entries),
            key=lambda entry: entry[1].id,
        )
        self.held = {}
        for load, record in released:
            load.held.discard(record.id)
        return released

    def _hold_waiting(self, partition: Partition, flight: list[Entry], what: Held) -> None:
        topic, key = what
        chain = self._waiting[partition]
        behind = [e for e in chain if key is None or e[1].key == key]
        self._waiting[partition] = deque(e for e in chain if key is not None and e[1].key != key)
        self.held.setdefault((topic, key), [])
        for entry in (*flight, *behind):
            entry[0].outstanding -= 1
            self._hold(what, entry)

    def _hold(self, what: Held, entry: Entry) -> None:
        self.held.setdefault(what, []).append(entry)
        entry[0].held.add(entry[1].id)
