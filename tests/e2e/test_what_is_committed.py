"""I1 and I8, after all the stories: committed, on Kafka and received are the same events."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from tests.shared.databases import TOPICS, Databases, Stated
from tests.shared.kafka_log import stated_on_kafka

from florin_local.demo.checks import until
from florin_local.demo.tale import Tale
from florin_local.settings import SERVICES
from florin_local.stack import Stack


def test_the_database_of_each_service_matches_what_kafka_holds(
    stack: Stack, tale: Tale, databases: Databases
) -> None:
    assert tale.client_id
    until(databases.expect_settled)
    on_kafka = asyncio.run(stated_on_kafka(stack.kafka_bootstrap))
    for service in SERVICES:
        stated = databases.outbox(service)
        for topic in (topic["topic"] for topic in TOPICS if topic["owner"] == service):
            assert _lives(dict.fromkeys(on_kafka[topic])) == _lives(stated[topic]), topic
        _expect_rows_and_audit_match(databases, service)


def _expect_rows_and_audit_match(databases: Databases, service: str) -> None:
    topics = databases.outbox(service)
    events = [event for topic in topics.values() for event in topic]
    lives = _lives(events)
    assert events, service
    assert sorted(databases.audit(service)) == sorted(events)
    # A user and its access have one id; a tombstone is the last of a life, on the state topic.
    kinds: dict[tuple[str, UUID], list[int]] = defaultdict(list)
    for topic in sorted(topics):
        for event in topics[topic]:
            kinds[topic.removesuffix("-state"), event.subject].append(event.sequence)
    for kind, sequences in kinds.items():
        assert sequences == [*range(1, len(sequences) + 1)], kind
    living = lives.keys() - databases.erased(service)
    assert databases.versions(service) == {subject: len(lives[subject]) for subject in living}
    assert databases.parked(service) == []


def _lives(events: Iterable[Stated]) -> dict[UUID, list[Stated]]:
    """The events of each aggregate, in their order."""
    lives: dict[UUID, list[Stated]] = defaultdict(list)
    for event in events:
        lives[event.subject].append(event)
    return lives
