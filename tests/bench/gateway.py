"""The gateway: what it takes to know who asks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.bench import signing
from tests.bench.apart import apart
from tests.bench.backlog import NO_KAFKA
from tests.bench.baselines.key_page import KEYS_VARIABLE
from tests.bench.harness import Family, Figure, Reading, Sides, at_least
from tests.bench.load import read_often
from tests.bench.programs import bare, program
from tests.bench.servers import Servers

from florin_chassis.testing.tokens import Issuer
from florin_local import programs
from florin_local.settings import Ports

gateway = Family("gateway")

CONNECTIONS = 16
SECONDS = 4.0
_PUBLIC, _SIGNED_IN = "/.well-known/jwks.json", "/me"


@gateway.compares(
    Figure(
        "gateway.auth_cost",
        at_least(0.90),
        "requests/s",
        f"GET {_SIGNED_IN} through the gateway, one process, {CONNECTIONS} connections, each with a"
        " token of another client's owner that is asked with again and again: its signature is"
        " checked once, whether it is revoked or expired each time; behind it a service that costs"
        " the least, so that the gateway's process is the limit",
        f"GET {_PUBLIC}, a public route, without a token: the same answer by the same service",
    ),
)
@contextmanager
def auth_cost(servers: Servers) -> Iterator[Sides]:
    """The service does not look at tokens, and sends as many bytes on either path."""
    issuer, ports = Issuer(), Ports.free()
    keys = bare("key_page", ports.identity, **{KEYS_VARIABLE: signing.key_set(issuer).decode()})
    environment = programs.gateway_environment(ports, NO_KAFKA) | signing.LONG_LIVED
    command = programs.command("gateway", "api")
    token_issuer = environment["FLORIN_TOKEN_ISSUER"]
    owners = [signing.owner(issuer, token_issuer) for _ in range(CONNECTIONS)]
    with (
        program("keys", *keys, servers.folder, ports.identity),
        program("gateway", command, environment, servers.folder, ports.gateway),
    ):
        yield Sides(
            lambda: _rate(ports.gateway, _SIGNED_IN, owners),
            lambda: _rate(ports.gateway, _PUBLIC, [{} for _ in owners]),
        )


def _rate(port: int, path: str, callers: Sequence[dict[str, str]]) -> Reading:
    return [apart(read_often, port, path, callers, SECONDS)]
