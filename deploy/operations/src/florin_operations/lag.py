"""How far each service's consumer is behind the log, by its own positions, not the group's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from aiokafka import TopicPartition
from sqlalchemy import select

from florin_chassis.tables import consumer_positions
from florin_operations.databases import connection_to
from florin_operations.errors import Found
from florin_operations.log import Bounds, Log, Record, log_of
from florin_operations.options import Json, Services, Stack, finish, scope
from florin_operations.output import print_json, print_table, say
from florin_operations.registry import read_by
from florin_operations.settings import Installation

Positions = dict[tuple[str, int], int]


@dataclass(frozen=True)
class Lag:
    """One partition as one service reads it; `oldest` is the age of the first event not handled."""

    service: str
    topic: str
    partition: int
    log_first: int
    log_end: int
    position: int | None
    behind: int
    oldest: timedelta | None
    finding: str | None


def lag(
    *,
    service: Services = None,
    max_age_s: Annotated[
        float | None, typer.Option(help="Exit with 1 when an event waits for longer.")
    ] = None,
    partitions: Annotated[
        bool, typer.Option("--partitions", help="Each partition, not only those with something.")
    ] = False,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """How far each service is behind what it reads, and how old what waits is.

    Exits with 1 when a position lies outside what the log holds: events were lost to the service,
    or the log was wiped.
    """
    asked = scope(stack=stack, services=service)
    lags = finish(measure(asked.installation, asked.services))
    if as_json:
        print_json({"partitions": lags})
    else:
        print_lags([one for one in lags if partitions or one.behind or one.finding])
        say(f"{len(lags):,} partitions, {sum(one.behind for one in lags):,} records behind")
    findings = [one for one in lags if one.finding or _too_old(one, max_age_s)]
    if findings:
        raise Found(f"{len(findings)} partitions are not as they must be")


async def measure(installation: Installation, services: Iterable[str]) -> list[Lag]:
    """Every partition of every topic that the services read.

    Positions are read before the log's ends, so that a position past its end is a finding, not a
    race.
    """
    positions = {service: await positions_of(installation, service) for service in services}
    async with log_of(installation) as log:
        lags = []
        for service, known in positions.items():
            lags += await _lags(log, installation, service, known)
        return lags


async def positions_of(installation: Installation, service: str) -> Positions:
    """A service's fence: the offset up to which each partition has had its effect."""
    columns = (
        consumer_positions.c.topic,
        consumer_positions.c.partition,
        consumer_positions.c.next_offset,
    )
    async with connection_to(installation, service) as connection:
        rows = await connection.execute(select(*columns))
        return {(row.topic, row.partition): row.next_offset for row in rows}


async def _lags(
    log: Log, installation: Installation, service: str, positions: Positions
) -> list[Lag]:
    topics = {installation.topic(topic) for topic in read_by(service)}
    topics |= {topic for topic, _ in positions}
    held = await log.topics(topics)
    bounds = await log.bounds(held.values())
    next_ = {
        partition: max(positions.get((partition.topic, partition.partition), 0), bound.first)
        for partition, bound in bounds.items()
    }
    waiting = {p: offset for p, offset in next_.items() if offset < bounds[p].end}
    oldest = await log.records_at(waiting)
    missing = [_missing_topic(service, topic) for topic in sorted(topics - held.keys())]
    return missing + [
        _one(service, partition, bound, positions, oldest.get(partition))
        for partition, bound in sorted(bounds.items())
    ]


def _one(
    service: str,
    partition: TopicPartition,
    bound: Bounds,
    positions: Positions,
    oldest: Record | None,
) -> Lag:
    position = positions.get((partition.topic, partition.partition))
    behind = max(bound.end - max(position or 0, bound.first), 0)
    age = (
        datetime.now(UTC) - datetime.fromtimestamp(oldest.timestamp / 1000, UTC) if oldest else None
    )
    return Lag(
        service,
        partition.topic,
        partition.partition,
        bound.first,
        bound.end,
        position,
        behind,
        max(age, timedelta(0)) if age is not None else None,
        _finding(position, bound),
    )


def _finding(position: int | None, bound: Bounds) -> str | None:
    if position is None:
        return None  # it has yet to read its first batch: behind says how much that is
    if position > bound.end:
        return "past the end: the log was wiped"
    if position < bound.first:
        return f"{bound.first - position} records were removed before they were read"
    return None


def _missing_topic(service: str, topic: str) -> Lag:
    return Lag(service, topic, -1, 0, 0, None, 0, None, "there is no such topic")


def _too_old(one: Lag, max_age_s: float | None) -> bool:
    return (
        max_age_s is not None and one.oldest is not None and one.oldest.total_seconds() > max_age_s
    )


def print_lags(lags: Iterable[Lag]) -> None:
    """One line a partition."""
    columns = ("service", "topic", "partition", "log", "position", "behind", "oldest", "finding")
    print_table(
        "Consumers: records not yet handled",
        columns,
        (
            (
                one.service,
                one.topic,
                one.partition,
                f"{one.log_first:,} to {one.log_end:,}",
                one.position,
                one.behind,
                one.oldest,
                one.finding,
            )
            for one in lags
        ),
    )
