"""The outbox: what stating an event costs its transaction, and how fast the relay moves it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench import writing
from tests.bench.apart import apart
from tests.bench.backlog import fill, settings_of
from tests.bench.baselines.producer import send_backlog
from tests.bench.harness import Family, Figure, Sides, at_least, at_most
from tests.bench.relaying import relay_backlog
from tests.bench.servers import Servers

from florin_chassis.migrations import migrate
from florin_chassis.settings import ServiceSettings
from florin_chassis.topics import create_topics
from florin_providers.service import service

outbox = Family("outbox")

BACKLOG = 100_000
SECONDS = 3.0
CONCURRENCY = 8


@outbox.compares(
    Figure(
        "outbox.relay_throughput",
        at_least(0.90),
        "events/s",
        f"chassis Relay, {BACKLOG:,} committed rows to acknowledged and confirmed",
        "aiokafka send() and flush() of the same keys, headers and values, already in memory; "
        "acks=all, idempotent, the relay's batch size",
    ),
    Figure(
        "outbox.cpu",
        at_most(2.0),
        "CPU s per 1,000 events",
        "the relay's process",
        "the raw producer's process",
    ),
)
@contextmanager
def relay_throughput(servers: Servers) -> Iterator[Sides]:
    """The same backlog again and again: the relay's cursor is set back before each round."""
    settings = _prepared(servers)
    apart(fill, settings.database_url.get_secret_value(), BACKLOG)
    arguments = (settings.database_url.get_secret_value(), settings.kafka_bootstrap)
    yield Sides(lambda: apart(relay_backlog, *arguments), lambda: apart(send_backlog, *arguments))


@outbox.compares(
    Figure(
        "outbox.write_cost",
        at_least(0.90),
        "transactions/s",
        f"create_provider through the chassis' Begin, {CONCURRENCY} at a time: "
        "row, outbox row, audit row",
        f"the same row added to the same kind of SQLAlchemy session and committed, "
        f"{CONCURRENCY} at a time: row only",
    ),
)
@contextmanager
def write_cost(servers: Servers) -> Iterator[Sides]:
    """Both fill the same table of the same database."""
    arguments = (_prepared(servers).database_url.get_secret_value(), CONCURRENCY, SECONDS)
    yield Sides(
        lambda: [apart(writing.with_event, *arguments)],
        lambda: [apart(writing.without_event, *arguments)],
    )


def _prepared(servers: Servers) -> ServiceSettings:
    settings = settings_of(servers.database("providers"), servers.kafka.bootstrap)
    migrate(service, settings)
    apart(create_topics, service.name, settings)
    return settings
