"""The road of an event, from an answer to everybody knowing."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.apart import apart
from tests.bench.baselines.messages import produce_and_consume
from tests.bench.harness import Family, Figure, Sides, at_most
from tests.bench.servers import Servers
from tests.bench.watching import register, register_and_watch

from florin_local.demo.api import Gateway
from florin_local.demo.selling import (
    the_administrator_makes_two_providers,
    the_administrator_signs_in,
)
from florin_local.demo.tale import Tale
from florin_local.folders import temporary_folder
from florin_local.settings import Ports
from florin_local.stack import Stack

events = Family("events")

SAMPLES = 100


@events.compares(
    Figure(
        "events.end_to_end",
        at_most(2.5),
        "ms p99",
        "201 of POST /registrations at identity to the client's row being readable in the clients "
        f"database; whole stack up, {SAMPLES} a round, one after another",
        "aiokafka send() to the same message out of a consumer, same broker, acks=all, idempotent; "
        f"{SAMPLES} a round, one after another",
    ),
)
@contextmanager
def end_to_end(servers: Servers) -> Iterator[Sides]:
    """The stack runs during the baseline's turns, too, but has nothing to do then."""
    del servers
    with temporary_folder("florin-bench-") as folder, Stack(folder, Ports.free()) as stack:
        identity, database = stack.ports.identity, stack.database_url("clients")
        provider_id = _provider_known_to_identity(stack)
        bootstrap = stack.kafka_bootstrap
        yield Sides(
            lambda: [apart(register_and_watch, identity, database, provider_id, SAMPLES)],
            lambda: [apart(produce_and_consume, bootstrap, SAMPLES)],
        )


def _provider_known_to_identity(stack: Stack) -> str:
    with Gateway(stack.gateway_url) as gateway:
        tale = Tale(gateway, stack.administrator_file, stack.kafka_bootstrap)
        the_administrator_signs_in(tale)
        the_administrator_makes_two_providers(tale)
        provider_id = str(tale.providers["N-2"]["id"])
        # The gateway's client follows its own writes: identity answers once it knows the provider.
        answer = gateway.ask("POST", "/registrations", body=register(provider_id))
        if answer.status != 201:
            raise RuntimeError(f"nobody can register: {answer}")
    return provider_id
