"""The outbox: what stating an event costs its transaction, and how fast the relay moves it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench import storing, writing
from tests.bench.apart import apart
from tests.bench.backlog import fill, settings_of
from tests.bench.baselines.outbox_package import relay_by_package
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
LONG_BACKLOG = 1_000_000
PACKAGE_BACKLOG = 10_000
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
    arguments = _filled(servers, BACKLOG)
    yield Sides(lambda: apart(relay_backlog, *arguments), lambda: apart(send_backlog, *arguments))


@outbox.compares(
    Figure(
        "outbox.poll",
        at_least(0.8),
        "events/s",
        f"chassis Relay that polls, {BACKLOG:,} committed rows",
        "chassis Relay that reads the write-ahead log, the same rows",
    ),
)
@contextmanager
def poll(servers: Servers) -> Iterator[Sides]:
    """What the fall-back costs where there is no replication slot to be had."""
    url, kafka = _filled(servers, BACKLOG)
    yield Sides(
        lambda: apart(relay_backlog, url, kafka, relay="poll")[:1],
        lambda: apart(relay_backlog, url, kafka, relay="wal")[:1],
    )


@outbox.compares(
    Figure(
        "outbox.backlog",
        at_least(0.9),
        "events/s",
        f"chassis Relay, {LONG_BACKLOG:,} committed rows",
        f"chassis Relay, the last {BACKLOG:,} of them",
    ),
)
@contextmanager
def backlog(servers: Servers) -> Iterator[Sides]:
    """Whether a relay that was away for long slows down under what has gathered."""
    url, kafka = _filled(servers, LONG_BACKLOG)
    yield Sides(
        lambda: apart(relay_backlog, url, kafka)[:1],
        lambda: apart(relay_backlog, url, kafka, BACKLOG)[:1],
    )


@outbox.compares(
    Figure(
        "outbox.vs_faststream_outbox",
        at_least(5),
        "events/s",
        f"chassis Relay, {BACKLOG:,} committed rows",
        f"faststream-outbox 0.19, {PACKAGE_BACKLOG:,} rows of its own table: 25 workers without "
        "the order of keys, batches of 500, acks=all, idempotent, rows deleted in batches",
    ),
)
@contextmanager
def vs_faststream_outbox(servers: Servers) -> Iterator[Sides]:
    """Both from start to the last acknowledgement, in one database."""
    url, kafka = _filled(servers, BACKLOG)
    yield Sides(
        lambda: apart(relay_backlog, url, kafka)[:1],
        lambda: [apart(relay_by_package, url, kafka, PACKAGE_BACKLOG)],
    )


@outbox.compares(
    Figure(
        "outbox.bloat",
        at_most(1.1),
        "bytes",
        f"the outbox of {BACKLOG:,} live events after {LONG_BACKLOG:,} more were past their "
        "retention and housekeeping ran once: partitions and indexes",
        "an outbox that has held only the live events",
    ),
)
@contextmanager
def bloat(servers: Servers) -> Iterator[Sides]:
    """Each round in a database that is new."""

    def url() -> str:
        return prepared(servers).database_url.get_secret_value()

    yield Sides(
        lambda: [apart(storing.bytes_after_retention, url(), LONG_BACKLOG, BACKLOG)],
        lambda: [apart(storing.bytes_of_live, url(), BACKLOG)],
    )


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
    arguments = (prepared(servers).database_url.get_secret_value(), CONCURRENCY, SECONDS)
    yield Sides(
        lambda: [apart(writing.with_event, *arguments)],
        lambda: [apart(writing.without_event, *arguments)],
    )


def _filled(servers: Servers, events: int) -> tuple[str, str]:
    """The URL of a database with so many unsent events, and where Kafka is."""
    settings = prepared(servers)
    url = settings.database_url.get_secret_value()
    apart(fill, url, events)
    return url, settings.kafka_bootstrap


def prepared(servers: Servers) -> ServiceSettings:
    """Settings of the providers service, whose new database and topics are there."""
    settings = settings_of(servers.database("providers"), servers.kafka.bootstrap)
    migrate(service, settings)
    apart(create_topics, service.name, settings)
    return settings
