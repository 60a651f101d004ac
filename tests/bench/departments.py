"""A department of very many gains or loses a right, and the last of its members is told of."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from tests.bench.backlog import plain_url

from florin_chassis.ids import new_id
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.identity import AccessGranted, AccessReduced
from florin_contracts.providers import (
    DepartmentChanged,
    DepartmentCreated,
    EmployeeInvited,
    EmployeeStatus,
)

_PATIENCE_S = 300
_KEPT, _CHANGING = "clients:read", "providers:read"
_HOLDERS = f"SELECT count(*) FROM access WHERE '{_CHANGING}' = ANY (permissions)"  # noqa: S608

Told = DepartmentCreated | DepartmentChanged | EmployeeInvited


async def fill_department(kafka_bootstrap: str, database_url: str, members: int) -> UUID:
    """Tell identity of a department and its members, as providers would; wait for their rights."""
    department = DepartmentCreated(
        id=new_id(), name="crowd", sections=(), permissions=(_KEPT, _CHANGING)
    )
    people = (_member(number, department.id) for number in range(members))
    await _tell(kafka_bootstrap, [(department, 1), *((person, 1) for person in people)])
    connection = await asyncpg.connect(plain_url(database_url))
    async with asyncio.timeout(_PATIENCE_S):
        while await connection.fetchval(_HOLDERS) < members:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await connection.close()
    return department.id


async def change_and_hear(
    kafka_bootstrap: str, department_id: UUID, sequence: int, members: int
) -> tuple[float, float]:
    """Seconds from a right lost, and from it given back, to the last member's event in Kafka."""
    lost = await _change(kafka_bootstrap, department_id, sequence, members, [_KEPT])
    both = [_KEPT, _CHANGING]
    return lost, await _change(kafka_bootstrap, department_id, sequence + 1, members, both)


async def _change(
    kafka_bootstrap: str, department_id: UUID, sequence: int, members: int, rights: Sequence[str]
) -> float:
    changed = DepartmentChanged(
        id=department_id, name="crowd", sections=(), permissions=tuple(rights)
    )
    awaited = AccessGranted if _CHANGING in rights else AccessReduced
    async with _hearing(kafka_bootstrap) as consumer, asyncio.timeout(_PATIENCE_S):
        await _tell(kafka_bootstrap, [(changed, sequence)])
        started, heard = time.perf_counter(), set[bytes]()
        while len(heard) < members:
            for messages in (await consumer.getmany(timeout_ms=100)).values():
                types = ((m.key, dict(m.headers)["ce_type"]) for m in messages)
                heard.update(key for key, type_ in types if type_.decode() == awaited.type)
        return time.perf_counter() - started


@asynccontextmanager
async def _hearing(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of all that is stated about access from now on."""
    consumer = AIOKafkaConsumer(
        AccessReduced.topic, bootstrap_servers=kafka_bootstrap, enable_auto_commit=False
    )
    async with consumer:
        await consumer.seek_to_end()
        for partition in consumer.assignment():
            await consumer.position(partition)
        yield consumer


async def _tell(kafka_bootstrap: str, events: Iterable[tuple[Told, int]]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka_bootstrap, acks="all", enable_idempotence=True
    )
    async with producer:
        for event, sequence in events:
            value, headers = event.model_dump_json().encode(), _envelope(event, sequence)
            key = str(event.id).encode()
            await producer.send(event.topic, value, key=key, headers=headers.to_headers())
        await producer.flush()


def _envelope(event: Told, sequence: int) -> Envelope:
    return Envelope(
        id=new_id(),
        source="florin/providers",
        type=event.type,
        subject=event.id,
        time=datetime.now(UTC),
        sequence=sequence,
        dataschema=schema_id(event.type),
        actor=f"user/{event.id}",
    )


def _member(number: int, department_id: UUID) -> EmployeeInvited:
    return EmployeeInvited(
        id=new_id(),
        name=f"Member {number}",
        email=f"member{number}@example.com",
        status=EmployeeStatus.INVITED,
        administrator=False,
        provider_ids=(),
        department_ids=(department_id,),
        permissions=(),
    )
