"""What a service listens to, declared to FastStream: the source of its AsyncAPI document."""

from functools import reduce
from operator import or_
from typing import Any

from faststream.kafka import KafkaBroker
from pydantic import BaseModel

from florin_chassis.road.consumer import group_of
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.settings import ServiceSettings
from florin_contracts.event import event_types
from florin_contracts.states import state_topic


def declare(service: str, subscriptions: Subscriptions, settings: ServiceSettings) -> KafkaBroker:
    """A broker with a subscriber for each topic; it connects to nothing until it is started.

    The consumer that runs is our own (see decision 14); the two are of the same subscriptions.
    """
    broker = KafkaBroker(settings.kafka_bootstrap, client_id=service, logger=None)
    group = group_of(service, settings)
    for topic in sorted(subscriptions.topics):
        kinds = _kinds(topic, subscriptions)
        _subscribe(broker, settings.topic_prefix + topic, group, kinds)
    for topic, state in sorted(subscriptions.projected.items()):
        _subscribe(broker, settings.topic_prefix + state_topic(topic), group, [state])
    return broker


def _kinds(topic: str, subscriptions: Subscriptions) -> list[type[BaseModel]]:
    """The events of a topic that have an effect here."""
    return [
        event
        for type_, event in sorted(event_types().items())
        if event.topic == topic
        and (topic in subscriptions.projected or subscriptions.handlers(type_))
    ]


def _subscribe(broker: KafkaBroker, topic: str, group: str, kinds: list[type[Any]]) -> None:
    async def receive(message: Any) -> None:
        """Never called: see `consumer`."""

    receive.__annotations__["message"] = reduce(or_, kinds)
    broker.subscriber(topic, group_id=group, auto_offset_reset="earliest", title=topic)(receive)
