"""The road of an event, from an answer to everybody knowing."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.apart import apart
from tests.bench.baselines.messages import produce_and_consume
from tests.bench.harness import Family, Figure, Reading, Sides, at_most
from tests.bench.servers import Servers
from tests.bench.watching import create_and_watch

from florin_local.demo.api import Gateway
from florin_local.demo.selling import the_administrator_signs_in
from florin_local.demo.tale import Tale
from florin_local.folders import temporary_folder
from florin_local.settings import Ports
from florin_local.stack import Stack

events = Family("events")

SAMPLES = 1_000


@events.compares(
    Figure(
        "events.end_to_end",
        at_most(2.5),
        "ms p99",
        "201 of POST /providers at the providers service to the provider's state being readable "
        f"in the clients database; whole stack up, {SAMPLES:,} a round, one after another",
        "aiokafka send() to the same message out of a consumer, same broker, acks=all, idempotent; "
        f"{SAMPLES:,} a round, one after another",
    ),
)
@contextmanager
def end_to_end(servers: Servers) -> Iterator[Sides]:
    """The stack runs during the baseline's turns, too, but has nothing to do then."""
    del servers
    with (
        temporary_folder("florin-bench-") as folder,
        Stack(folder, Ports.free()) as stack,
        Gateway(stack.gateway_url) as gateway,
    ):
        tale = Tale(gateway, stack.administrator_file, stack.kafka_bootstrap)
        the_administrator_signs_in(tale)
        clients, bootstrap = stack.database_url("clients"), stack.kafka_bootstrap

        def created_and_known() -> Reading:
            token = str(tale.administrator.sign_in()["access_token"])
            port = stack.ports.providers
            return [apart(create_and_watch, port, clients, token, SAMPLES)]

        yield Sides(created_and_known, lambda: [apart(produce_and_consume, bootstrap, SAMPLES)])
