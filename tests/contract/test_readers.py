"""Who listens to which topic: the registry, which operators read, and the services say the same."""

from importlib import import_module
from importlib.resources import files
from typing import Any

import pytest
import yaml
from tests.architecture.sources import packages

from florin_chassis.service import Service

TOPICS: list[dict[str, Any]] = [
    yaml.safe_load(entry.read_text("utf-8"))
    for entry in files("florin_contracts").joinpath("topics").iterdir()
]
MANIFESTS = [path.name for path in packages("services/*") if (path / "service.py").is_file()]


@pytest.fixture(params=MANIFESTS)
def service(request: pytest.FixtureRequest) -> Service:
    manifest: Service = import_module(f"{request.param}.service").service
    return manifest


def registered(service: Service) -> set[str]:
    """The topics whose entry names this service as a reader."""
    return {topic["topic"] for topic in TOPICS if service.name in topic["readers"]}


def test_a_service_listens_to_no_topic_that_does_not_name_it(service: Service) -> None:
    assert service.subscriptions.topics - registered(service) == set()


def test_every_topic_that_names_a_service_is_one_it_listens_to(service: Service) -> None:
    assert registered(service) - service.subscriptions.topics == set()


def test_no_service_follows_itself(service: Service) -> None:
    """What it reads of itself it tells webhooks of, and nothing else comes of it."""
    own = {topic["topic"] for topic in TOPICS if topic["owner"] == service.name}
    assert service.subscriptions.awaited & own == set()
