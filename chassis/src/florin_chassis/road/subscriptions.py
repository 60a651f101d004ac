"""What a service does when others state something: handlers beside the events they answer."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel

from florin_chassis.road.projections import topic_of
from florin_chassis.transaction import Transaction
from florin_contracts.event import Event, event_types
from florin_contracts.states import state_topic

E = TypeVar("E", bound=Event)
S = TypeVar("S", bound=BaseModel)
Handler: TypeAlias = Callable[[E, Transaction], Awaitable[None]]
Follower: TypeAlias = Callable[[S, Transaction], Awaitable[None]]


class Subscriptions:
    """The events that a service listens to. Handlers of one event run in the order of declaration.

    A handler gets the event and the transaction that its effects share with the inbox; the
    transaction's actor is whoever caused the event, and `transaction.cause` is its envelope. The
    state that the event carries is projected before its handlers run.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler[Any]]] = {}
        self.topics: set[str] = set()
        """The topics of facts, without the prefix."""
        self.handled: set[str] = set()
        """Those of them that have handlers."""
        self.awaited: set[str] = set()
        """Those whose events a request waits for that follows a write (see `http.positions`)."""
        self.projected: dict[str, type[BaseModel]] = {}
        """Those of which the latest states are kept, and the state that each carries."""

    def on(self, *events: type[E], awaited: bool = True) -> Callable[[Handler[E]], Handler[E]]:
        """Call the decorated coroutine for each of these events.

        Unless `awaited`, nobody reads what it does, and so no request waits for it.
        """

        def declare(handler: Handler[E]) -> Handler[E]:
            for event in events:
                self._handlers.setdefault(event.type, []).append(handler)
                self.topics.add(event.topic)
                self.handled.add(event.topic)
                if awaited:
                    self.awaited.add(event.topic)
            return handler

        return declare

    def follow(self, state: type[S]) -> Callable[[Follower[S]], Follower[S]]:
        """Call the decorated coroutine for every event that carries this public state."""
        events = [event for event in event_types().values() if issubclass(event, state)]
        declare: Any = self.on(*events)
        return declare  # type: ignore[no-any-return]

    def project(self, *states: type[BaseModel]) -> None:
        """Keep these aggregates' latest states for `find_projected` and `need_projected`.

        They come with the facts, and from the `-state` topic beside them, which makes a new
        consumer complete and tells of erasure.
        """
        for state in states:
            self.projected[topic_of(state)] = state
            self.topics.add(topic_of(state))
            self.awaited.add(topic_of(state))

    @property
    def state_topics(self) -> set[str]:
        """The `-state` topics beside those that are projected, without the prefix."""
        return {state_topic(topic) for topic in self.projected}

    def handlers(self, event_type: str) -> list[Handler[Any]]:
        """The handlers of an event type; none for a type that this service does not listen to."""
        return self._handlers.get(event_type, [])
