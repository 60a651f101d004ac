"""Who may deliver what: one holder a lane, bounds over all processes, and no lane lost."""

import asyncio
from datetime import UTC, datetime
from itertools import chain
from uuid import UUID

from services.providers.tests.receiver import Answer, Received, Receiver, until
from services.providers.tests.telling import (
    REGISTERED,
    all_are,
    deliveries,
    delivering,
    registered,
    run,
    tell,
    webhook,
)
from sqlalchemy import text

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.envelope import Envelope, schema_id
from florin_providers.delivery.claims import Claimed, claim_due
from florin_providers.delivery.recording import record
from florin_providers.delivery.sending import Attempt
from florin_providers.models import AttemptOutcome, DeliveryStatus
from florin_providers.settings import Settings
from florin_providers.use_cases.announce_event import announce_event

URL = "http://127.0.0.1:1/"
LEASE_S = 60.0
LEASES_END = "UPDATE webhook_lanes SET due_at = now() - interval '1 s' WHERE claim IS NOT NULL"
BLOCKED = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND wait_event_type = 'Lock' AND query LIKE '%webhook_lanes%'"
)


def settings_of(telling: Harness) -> Settings:
    settings = telling.runtime.settings
    assert isinstance(settings, Settings)
    return settings


async def claim(telling: Harness, most: int = 100) -> list[Claimed]:
    claimed, _ = await claim_due(telling.runtime.database, settings_of(telling), most, LEASE_S)
    return claimed


async def written(telling: Harness, claimed: Claimed, outcome: AttemptOutcome) -> None:
    attempt = Attempt(datetime.now(UTC), 1, outcome)
    await record(telling.runtime.database, settings_of(telling), claimed, attempt)


async def test_a_webhook_has_so_many_under_way_over_all_processes(telling: Harness) -> None:
    for _ in "12":
        await webhook(telling, URL, event_types=[REGISTERED])
    await tell(telling, *(new_id() for _ in range(12)))
    each = settings_of(telling).webhook_at_once_each_max
    first = await claim(telling)
    assert len(first) == 2 * each
    assert await claim(telling) == []
    await written(telling, first[0], AttemptOutcome.DELIVERED)
    (next_,) = await claim(telling)
    assert next_.lane.webhook_id == first[0].lane.webhook_id


async def test_no_more_are_claimed_than_asked_for(telling: Harness) -> None:
    await webhook(telling, URL, event_types=[REGISTERED])
    await tell(telling, *(new_id() for _ in range(5)))
    assert len(await claim(telling, 3)) == 3


async def test_a_webhook_that_fails_is_tried_by_one_at_a_time_until_it_succeeds(
    telling: Harness,
) -> None:
    await webhook(telling, URL, event_types=[REGISTERED])
    await tell(telling, new_id())
    (only,) = await claim(telling)
    await written(telling, only, AttemptOutcome.TIMED_OUT)
    await tell(telling, *(new_id() for _ in range(5)))
    (probe,) = await claim(telling)
    assert await claim(telling) == []
    await written(telling, probe, AttemptOutcome.DELIVERED)
    assert len(await claim(telling)) == 4


async def test_only_the_first_of_an_aggregate_is_claimed(telling: Harness) -> None:
    await webhook(telling, URL, event_types=[REGISTERED])
    subject = new_id()
    await tell(telling, subject, subject)
    (first,) = await claim(telling)
    assert await claim(telling) == []
    await written(telling, first, AttemptOutcome.DELIVERED)
    (second,) = await claim(telling)
    assert second.event_id != first.event_id


async def test_the_same_subject_on_two_topics_is_two_aggregates(telling: Harness) -> None:
    await webhook(telling, URL)
    await telling.redeliver(*await telling.stated())
    (webhook_created,) = await deliveries(telling)
    await tell(telling, webhook_created.subject)
    assert len(await claim(telling)) == 2


async def test_whoever_lost_its_claim_writes_nothing(telling: Harness) -> None:
    await webhook(telling, URL, event_types=[REGISTERED])
    await tell(telling, new_id())
    (late,) = await claim(telling)
    assert await run(telling, LEASES_END) == 1
    (now,) = await claim(telling)
    await written(telling, late, AttemptOutcome.DELIVERED)
    assert await all_are(telling, DeliveryStatus.PENDING, 1)
    await written(telling, now, AttemptOutcome.DELIVERED)
    assert await all_are(telling, DeliveryStatus.DELIVERED, 1)
    assert (await deliveries(telling))[0].tries == 1


async def test_many_who_claim_at_once_never_get_the_same(telling: Harness) -> None:
    await webhook(telling, URL, event_types=[REGISTERED])
    await tell(telling, *(new_id() for _ in range(8)))
    rounds = await asyncio.gather(*(claim(telling, 2) for _ in range(8)))
    events = [claimed.event_id for claimed in chain.from_iterable(rounds)]
    assert len(events) == len(set(events)) == 8


async def test_an_event_that_arrives_as_its_lane_ends_is_not_forgotten(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url, event_types=[REGISTERED])
    subject = new_id()
    await tell(telling, subject)
    arrived = asyncio.Event()

    async def answer(request: Received) -> Answer:
        if request.event["sequence"] == 1:
            await arrived.wait()
        return Answer()

    async def waits_for_us() -> bool:
        async with telling.runtime.database.engine.connect() as connection:
            return bool(await connection.scalar(BLOCKED) == 1)

    receiver.answer = answer
    async with delivering(telling.runtime):
        await receiver.have(1)
        async with telling.begin() as transaction:
            await announce_event(registered(subject), envelope(subject, 2), transaction.session)
            arrived.set()
            await until(waits_for_us)
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, 2))
    assert [request.event["sequence"] for request in receiver.received] == [1, 2]


def envelope(subject: UUID, sequence: int) -> Envelope:
    return Envelope(
        id=new_id(),
        source="florin/test",
        type=REGISTERED,
        subject=subject,
        time=datetime.now(UTC),
        sequence=sequence,
        dataschema=schema_id(REGISTERED),
        actor="user/test",
    )
