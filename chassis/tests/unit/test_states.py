"""The latest states follow from the rows of the outbox alone."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from chassis.tests.weather.models import StationOpened, StationState, TemperatureMeasured

from florin_chassis.ids import new_id
from florin_chassis.road.records import Record, Row, headers
from florin_chassis.road.states import Unstated, latest_states
from florin_contracts.clients import ClientJoinedProvider, ClientState
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.event import Event
from florin_contracts.states import state_id

TOPIC = "weather-station"
STATES = "weather-station-state"
TYPE = "florin.weather.station.state.v1"


def envelope(subject: UUID, sequence: int, type: str) -> Envelope:
    return Envelope(
        id=new_id(),
        source="florin/weather",
        type=type,
        subject=subject,
        time=datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
        sequence=sequence,
        dataschema=schema_id(type),
        actor="user/someone",
        onbehalfof="client/someone",
        reason="Grüße",
        traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01",
    )


def row(id: int, topic: str, stated: Envelope, data: str | None) -> Row:
    return (id, topic, stated.subject, stated.model_dump_json(exclude_none=True), data)


def fact(id: int, event: Event, sequence: int = 1) -> Row:
    stated = envelope(event.id, sequence, event.type)  # type: ignore[attr-defined]
    return row(id, event.topic, stated, event.model_dump_json())


def station(**changes: Any) -> dict[str, Any]:
    return {"id": new_id(), "country": new_id(), "name": "Pulkovo", "degrees": 0} | changes


def only(records: list[Record]) -> Record:
    (record,) = records
    return record


def said(record: Record) -> Envelope:
    return Envelope.from_headers(headers(record.envelope))


def test_a_fact_leaves_its_aggregate_s_state_beside_it() -> None:
    opened = StationOpened(**station())
    record = only(latest_states([fact(7, opened)]))
    assert (record.id, record.topic, record.key) == (7, STATES, str(opened.id).encode())
    assert StationState.model_validate_json(record.value or b"") == StationState(
        **opened.model_dump()
    )


def test_a_state_says_who_when_and_in_which_order_as_its_fact_does() -> None:
    stated = envelope(new_id(), 3, StationOpened.type)
    opened = StationOpened(**station(id=stated.subject))
    record = only(latest_states([row(1, TOPIC, stated, opened.model_dump_json())]))
    own = {"id": state_id(stated.id), "type": TYPE, "dataschema": schema_id(TYPE)}
    assert said(record) == stated.model_copy(update=own)


def test_what_is_only_of_the_fact_is_no_part_of_the_state() -> None:
    joined = ClientJoinedProvider(
        id=new_id(),
        name="N",
        country="DE",
        state="active",
        provider_ids=(),
        provider_id=new_id(),
    )
    record = only(latest_states([fact(1, joined)]))
    assert orjson.loads(record.value or b"").keys() == ClientState.model_fields.keys()


def test_of_several_states_of_an_aggregate_only_the_last_is_published() -> None:
    first, second = station(), station()
    rows = [
        fact(1, StationOpened(**first), 1),
        fact(2, StationOpened(**second), 1),
        fact(3, TemperatureMeasured(**first | {"degrees": 5}), 2),
    ]
    records = latest_states(rows)
    assert [(record.id, said(record).sequence) for record in records] == [(2, 1), (3, 2)]
    assert latest_states(rows[::-1]) == records, "whatever the order in which they were read"


def test_a_row_of_a_state_topic_is_published_as_it_is() -> None:
    stated = envelope(new_id(), 4, TYPE)
    record = only(latest_states([row(5, STATES, stated, '{"a": 1}')]))
    assert (record.topic, record.value, said(record)) == (STATES, b'{"a": 1}', stated)


def test_a_tombstone_comes_after_the_facts_and_has_no_value() -> None:
    kept = station()
    erased = row(2, STATES, envelope(kept["id"], 2, TYPE), None)
    record = only(latest_states([fact(1, StationOpened(**kept)), erased]))
    assert (record.value, said(record).sequence) == (None, 2)


def test_text_may_come_as_bytes() -> None:
    opened = fact(1, StationOpened(**station()))
    raw = [
        value.encode() if isinstance(value, str) and value != TOPIC else value for value in opened
    ]
    assert latest_states([raw]) == latest_states([opened])


def test_dead_letters_are_no_states() -> None:
    letter = envelope(new_id(), 1, "florin.weather.dead-letters.parked.v1")
    assert latest_states([row(1, "weather-dead-letters", letter, "{}")]) == []


def test_a_fact_of_an_unknown_aggregate_is_not_left_out_in_silence() -> None:
    gathered = envelope(new_id(), 1, "florin.weather.cloud.gathered.v1")
    with pytest.raises(Unstated, match=r"cloud\.gathered\.v1 on weather-cloud"):
        latest_states([row(1, "weather-cloud", gathered, "{}")])


def test_a_fact_without_its_whole_state_is_not_left_out_in_silence() -> None:
    opened = envelope(new_id(), 1, StationOpened.type)
    with pytest.raises(Unstated, match="country"):
        latest_states([row(1, TOPIC, opened, f'{{"id": "{opened.subject}"}}')])


def test_a_fact_of_a_later_release_still_tells_the_state_as_it_is_known_here() -> None:
    closed = envelope(new_id(), 2, "florin.weather.station.closed.v1")
    data = orjson.dumps(station(id=closed.subject) | {"why": "rain"}).decode()
    record = only(latest_states([row(1, TOPIC, closed, data)]))
    assert orjson.loads(record.value or b"").keys() == StationState.model_fields.keys()
