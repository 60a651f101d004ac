"""Whatever happens in whichever order, a compacted state topic ends as the aggregates are."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import orjson
from chassis.tests.weather.models import StationState, TemperatureMeasured
from hypothesis import given, settings
from hypothesis import strategies as st

from florin_chassis.ids import new_id
from florin_chassis.road.records import Row
from florin_chassis.road.states import latest_states
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.states import state_topic, state_type

TOPIC = TemperatureMeasured.topic
STATIONS = [new_id() for _ in range(3)]
COUNTRY = new_id()

station = st.sampled_from(STATIONS)
Act = tuple[str, UUID] | tuple[str, frozenset[UUID], int] | tuple[str, int]
acts = st.one_of(
    st.tuples(st.sampled_from(["change", "change", "change", "restate", "erase"]), station),
    st.tuples(st.just("relay"), st.frozensets(station, max_size=2), st.integers(1, 5)),
    st.tuples(st.just("crash"), st.integers(0, 8)),
)


@dataclass
class World:
    """Aggregates, their outbox, a relay that has sent some of it, and the log it has written."""

    kept: dict[UUID, StationState] = field(default_factory=dict)
    erased: set[UUID] = field(default_factory=set)
    versions: dict[UUID, int] = field(default_factory=lambda: dict.fromkeys(STATIONS, 0))
    outbox: list[Row] = field(default_factory=list)
    sent: set[int] = field(default_factory=set)
    log: list[tuple[bytes, bytes | None]] = field(default_factory=list)

    def change(self, id: UUID) -> None:
        """State a fact, unless there is nobody any more of whom to state it."""
        if id not in self.erased:
            self.versions[id] += 1
            degrees = self.versions[id]
            event = TemperatureMeasured(id=id, country=COUNTRY, name="S", degrees=degrees)
            self.kept[id] = StationState(**event.model_dump())
            self._state(TOPIC, event.type, id, event.model_dump_json())

    def restate(self, id: UUID) -> None:
        """State what there is, with its row locked: so it comes after what changed it."""
        if id in self.kept:
            self._state(state_topic(TOPIC), state_type(TOPIC), id, self.kept[id].model_dump_json())

    def erase(self, id: UUID) -> None:
        """Delete it, or state its tombstone once more."""
        if self.kept.pop(id, None):
            self.versions[id] += 1
            self.erased.add(id)
        if id in self.erased:
            self._state(state_topic(TOPIC), state_type(TOPIC), id, None)

    def relay(self, uncommitted: frozenset[UUID], rows_max: int) -> None:
        """Send what is visible: the rows of an aggregate that is locked are not, nor any later."""
        waiting = [row for row in self.outbox if row[0] not in self.sent]
        visible = [row for row in waiting if row[2] not in uncommitted][:rows_max]
        self.log += [(record.key, record.value) for record in latest_states(visible)]
        self.sent |= {row[0] for row in visible}

    def crash(self, unconfirmed: int) -> None:
        """Begin again where everything before was confirmed, or further back."""
        first_waiting = next(
            (n for n in range(len(self.outbox)) if n not in self.sent), len(self.outbox)
        )
        self.sent = set(range(max(0, first_waiting - unconfirmed)))

    def _state(self, topic: str, type: str, id: UUID, data: str | None) -> None:
        envelope = Envelope(
            id=new_id(),
            source="florin/weather",
            type=type,
            subject=id,
            time=datetime.now(UTC),
            sequence=self.versions[id],
            dataschema=schema_id(type),
            actor="user/x",
        )
        row = (len(self.outbox), topic, id, envelope.model_dump_json(exclude_none=True), data)
        self.outbox.append(row)


@settings(deadline=None)
@given(st.lists(acts, max_size=40))
def test_the_last_record_of_each_key_is_the_aggregate_as_it_is(happened: list[Act]) -> None:
    world = World()
    for name, *arguments in happened:
        getattr(world, name)(*arguments)
    world.relay(frozenset(), len(world.outbox))
    compacted = dict(world.log)
    living = {
        UUID(key.decode()): StationState(**orjson.loads(value))
        for key, value in compacted.items()
        if value is not None
    }
    assert living == world.kept
    assert {UUID(key.decode()) for key in compacted} == world.kept.keys() | world.erased
