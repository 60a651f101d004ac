"""State topics are named after the topics of facts, and each carries one public state."""

from uuid import UUID

import pytest

from florin_contracts.clients import ClientState
from florin_contracts.events import published_events
from florin_contracts.states import (
    is_state_topic,
    published_states,
    state_id,
    state_model,
    state_topic,
    state_type,
)


def test_a_state_topic_stands_beside_its_topic_of_facts() -> None:
    assert state_topic("clients-client") == "clients-client-state"
    assert state_type("clients-client") == "florin.clients.client.state.v1"


def test_every_topic_of_facts_has_a_published_state() -> None:
    assert published_states().keys() == {event.topic for event in published_events().values()}
    assert published_states()["clients-client"] is ClientState


@pytest.mark.parametrize("topic", published_states())
def test_a_state_is_told_from_a_fact_by_its_topic_and_by_its_type(topic: str) -> None:
    assert is_state_topic(state_topic(topic))
    assert not is_state_topic(topic)
    assert state_type(topic) not in published_events()
    assert state_model(topic) is published_states()[topic]


def test_the_id_of_a_state_follows_from_the_id_of_its_fact() -> None:
    first, second = UUID(int=1), UUID(int=2)
    assert state_id(first) == state_id(first)
    assert len({first, second, state_id(first), state_id(second)}) == 4


def test_a_topic_without_facts_has_no_state() -> None:
    with pytest.raises(LookupError, match="clients-cloud carries 0 public states"):
        state_model("clients-cloud")
