"""Every aggregate of a service can be stated again: its row has all of its public state."""

import pytest
from sqlalchemy import inspect
from tests.contract.test_services import SERVICES

from florin_chassis.orm import Aggregate, aggregates_of, topic_of_facts
from florin_chassis.service import Service
from florin_chassis.topics import registered_topics
from florin_contracts.states import published_states

KINDS = [
    pytest.param(kind, published_states()[topic_of_facts(kind, service.name)], id=kind.__name__)
    for service in SERVICES
    for kind in aggregates_of(service.metadata)
]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_each_topic_has_one_kind_of_aggregate_behind_it(service: Service) -> None:
    topics = [topic_of_facts(kind, service.name) for kind in aggregates_of(service.metadata)]
    assert sorted(topics) == [entry["topic"] for entry in registered_topics(service.name)]


@pytest.mark.parametrize(("kind", "state"), KINDS)
def test_the_row_has_every_field_of_the_state(kind: type[Aggregate], state: type) -> None:
    missing = {name for name in state.model_fields if not hasattr(kind, name)}  # type: ignore[attr-defined]
    assert missing == set()


@pytest.mark.parametrize(("kind", "state"), KINDS)
def test_stating_a_row_asks_for_no_other_rows(kind: type[Aggregate], state: type) -> None:
    related = set(inspect(kind).relationships.keys())
    assert related & state.model_fields.keys() == set()  # type: ignore[attr-defined]
