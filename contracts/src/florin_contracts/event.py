"""The base of every domain event, and the registry that finds an event's class by its type."""

from typing import Any, ClassVar, Final

from pydantic import BaseModel

from florin_contracts.values import Value

_REGISTRY: Final[dict[str, type["Event"]]] = {}


class Event(Value):
    """A fact that a service states about one of its aggregates.

    A subclass names its type in its declaration::

        class ClientRegistered(ClientState, Event, type="florin.clients.client.registered.v1"): ...

    The type's second and third words give the topic (`clients-client`), so a type cannot be sent to
    a topic that it does not belong to.
    """

    type: ClassVar[str]
    topic: ClassVar[str]

    def __init_subclass__(cls, *, type: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not type:
            return
        product, owner, aggregate, _fact, version = type.split(".")
        if product != "florin" or not version.startswith("v"):
            raise TypeError(f"{type!r} is not of the form florin.<owner>.<aggregate>.<fact>.v<n>")
        if type in _REGISTRY:
            raise TypeError(f"{type!r} is declared twice")
        cls.type, cls.topic = type, f"{owner}-{aggregate}"
        _REGISTRY[type] = cls

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a field that would hide `type` or `topic`: they are the event's own."""
        super().__pydantic_init_subclass__(**kwargs)
        if hidden := {"type", "topic"} & cls.model_fields.keys():
            raise TypeError(f"{cls.__name__} has a field named {hidden.pop()}, which events keep")


def event_types() -> dict[str, type[Event]]:
    """Every declared event class by its type. Import `florin_contracts.events` to have them all."""
    return dict(_REGISTRY)


def state_of(event: type[BaseModel]) -> type[BaseModel]:
    """The aggregate's public state, which every event of the aggregate carries whole."""
    return next(base for base in event.__mro__ if base.__name__.endswith("State"))
