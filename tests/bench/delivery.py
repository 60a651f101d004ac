"""The outbox: how soon a committed event is on Kafka, and what may hold it up."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.acknowledging import PAUSE_S_MAX, commit_to_acknowledged
from tests.bench.apart import apart
from tests.bench.baselines.messages import send_and_wait
from tests.bench.delivering import commit_to_consumer
from tests.bench.harness import Family, Figure, Sides, at_most
from tests.bench.outbox import prepared
from tests.bench.programs import SECRETS, program
from tests.bench.servers import Servers

from florin_local import programs
from florin_local.settings import Ports
from florin_providers.service import service

delivery = Family("outbox")

SAMPLES = 1_000
HELD_S = 30.0

_BASELINE = (
    f"aiokafka send_and_wait(), {SAMPLES:,} a round, as far apart; acks=all, idempotent, "
    "same broker"
)
_SUBJECT = (
    f"commit of create_provider to the acknowledgement of its event, {SAMPLES:,} a round, up to "
    f"{PAUSE_S_MAX * 1000:.0f} ms apart; the relay learns of it from the database alone and"
)


@delivery.compares(
    Figure(
        "outbox.latency",
        at_most(2.0),
        "ms p99",
        f"{_SUBJECT} reads the write-ahead log",
        _BASELINE,
    ),
)
@contextmanager
def latency(servers: Servers) -> Iterator[Sides]:
    """One event after another: nothing waits for a batch."""
    settings = prepared(servers)
    url, kafka = settings.database_url.get_secret_value(), settings.kafka_bootstrap
    yield Sides(
        lambda: [apart(commit_to_acknowledged, url, kafka, SAMPLES)],
        lambda: [apart(send_and_wait, kafka, SAMPLES, PAUSE_S_MAX)],
    )


@delivery.compares(
    Figure(
        "outbox.latency_polled",
        at_most(10.0),
        "ms p99",
        f"{_SUBJECT} polls",
        _BASELINE,
    ),
)
@contextmanager
def latency_polled(servers: Servers) -> Iterator[Sides]:
    """The fall-back, which looks every 20 ms."""
    settings = prepared(servers)
    url, kafka = settings.database_url.get_secret_value(), settings.kafka_bootstrap
    yield Sides(
        lambda: [apart(commit_to_acknowledged, url, kafka, SAMPLES, "poll")],
        lambda: [apart(send_and_wait, kafka, SAMPLES, PAUSE_S_MAX)],
    )


@delivery.compares(
    Figure(
        "outbox.open_transaction",
        at_most(1.2),
        "ms p99",
        "commit of create_provider to its event in a consumer, the relay in its own process, over "
        f"{HELD_S:.0f} s in which two transactions that have written stay open: one in the same "
        "outbox, one in a neighbouring database",
        "the same without them",
    ),
)
@contextmanager
def open_transaction(servers: Servers) -> Iterator[Sides]:
    """Whatever waits for the oldest transaction to end would wait for the whole round."""
    settings = prepared(servers)
    url, kafka = settings.database_url.get_secret_value(), settings.kafka_bootstrap
    neighbour = servers.database("neighbour")
    ports = Ports.free()
    environment = programs.service_environment(
        service.name, ports, database_url=url, kafka_bootstrap=kafka, own=SECRETS
    )
    command = programs.command(service.name, "relay")
    with program("relay", command, environment, servers.folder, ports.providers):
        yield Sides(
            lambda: [apart(commit_to_consumer, url, kafka, HELD_S, (url, neighbour))],
            lambda: [apart(commit_to_consumer, url, kafka, HELD_S, ())],
        )
