"""Beside each topic of facts a compacted `-state` topic: the latest public state per aggregate."""

from typing import Final
from uuid import UUID, uuid5

from pydantic import BaseModel

from florin_contracts.event import event_types, state_of
from florin_contracts.events import published_events

_SUFFIX: Final = "-state"


def state_topic(topic: str) -> str:
    """The name of the state topic beside a topic of facts: `clients-client-state`."""
    return topic + _SUFFIX


def is_state_topic(topic: str) -> bool:
    """Whether a topic holds states, and not facts or dead letters."""
    return topic.endswith(_SUFFIX)


def state_type(topic: str) -> str:
    """The CloudEvents type of the states beside a topic of facts: `florin.clients.client.state.v1`.

    A record of this type without a value is a tombstone: the aggregate was erased.
    """
    owner, _, aggregate = topic.partition("-")
    return f"florin.{owner}.{aggregate}.state.v1"


def state_id(event_id: UUID) -> UUID:
    """The CloudEvents id of the state that a fact left behind: the same whenever it is stated."""
    return uuid5(event_id, "state")


def state_model(topic: str) -> type[BaseModel]:
    """The public state that the facts of a topic carry; raises `LookupError` if it has none."""
    states = {state_of(event) for event in event_types().values() if event.topic == topic}
    if len(states) != 1:
        raise LookupError(f"{topic} carries {len(states)} public states, not one")
    return states.pop()


def published_states() -> dict[str, type[BaseModel]]:
    """The public state of every promised topic of facts, by that topic's name (no `-state`)."""
    return {event.topic: state_of(event) for event in published_events().values()}
