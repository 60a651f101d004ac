"""What was erased is gone from the bytes on Kafka's disk: on a broker that tidies at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chassis.tests.roads import TOPIC, until
from chassis.tests.states import (
    DECLARED,
    STATE_TOPIC,
    grow_older,
    kept,
    latest,
    read_states,
    relay_all,
    versions,
    with_topics,
)
from chassis.tests.weather.models import Station, measure, open_station

from florin_chassis.ids import new_id
from florin_chassis.road.tombstones import AGAIN_AFTER, restate_tombstones
from florin_chassis.runtime import Runtime
from florin_chassis.testing.harness import Harness
from florin_chassis.topics import create, topics_of
from florin_local.kafka import Kafka

NAME = "Zaphod Beeblebrox"
EARLIER = '"degrees":-4242'
"""Of a state that is not the last, so that it goes as soon as anything is compacted."""

QUICK = {
    "log.initial.task.delay.ms": "0",
    "log.cleaner.backoff.ms": "100",
    "log.retention.check.interval.ms": "100",
    "log.segment.delete.delay.ms": "0",
}
NO_LAG = DECLARED | {
    "partitions": 1,
    "state": {"max_compaction_lag_ms": 1, "delete_retention_ms": 30 * 86_400_000},
}


@pytest.fixture(scope="module")
def quick_kafka(server_folder: Path) -> Iterator[Kafka]:
    """A broker that does at once what others do every few minutes."""
    server = Kafka(server_folder / "quick-kafka", 0, heap_mb=256)
    server.properties = QUICK
    server.start()
    yield server
    server.stop()


def on_disk(kafka: Kafka, road: Runtime, topic: str, words: str) -> bool:
    """Whether any file of the topic's partitions holds these words."""
    folders = kafka.data_dir.glob(f"log/{road.settings.topic_prefix}{topic}-[0-9]*")
    return any(words.encode() in _bytes(f) for folder in folders for f in folder.iterdir())


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # the broker has removed it meanwhile
        return b""


async def gone(kafka: Kafka, road: Runtime, topic: str, words: str) -> None:
    """Wait until the words are on the broker's disk no more."""

    async def is_gone() -> bool:
        return not on_disk(kafka, road, topic, words)

    await until(is_gone)


async def test_an_erased_name_is_gone_from_the_disk_and_every_other_state_can_be_read(
    weather: Harness, quick_kafka: Kafka
) -> None:
    road = await with_topics(weather.runtime, quick_kafka.bootstrap, NO_LAG)
    country = new_id()
    erased = await open_station(NAME, country, weather.begin)
    for n in range(4):
        await open_station(f"S{n}", country, weather.begin)
    for degrees in (-4242, 7):
        await measure(erased.id, degrees, weather.begin)
        await relay_all(road)
    assert on_disk(quick_kafka, road, TOPIC, NAME)
    assert on_disk(quick_kafka, road, STATE_TOPIC, NAME)

    async with weather.begin() as transaction:
        await transaction.erase(await transaction.get(Station, erased.id))
    await relay_all(road)
    await gone(quick_kafka, road, STATE_TOPIC, EARLIER)
    assert on_disk(quick_kafka, road, STATE_TOPIC, NAME), "until something follows the tombstone"

    await grow_older(weather.runtime, AGAIN_AFTER)
    await restate_tombstones(road)
    await relay_all(road)
    await gone(quick_kafka, road, STATE_TOPIC, NAME)
    assert erased.id in {s.envelope.subject for s in await read_states(road) if s.state is None}
    assert versions(await latest(road)) == await kept(weather.runtime)

    past_retention = topics_of(NO_LAG | {"retention_ms": 1}, road.settings)
    await create(past_retention, road.settings)
    await gone(quick_kafka, road, TOPIC, NAME)
    assert versions(await latest(road)) == await kept(weather.runtime)
    assert len(await latest(road)) == 4
