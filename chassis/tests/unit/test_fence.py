"""The bookkeeping of consumers as a state machine: any of them may pause, wake or die at any step.

The database and the log are models; position, verdicts and the splitting of batches are the real
ones. Zombies need no rule of their own: a consumer that is given no turn for a while is one.
"""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from florin_chassis.road.bisecting import Bisection
from florin_chassis.road.cursor import Cursor, Verdict

CONSUMERS, KEYS, BATCH = 3, 3, 6


@dataclass(frozen=True)
class Event:
    key: int
    sequence: int
    poison: bool

    @property
    def id(self) -> tuple[int, int]:
        return self.key, self.sequence


@dataclass(frozen=True)
class Record:
    offset: int
    timestamp: int
    event: Event


@dataclass
class Database:
    """What the transactions of a consumer change, all of it or nothing."""

    cursor: Cursor = field(default_factory=Cursor)
    inbox: set[tuple[int, int]] = field(default_factory=set)
    effects: list[Event] = field(default_factory=list)
    parked: list[Event] = field(default_factory=list)

    def move(self, believed: Cursor, to: Cursor) -> bool:
        """The fence's compare-and-set."""
        if self.cursor != believed:
            return False
        self.cursor = to
        return True

    def apply(self, events: list[Event]) -> None:
        for event in events:
            if event.id in self.inbox:
                continue
            self.inbox.add(event.id)
            if any(waiting.key == event.key for waiting in self.parked):
                self.parked.append(event)
            else:
                self.affect(event)

    def affect(self, event: Event) -> None:
        """The guard lets nothing of a key through that is older than what has been."""
        if all(event.sequence > e.sequence for e in self.effects if e.key == event.key):
            self.effects.append(event)


@dataclass
class Member:
    """A consumer: what it believes, and the batch that it has in hand."""

    cursor: Cursor | None = None
    position: int = 0
    batch: list[Record] = field(default_factory=list)
    work: Bisection = field(default_factory=lambda: Bisection(0))
    is_replaced: bool = False

    def enter(self, database: Database) -> None:
        self.take_up(database.cursor)

    def take_up(self, cursor: Cursor) -> None:
        self.cursor, self.position = cursor, cursor.seek_to
        self.batch, self.work, self.is_replaced = [], Bisection(0), False


class Consuming(RuleBasedStateMachine):
    """Effects are compared with what was stated, whatever the turns."""

    def __init__(self) -> None:
        super().__init__()
        self.database = Database()
        self.members = [Member() for _ in range(CONSUMERS)]
        self.log: list[Record] = []
        self.stated: list[Event] = []
        self.clock = 0

    def append(self, event: Event) -> None:
        self.clock += 1
        self.log.append(Record(len(self.log), self.clock, event))

    @rule(key=st.integers(0, KEYS - 1), poison=st.sampled_from([False] * 5 + [True]))
    def state(self, key: int, poison: bool) -> None:
        sequence = 1 + sum(event.key == key for event in self.stated)
        event = Event(key, sequence, poison)
        self.stated.append(event)
        self.append(event)

    @rule(back=st.integers(1, 8))
    def send_again(self, back: int) -> None:
        """The relay was killed before it confirmed."""
        for event in self.stated[-back:]:
            self.append(event)

    @rule(kept=st.integers(0, 10))
    def replace_log(self, kept: int) -> None:
        """The broker's disk died; the relay is set back and states all again, or the last few.

        Whoever reads sees the log end earlier than before.
        """
        self.log = []
        for member in self.members:
            member.is_replaced = True
        for event in self.stated[-kept:] if kept else self.stated:
            self.append(event)

    @rule(which=st.integers(0, CONSUMERS - 1))
    def assign(self, which: int) -> None:
        """It may be a second owner: the first may not have noticed."""
        self.members[which].enter(self.database)

    @rule(which=st.integers(0, CONSUMERS - 1))
    def crash(self, which: int) -> None:
        self.members[which] = Member()

    @rule(which=st.integers(0, CONSUMERS - 1), size=st.integers(1, BATCH))
    def read(self, which: int, size: int) -> None:
        self._read(self.members[which], size)

    def _read(self, member: Member, size: int) -> None:
        if member.cursor is None or member.work.next:
            return
        if member.position > len(self.log):  # out of range: Kafka returns what it has
            member.position = 0
        records = self.log[member.position : member.position + size]
        member.is_replaced |= len(self.log) < member.cursor.next_offset
        if not records and not member.is_replaced:
            return
        verdict = Verdict.REPLACED
        if not member.is_replaced:
            verdict = member.cursor.judge(records[0].offset, records[0].timestamp)
        if verdict is Verdict.KNOWN:
            member.position += 1
        elif verdict is Verdict.REPLACED:
            if self.database.move(member.cursor, Cursor()):
                member.take_up(Cursor())
            else:
                member.enter(self.database)
        else:
            member.batch, member.work = records, Bisection(len(records))
            member.position += len(records)

    @rule(which=st.integers(0, CONSUMERS - 1), known=st.booleans())
    def write(self, which: int, known: bool) -> None:
        self._write(self.members[which], known)

    def _write(self, member: Member, known: bool) -> None:
        span = member.work.next
        if span is None or member.cursor is None:
            return
        records = member.batch[slice(*span)]
        fresh = [r.event.poison and self._reaches_handler(r.event) for r in records]
        if any(fresh) and not member.work.is_single:
            member.work.around(fresh.index(True) if known else None)
            return
        last = records[-1]
        to = member.cursor.past(last.offset, last.timestamp)
        if not self.database.move(member.cursor, to):
            member.enter(self.database)
            return
        if any(fresh):
            self.database.inbox.add(last.event.id)
            self.database.parked.append(last.event)
        else:
            self.database.apply([record.event for record in records])
        member.cursor = to
        member.work.done()

    def _reaches_handler(self, event: Event) -> bool:
        held = any(waiting.key == event.key for waiting in self.database.parked)
        return event.id not in self.database.inbox and not held

    @precondition(lambda self: self.database.parked)
    @rule()
    def replay_mended(self) -> None:
        """The first of a key's queue is applied again, and succeeds this time."""
        first = self.database.parked.pop(0)
        self.database.affect(first)

    @invariant()
    def every_effect_is_once(self) -> None:
        ids = [event.id for event in self.database.effects]
        assert len(ids) == len(set(ids))

    @invariant()
    def every_key_is_in_order(self) -> None:
        for key in range(KEYS):
            sequences = [e.sequence for e in self.database.effects if e.key == key]
            assert sequences == sorted(sequences)

    @invariant()
    def nothing_is_parked_and_done(self) -> None:
        assert not set(self.database.parked) & set(self.database.effects)

    def teardown(self) -> None:
        """In the end one consumer comes through, and everything in the log has been handled."""
        member = self.members[0]
        member.enter(self.database)
        for _ in range(40 * (len(self.log) + 1)):
            self._read(member, BATCH)
            self._write(member, known=True)
        assert {record.event.id for record in self.log} <= self.database.inbox
        self.every_effect_is_once()
        self.every_key_is_in_order()


Consuming.TestCase.settings = settings(max_examples=2_000, stateful_step_count=30, deadline=None)
test_consumers_that_pause_crash_and_overlap = Consuming.TestCase
