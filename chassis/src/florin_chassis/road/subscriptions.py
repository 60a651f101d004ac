"""What a service does when others state something: handlers beside the events they answer."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel

from florin_chassis.road.projections import project, topic_of
from florin_chassis.transaction import Transaction
from florin_contracts.event import Event
from florin_contracts.events import event_types

E = TypeVar("E", bound=Event)
Handler: TypeAlias = Callable[[E, Transaction], Awaitable[None]]


class Subscriptions:
    """The events that a service listens to. Handlers of one event run in the order of declaration.

    A handler gets the event and the transaction that its effects share with the inbox; the
    transaction's actor is whoever caused the event, and `transaction.cause` is its envelope.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler[Any]]] = {}
        self.topics: set[str] = set()

    def on(self, *events: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Call the decorated coroutine for each of these events."""

        def declare(handler: Handler[E]) -> Handler[E]:
            for event in events:
                self._handlers.setdefault(event.type, []).append(handler)
                self.topics.add(event.topic)
            return handler

        return declare

    def project(self, *states: type[BaseModel]) -> None:
        """Keep these aggregates' latest states for `find_projected` and `need_projected`."""
        for state in states:
            carriers = [e for e in event_types().values() if e.topic == topic_of(state)]
            self.on(*carriers)(_keep)

    def handlers(self, event_type: str) -> list[Handler[Any]]:
        """The handlers of an event type; none for a type that this service does not listen to."""
        return self._handlers.get(event_type, [])


async def _keep(event: Event, transaction: Transaction) -> None:
    if transaction.cause is None:
        raise AssertionError("a projection is only ever built from an event")
    await project(transaction.session, event, transaction.cause)
