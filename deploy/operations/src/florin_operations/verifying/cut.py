"""The consistent cut of a system under load: what must be equal is fixed before anything is read.

Read in this order, a system that goes on working breaks no rule by being looked at:

1. each consumer's positions: all before them has had its effect, and is in the inbox or parked;
2. each relay's position: every outbox id up to it is on Kafka, or will never become visible;
3. the log's ends: what 1 and 2 speak of lies before them;
4. the log up to there; then the outbox up to 2, which was committed before it was sent;
5. inboxes (parked events first: a replay moves them from there into the inbox) and audit;
6. the outbox past 2: whatever 4 and 5 have seen of younger events was committed by now.

An outbox row up to 2 that 4 lacks is lost; a record of 4 that neither outbox nor audit knows is a
ghost. Rows that Kafka's retention may have taken are not asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition
from sqlalchemy import select

from florin_chassis.tables import relay_cursors
from florin_contracts.states import state_topic
from florin_operations.databases import connection_to
from florin_operations.lag import Positions, positions_of
from florin_operations.log import Bounds, Log
from florin_operations.options import Scope
from florin_operations.registry import dead_letters_of, owned_by, read_by, topics
from florin_operations.settings import Installation


@dataclass(frozen=True)
class Cut:
    """Per service its consumer's and its relay's positions; then what the log holds."""

    consumed: Mapping[str, Positions]
    relayed: Mapping[str, int]
    log: Mapping[TopicPartition, Bounds]
    retention_ms: Mapping[str, int]
    missing_topics: frozenset[str]


async def take_cut(scope: Scope, log: Log) -> Cut:
    """Fix what will be compared."""
    installation, services = scope.installation, scope.services
    consumed = {service: await positions_of(installation, service) for service in services}
    relayed = {service: await _relayed(scope, service) for service in services}
    names = {topic for service in services for topic in _topics(service)}
    wanted = {installation.topic(name) for name in names}
    wanted |= {topic for known in consumed.values() for topic, _ in known} - _states(installation)
    held = await log.topics(wanted)
    bounds = await log.bounds(held.values())
    retention = {topic.name: int(topic.configs["retention.ms"]) for topic in held.values()}
    return Cut(consumed, relayed, bounds, retention, frozenset(wanted - held.keys()))


def _states(installation: Installation) -> set[str]:
    """State topics: their records have no inbox rows, and projections guard themselves."""
    return {installation.topic(state_topic(topic)) for topic in topics()}


def _topics(service: str) -> list[str]:
    return [*owned_by(service), *read_by(service), dead_letters_of(service)]


async def _relayed(scope: Scope, service: str) -> int:
    position = select(relay_cursors.c.position).where(relay_cursors.c.reader == "facts")
    async with connection_to(scope.installation, service) as connection:
        return await connection.scalar(position) or 0
