"""An event's class knows its type and topic, and a wrong declaration fails at import."""

from types import new_class

import pytest

from florin_contracts import event as event_module
from florin_contracts.clients import ClientRegistered, ClientState
from florin_contracts.event import Event, event_types, state_of
from florin_contracts.events import published_events
from florin_contracts.values import Value


@pytest.fixture(autouse=True)
def _registry_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_module, "_REGISTRY", dict(event_module._REGISTRY))


def declare(name: str) -> type[Event]:
    """An event class of this type, as a module would declare it at import."""
    return new_class("Declared", (Event,), {"type": name})


def test_a_type_gives_the_topic() -> None:
    assert ClientRegistered.topic == "clients-client"


@pytest.mark.parametrize("event", published_events().values())
def test_an_event_states_the_whole_state_of_its_aggregate(event: type[Event]) -> None:
    state = state_of(event)
    assert state.model_fields.keys() <= event.model_fields.keys()
    assert "id" in state.model_fields


def test_the_state_of_an_event_is_its_aggregate_s() -> None:
    assert state_of(ClientRegistered) is ClientState


@pytest.mark.parametrize("event", published_events().values())
def test_events_of_one_topic_state_the_same_state(event: type[Event]) -> None:
    states = {
        state_of(other) for other in published_events().values() if other.topic == event.topic
    }
    assert states == {state_of(event)}


def test_a_declared_event_is_found_by_its_type() -> None:
    declared = declare("florin.weather.cloud.gathered.v1")
    assert event_types()["florin.weather.cloud.gathered.v1"] is declared


def test_one_type_has_one_class() -> None:
    with pytest.raises(TypeError, match="declared twice"):
        declare(ClientRegistered.type)


@pytest.mark.parametrize(
    "name", ["florin.clients.client.v1", "acme.clients.client.registered.v1", "florin.a.b.c.1"]
)
def test_a_type_of_another_form_is_refused(name: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        declare(name)


@pytest.mark.parametrize("field", ["type", "topic"])
def test_a_field_that_would_hide_what_an_event_is_is_refused(field: str) -> None:
    class HidingState(Value):
        __annotations__ = {field: str}

    with pytest.raises(TypeError, match=f"field named {field}"):

        class Hiding(HidingState, Event, type="florin.weather.cloud.hid.v1"):
            pass


def test_an_event_does_not_change() -> None:
    assert all(event.model_config["frozen"] for event in published_events().values())
