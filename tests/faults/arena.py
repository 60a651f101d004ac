"""A whole system of its own to do harm to: servers, processes, network and the load's way in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.about_guesses import LOCK_S
from tests.faults.console import Say
from tests.faults.disks import Disk, small_disk
from tests.faults.fleet import Fleet
from tests.faults.history import History
from tests.faults.proxy import Proxy
from tests.faults.witness import Witness

from florin_local.folders import temporary_folder
from florin_local.ports import HOST
from florin_local.settings import GATEWAY, SERVICES, Ports
from florin_local.stack import Stack

TOKEN_LIFE_S = 60
"""Short, so that tokens end while the bus is away, and whoever stays signed in has to refresh."""

DRAIN_S = 5
"""As in production, not as on a laptop: a replica that stops answers on until nobody asks it."""

_DOORS = {
    GATEWAY: "/me",
    "identity": "/me",
    "providers": "/products",
    "clients": "/orders",
    "payers": "/accounts",
}


@dataclass
class Arena:
    """What a fault may lay hands on. `rng` decides when and whom; its seed repeats a run."""

    stack: Stack
    fleet: Fleet
    witness: Witness
    network: "Network"
    history: History
    rng: Random
    say: Say
    disks: Mapping[str, Disk]
    broken: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the stack keeps everything."""
        return self.stack.folder

    def doors(self) -> dict[str, str]:
        """Where a token is believed or not: the gateway and each API process, past the network."""
        members = [self.fleet.gateway, *self.fleet.of("api")]
        return {member.name: member.url + _DOORS[member.service] for member in members}


@dataclass(frozen=True)
class Network:
    """The proxies between the parts: before each service's APIs, PostgreSQL and Kafka."""

    services: dict[str, Proxy]
    postgres: Proxy
    kafka: Proxy

    @property
    def everywhere(self) -> Sequence[Proxy]:
        """All of them."""
        return [*self.services.values(), self.postgres, self.kafka]


@contextmanager
def arena(rng: Random, say: Say) -> Iterator[Arena]:
    """A running system in a folder and on ports of its own; nothing is left of it afterwards."""
    with temporary_folder("florin-faults-") as folder, ExitStack() as open_:
        ports = Ports.free()
        network = Network(
            {name: open_.enter_context(Proxy(name, ports.of(name))) for name in SERVICES},
            open_.enter_context(Proxy("postgres", ports.postgres)),
            open_.enter_context(Proxy("kafka", ports.kafka)),
        )
        disks = {
            name: disk
            for name in ("postgres", "kafka")
            if (disk := open_.enter_context(small_disk(folder / name)))
        }
        stack = Stack(folder, ports, durable=False, runs="api")
        stack.kafka.advertised_port = network.kafka.port
        stack.environment = _environment(stack, network)
        stack.postgres.leashed = stack.kafka.leashed = True
        with stack:
            history = History()
            fleet = Fleet(stack, network.services, history.outages)
            fleet.start_the_rest()
            witness = Witness(stack, fleet)
            yield Arena(stack, fleet, witness, network, history, rng, say, disks)


def _environment(stack: Stack, network: Network) -> dict[str, dict[str, str]]:
    """Every part reaches the others through the network that faults may harm."""
    at = {name: f"http://{HOST}:{proxy.port}" for name, proxy in network.services.items()}
    environment = {
        name: {
            "FLORIN_DATABASE_URL": stack.database_url(name).replace(
                f":{stack.ports.postgres}/", f":{network.postgres.port}/"
            ),
            "FLORIN_KAFKA_BOOTSTRAP": f"{HOST}:{network.kafka.port}",
            "FLORIN_JWKS_URL": f"{at['identity']}/.well-known/jwks.json",
        }
        for name in SERVICES
    }
    for name in SERVICES:
        environment[name]["FLORIN_DRAIN_S"] = str(DRAIN_S)
    environment["identity"] |= {
        "FLORIN_TOKEN_LIFE_S": str(TOKEN_LIFE_S),
        "FLORIN_SIGN_IN_LOCK_S": str(LOCK_S),
    }
    environment[GATEWAY] = {f"FLORIN_{name.upper()}_URL": url for name, url in at.items()}
    for variable in ("FLORIN_JWKS_URL", "FLORIN_KAFKA_BOOTSTRAP"):
        environment[GATEWAY][variable] = environment["identity"][variable]
    return environment
