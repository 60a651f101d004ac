"""The whole system on one machine."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.harness import Family, Figure, Reading, Sides, at_most
from tests.bench.servers import Servers

from florin_local.folders import temporary_folder
from florin_local.settings import Ports
from florin_local.stack import Stack

stack = Family("stack")


@stack.compares(
    Figure(
        "stack.up_s",
        at_most(30),
        "s",
        "the work of `make up` from nothing, downloads cached: clusters made, migrations, topics, "
        "administrator, five processes ready",
    ),
)
@contextmanager
def up(servers: Servers) -> Iterator[Sides]:
    """Each time in a new folder: the first `up` of a person who has the downloads."""
    del servers
    yield Sides(_seconds_up)


def _seconds_up() -> Reading:
    with temporary_folder("florin-bench-") as folder:
        started = time.perf_counter()
        with Stack(folder, Ports.free()):
            return [time.perf_counter() - started]
