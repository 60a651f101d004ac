"""The commands of the services and the gateway, and the environment each is given."""

import os
import sys
from collections.abc import Mapping

from florin_local.ports import HOST
from florin_local.settings import GATEWAY, SERVICES, Ports

_PASSED_THROUGH = ("FLORIN_OTLP_ENDPOINT", "FLORIN_LOG_LEVEL")
_PREFIX = "FLORIN_"


def command(name: str, *arguments: str) -> list[str]:
    """How to run one process of a service, such as `migrate`."""
    return [sys.executable, "-m", f"florin_{name}", *arguments]


def base_url(name: str, ports: Ports) -> str:
    """Where a service or the gateway answers."""
    return f"http://{HOST}:{ports.of(name)}"


def shared_environment(name: str, ports: Ports, kafka_bootstrap: str) -> dict[str, str]:
    """What every process is told, over what our own environment says outside Florin."""
    # Settings of a service that happen to be in our environment are not meant for all five.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(_PREFIX)}
    passed = {key: os.environ[key] for key in _PASSED_THROUGH if key in os.environ}
    return (
        inherited
        | passed
        | {
            "FLORIN_HTTP_HOST": HOST,
            "FLORIN_HTTP_PORT": str(ports.of(name)),
            "FLORIN_DRAIN_S": "0",  # nobody takes over here, so nobody is waited for
            "FLORIN_JWKS_URL": f"{base_url('identity', ports)}/.well-known/jwks.json",
            "FLORIN_TOKEN_ISSUER": base_url(GATEWAY, ports),
            "FLORIN_KAFKA_BOOTSTRAP": kafka_bootstrap,
        }
    )


def gateway_environment(ports: Ports, kafka_bootstrap: str) -> dict[str, str]:
    """What the gateway is told: where each service answers."""
    return shared_environment(GATEWAY, ports, kafka_bootstrap) | {
        f"FLORIN_{name.upper()}_URL": base_url(name, ports) for name in SERVICES
    }


def service_environment(
    name: str, ports: Ports, *, database_url: str, kafka_bootstrap: str, own: Mapping[str, str]
) -> dict[str, str]:
    """What a service is told: its own database, and what only it needs."""
    return shared_environment(name, ports, kafka_bootstrap) | {
        "FLORIN_DATABASE_URL": database_url,
        **own,
    }
