"""A process of its own: what it takes of the machine, and how soon it is there."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psutil  # type: ignore[import-untyped]
from tests.bench.backlog import NO_KAFKA, settings_of
from tests.bench.harness import Family, Figure, Reading, Sides, at_most
from tests.bench.programs import bare, program
from tests.bench.servers import Servers

from florin_chassis.migrations import migrate
from florin_clients.service import service
from florin_local import programs
from florin_local.processes import Process
from florin_local.settings import Ports

process = Family("process")

Start = Callable[[], AbstractContextManager[Process]]

_MIB = 1 << 20
_SETTLING_S = 1.0
_BARE = "FastAPI with one route under uvicorn on uvloop and httptools, no database"


@process.compares(
    Figure(
        "process.idle_memory",
        at_most(1.7),
        "MiB resident",
        "python -m florin_clients api, ready and idle",
        _BARE,
    ),
)
@contextmanager
def idle_memory(servers: Servers) -> Iterator[Sides]:
    """Resident memory a moment after the process is ready."""
    service_api, bare_process = _starts(servers)
    yield Sides(lambda: _resident_mib(service_api), lambda: _resident_mib(bare_process))


@process.compares(
    Figure(
        "process.cold_start",
        at_most(2.0),
        "s",
        "python -m florin_clients api, from exec to 200 at /readyz, which asks the database",
        _BARE,
    ),
)
@contextmanager
def cold_start(servers: Servers) -> Iterator[Sides]:
    """The files are in the system's cache, as after a first start."""
    service_api, bare_process = _starts(servers)
    yield Sides(lambda: _seconds(service_api), lambda: _seconds(bare_process))


def _resident_mib(start: Start) -> Reading:
    with start() as running:
        time.sleep(_SETTLING_S)
        return [psutil.Process(running.pid).memory_info().rss / _MIB]


def _seconds(start: Start) -> Reading:
    started = time.perf_counter()
    with start():
        return [time.perf_counter() - started]


def _starts(servers: Servers) -> tuple[Start, Start]:
    ports = Ports.free()
    url = servers.database(service.name)
    migrate(service, settings_of(url, NO_KAFKA))
    environment = programs.service_environment(
        service.name, ports, database_url=url, kafka_bootstrap=NO_KAFKA, own={}
    )
    command = programs.command(service.name, "api")
    bare_port = ports.gateway

    def service_api() -> AbstractContextManager[Process]:
        return program(service.name, command, environment, servers.folder, ports.clients)

    def bare_process() -> AbstractContextManager[Process]:
        return program("bare", *bare("bare_process", bare_port), servers.folder, bare_port)

    return service_api, bare_process
