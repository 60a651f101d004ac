"""HTTP: what a service, and the gateway before it, cost over the least that could do the work."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.bench import signing
from tests.bench.apart import apart
from tests.bench.backlog import NO_KAFKA, plain_url, settings_of
from tests.bench.baselines.bare_api import URL_VARIABLE
from tests.bench.harness import Family, Figure, Reading, Sides, at_least
from tests.bench.load import create_providers
from tests.bench.programs import SECRETS, bare, program
from tests.bench.servers import Servers

from florin_chassis.migrations import migrate
from florin_chassis.testing.tokens import Issuer
from florin_local import programs
from florin_local.settings import Ports
from florin_providers.service import service

api = Family("api")

CONNECTIONS = 16
SECONDS = 4.0

_BARE = (
    "bare FastAPI + asyncpg, POST /providers: body validated, one row inserted, no token, no event;"
    f" one uvicorn process, {CONNECTIONS} connections"
)
_SUBJECT = "POST /providers (create-client's like without its password hash)"


@api.compares(
    Figure(
        "api.create_client_direct",
        at_least(0.60),
        "requests/s",
        f"{_SUBJECT} at the providers service, one `api` process, {CONNECTIONS} connections: token "
        "checked; row, outbox row, audit row; traced; no Idempotency-Key",
        _BARE,
    ),
)
@contextmanager
def create_client_direct(servers: Servers) -> Iterator[Sides]:
    """Service and baseline each on a database of their own, in one cluster."""
    ports = Ports.free()
    with _providers(servers, ports) as headers, _bare_api(servers) as bare_port:
        yield Sides(lambda: _rate(ports.providers, headers), lambda: _rate(bare_port, {}))


@api.compares(
    Figure(
        "api.create_client_gateway",
        at_least(0.40),
        "requests/s",
        f"{_SUBJECT} through the gateway, one process each, {CONNECTIONS} connections: token "
        "checked twice; row, outbox row, audit row; traced; no Idempotency-Key",
        _BARE,
    ),
)
@contextmanager
def create_client_gateway(servers: Servers) -> Iterator[Sides]:
    """As above, with the gateway's process in between."""
    ports = Ports.free()
    environment = programs.gateway_environment(ports, NO_KAFKA) | signing.LONG_LIVED
    gateway = programs.command("gateway", "api"), environment
    with (
        _providers(servers, ports) as headers,
        program("gateway", *gateway, servers.folder, ports.gateway),
        _bare_api(servers) as bare_port,
    ):
        yield Sides(lambda: _rate(ports.gateway, headers), lambda: _rate(bare_port, {}))


def _rate(port: int, headers: dict[str, str]) -> Reading:
    return [apart(create_providers, port, headers, CONNECTIONS, SECONDS)]


@contextmanager
def _providers(servers: Servers, ports: Ports) -> Iterator[dict[str, str]]:
    """The service's `api` process; gives the headers of somebody who may create providers."""
    url = servers.database(service.name)
    migrate(service, settings_of(url, NO_KAFKA))
    environment = programs.service_environment(
        service.name,
        ports,
        database_url=url,
        kafka_bootstrap=NO_KAFKA,
        own=SECRETS | signing.LONG_LIVED,
    )
    issuer = Issuer()
    with ExitStack() as running:
        running.enter_context(signing.published(issuer, ports.identity))
        command = programs.command(service.name, "api")
        running.enter_context(
            program(service.name, command, environment, servers.folder, ports.providers)
        )
        yield signing.seller(issuer, environment["FLORIN_TOKEN_ISSUER"])


@contextmanager
def _bare_api(servers: Servers) -> Iterator[int]:
    """The baseline's port."""
    port = Ports.free().gateway
    url = plain_url(servers.database("bare"))
    with program("bare-api", *bare("bare_api", port, **{URL_VARIABLE: url}), servers.folder, port):
        yield port
