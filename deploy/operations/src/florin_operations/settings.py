"""Which installation a command works on: its Kafka, its topics' prefix, its services' databases."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from florin_operations.errors import WrongUsage
from florin_operations.registry import SERVICES

KAFKA = "FLORIN_KAFKA_BOOTSTRAP"
PREFIX = "FLORIN_TOPIC_PREFIX"
REPLICAS = "FLORIN_TOPIC_REPLICAS"
OWN_DATABASE = "FLORIN_DATABASE_URL"


def database_variable(service: str) -> str:
    """The variable that names one service's database."""
    return f"FLORIN_{service.upper()}_DATABASE_URL"


@dataclass(frozen=True)
class Installation:
    """Where one Florin runs. What is not set is missed only by the command that needs it."""

    brokers: str | None
    topic_prefix: str = ""
    topic_replicas: int = 1
    database_urls: Mapping[str, URL] = field(default_factory=dict)

    @property
    def kafka_bootstrap(self) -> str:
        """Kafka's brokers; raises `WrongUsage` when nobody said where they are."""
        if not self.brokers:
            raise WrongUsage(f"{KAFKA} is not set: host:port of Kafka's brokers, comma separated")
        return self.brokers

    def database_url(self, service: str) -> URL:
        """One service's database; raises `WrongUsage` when nobody said where it is."""
        if service not in self.database_urls:
            variable = database_variable(service)
            raise WrongUsage(
                f"{variable} is not set: postgresql+asyncpg://role:password@host/database"
                f" (inside a pod of the service, {OWN_DATABASE} and --service {service})"
            )
        return self.database_urls[service]

    def topic(self, name: str) -> str:
        """The name that a topic of the registry has on this Kafka."""
        return self.topic_prefix + name


def from_environment(environment: Mapping[str, str] = os.environ) -> Installation:
    """What the variables say; raises `WrongUsage` for one that cannot be meant."""
    named = {
        s: environment[database_variable(s)]
        for s in SERVICES
        if environment.get(database_variable(s))
    }
    return Installation(
        brokers=environment.get(KAFKA) or None,
        topic_prefix=environment.get(PREFIX, ""),
        topic_replicas=_replicas(environment.get(REPLICAS, "1")),
        database_urls={s: _url(database_variable(s), url) for s, url in named.items()},
    )


def with_own_database(
    installation: Installation, service: str, environment: Mapping[str, str] = os.environ
) -> Installation:
    """The same, with `FLORIN_DATABASE_URL` for this one service unless it is named by itself."""
    url = environment.get(OWN_DATABASE)
    if not url or service in installation.database_urls:
        return installation
    urls = {**installation.database_urls, service: _url(OWN_DATABASE, url)}
    return Installation(
        installation.brokers,
        installation.topic_prefix,
        installation.topic_replicas,
        urls,
    )


def _url(variable: str, text: str) -> URL:
    """The URL for our driver, whichever was named. Never repeats what it was given: a secret."""
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in {"postgresql", "postgres"}:
        raise WrongUsage(f"{variable} is no URL like postgresql+asyncpg://role:password@host/name")
    return url.set(drivername="postgresql+asyncpg")


def _replicas(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise WrongUsage(f"{REPLICAS} is {text!r}, not a number of replicas")
    return int(text)
