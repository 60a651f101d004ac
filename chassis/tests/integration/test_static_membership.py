"""Members with a name on real Kafka: restarted one by one, as a StatefulSet does it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from uuid import UUID

import pytest
from aiokafka.coordinator.protocol import ConsumerProtocol
from chassis.tests.almanac import consuming, has_readings, readings
from chassis.tests.owners import Owner, administrator, owner_of
from chassis.tests.roads import running, until
from structlog.testing import capture_logs

from florin_chassis.ids import new_id
from florin_chassis.road.consumer import group_of
from florin_chassis.runtime import Runtime
from florin_chassis.testing.harness import Harness

NAMES = ("weather-0", "weather-1")
_UUID_LENGTH = 36

Assignment = list[tuple[str, list[int]]]


@pytest.fixture
async def owner(road: Runtime) -> AsyncIterator[Owner]:
    async with owner_of(road) as owner:
        yield owner


def named(road: Runtime, name: str) -> Runtime:
    settings = road.settings.model_copy(update={"consumer_instance": name})
    return replace(road, settings=settings)


async def assignment(road: Runtime) -> Assignment:
    """Each member's name and partitions, as the broker knows them; empty while it rebalances."""
    async with administrator(road) as admin:
        [answer] = await admin.describe_consumer_groups([group_of(road.service, road.settings)])
    [(_, _, state, _, _, members)] = answer.groups
    if state != "Stable":
        return []
    # The broker makes a member's id of its name and a UUID.
    return sorted((id_[: -_UUID_LENGTH - 1], _partitions(data)) for id_, _, _, _, data in members)


def _partitions(assigned: bytes) -> list[int]:
    decoded = ConsumerProtocol.ASSIGNMENT.decode(assigned)
    return [partition for _, partition in decoded.partitions()]


async def measure(owner: Owner, stations: list[UUID], degrees: int) -> None:
    """Once for each station, each in a partition of its own."""
    for partition, station in enumerate(stations):
        await owner.measure(station, degrees, partition)


async def shared(road: Runtime) -> bool:
    return len(await assignment(road)) == len(NAMES)


async def test_named_members_restarted_one_by_one_move_no_partition_and_disturb_nobody(
    weather: Harness, road: Runtime, owner: Owner
) -> None:
    """The group's leader among them; what came while one was away, it handles when it is back."""
    stations = [new_id() for _ in range(3)]
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        members = [
            (life, consuming(named(road, name), weather))
            for life, name in zip((first, second), NAMES, strict=True)
        ]
        await measure(owner, stations, 14)
        for life, member in members:
            await life.enter_async_context(running(member))
            await until(lambda: has_readings(road, 3))
        await until(lambda: shared(road))
        await measure(owner, stations, 15)
        await until(lambda: has_readings(road, 6))  # both read what the rebalance gave them
        before = await assignment(road)
        for degrees, (life, member) in enumerate(members, start=16):
            with capture_logs() as logs:
                await life.aclose()
                await measure(owner, stations, degrees)
                await life.enter_async_context(running(member))
                await until(lambda: has_readings(road, 3 * (degrees - 13)))  # noqa: B023
            joined = [line for line in logs if line["event"] == "partitions assigned"]
            assert len(joined) == 1, "a rebalance reaches the other member too"
        assert await assignment(road) == before
    assert [name for name, _ in before] == list(NAMES)
    noted = await readings(road)
    for station in stations:
        assert [degrees for one, degrees in noted if one == station] == [14, 15, 16, 17]
