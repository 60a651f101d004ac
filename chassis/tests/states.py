"""What tests of state topics share: topics as they are declared, relays, and a reader of states."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from aiokafka import AIOKafkaConsumer
from chassis.tests.roads import TOPIC, running, until
from chassis.tests.weather.models import Station
from sqlalchemy import func, select, update

from florin_chassis.ids import new_id
from florin_chassis.road.relay import Relay
from florin_chassis.road.states import STATES
from florin_chassis.runtime import Runtime
from florin_chassis.tables import outbox, pending_tombstones, relay_cursors
from florin_chassis.topics import create, topics_of
from florin_contracts.envelope import Envelope
from florin_contracts.states import state_topic

STATE_TOPIC = state_topic(TOPIC)
DECLARED: dict[str, Any] = {
    "topic": TOPIC,
    "partitions": 3,
    "retention_ms": 14 * 86_400_000,
    "state": {"max_compaction_lag_ms": 86_400_000, "delete_retention_ms": 30 * 86_400_000},
}


class Stated(NamedTuple):
    """A record of a state topic; `state` is none in a tombstone."""

    envelope: Envelope
    state: dict[str, Any] | None


async def with_topics(runtime: Runtime, bootstrap: str, declared: dict[str, Any]) -> Runtime:
    """The runtime, with topics of its own for facts and states on this broker."""
    prefix = f"t{new_id().hex[-8:]}-"
    changes = {"kafka_bootstrap": bootstrap, "topic_prefix": prefix, "relay": "poll"}
    road = replace(runtime, settings=runtime.settings.model_copy(update=changes))
    await create(topics_of(declared, road.settings), road.settings)
    return road


async def relay_all(road: Runtime) -> None:
    """Run both relays until all that the outbox holds has gone through each."""

    async def done() -> bool:
        async with road.database.engine.connect() as connection:
            last: int | None = await connection.scalar(select(func.max(outbox.c.id)))
            rows = (await connection.execute(select(relay_cursors))).all()
        positions: dict[str, int] = {row.reader: row.position for row in rows}
        return min(positions.get(reader, 0) for reader in ("facts", "states")) >= (last or 0)

    facts = Relay(road)
    async with running(facts.run, Relay(road, STATES, after=facts).run):
        await until(done)


async def read_states(road: Runtime) -> list[Stated]:
    """Every record of the state topic that Kafka still has, in the order of each partition."""
    name = road.settings.topic_prefix + STATE_TOPIC
    bootstrap = road.settings.kafka_bootstrap
    reader = AIOKafkaConsumer(
        name, bootstrap_servers=bootstrap, auto_offset_reset="earliest", group_id=None
    )
    found: list[Stated] = []
    await reader.start()
    try:
        ends = await reader.end_offsets(reader.assignment())
        while [p for p, end in ends.items() if await reader.position(p) < end]:
            for records in (await reader.getmany(timeout_ms=200)).values():
                found += [
                    Stated(Envelope.from_headers(r.headers), r.value and orjson.loads(r.value))
                    for r in records
                ]
    finally:
        await reader.stop()
    return found


async def latest(road: Runtime) -> dict[UUID, Stated]:
    """What a new reader of the state topic alone knows: of each living aggregate the last state."""
    last = {stated.envelope.subject: stated for stated in await read_states(road)}
    return {subject: stated for subject, stated in last.items() if stated.state is not None}


async def kept(runtime: Runtime) -> dict[UUID, tuple[int, int]]:
    """Version and degrees of every station that there is."""
    async with runtime.database.engine.connect() as connection:
        rows = await connection.execute(select(Station.id, Station.version, Station.degrees))
        return {row.id: (row.version, row.degrees) for row in rows}


def versions(states: dict[UUID, Stated]) -> dict[UUID, tuple[int, int]]:
    """The same of what a state topic says."""
    return {
        subject: (stated.envelope.sequence, stated.state["degrees"])
        for subject, stated in states.items()
        if stated.state
    }


async def grow_older(runtime: Runtime, age: timedelta) -> None:
    """As if the erasures, and all in the outbox, were so much longer ago."""
    async with runtime.database.engine.begin() as connection:
        earlier = pending_tombstones.c.erased_at - age
        await connection.execute(update(pending_tombstones).values(erased_at=earlier))
        await connection.execute(update(outbox).values(stated_at=outbox.c.stated_at - age))
