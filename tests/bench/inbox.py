"""The inbox: how fast a service takes in what others state."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.apart import apart
from tests.bench.backlog import NO_KAFKA, settings_of
from tests.bench.baselines.inserting import insert_batches
from tests.bench.baselines.per_message import consume_one_by_one
from tests.bench.consuming import PARTITIONS, Effect, consume
from tests.bench.harness import Family, Figure, Sides, at_least
from tests.bench.servers import Servers

from florin_chassis.migrations import migrate
from florin_clients.service import service

inbox = Family("inbox")

EVENTS = 30_000
EVENTS_ONE_BY_ONE = 2_000

_CONSUMER = f"messages through the chassis' Consumer, first handled to last; {PARTITIONS}"
_PROJECTION = "the aggregate's state is kept in projected_states"


def _inserts(effect: str) -> str:
    return (
        f"asyncpg alone, values at hand: inbox rows and {effect} by unnest, 500 events a "
        "transaction, no Kafka, nothing decoded"
    )


@inbox.compares(
    Figure(
        "inbox.throughput",
        at_least(0.6),
        "events/s",
        f"{EVENTS:,} {_CONSUMER} partitions; the effect: {_PROJECTION}",
        _inserts("states"),
    ),
)
@contextmanager
def throughput(servers: Servers) -> Iterator[Sides]:
    """What most events cause here: their aggregate's latest state is kept."""
    yield _against_inserts(servers, "projection")


@inbox.compares(
    Figure(
        "inbox.handlers",
        at_least(0.1),
        "events/s",
        f"{EVENTS:,} {_CONSUMER} partitions; the effect: a handler that inserts a row, called "
        "for each event in a transaction of its actor",
        _inserts("rows"),
    ),
)
@contextmanager
def handlers(servers: Servers) -> Iterator[Sides]:
    """The dear kind of effect: a handler's own statement for each event."""
    yield _against_inserts(servers, "handler")


@inbox.compares(
    Figure(
        "inbox.vs_per_message",
        at_least(10),
        "events/s",
        f"{EVENTS:,} {_CONSUMER} partitions; the effect: {_PROJECTION}",
        f"FastStream, {EVENTS_ONE_BY_ONE:,} messages one by one: inbox row and the same effect "
        "through SQLAlchemy, one commit each, acknowledged after it",
    ),
)
@contextmanager
def vs_per_message(servers: Servers) -> Iterator[Sides]:
    """The way that a service is first written."""
    url, kafka = _database(servers), servers.kafka.bootstrap
    yield Sides(
        lambda: [apart(consume, url, kafka, EVENTS, 1, "projection")],
        lambda: [apart(consume_one_by_one, url, kafka, EVENTS_ONE_BY_ONE)],
    )


@inbox.compares(
    Figure(
        "inbox.duplicates",
        at_least(1.0),
        "events/s",
        f"{EVENTS // 2:,} events, each twice in a row; {_PROJECTION}",
        f"{EVENTS:,} events, each once",
    ),
)
@contextmanager
def duplicates(servers: Servers) -> Iterator[Sides]:
    """As many messages on both sides."""
    url, kafka = _database(servers), servers.kafka.bootstrap
    yield Sides(
        lambda: [apart(consume, url, kafka, EVENTS // 2, 2, "projection")],
        lambda: [apart(consume, url, kafka, EVENTS, 1, "projection")],
    )


def _against_inserts(servers: Servers, effect: Effect) -> Sides:
    url, kafka = _database(servers), servers.kafka.bootstrap
    return Sides(
        lambda: [apart(consume, url, kafka, EVENTS, 1, effect)],
        lambda: [apart(insert_batches, url, EVENTS, effect)],
    )


def _database(servers: Servers) -> str:
    url = servers.database(service.name)
    migrate(service, settings_of(url, NO_KAFKA))
    return url
