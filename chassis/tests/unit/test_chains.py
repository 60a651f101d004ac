"""Whatever Kafka refuses or loses: a key's order holds, and what is confirmed is on Kafka."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from florin_chassis.road.chains import Chains, Load, Partition
from florin_chassis.road.records import Record


def record(row_id: int, key: str = "a", topic: str = "t") -> Record:
    return Record(row_id, topic, key.encode(), b"", "{}")


def anything(_: Record) -> bool:
    return True


def chained(*records: Record) -> tuple[Chains, Load]:
    chains, load = Chains(), Load(records[0].id)
    for each in records:
        chains.put((load, each), (each.topic, 0))
    return chains, load


def test_the_next_batch_waits_until_the_one_before_is_acknowledged() -> None:
    chains, load = chained(record(1), record(2))
    assert chains.take(("t", 0), lambda r: r.id == 1) == 1
    assert chains.ready() == []
    assert chains.acknowledge(("t", 0)) == 1
    assert chains.ready() == [("t", 0)]
    assert not load.is_done


def test_of_a_refused_batch_one_at_a_time_is_tried_and_only_the_refused_key_is_held() -> None:
    chains, load = chained(record(1), record(2, "b"), record(3), record(4, "b"))
    assert chains.take(("t", 0), anything) == 4
    assert chains.refuse(("t", 0)) is None
    assert chains.take(("t", 0), anything) == 1
    assert chains.refuse(("t", 0)) == record(1)
    assert load.held == {1, 3}
    assert chains.take(("t", 0), anything) == 1
    chains.acknowledge(("t", 0))
    chains.put((load, record(5)), ("t", 0))
    assert load.held == {1, 3, 5}, "what comes later of a held key is held too"


def test_a_load_whose_rest_is_done_is_confirmed_up_to_what_is_held() -> None:
    chains, load = chained(record(11, "b"), record(12), record(13, "b"))
    chains.take(("t", 0), lambda r: r.id < 12)
    chains.acknowledge(("t", 0))
    assert load.position == 10
    chains.take(("t", 0), lambda r: r.id == 12)
    chains.refuse(("t", 0))
    chains.take(("t", 0), anything)
    chains.acknowledge(("t", 0))
    assert (load.is_done, load.position) == (False, 11)


@dataclass
class Row:
    """A row of the outbox."""

    id: int
    topic: str
    key: str

    @property
    def place(self) -> tuple[str, str]:
        return self.topic, self.key


class OutboxAndKafka(RuleBasedStateMachine):
    """Rows are read, sent in batches of any size, acknowledged, refused, held and tried again.

    Kafka refuses a batch that holds a row of `bad`, and whatever goes to a topic of `closed`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.bad: set[int] = set()
        self.closed: set[str] = set()
        self.log: list[int] = []
        self.confirmed = 0
        self.begin(0)

    def begin(self, position: int) -> None:
        self.read_up_to = position
        self.chains = Chains()
        self.loads: list[Load] = []
        self.flights: dict[Partition, list[Record]] = {}

    @property
    def position(self) -> int:
        return min([self.read_up_to, *(load.position for load in self.loads if not load.is_done)])

    @rule(topic=st.sampled_from("tu"), key=st.sampled_from("abcd"), bad=st.integers(0, 5))
    def state(self, topic: str, key: str, bad: int) -> None:
        self.rows.append(Row(len(self.rows) + 1, topic, key))
        if bad == 0:
            self.bad.add(len(self.rows))

    @rule(limit=st.integers(1, 6))
    def read(self, limit: int) -> None:
        rows = self.rows[self.read_up_to : self.read_up_to + limit]
        if rows:
            load = Load(rows[0].id)
            self.loads.append(load)
            self.read_up_to = rows[-1].id
            for row in rows:
                self.put(load, record(row.id, row.key, row.topic))

    def put(self, load: Load, sent: Record) -> None:
        if sent.topic in self.closed:
            self.chains.hold_topic([(load, sent)])
        else:
            self.chains.put((load, sent), (sent.topic, sent.key[0] % 2))

    @precondition(lambda self: self.chains.ready())
    @rule(data=st.data(), most=st.integers(1, 4))
    def send(self, data: st.DataObject, most: int) -> None:
        self.send_to(data.draw(st.sampled_from(sorted(self.chains.ready()))), most)

    def send_to(self, partition: Partition, most: int) -> None:
        flight: list[Record] = []

        def fits(candidate: Record) -> bool:
            if len(flight) == most:
                return False
            flight.append(candidate)
            return True

        assert self.chains.take(partition, fits) == len(flight)
        self.flights[partition] = flight

    @precondition(lambda self: self.flights)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        self.answer_for(data.draw(st.sampled_from(sorted(self.flights))))

    def answer_for(self, partition: Partition) -> None:
        flight = self.flights.pop(partition)
        if partition[0] in self.closed:
            self.chains.refuse_topic(partition)
        elif any(sent.id in self.bad for sent in flight):
            refused = self.chains.refuse(partition)
            assert refused is None or refused.id in self.bad
        else:
            self.append(flight)
            assert self.chains.acknowledge(partition) == len(flight)

    def append(self, flight: list[Record]) -> None:
        for sent in flight:
            row = self.rows[sent.id - 1]
            before = {
                r.id
                for r in self.rows
                if (r.topic, r.key) == (row.topic, row.key) and r.id < row.id
            }
            assert before <= set(self.log), "an earlier one of its key is still to come"
            self.log.append(sent.id)

    @rule()
    def try_held_again(self) -> None:
        for load, sent in self.chains.release():
            self.put(load, sent)

    @rule(topic=st.sampled_from("tu"))
    def close_topic(self, topic: str) -> None:
        self.closed.add(topic)

    @rule()
    def put_right(self) -> None:
        self.bad.clear()
        self.closed.clear()

    @rule()
    def confirm(self) -> None:
        self.confirmed = self.position

    @rule(arrives=st.booleans())
    def kill(self, arrives: bool) -> None:
        """What is on its way arrives or not; nobody hears of it."""
        for partition, flight in self.flights.items():
            is_refused = partition[0] in self.closed or any(s.id in self.bad for s in flight)
            if arrives and not is_refused:
                self.append(flight)
        self.begin(self.confirmed)

    @invariant()
    def what_is_confirmed_is_on_kafka(self) -> None:
        assert set(range(1, self.position + 1)) <= set(self.log)

    @invariant()
    def nothing_is_forgotten(self) -> None:
        read = {row.id for row in self.rows[: self.read_up_to]}
        held = {i for load in self.loads for i in load.held}
        outstanding = sum(load.outstanding for load in self.loads)
        assert len(read - set(self.log)) <= len(held) + outstanding

    def teardown(self) -> None:
        self.put_right()
        steps: list[Callable[[], None]] = [lambda: self.read(6), self.try_held_again]
        while self.position < len(self.rows):
            for step in steps:
                step()
            for partition in self.chains.ready():
                self.send_to(partition, 4)
            for partition in list(self.flights):
                self.answer_for(partition)
        assert set(self.log) == {row.id for row in self.rows}


TestOutboxAndKafka = OutboxAndKafka.TestCase
TestOutboxAndKafka.settings = settings(max_examples=2_000, stateful_step_count=50, deadline=None)
