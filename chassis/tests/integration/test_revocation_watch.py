"""What refuses tokens is heard from real Kafka, from a token's life ago on, without a group."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from chassis.tests.outboxes import metric
from chassis.tests.roads import DEADLINE_S, running, until

from florin_chassis.errors import Unavailable
from florin_chassis.ids import new_id
from florin_chassis.revocation_watch import RevocationWatch
from florin_chassis.revocations import Revocations, Stamp, TokenRevoked
from florin_chassis.settings import HttpSettings
from florin_chassis.supervision import beside
from florin_contracts.envelope import schema_id
from florin_contracts.event import Event, event_types
from florin_contracts.identity import (
    AccessGranted,
    AccessReduced,
    SessionEnded,
    SessionStarted,
)
from florin_contracts.tokens import REVOKING
from florin_local.kafka import Kafka

TOPICS = {event_types()[type_].topic for type_ in REVOKING}
LIFE_S = 900


@dataclass
class Bus:
    """Real Kafka with the topics of this test alone, and somebody who states things there."""

    settings: HttpSettings
    producer: AIOKafkaProducer

    async def state(
        self, kind: type[Event], subject: UUID, sequence: int = 1, at_s: float | None = None
    ) -> None:
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(new_id()),
            "ce_source": "florin/identity",
            "ce_type": kind.type,
            "ce_subject": str(subject),
            "ce_time": "2026-01-01T00:00:00Z",
            "ce_sequence": str(sequence),
            "ce_dataschema": schema_id(kind.type),
            "ce_actor": "user/test",
        }
        await self.producer.send_and_wait(
            self.settings.topic_prefix + kind.topic,
            b"{}",
            key=str(subject).encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
            timestamp_ms=None if at_s is None else int(at_s * 1_000),
        )


def settings_of(bootstrap: str, prefix: str) -> HttpSettings:
    told = {"jwks_url": "-", "token_issuer": "-", "token_life_s_max": LIFE_S}
    return HttpSettings.model_validate(
        told | {"kafka_bootstrap": bootstrap, "topic_prefix": prefix}
    )


async def make_topics(settings: HttpSettings, topics: set[str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(settings.topic_prefix + t, 3, 1) for t in topics])
    await admin.close()


@pytest.fixture
async def bus(kafka: Kafka) -> AsyncIterator[Bus]:
    settings = settings_of(kafka.bootstrap, f"t{new_id().hex[-8:]}-")
    await make_topics(settings, TOPICS - {SessionEnded.topic})
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        await make_topics(settings, {SessionEnded.topic})
        yield Bus(settings, producer)


@asynccontextmanager
async def watched(settings: HttpSettings) -> AsyncIterator[Revocations]:
    """The revocations of a process that has just started."""
    revocations = Revocations(LIFE_S)
    async with running(RevocationWatch(revocations, settings, "test").run):
        await asyncio.wait_for(revocations.wait(), DEADLINE_S)
        yield revocations


def refuses(revocations: Revocations, stamp: Stamp) -> bool:
    try:
        revocations.refuse(stamp)
    except TokenRevoked:
        return True
    return False


async def refused(revocations: Revocations, stamp: Stamp) -> None:
    """Return when the token is refused."""

    async def is_() -> bool:
        return refuses(revocations, stamp)

    await until(is_)


async def test_a_session_that_ends_while_processes_run_is_refused_by_all_of_them(bus: Bus) -> None:
    session = Stamp(new_id(), new_id(), 4)
    assert session.issued_in
    async with watched(bus.settings) as first, watched(bus.settings) as second:
        assert not refuses(first, session)
        await bus.state(SessionStarted, session.issued_in)
        await bus.state(SessionEnded, session.issued_in, 2)
        await refused(first, session)
        await refused(second, session)


async def test_a_process_that_starts_knows_at_once_what_was_revoked_before(bus: Bus) -> None:
    ended, reduced, granted = (Stamp(new_id(), new_id(), 1) for _ in range(3))
    assert ended.issued_in
    await bus.state(SessionEnded, ended.issued_in, 2)
    await bus.state(AccessReduced, reduced.holder, 2)
    await bus.state(AccessGranted, granted.holder, 2)
    async with watched(bus.settings) as revocations:
        assert [refuses(revocations, s) for s in (ended, reduced, granted)] == [True, True, False]
        assert not refuses(revocations, reduced._replace(version=2))
        assert metric("florin_revocations_known") == 2


async def test_what_is_older_than_any_token_is_not_read_again(bus: Bus) -> None:
    old, young = new_id(), new_id()
    await bus.state(AccessReduced, old, 2, at_s=time.time() - 86_400)
    await bus.state(AccessReduced, young, 2, at_s=time.time() - LIFE_S)
    async with watched(bus.settings) as revocations:
        assert not refuses(revocations, Stamp(old, None, 1))
        assert refuses(revocations, Stamp(young, None, 1))


async def test_a_record_that_is_none_of_ours_stops_nothing(bus: Bus) -> None:
    session = Stamp(new_id(), new_id(), 0)
    assert session.issued_in
    topic = bus.settings.topic_prefix + SessionEnded.topic
    async with watched(bus.settings) as revocations:
        for headers in ([], [("ce_type", SessionEnded.type.encode())], [("ce_type", b"\xff")]):
            await bus.producer.send_and_wait(topic, b"?", partition=0, headers=headers)
        await bus.state(SessionEnded, session.issued_in, 2)
        await refused(revocations, session)


async def test_without_kafka_a_process_goes_on_and_hears_of_it_when_kafka_is_there(
    bus: Bus,
) -> None:
    nowhere = bus.settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    revocations = Revocations(LIFE_S)
    with pytest.raises(Unavailable):
        await revocations.check()
    with pytest.raises(Exception, match="bootstrap"):
        await RevocationWatch(revocations, nowhere, "test").run(asyncio.Event())
    await revocations.check()
    session = Stamp(new_id(), new_id(), 0)
    assert session.issued_in
    await bus.state(SessionEnded, session.issued_in, 2)
    async with running(RevocationWatch(revocations, bus.settings, "test").run):
        await refused(revocations, session)


async def test_a_broker_that_was_away_is_heard_again_once_it_is_back(
    mortal_kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_of(mortal_kafka.bootstrap, f"t{new_id().hex[-8:]}-")
    await make_topics(settings, TOPICS)
    revocations = Revocations(LIFE_S)
    async with beside("revocations", RevocationWatch(revocations, settings, "test").run):
        await asyncio.wait_for(revocations.wait(), DEADLINE_S)
        await asyncio.to_thread(mortal_kafka.kill)

        async def is_given_up() -> bool:
            return "Unable connect to" in caplog.text  # a new client's words, no old one's

        await until(is_given_up)
        await asyncio.to_thread(mortal_kafka.start)
        session = Stamp(new_id(), new_id(), 0)
        assert session.issued_in
        async with AIOKafkaProducer(bootstrap_servers=mortal_kafka.bootstrap) as producer:
            await Bus(settings, producer).state(SessionEnded, session.issued_in, 2)
        await refused(revocations, session)


async def test_a_topic_that_is_made_later_is_watched_from_its_beginning(kafka: Kafka) -> None:
    settings = settings_of(kafka.bootstrap, f"t{new_id().hex[-8:]}-")
    await make_topics(settings, {AccessReduced.topic})
    holder, session = new_id(), Stamp(new_id(), new_id(), 0)
    assert session.issued_in
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        bus = Bus(settings, producer)
        await bus.state(AccessReduced, holder, 3)
        async with watched(settings) as revocations:
            assert refuses(revocations, Stamp(holder, None, 2))
            await make_topics(settings, {SessionEnded.topic})
            await bus.state(SessionEnded, session.issued_in, 2)
            await refused(revocations, session)
            assert refuses(revocations, Stamp(holder, None, 2))


async def test_an_idle_watch_is_current(bus: Bus) -> None:
    async with watched(bus.settings):

        async def is_current() -> bool:
            return 0 <= (metric("florin_revocations_age_seconds") or 99) < 2

        await until(is_current)


async def test_where_there_is_no_topic_yet_nothing_is_waited_for(kafka: Kafka) -> None:
    settings = settings_of(kafka.bootstrap, f"t{new_id().hex[-8:]}-")
    async with watched(settings) as revocations:
        await revocations.check()
